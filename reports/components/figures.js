// The figures of one report, indexed once per page. Nothing here computes a statistic: a page asks for a
// figure by its identity (measure, breakdown, period) and prints it.
//
// A figure: { id, measure, breakdown, keys, period, numerator, denominator, value, unit, rule, status }.
// `breakdown` is an object; `keys` the sorted key names joined by `;`, '' for a total.
import { equalsOf } from './equals.js';
import { isCounted } from './numbers.js';
import { compareValues } from './words.js';

export const ANY = '*';

/** `key=value;key=value` as an object. */
export const parse = (text) =>
	text ? Object.fromEntries(text.split(';').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])) : {};

const written = (breakdown) =>
	Object.keys(breakdown)
		.sort()
		.map((key) => `${key}=${breakdown[key]}`)
		.join(';');

/** What a figure counts, as one text: measure, breakdown and period. */
export const identityOf = ({ measure, breakdown, period }) => `${measure}|${written(breakdown)}|${period}`;

const keysOf = (breakdown) => Object.keys(breakdown).sort().join(';');

/** `2023-24` and not the month `2023-04`: the second part is the year after the first. */
export const isYear = (period) =>
	/^\d{4}-\d{2}$/.test(period) && Number(period.slice(5)) === (Number(period.slice(0, 4)) + 1) % 100 && period >= '2012';

export const isQuarter = (period) => /^\d{4}-\d{2}-Q[1-4]$/.test(period);

export const quartersOf = (year) => ['Q1', 'Q2', 'Q3', 'Q4'].map((quarter) => `${year}-${quarter}`);

/** The reporting year before: `2023-24` gives `2022-23`. */
export const yearBefore = (year) => {
	const start = Number(year.slice(0, 4)) - 1;
	return `${start}-${String((start + 1) % 100).padStart(2, '0')}`;
};

/** `year`, `quarter` or `month`. */
const kindOf = (period) => (isQuarter(period) ? 'quarter' : isYear(period) ? 'year' : 'month');

/** The tables with figures left out, as `reports.left_out` names them: measure|keys -> [{ pairs, kind, level }]. */
function tablesLeftOut(lines) {
	const tables = new Map();
	for (const line of (lines ?? '').split('\n').filter(Boolean)) {
		const [level, kind, pairs, keys, ...measure] = line.split('|').reverse();
		const shape = `${measure.reverse().join('|')}|${keys}`;
		if (!tables.has(shape)) tables.set(shape, []);
		tables.get(shape).push({ pairs: parse(pairs), kind, level: Number(level) });
	}
	return tables;
}

/** The rows that are shown as one, as `reports.merged` names them: measure|keys -> [{ key, word, members }]. */
function rowsMerged(lines) {
	const tables = new Map();
	for (const line of (lines ?? '').split('\n').filter(Boolean)) {
		const [measure, keys, key, word, members] = line.split('|');
		const shape = `${measure}|${keys}`;
		if (!tables.has(shape)) tables.set(shape, []);
		tables.get(shape).push({ key, word, members: members.split(';') });
	}
	return tables;
}

/** A count of which a measure is the share, the change or the change of the share; the measure itself where it is none. */
const countOf = (measure) => measure.replace(/_change(_pct|_points)?$/, '').replace(/_share$/, '');

/** What stands where a figure should be and is not. */
const notAvailable = (measure, breakdown, period, unit) => ({
	id: null, measure, breakdown, period, numerator: null, denominator: null, value: null, unit, status: 'not_available'
});

/** What a function made of one text, kept until it is asked about another: the pages of a report ask the same. */
function remembering(make) {
	let last;
	return (text) => {
		if (!last || last.text !== text) last = { text, made: make(text) };
		return last.made;
	};
}

const leftOutOf = remembering(tablesLeftOut);
const mergedOf = remembering(rowsMerged);

/** Before the level of a remainder: the one service that stands for several of that level. */
const MERGED = /^merged /;

/** How a council's services (as JSON) lie one under the other, and which levels a report tells of. */
const treeOf = remembering((json) => {
	const services = JSON.parse(json);
	const nodes = new Map(services.map((service) => [service.service, service]));

	const isUnder = (service, ancestor) =>
		service === ancestor || (nodes.has(service) && nodes.get(service).parent_service !== null && isUnder(nodes.get(service).parent_service, ancestor));

	// Levels from the top: a level is below another when a service of it has a parent there. The area level is the
	// highest that divides all the work: more than one service, and everything at the bottom lies under one of them.
	const remainders = services.filter(({ level }) => MERGED.test(level ?? '')).map(({ service }) => service);
	const declared = services.filter(({ level }) => level && level !== 'undeclared' && level !== 'not_known' && !MERGED.test(level));
	const height = (level, seen = []) =>
		Math.max(
			0,
			...declared
				.filter((service) => service.level === level && nodes.has(service.parent_service))
				.map((service) => nodes.get(service.parent_service).level)
				.filter((above) => above !== level && !seen.includes(above))
				.map((above) => 1 + height(above, [...seen, level]))
		);
	const levels = [...new Set(declared.map(({ level }) => level))].sort((a, b) => height(a) - height(b));
	const at = (level) => declared.filter((service) => service.level === level).map(({ service }) => service);
	const bottom = declared.filter(({ service }) => !declared.some(({ parent_service }) => parent_service === service));
	const dividesAll = (level) => at(level).length > 1 && bottom.every(({ service }) => at(level).some((area) => isUnder(service, area)));
	// A council that declared no services has those that its cases name, side by side.
	const undeclared = services.filter(({ level }) => level === 'undeclared').map(({ service }) => service);
	const areaLevel = levels.find(dividesAll) ?? levels[levels.length - 1] ?? (undeclared.length ? 'service' : null);
	const areas = declared.length && areaLevel ? at(areaLevel) : undeclared;
	const levelOf = (service) => nodes.get(service)?.level?.replace(MERGED, '') ?? null;
	const teamLevel = levels[levels.length - 1] ?? null;
	const teams = teamLevel !== areaLevel ? declared.map(({ service }) => service).filter((service) => !areas.includes(service) && areas.some((area) => isUnder(service, area))) : [];
	const isOneAbove = levels.length > 1 && !teams.length;
	return { nodes, isUnder, undeclared, areaLevel, areas, levelOf, teamLevel, teams, isOneAbove, remainders };
});

/**
 * Indexes one report's rows.
 *
 * @param figures rows of the `figures` table of one report
 * @param services rows of the `services` table of its authority, in the council's order
 * @param report the row of `reports`
 * @param more what else pages know of the report: `timescales` (its time limits), `notHeld` (what the council does not record),
 *   `catalogue` (titles of measures, also of those without a figure)
 */
export function createBook(figures, services, report, { timescales = [], notHeld = [], catalogue = [] } = {}) {
	const year = report.reporting_year;
	// A semicolon parts the pairs of a breakdown, so in a figure's identity a service has a comma in its place.
	services = [...services].map((row) => ({ ...row, service: row.service.replaceAll(';', ','), parent_service: row.parent_service?.replaceAll(';', ',') ?? null }));
	const byIdentity = new Map();
	const byShape = new Map(); // measure|keys -> figures
	const bySeries = new Map(); // measure|keys|period -> unit, where the series was counted from cases for this period
	const units = new Map();
	const titles = new Map([...catalogue].map(({ measure, title }) => [measure, title]));
	for (const row of figures) {
		const breakdown = parse(row.breakdown);
		const keys = keysOf(breakdown);
		const figure = {
			id: row.figure_id, measure: row.measure, breakdown, keys, period: row.period, numerator: row.numerator,
			denominator: row.denominator, value: row.value, unit: row.unit, rule: row.rule, status: row.status
		};
		byIdentity.set(`${row.measure}|${row.breakdown}|${row.period}`, figure);
		const shape = `${row.measure}|${keys}`;
		if (!byShape.has(shape)) byShape.set(shape, []);
		byShape.get(shape).push(figure);
		if (['computed', 'revised', 'suppressed'].includes(row.status)) bySeries.set(`${shape}|${row.period}`, row.unit);
		titles.set(row.measure, row.title);
		units.set(row.measure, row.unit);
	}

	const { nodes, isUnder, undeclared, areaLevel, areas, levelOf, teamLevel, teams, isOneAbove, remainders } = treeOf(JSON.stringify(services));
	const position = new Map(services.map((service, index) => [service.service, index]));
	const merged = mergedOf(report.merged);
	const remainderWords = new Set([...merged.values()].flat().map(({ word }) => word));
	const isRemainder = (value) => remainderWords.has(value);
	const compared = compareValues((service) => position.get(service) ?? services.length);
	/** Reading order of two values of a key: what stands for several comes after those with names, and before "not known". */
	const compare = (key, a, b) =>
		isRemainder(a) !== isRemainder(b) && a !== 'not_known' && b !== 'not_known' ? Number(isRemainder(a)) - Number(isRemainder(b)) : compared(key, a, b);

	const leftOut = leftOutOf(report.left_out);
	const levelAbove = (service, seen = []) =>
		nodes.has(service) && nodes.get(service).parent_service !== null && !seen.includes(service) ? 1 + levelAbove(nodes.get(service).parent_service, [...seen, service]) : 0;

	/** Whether a figure of this identity would stand in a table that is left out: its absence says nothing. */
	const isLeftOut = (measure, breakdown, period) =>
		(leftOut.get(`${measure}|${keysOf(breakdown)}`) ?? []).some(
			({ pairs, kind, level }) =>
				kind === kindOf(period) &&
				Object.entries(pairs).every(([key, value]) => breakdown[key] === value) &&
				level === (breakdown.service === undefined ? -1 : levelAbove(breakdown.service))
		);

	const mergedIn = (measure, breakdown) => merged.get(`${countOf(measure)}|${keysOf(breakdown)}`) ?? [];

	/** Whether a figure of this identity is shown with others in one row. */
	const isMerged = (measure, breakdown) => mergedIn(measure, breakdown).some(({ key, members }) => members.includes(breakdown[key]));

	/** The values that a row stands for; none where it stands for itself. */
	const membersOf = (measure, breakdown) => mergedIn(measure, breakdown).find(({ key, word }) => breakdown[key] === word)?.members ?? [];

	/** Whether a row stands for several of which this measure cannot be added up. */
	const isNoSum = (measure, breakdown) => Object.values(breakdown).some(isRemainder) && !membersOf(measure, breakdown).length;

	/** Whether a table of this shape is left out for some values of its open keys. */
	const isShapeLeftOut = (measure, pattern) =>
		(leftOut.get(`${measure}|${keysOf(pattern)}`) ?? []).some(
			({ pairs, kind }) => kind === 'year' && Object.entries(pairs).every(([key, value]) => [ANY, value].includes(pattern[key] ?? value))
		);

	/** Whether there are cases of this period: of years before, a number that was not printed is not known, and not hidden. */
	const isOnRecord = (period) => !isYear(period) || !report.case_data_from || `${period.slice(0, 4)}-04-01` >= report.case_data_from;

	const isProtected = (measure, breakdown, period) => isLeftOut(measure, breakdown, period) || isMerged(measure, breakdown);

	const absent = (measure, breakdown, period, unit) => ({
		...notAvailable(measure, breakdown, period, unit),
		status: isProtected(measure, breakdown, period) && isOnRecord(period) ? 'suppressed' : isNoSum(measure, breakdown) ? 'not_applicable' : 'not_available'
	});

	/** The figure of this identity, or null. */
	const one = (measure, breakdown = {}, period = year) =>
		byIdentity.get(`${measure}|${written(breakdown)}|${period}`) ?? null;

	/**
	 * The figure of this identity to print in a cell. In a series of counts that was counted from cases for the period, a
	 * group without a row is a group in which nothing was found: 0. Where its table is left out to protect people, it is not
	 * shown; anywhere else, what has no row is not available.
	 */
	const cell = (measure, breakdown = {}, period = year) => {
		const found = one(measure, breakdown, period);
		if (found) return found;
		const unit = bySeries.get(`${measure}|${keysOf(breakdown)}|${period}`);
		return unit !== undefined && isCounted(measure, unit) && !isProtected(measure, breakdown, period) && !isNoSum(measure, breakdown)
			? { id: null, measure, breakdown, period, numerator: 0, denominator: null, value: 0, unit, status: 'computed' }
			: absent(measure, breakdown, period, units.get(measure) ?? 'complaints');
	};

	/** The figure of this identity to print where nothing may stand for it. */
	const exact = (measure, breakdown = {}, period = year) =>
		one(measure, breakdown, period) ?? absent(measure, breakdown, period, units.get(measure) ?? 'complaints');

	/** Figures with exactly these keys; ANY matches every value. `period` may be a word, a test, or ANY. */
	const list = (measure, pattern = {}, period = year) => {
		const isPeriod = typeof period === 'function' ? period : (word) => period === ANY || word === period;
		return (byShape.get(`${measure}|${keysOf(pattern)}`) ?? []).filter(
			(figure) =>
				isPeriod(figure.period) &&
				Object.entries(pattern).every(([key, value]) => value === ANY || figure.breakdown[key] === value)
		);
	};

	/** The distinct values of one key over the figures that match, in reading order. */
	const values = (key, measure, pattern = {}, period = year) =>
		[...new Set(list(measure, { ...pattern, [key]: ANY }, period).map((figure) => figure.breakdown[key]))].sort(
			(a, b) => compare(key, a, b)
		);

	/** The reporting years for which figures match, oldest first. */
	const years = (measure, pattern = {}) =>
		[...new Set(list(measure, pattern, isYear).filter(isKnown).map((figure) => figure.period))].sort();

	/** Key sets in which a measure is broken down this year. */
	const shapes = (measure) =>
		[...byShape.keys()].filter((shape) => shape.startsWith(`${measure}|`)).map((shape) => shape.slice(measure.length + 1));

	/**
	 * Services of the area level that have figures of this measure, then those outside the tree and Not known where there
	 * is anything to count, so that no part is left out; with none, or too many to give each its own part, the whole.
	 */
	const areasWith = (measure, pattern = {}, period = year, most = 6) => {
		const with_ = areas.filter((service) => list(measure, { ...pattern, service }, period).some(isKnown));
		const rest = [...undeclared, 'not_known'].filter(
			(service) => !areas.includes(service) && list(measure, { ...pattern, service }, period).some((figure) => isKnown(figure) && figure.value !== 0)
		);
		return with_.length && with_.length <= most && rest.length <= most ? [...with_, ...rest] : [];
	};

	/** Teams under a service that have figures of this measure. */
	const teamsWith = (measure, pattern, under, period = year) =>
		(teams.length ? teams : areas).filter(
			(service) => (!under || isUnder(service, under)) && list(measure, { ...pattern, service }, period).length
		);

	/** Whether some table of a measure, shown or left out, is broken down by a key. */
	const isKeyOf = (measure, key) => [...byShape.keys(), ...leftOut.keys()].some((shape) => shape.startsWith(`${measure}|`) && shape.slice(measure.length + 1).split(';').includes(key));

	const lacking = new Set([...notHeld].map(({ name }) => name));

	const namedKeys = new Set(
		[...byShape.values()].flat().filter(isKnown).flatMap(({ breakdown }) => Object.keys(breakdown).filter((key) => !['not_known', 'not_applicable'].includes(breakdown[key])))
	);

	/** Whether a measure is recorded, and each of these keys is for some number of the report. */
	const isKeptForOthers = (measure, keys) =>
		keys.length > 0 && keys.every((key) => namedKeys.has(key) && !lacking.has(`key:${key}`)) && !isNotHeld(measure) && shapes(measure).length > 0;

	/** Whether the council says, or its data show, that it does not record a measure or one of these keys. */
	const isNotHeld = (measure, keys = []) =>
		lacking.has(measure.replace(/_(share|change|change_pct|change_points)$/, '')) || lacking.has(measure) || keys.some((key) => lacking.has(`key:${key}`));

	/** A figure that is not shown, or one that is shown and is the same number under another name. */
	const shownEqual = (figure) => {
		if (figure.status !== 'suppressed' || isPrinted(figure)) return figure;
		const equals = equalsOf(figure.measure, figure.breakdown, timescales).map(([measure, breakdown]) => one(measure, breakdown, figure.period));
		return equals.find(isPrinted) ?? figure;
	};

	const serviceLabel = (service) => {
		if (service === 'not_known') return 'Not known';
		return service
			.split(' + ')
			.map((part) => nodes.get(part)?.label ?? part.replaceAll('_', ' '))
			.join(' and ');
	};

	return {
		report, year, before: yearBefore(year), quarters: quartersOf(year), timescales: [...timescales],
		one, cell, exact, list, values, years, shapes, areas, areaLevel, areasWith, teams, isOneAbove, teamsWith, levelOf, isUnder, isLeftOut, serviceLabel,
		hasPrior: figures.some((row) => row.status === 'prior'), compare, compareServices: (a, b) => compare('service', a, b), isNotHeld, isKeptForOthers, isShapeLeftOut, isKeyOf, shownEqual,
		isParent: (service) => services.some(({ parent_service }) => parent_service === service),
		unitOf: (measure) => units.get(measure) ?? null, servicesAt: (level) => services.filter((service) => service.level === level).map(({ service }) => service),
		/** What changed of a service within the year of the report, a sentence each. */
		changesOf: (service) => nodes.get(service)?.changes?.split('\n') ?? [],
		remainders, isRemainder, membersOf, teamLevel, titleOf: (measure) => titles.get(measure) ?? measure.replaceAll('_', ' ')
	};
}

const books = new Map();
const MOST_BOOKS = 2;

/** The book of a whole report, made once for all its pages, which are built one after the other. */
export function reportBook(figures, services, report, more) {
	const key = `${report.authority}/${report.reporting_year}`;
	const book = books.get(key) ?? createBook(figures, services, report, more);
	books.delete(key);
	books.set(key, book);
	if (books.size > MOST_BOOKS) books.delete(books.keys().next().value);
	return book;
}

/** A figure that exists: with a number, or with one that is not shown to protect people. */
const isKnown = (figure) => isPrinted(figure) || (figure.status !== 'not_available' && figure.id !== null);

/** A figure with a number to print (not missing, not suppressed). */
export const isPrinted = (figure) => figure?.value !== null && figure?.value !== undefined;
