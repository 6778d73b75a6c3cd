// Lists that grow with a council are spread over several pages, so that each page stays light on a phone. A list that fits
// stays whole on its page. One that does not keeps its first group there, with a list of the pages that hold the others.
// Where a row stands follows from the list alone, so links lead straight to it.
import { isQuarter, isYear } from './figures.js';
import { slug } from './links.js';
import { periodLabel, yearLabel } from './words.js';

/** Most rows of a list on one page: about 150 kB of HTML. */
export const MOST_ROWS = 500;

/**
 * Spread groups of rows over pages.
 *
 * @param groups [{ name, label, rows, stays? }] in reading order; `name` is the group's address, `stays` keeps its first
 *   rows on the list's own page
 * @returns `here`: groups of the list's own page; `away`: [{ path, name, label, rows }], the further pages (`months/`, `months-2/`)
 */
export function spread(groups, most = MOST_ROWS) {
	const filled = groups.filter(({ rows }) => rows.length);
	if (filled.reduce((sum, { rows }) => sum + rows.length, 0) <= most) return { here: filled, away: [] };
	const here = [];
	const away = [];
	for (const group of filled) {
		const count = Math.ceil(group.rows.length / most);
		for (let number = 1; number <= count; number += 1) {
			const rows = group.rows.slice((number - 1) * most, number * most);
			const label = count > 1 ? `${group.label}, part ${number} of ${count}` : group.label;
			if (group.stays && number === 1) here.push({ ...group, label, rows });
			else away.push({ ...group, path: `${group.name}${number > 1 ? `-${number}` : ''}/`, label, rows });
		}
	}
	return { here, away };
}

/** On which further page each row stands: identity -> path; a row of the list's own page is not in it. */
export const placesOf = ({ away }, identity) =>
	new Map(away.flatMap(({ path, rows }) => rows.map((row) => [identity(row), path])));

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byPeriod = (a, b) => order(b.period, a.period) || order(a.breakdown, b.breakdown) || order(a.figure_id, b.figure_id);

/** The figures of one measure of a report in the groups of its page: rows with `figure_id`, `period` and `breakdown`. */
export function figureGroups(rows, year) {
	const sorted = [...rows].sort(byPeriod);
	const of = (test) => sorted.filter(({ period }) => test(period));
	return [
		{ name: 'year', label: `The year ${yearLabel(year)}`, rows: of((period) => period === year), stays: true },
		{ name: 'quarters', label: 'Quarters', rows: of(isQuarter) },
		{ name: 'months', label: 'Months', rows: of((period) => !isQuarter(period) && !isYear(period)) },
		{ name: 'earlier-years', label: 'Earlier years', rows: of((period) => isYear(period) && period !== year) }
	];
}

/** The rows of the comparison, a group for each measure that is compared. */
export function comparisonGroups(rows) {
	const groups = new Map();
	for (const row of rows) {
		if (!groups.has(row.position)) groups.set(row.position, { name: slug(row.heading), label: row.heading, section: row.section, rows: [] });
		groups.get(row.position).rows.push(row);
	}
	return [...groups.values()];
}

/** The periods of some figures, as a page's title says them. */
export const periodsOf = (rows) => {
	const found = [...new Set(rows.map(({ period }) => period))].sort();
	const [first, last] = [found[0], found[found.length - 1]].map((period) => periodLabel(period, isYear));
	return first === last ? first : `${first} to ${last}`;
};

const MOST_REPORTS = 12;

/**
 * A function that tells on which further page of its measure a figure stands: '' for the measure's own page. Only measures
 * with more figures than fit on one page are read; the reports used last are kept.
 *
 * @param rows asks the export: `rows(sql, where)`
 */
export function openPlaces(rows) {
	const reports = new Map();
	const read = ({ authority, year }) => {
		const figures = rows(
			`select measure, figure_id, period, breakdown from figures where authority = '${authority}' and reporting_year = '${year}'
			qualify count(*) over (partition by measure) > ${MOST_ROWS}`,
			'the places of figures'
		);
		const measures = new Map();
		for (const row of figures) {
			if (!measures.has(row.measure)) measures.set(row.measure, []);
			measures.get(row.measure).push(row);
		}
		return new Map(
			[...measures.values()].flatMap((all) => [...placesOf(spread(figureGroups(all, year)), (row) => row.figure_id)])
		);
	};
	return (params, id) => {
		const key = `${params.authority}/${params.year}`;
		const places = reports.get(key) ?? read(params);
		reports.delete(key);
		reports.set(key, places);
		if (reports.size > MOST_REPORTS) reports.delete(reports.keys().next().value);
		return places.get(id) ?? '';
	};
}
