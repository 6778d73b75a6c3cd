// The numbers that a council printed, beside ours: the words of the verdicts, the two sides, and where each row stands.
import { breakdownLabel, valueLabel } from './words.js';
import { parse } from './figures.js';
import { placesOf, spread } from './long-lists.js';
import { number, roundHalfAway } from './numbers.js';

export const VERDICT = { reproduced: 'The same', contradiction: 'Different', prior_series: 'From an earlier series', not_computable: 'Cannot be counted' };

/** What a reader looks for first comes first. */
const ORDER = ['contradiction', 'not_computable', 'prior_series', 'reproduced'];

function sign(row, value) {
	if (value === null || value === '') return '[x]';
	if (value === '[c]') return value;
	if (row.unit?.startsWith('date') && /^\d{8}$/.test(value)) return number(Number(value), 'date');
	return row.unit === 'percent' ? `${value}%` : value;
}

/** The council's number, exactly as printed. */
export const printedSide = (row) => sign(row, row.published_value);

/**
 * Ours, to one place or as whole as the council printed it. A figure that is held back on its own page is held back here,
 * whatever was printed.
 */
export const computedSide = (row) =>
	row.figure_status === 'suppressed'
		? '[c]'
		: sign(row, /^-?\d+\.\d{2,}$/.test(row.computed_value ?? '') ? roundHalfAway(Number(row.computed_value), 1) : row.computed_value);

/**
 * The printed numbers of a report, spread over their pages.
 *
 * @param rows rows of `published_check` with the figure's status, measure, title and breakdown
 * @param serviceLabel the name of a service
 */
export function printedNumbers(rows, serviceLabel) {
	const all = [...rows];
	const lists = spread(
		ORDER.map((verdict) => ({
			name: verdict.replaceAll('_', '-'), label: VERDICT[verdict], verdict, stays: verdict === 'contradiction',
			rows: all.filter((row) => row.verdict === verdict)
		}))
	);
	const byRef = new Map(all.map((row) => [row.ref, row]));
	const places = placesOf(lists, (row) => row.ref);
	/** Of a number without a figure of ours: what the council's own words for it say, with the names of services. */
	const asCouncilSays = (row) =>
		[valueLabel('measure', row.measure ?? '').replace(/^Lgsco\b/, 'Ombudsman'), row.breakdown ? breakdownLabel(parse(row.breakdown), serviceLabel) : ''].filter(Boolean).join(': ');
	return {
		all,
		lists,
		ofVerdict: (verdict) => all.filter((row) => row.verdict === verdict),
		what: (row) =>
			row.figure_measure
				? `${row.figure_title}${row.figure_breakdown ? `: ${breakdownLabel(parse(row.figure_breakdown), serviceLabel)}` : ''}`
				: asCouncilSays(row),
		/** The printed numbers of a list of references, with links from the page `base`; what the report does not print is left out. */
		named: (refs, base) =>
			(refs ?? '')
				.split(' ')
				.map((ref) => byRef.get(ref))
				.filter(Boolean)
				.map((row) => ({
					ref: row.ref, place: `${row.locator ?? row.ref}: ${printedSide(row)}`, link: `${base}${places.get(row.ref) ?? ''}#${row.ref}`
				}))
	};
}
