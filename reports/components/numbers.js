// How numbers are printed: British English, percentages whole (half away from zero), rates and averages to one
// place, shorthand where there is no number to show.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const onePlace = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP', minimumFractionDigits: 0, maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const poundsAndPence = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });

export const SHORTHAND = {
	'[c]': 'confidential: not shown, to protect people',
	'[x]': 'not available',
	'[z]': 'not applicable',
	'[low]': 'rounds to zero but is not zero',
	'[p]': 'provisional',
	'[r]': 'revised since first published',
	'[b]': 'break in the series: not comparable with earlier years'
};

const WITHOUT_NUMBER = { suppressed: '[c]', confidential: '[c]', not_applicable: '[z]', not_available: '[x]' };
const AFTER_NUMBER = { provisional: ' [p]', revised: ' [r]', break: ' [b]' };

/** Half away from zero, on the exact fraction where there is one: 7 of 8 is 88%, never the 87 of a floating half. */
export function roundHalfAway(value, places = 0, numerator = null, denominator = null) {
	const scale = 10 ** places;
	if (Number.isInteger(numerator) && Number.isInteger(denominator) && denominator > 0) {
		const size = Math.floor((2 * 100 * scale * Math.abs(numerator) + denominator) / (2 * denominator)) / scale;
		return numerator < 0 ? -size : size;
	}
	const size = Math.floor(Math.abs(value) * scale + 0.5 + 1e-9) / scale;
	return value < 0 ? -size : size;
}

const minus = (text) => text.replace('-', '\u2212');

/** The printed form of a figure. `bare` leaves out the unit's sign (in a table whose heading gives it). */
export function printed(figure, { bare = false, places = 0 } = {}) {
	if (!figure) return '[x]';
	if (figure.value === null || figure.value === undefined) return WITHOUT_NUMBER[figure.status] ?? '[x]';
	return withUnit(figure, bare, places) + mark(figure);
}

/** The sign that stands behind a figure's number: provisional, revised, not comparable; nothing for most. */
export const mark = (figure) => AFTER_NUMBER[figure?.status] ?? '';

const MEASURED = ['date', 'percent', 'percentage_points', 'gbp', 'ratio', 'per_1000', 'working_days', 'calendar_days'];

/** Complaints, issues, people and so on: printed as whole numbers. */
export const isCount = (unit) => !MEASURED.includes(unit);

/**
 * Things of which this project counts every one, so that finding none is 0. Not what a council gave (activity), nor a
 * change, nor answers within or outside a limit: where there is no limit they are neither in time nor late. A case's days
 * and its place in a list count nothing.
 */
export const isCounted = (measure, unit) =>
	isCount(unit) &&
	!['days', 'place'].includes(unit) &&
	measure !== 'activity' &&
	!/^(responses_within|responses_outside|stages_in_hand_outside)_/.test(measure) &&
	!/_change(_pct|_points)?$/.test(measure);

/** A value of a unit, as a chart's label prints it. */
export const number = (value, unit) => withUnit({ value, unit, numerator: null, denominator: null }, false, 0);

function withUnit({ value, unit, numerator, denominator, measure = '' }, bare, places) {
	if (unit === 'date') return day.format(Date.UTC(Math.floor(value / 10000), (Math.floor(value / 100) % 100) - 1, value % 100));
	if (unit === 'percent') {
		const rounded = roundHalfAway(value, places, numerator, denominator);
		if (rounded === 0 && value !== 0) return '[low]';
		return minus(places ? onePlace.format(rounded) : whole.format(rounded)) + (bare ? '' : '%');
	}
	if (unit === 'percentage_points') {
		const rounded = roundHalfAway(value);
		return minus(whole.format(rounded)) + (bare ? '' : Math.abs(rounded) === 1 ? ' percentage point' : ' percentage points');
	}
	if (unit === 'gbp') return minus(Number.isInteger(value) ? pounds.format(value) : poundsAndPence.format(value));
	if (isCount(unit)) return minus(Number.isInteger(value) ? whole.format(value) : onePlace.format(value));
	if (measure.endsWith('_median') && Number.isInteger(value)) return whole.format(value);
	const rounded = roundHalfAway(value, 1);
	if (rounded === 0 && value !== 0) return '[low]';
	return minus(onePlace.format(rounded));
}

/** A number that is not a figure of the warehouse (rows of a file, a length). */
export const plainNumber = (value) => (value === null || value === undefined ? '[x]' : whole.format(value));

/** The noun for a number: `plural(1, 'complaint')` is `complaint`. */
export const plural = (value, one, many = `${one}s`) => (Math.abs(value) === 1 ? one : many);
