// What revisions of a report changed, in words. A side of a change is the figure as it was or is published.
import { plainNumber, printed } from './numbers.js';
import { dateLabel, listed } from './words.js';

const ABSENT = 'not given';

/** One side of a change as a figure, without the marks that stood beside it then. */
export function sideOf(row, side) {
	const status = row[`${side}_status`];
	if (status === null) return null;
	return {
		measure: row.measure, unit: row.unit, value: row[`${side}_value`], numerator: row[`${side}_numerator`],
		denominator: row[`${side}_denominator`], status: row[`${side}_value`] === null ? status : 'computed'
	};
}

/** `{ was, is }` as printed; told apart by more of the number, or by what it is a share of, where they would read alike. */
export function sidesInWords(row) {
	const figures = { was: sideOf(row, 'was'), is: sideOf(row, 'is') };
	const words = (way) => Object.fromEntries(Object.entries(figures).map(([side, figure]) => [side, figure ? way(figure) : ABSENT]));
	const differ = ({ was, is }) => was !== is;
	const shares = (figure) => printed(figure) + (figure.denominator === null ? '' : ` (${plainNumber(figure.numerator)} of ${plainNumber(figure.denominator)})`);
	return [printed, shares, (figure) => String(figure.value)].map(words).find(differ) ?? words(shares);
}

/** What a report is, in a line: a draft, provisional, signed off, revised. */
export function stateLine({ state, signed_on, revised_on }) {
	if (state === 'draft') return 'This is a draft.';
	if (state === 'signed off') return `Signed off on ${dateLabel(signed_on)}.`;
	if (state === 'revised') return `Signed off on ${dateLabel(signed_on)}, revised on ${dateLabel(revised_on)}.`;
	return 'Provisional: not signed off yet.';
}

/** What revisions changed: so many figures, and the words of so many sections. */
export function changedInWords(figures, sections = 0) {
	const numbers = figures === 0 ? 'no figure' : figures === 1 ? 'one figure' : `${plainNumber(figures)} figures`;
	if (!sections) return numbers;
	const words = `the words of ${sections === 1 ? 'one section' : `${plainNumber(sections)} sections`}`;
	return figures ? `${numbers} and ${words}` : words;
}

/** The same as `stateLine` in a paragraph. `days`: those of all revisions, in order; `figures`, `sections`: how many they changed. */
export function stateInWords({ state, signed_on, as_at, days, figures, sections = 0 }) {
	if (state === 'draft')
		return `This report is a draft. It is to say what was known on ${dateLabel(as_at)}, a day that had not come when this page was made. Its numbers will change, and are not marked when they do.`;
	if (state === 'provisional')
		return 'This report is provisional: nobody has signed it off yet. Its numbers may still change, and are not marked when they do.';
	const signed = `This report was signed off on ${dateLabel(signed_on)}.`;
	if (state === 'signed off') return `${signed} Nothing of it has been revised since.`;
	return `${signed} It was revised on ${listed(days.map(dateLabel))}, which changed ${changedInWords(figures, sections)}.`;
}

/** Whether there is a text in nodes beside what tags print; a heading alone says nothing. */
const hasText = (nodes) => (nodes ?? []).some((node) => (node.type === 'text' ? /[^\s.,;:]/.test(node.text) : node.type !== 'heading' && hasText(node.children)));

/**
 * Who approved the council's own words, in a sentence; null where a report has none.
 *
 * @param pages rows of `pages` of the report
 */
export function approvalInWords(pages) {
	const own = pages.flatMap(({ authority, sections }) => JSON.parse(sections).filter(({ file, nodes }) => file.startsWith(`${authority}/`) && hasText(nodes)));
	if (!own.length) return null;
	const approved = own.filter(({ approved_by, approved_on, look_again }) => approved_by && approved_on && !look_again);
	if (!approved.length) return 'The council’s own words in this report have not been approved yet.';
	const days = new Map();
	for (const { approved_by, approved_on } of approved) days.set(approved_by, [...(days.get(approved_by) ?? []), approved_on]);
	const by = [...days].map(([who, on]) => `${who} (${dateLabel(on.sort().at(-1))})`);
	const rest = approved.length < own.length ? ' Some of them have not been approved yet.' : '';
	return `The council’s own words in this report were approved by ${listed(by)}.${rest}`;
}
