// What a chart shows, in a sentence of its figures: the largest, the smallest and the direction. Nothing is computed but
// which number is larger, as it is printed.
import { isPrinted } from './figures.js';
import { isHidden } from './grid.js';
import { printed } from './numbers.js';
import { inSentence, listed } from './words.js';

const UNKNOWN = /^(not known|not given|other)\b/i;
/** A row that stands for several: which of all is the smallest cannot be told beside it. */
const SEVERAL = /^\d+ other |: \d+ [a-z]/;

/** Figures with their labels, largest first; what is not known is no answer to which is largest. */
const ranked = (labels, figures) =>
	labels.map((label, i) => ({ label, figure: figures[i] })).filter(({ label, figure }) => isPrinted(figure) && !UNKNOWN.test(label) && !SEVERAL.test(label)).sort((a, b) => b.figure.value - a.figure.value);

const isSame = (a, b) => printed(a) === printed(b);

const each = ({ length }) => (length > 1 ? ' each' : '');

/** `Email has most, 88%, and Letter least, 13%.` */
function extremes(labels, figures, lead, hidden) {
	const isPartial = hidden.length > 0 || figures.some(isHidden);
	const order = ranked(labels, figures);
	if (order.length < 2) return [];
	const [first, last] = [order[0], order[order.length - 1]];
	const isSmallestKnown = !labels.some((label) => SEVERAL.test(label));
	if (isSmallestKnown && isSame(first.figure, last.figure)) return [`${lead}all ${isPartial ? 'that are shown ' : ''}have the same number, `, { of: first.figure }, '.'];
	const top = order.filter(({ figure }) => isSame(figure, first.figure));
	const low = order.filter(({ figure }) => isSame(figure, last.figure));
	return [
		`${lead}${isPartial ? 'of the numbers shown, the largest' : `the largest number${top.length > 1 ? 's' : ''}`} ${top.length > 1 ? 'are' : 'is'} ${listed(top.slice(0, 4).map(({ label }) => `“${label}”`))}${top.length > 4 ? ` and ${top.length - 4} others` : ''} with `, { of: first.figure }, each(top),
		...(!isSmallestKnown ? ['.'] : [low.length > 3 ? '; the smallest is ' : `; the smallest ${low.length > 1 ? 'are' : 'is'} ${listed(low.map(({ label }) => `“${label}”`))} with `, { of: last.figure }, '.'])
	];
}

/** `All services: from 6 in 2022/23 up to 8 in 2023/24, the highest of the years.` */
function direction(name, labels, figures, isAlone, hidden) {
	const known = labels.map((label, i) => ({ label, figure: figures[i] })).filter(({ figure }) => isPrinted(figure));
	if (known.length < 2) return [];
	const [first, last] = [known[0], known[known.length - 1]];
	const order = [...known].sort((a, b) => b.figure.value - a.figure.value);
	const [highest, lowest] = [order[0], order[order.length - 1]];
	const lead = isAlone ? '' : `${name}: `;
	const start = `${lead}${isAlone ? 'From ' : 'from '}`;
	const way = isSame(first.figure, last.figure) ? ' to the same number, ' : last.figure.value > first.figure.value ? ' up to ' : ' down to ';
	const among = hidden.length > 0 || figures.some(isHidden) ? 'of the numbers shown, ' : '';
	const parts = [start, { of: first.figure }, ` in ${first.label}${way}`, { of: last.figure }, ` in ${last.label}`];
	if (known.length > 2 && ![first, last].includes(highest) && !isSame(highest.figure, first.figure) && !isSame(highest.figure, last.figure)) parts.push(`; ${among}the highest was `, { of: highest.figure }, ` in ${highest.label}`);
	if (known.length > 2 && ![first, last].includes(lowest) && !isSame(lowest.figure, first.figure) && !isSame(lowest.figure, last.figure)) parts.push(`; ${among}the lowest was `, { of: lowest.figure }, ` in ${lowest.label}`);
	return [...parts, '.'];
}

const MOST_SAID = 4;

/** The last known number of a line: the line that ends highest is told of first. */
const latest = ({ figures }) => figures.filter(isPrinted).at(-1)?.value ?? 0;

const capital = (parts) => (typeof parts[0] === 'string' ? [parts[0].charAt(0).toUpperCase() + parts[0].slice(1), ...parts.slice(1)] : parts);

/**
 * The sentences of a drawing: parts as in `prose.js`.
 *
 * @param drawn { kind, categories, series, hidden } of `drawingOf`; `hidden` are the labels of what is not drawn, to protect people
 */
export function saysOf({ kind, categories, series, hidden = [] }) {
	const sentences =
		kind === 'lines'
			? [...series].sort((a, b) => latest(b) - latest(a)).slice(0, MOST_SAID).map(({ name, figures }) => direction(name, categories, figures, series.length === 1, hidden))
			: kind === 'stack'
				? categories.slice(0, MOST_SAID).map((category, i) => extremes(series.map(({ name }) => name), series.map(({ figures }) => figures[i]), `${category}: `, []))
				: series.slice(0, MOST_SAID).map(({ name, figures }) => extremes(categories, figures, series.length > 1 ? `${name}: ` : '', hidden));
	const gaps = series.flatMap(({ name, figures }) => figures.flatMap((figure, i) => (figure.status === 'suppressed' && !isPrinted(figure) ? [series.length > 1 ? `${name}, ${inSentence(categories[i])}` : categories[i]] : [])));
	const said = sentences.filter((parts) => parts.length).map(capital);
	if (said.length && (kind === 'stack' ? categories : series).length > MOST_SAID) said.push(['The table has the others.']);
	// With nothing to compare, the numbers themselves.
	if (!said.length) said.push(series.flatMap(({ name, figures }) => figures.flatMap((figure, i) => (isPrinted(figure) ? [`${series.length > 1 ? `${name}, ` : ''}${categories[i]} `, { of: figure }, '. '] : []))));
	return [...said.flatMap((parts, i) => (i ? [' ', ...parts] : parts)), ...(gaps.length ? [` Not shown, to protect people: ${listed(gaps)}.`] : [])];
}
