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

/** The same in a paragraph. `days`: those of all revisions, in order; `figures`: how many figures they changed. */
export function stateInWords({ state, signed_on, as_at, days, figures }) {
	if (state === 'draft')
		return `This report is a draft. It is to say what was known on ${dateLabel(as_at)}, a day that had not come when this page was made. Its numbers will change, and are not marked when they do.`;
	if (state === 'provisional')
		return 'This report is provisional: nobody has signed it off yet. Its numbers may still change, and are not marked when they do.';
	const signed = `This report was signed off on ${dateLabel(signed_on)}.`;
	if (state === 'signed off') return `${signed} No figure of it has been revised since.`;
	const changed = figures === 0 ? 'no figure' : figures === 1 ? 'one figure' : `${plainNumber(figures)} figures`;
	return `${signed} It was revised on ${listed(days.map(dateLabel))}, which changed ${changed}.`;
}
