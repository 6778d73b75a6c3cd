// Sentences written once, with figures bound in. A sentence is a list of parts: a text, or `{ of, size, text }`, a figure to
// print and to link (`size`: without its sign; `text`: instead of its number). Words follow the printed number and never
// contradict the table beside it: what is printed as no change is called no change, and what is too small to print is
// called less than 1.
import { plainNumber, printed } from './numbers.js';

const isPrinted = (figure) => figure?.value !== null && figure?.value !== undefined;

/** A figure's size: its number without its sign. */
export const sizeOf = (figure) => ({
	...figure, value: Math.abs(figure.value), numerator: figure.numerator === null || figure.numerator === undefined ? null : Math.abs(figure.numerator)
});

/** `13%`, `2 percentage points`; `less than 1%` where it would be printed as 0 and is not. */
function sizeInWords(figure) {
	const text = printed(sizeOf(figure));
	if (figure.value === 0 || !/^(0\b|\[low\])/.test(text)) return { of: figure, size: true };
	return { of: figure, size: true, text: figure.unit === 'percentage_points' ? 'less than 1 percentage point' : 'less than 1%' };
}

/**
 * How a count moved: `, 15 more than the 114 of 2022/23 (an increase of 13%)`; nothing where it is not known or not shown.
 *
 * @param change the figure of the change; @param percent of the change in per cent; @param earlier of the year before
 * @param before the year before, in words
 */
export function changeParts({ change, percent, earlier, before }) {
	if (!isPrinted(change)) return [];
	if (change.value === 0) return [`, the same number as in ${before}`];
	const parts = [', ', { of: change, size: true }, change.value > 0 ? ' more than ' : ' fewer than '];
	parts.push(...(isPrinted(earlier) ? ['the ', { of: earlier }, ` of ${before}`] : [`in ${before}`]));
	if (isPrinted(percent) && percent.value !== 0)
		parts.push(percent.value > 0 ? ' (an increase of ' : ' (a decrease of ', sizeInWords(percent), ')');
	return parts;
}

/** How a share moved, always in percentage points: `, compared with 40% in 2022/23 (up 3 percentage points)`. */
export function shareChangeParts({ points, earlier, before }) {
	if (!isPrinted(earlier)) return [];
	const parts = [', compared with ', { of: earlier }, ` in ${before}`];
	if (!isPrinted(points)) return parts;
	if (points.value === 0) return [...parts, ' (no change)'];
	return [...parts, points.value > 0 ? ' (up ' : ' (down ', sizeInWords(points), ')'];
}

/** A change as a line of its own: `1,015 more than in 2022/23`; null where it is not known or not shown. */
export function changeDetail(change, before) {
	if (!isPrinted(change)) return null;
	if (change.value === 0) return `the same as in ${before}`;
	return `${plainNumber(Math.abs(change.value))} ${change.value > 0 ? 'more' : 'fewer'} than in ${before}`;
}

/** The parts as plain text. */
export const asText = (parts) =>
	parts.map((part) => (typeof part === 'string' ? part : (part.text ?? printed(part.size ? sizeOf(part.of) : part.of)))).join('');
