// What a table of a declared report means: which rows and columns its attributes name, and which figure stands in each
// cell. Nothing is added up here: totals are figures too. `declared.js` reads the sections; this module knows the book.
//
// A request: { measures, by, across, columns, only, without, only_across, without_across, top, sort, total, overlap, title,
// heading, note, level, under, where: { key: value }, rows: [..], extra: [..] }; lists are lists, all words are text.
// A grid: { caption, heading, note, columns: [{ label, ... }], lines: [{ label, kind, cells }], gathered, together, changes, leftOut, missing, reason,
// shown, hidden }. `together` names what a row stands for that stands for several. `reason` says why there is nothing to print: 'not_recorded', 'not_recorded_here', 'protected', 'none'; null where there is.
import { ANY, isPrinted, isYear } from './figures.js';
import { inSentence, keyLabel, bandLabel, bandRange, bandsThatPartition, periodLabel, valueLabel, yearLabel } from './words.js';

/** Words of `columns` that say how a number stands to another; the suffix goes behind a row's measure. */
const DERIVED = {
	change: { suffix: '_change', label: 'Change' },
	change_pct: { suffix: '_change_pct', label: 'Change %' },
	change_points: { suffix: '_change_points', label: 'Change in percentage points' },
	share: { suffix: '_share', label: 'Share' },
	share_last_year: { suffix: '_share', label: 'Share in $before', isBefore: true }
};

/** Keys of which one case may have several values: their parts may add to more than the whole. */
const OVERLAPPING = ['service', 'service_merged', 'theme', 'category', 'any_procedure', 'level'];

/** Where the sum and the overlap of parts stand, for keys other than services. */
const PART_SUMS = { 'new_complaints|theme': 'complaint_themes', 'compliments|category': 'compliment_categories' };

const MONTHS = ['04', '05', '06', '07', '08', '09', '10', '11', '12', '01', '02', '03'];

const openKeys = (keys) => Object.fromEntries(keys.filter((key) => key !== 'year').map((key) => [key, ANY]));

const withoutKey = (breakdown, key) => Object.fromEntries(Object.entries(breakdown).filter(([name]) => name !== key));

export const isHidden = (figure) => figure?.status === 'suppressed' && !isPrinted(figure);

/** A word for a period as the period of figures: `last_year`, `Q1`, `2021-22`, `2023-04`. */
export function periodOf(book, word) {
	if (!word || word === 'this_year') return book.year;
	if (word === 'last_year') return book.before;
	return /^Q[1-4]$/.test(word) ? `${book.year}-${word}` : word;
}

const periodWords = (period) => periodLabel(period, isYear);

/** The measure whose figures a column shows: the share of a count, and the change of a share in percentage points. */
function measureOf(book, measure, suffix) {
	const share = book.unitOf(measure) === 'percent' ? measure : `${measure}_share`;
	if (suffix === '_share') return share;
	if (suffix === '_change_points' || (suffix === '_change' && share === measure)) return `${share}_change_points`;
	return measure + (suffix ?? '');
}

/** The columns that one word of `columns` stands for: [{ label, suffix?, period?, quarter? }]. */
function columnsOfWord(word, { book, measures, pattern, isByYear }) {
	const last = /^last_(\d+)_years$/.exec(word);
	if (word === 'years' || last) {
		const known = measures.flatMap((measure) => pattern.flatMap((breakdown) => book.years(measure, breakdown)));
		// The report's own year always has its column: where it cannot be shown the table says so.
		const years = [...new Set([...known, book.year])].sort();
		return (last ? years.slice(-Number(last[1])) : years).map((period) => ({ label: yearLabel(period), period }));
	}
	if (word === 'quarters' && isByYear) return ['Q1', 'Q2', 'Q3', 'Q4'].map((quarter) => ({ label: quarter, quarter }));
	if (word === 'quarters') return book.quarters.map((period, i) => ({ label: `Q${i + 1}`, period }));
	if (word === 'last_quarters') return ['Q1', 'Q2', 'Q3', 'Q4'].map((quarter) => ({ label: `${quarter} ${yearLabel(book.before)}`, period: `${book.before}-${quarter}` }));
	if (word === 'months')
		return MONTHS.map((month) => `${Number(book.year.slice(0, 4)) + (month < '04' ? 1 : 0)}-${month}`).map((period) => ({ label: periodWords(period), period }));
	if (DERIVED[word]) {
		const { suffix, label, isBefore } = DERIVED[word];
		return [{ suffix, label: label.replace('$before', yearLabel(book.before)), isDerived: true, ...(isBefore ? { period: book.before } : {}) }];
	}
	const period = periodOf(book, word);
	return [isByYear ? { label: 'Year' } : { label: periodWords(period), period }];
}

/** What the rows of a table are read from: its measures, and those of the columns in its body. */
const sourcesOf = ({ measures, extra = [] }) => [
	...measures.map((measure) => ({ measure, breakdown: {} })),
	...extra.map(({ measure, breakdown }) => ({ measure: measure ?? measures[0], breakdown }))
];

/** The breakdowns in which values may be found: those of each source, alone and with the keys that lie across (`beside`). */
const shapesOf = (request, breakdown) =>
	sourcesOf(request).flatMap((source) => (request.beside ?? [{}]).map((open) => ({ measure: source.measure, breakdown: { ...open, ...breakdown, ...source.breakdown } })));

const leading = (request) => sourcesOf(request)[0]?.measure ?? request.rows[0]?.measure;

/** Services of several levels, each followed by its parts of the next: the first level leads. */
function levelsBelow(book, [first, ...rest], kept, above = null) {
	const own = kept(book.servicesAt(first).filter((service) => !above || book.isUnder(service, above)));
	return own.flatMap((row) => [above ? { ...row, kind: 'part' } : row, ...(rest.length ? levelsBelow(book, rest, kept, row.service) : [])]);
}

/** The service words that a table of services lists, in the council's order: the area level, or what `level` and `under` say. */
function servicesOf(book, request, breakdown, periods) {
	const isAt = (figure) => periods.some((period) => (typeof period === 'function' ? period(figure.period) : figure.period === period));
	const figuresOf = (service) => shapesOf(request, breakdown).flatMap((shape) => book.list(shape.measure, { ...shape.breakdown, service }, ANY).filter(isAt));
	const having = new Set(figuresOf(ANY).map((figure) => figure.breakdown.service));
	const { level, under } = request;
	const isUnder = (service) => !under || (service !== under && book.isUnder(service, under));
	// A service of which the table is left out has no figures, and is to be told of beside those that have.
	const isLeftOut = (service) => request.isTold && shapesOf(request, breakdown).some((shape) => book.isLeftOut(shape.measure, { ...shape.breakdown, service }, book.year));
	const kept = (services) => services.filter((service) => (having.has(service) || isLeftOut(service)) && isUnder(service)).map((service) => ({ service }));
	const isArea = (service) => book.levelOf(service) === book.areaLevel;
	const areas = [...book.areas, ...book.remainders.filter(isArea)];
	const teams = [...book.teams, ...book.remainders.filter((service) => !isArea(service))];
	if (level === 'all') return areas.flatMap((area) => [...kept([area]), ...kept(teams.filter((team) => book.isUnder(team, area))).map((row) => ({ ...row, kind: 'part' }))]);
	const levels = (level ?? '').split(',').map((word) => word.trim()).filter(Boolean);
	// Services that are named stand in the order in which they are named, of whatever level.
	if (request.only?.length && levels.length < 2) return kept(request.only);
	if (levels.length > 1) return levelsBelow(book, levels, kept);
	if (level && book.servicesAt(level).length) return kept([...new Set([...having, ...(request.isTold ? book.servicesAt(level) : [])])].filter((service) => book.levelOf(service) === level).sort(book.compareServices));
	const services = (level || under) && book.teams.length ? teams : areas;
	if (under) return kept(services);
	// What lies outside the tree is named where there is anything to count, so that no part is left out.
	const isCounted = (service) => figuresOf(service).some((figure) => figure.value !== 0);
	const rest = [...new Set([...[...having].filter((service) => book.levelOf(service) === 'undeclared').sort(book.compareServices), 'not_known'])];
	return [...kept(services), ...kept(rest.filter((service) => !services.includes(service) && isCounted(service)))];
}

/** The values of a key for which a measure has figures, in the order that the council declares, else in reading order: [{ value, kind? }]. */
export function valuesOf(book, key, request, breakdown, periods) {
	if (key === 'service') return servicesOf(book, request, withoutKey(breakdown, 'service'), periods).map(({ service, kind }) => ({ value: service, kind }));
	const found = new Set(shapesOf(request, breakdown).flatMap((shape) => periods.flatMap((period) => book.values(key, shape.measure, shape.breakdown, period))));
	const order = request.order?.[key] ?? [];
	const place = (value) => (order.includes(value) ? order.indexOf(value) : order.length);
	const sorted = [...found].sort((a, b) => place(a) - place(b) || book.compare(key, a, b));
	// Values that are named stand in the order in which they are named.
	const named = (request.named ?? []).filter((value) => found.has(value));
	return [...named, ...sorted.filter((value) => !named.includes(value))].map((value) => ({ value }));
}

const labelOf = (book, key, value) => (key === 'case' ? `Case ${value}` : valueLabel(key, value, book.serviceLabel));

/** Labels of several keys in one row: `Children's Care, statutory, stage 1`. */
export const labelOfPairs = (book, keys, values) =>
	keys.map((key) => labelOf(book, key, values[key])).map((label, i) => (i ? (/^(stage|from_stage|procedure|any_procedure|decision|cohort)$/.test(keys[i]) ? inSentence(label) : label) : label)).join(', ');

/** Every combination of values of some keys, in reading order: [{ breakdown, kind? }]. */
export function combinations(book, keys, request, where, periods) {
	const open = Object.fromEntries(keys.map((key) => [key, ANY]));
	let rows = [{ breakdown: {} }];
	for (const key of keys) {
		rows = rows.flatMap(({ breakdown, kind }) =>
			valuesOf(book, key, request, { ...open, ...where, ...breakdown }, periods).map((found) => ({ breakdown: { ...breakdown, [key]: found.value }, kind: found.kind ?? kind }))
		);
	}
	return rows;
}

function bandRows(bands, at) {
	const parts = bandsThatPartition(bands);
	const isWithinOne = (band) => {
		const [from, to] = bandRange(band);
		return parts.map(bandRange).some(([first, last]) => first <= from && to <= last);
	};
	return [
		...parts.map((band) => ({ label: `${bandLabel(band)} working days`, breakdown: { ...at, band } })),
		...bands.filter((band) => !parts.includes(band)).map((band) => ({ label: isWithinOne(band) ? `of which ${bandLabel(band)}` : `${bandLabel(band)} in all`, breakdown: { ...at, band }, kind: 'part' }))
	];
}

/** Rows that `by` names, without totals: [{ label, breakdown, period?, kind? }]. */
function rowsOf(book, request, periods) {
	const { by, where } = request;
	if (!by.length) return [];
	if (by.length === 1 && by[0].length === 1 && by[0][0] === 'year') {
		const figures = sourcesOf(request).flatMap((source) => book.list(source.measure, { ...where, ...source.breakdown }, ANY));
		const years = [...new Set(figures.map(({ period }) => period.slice(0, 7)).filter(isYear))];
		const shown = request.only.length ? request.only.filter((year) => years.includes(year)) : years.sort();
		return shown.map((period) => ({ label: yearLabel(period), breakdown: where, period }));
	}
	const keep = ({ breakdown }, keys) => {
		const values = keys.map((key) => breakdown[key]);
		return (!request.only.length || values.some((value) => request.only.includes(value))) && !values.some((value) => request.without.includes(value));
	};
	const [first, ...inner] = by;
	const isTold = by.flat().join() === 'service' && !request.top && !request.only.length;
	request = { ...request, isTold, beside: [{}, ...(request.across.length ? [openKeys(request.across)] : [])] };
	const groups = combinations(book, first, { ...request, named: request.only }, where, periods).filter((row) => keep(row, first));
	if (first.length === 1 && first[0] === 'band' && !inner.length) return bandRows(groups.map(({ breakdown }) => breakdown.band), where);
	const rows = groups.map(({ breakdown, kind }) => ({ label: labelOfPairs(book, first, breakdown), breakdown: { ...where, ...breakdown }, kind }));
	if (!inner.length) return rows;
	const keys = inner.flat();
	// Categories are named by their parts too: the row of a year may be missing.
	const nested = rows.flatMap((row) => [
		{ ...row, kind: 'group' },
		...combinations(book, keys, request, row.breakdown, periods)
			.filter((part) => keep(part, keys))
			.map(({ breakdown }) => ({ label: keys.every((key) => breakdown[key] === 'not_known') ? 'Not given' : labelOfPairs(book, keys, breakdown), breakdown: { ...row.breakdown, ...breakdown }, kind: 'part' }))
	]);
	return nested.map((row, i) => (row.kind === 'group' && nested[i + 1]?.kind !== 'part' ? { ...row, kind: null } : row));
}

/** Rows in order of their first column, the largest first and what is not known last; with the parts of each behind it. */
function largestFirst(rows, size, isUnknown, top) {
	const groups = [];
	for (const row of rows) {
		if (row.kind === 'part' && groups.length) groups[groups.length - 1].push(row);
		else groups.push([row]);
	}
	const order = (a, b) => isUnknown(a) - isUnknown(b) || size(b) - size(a);
	const sorted = groups.sort(([a], [b]) => order(a, b)).map(([head, ...parts]) => [head, ...parts.sort(order)]);
	return (top ? sorted.filter(([head]) => size(head) > 0).slice(0, top) : sorted).flat();
}

/** All columns of a table, with what each fixes of a figure's identity. */
function columnsOf(book, request, periods) {
	const { measures, across, where } = request;
	const pattern = patternsOf(request);
	const isByYear = request.by[0]?.[0] === 'year';
	const words = request.columns;
	const plain = (words.length ? words : request.extra.length ? [] : [request.period ?? 'this_year']).flatMap((word) => columnsOfWord(word, { book, measures: [...new Set([...measures, ...request.rows.map(({ measure }) => measure).filter(Boolean)])], pattern, isByYear }));
	const several = measures.length > 1;
	const periodColumns = (several ? measures : [null]).flatMap((measure) =>
		plain.map((column) => ({
			...column,
			...(measure ? { measure: measureOf(book, measure, column.suffix) } : {}),
			label: several ? (plain.length > 1 ? `${book.titleOf(measure)}, ${inSentence(column.label)}` : book.titleOf(measure)) : column.label
		}))
	);
	let columns = periodColumns;
	if (across.length) {
		const beside = [{}, ...request.by.map((_, i) => openKeys(request.by.slice(0, i + 1).flat()))];
		const values = combinations(book, across, { ...request, level: null, under: null, only: [], named: request.onlyAcross, beside }, where, periods)
			.filter(({ breakdown }) => across.every((key) => (!request.onlyAcross.length || request.onlyAcross.includes(breakdown[key])) && !request.withoutAcross.includes(breakdown[key])));
		columns = values.flatMap(({ breakdown }) => {
			const label = labelOfPairs(book, across, breakdown);
			return periodColumns.map((column) => ({ ...column, breakdown, label: periodColumns.length > 1 ? `${label}, ${inSentence(column.label)}` : label, isAcross: true }));
		});
		const hasWhole = request.total !== 'no' && request.total !== 'rows' && values.length > 1;
		if (hasWhole) columns.push(...periodColumns.filter(({ suffix }) => suffix !== '_share').map((column) => ({ ...column, label: periodColumns.length > 1 && !/^(this_year)$/.test(words[0] ?? '') ? `${allLabel(across, request)}, ${inSentence(column.label)}` : allLabel(across, request), isWhole: true })));
	}
	return [...columns, ...request.extra];
}

/** An issue belongs to one service and one category; a complaint may have several. */
const allLabel = (keys, request) => (keys.some((key) => OVERLAPPING.includes(key)) && !/^(issue|contacts|activity)/.test(leading(request)) ? 'All, each counted once' : 'All');

/** The breakdowns, with open values, that the figures of a table may have. */
function patternsOf({ by, across, where, rows }) {
	const open = openKeys;
	const groups = by.length ? by.map((_, i) => by.slice(0, i + 1).flat()) : [[]];
	if (rows.length) return [{ ...where }, ...rows.map(({ breakdown }) => breakdown)];
	return [...groups.map((keys) => ({ ...open(keys), ...open(across), ...where })), ...(across.length ? groups.map((keys) => ({ ...open(keys), ...where })) : [])];
}

/** Periods of which a table's words ask: words or tests, for `book.values`. */
function periodsOf(book, request) {
	const tests = request.columns.flatMap((word) => {
		if (word === 'years' || /^last_\d+_years$/.test(word)) return [isYear];
		if (word === 'quarters') return [(period) => book.quarters.includes(period)];
		if (word === 'last_quarters') return [(period) => period.startsWith(`${book.before}-Q`)];
		if (word === 'months') return [(period) => /^\d{4}-\d{2}$/.test(period) && !isYear(period)];
		return DERIVED[word] && !DERIVED[word].isBefore ? [] : [DERIVED[word] ? book.before : periodOf(book, word)];
	});
	const given = [...request.extra, ...request.rows].map(({ period }) => period ?? book.year);
	const periods = [...new Set([...tests, ...given, ...(request.period ? [request.period] : [])])];
	return periods.length ? periods : [book.year];
}

/** The rows below the others: how the parts add up, how often one is counted twice, and the whole. */
function closingRows(book, request) {
	const { by, where, under } = request;
	const keys = by.flat();
	if (!keys.length || keys[0] === 'year' || keys[0] === 'band' || ['no', 'columns'].includes(request.total)) return [];
	const whole = under ? { ...where, service: under } : where;
	const isNamed = request.total && !['yes', 'rows'].includes(request.total);
	const label = isNamed ? request.total : request.overlap ? 'Each counted once' : under ? `${book.serviceLabel(under)}${allLabel(keys, request).slice(3)}` : allLabel(keys, request);
	const total = { label, breakdown: whole, kind: 'total' };
	if (!request.overlap) return [total];
	const level = request.level && request.level !== 'team' ? request.level : request.level || under ? book.teamLevel : book.areaLevel;
	const at = keys[0] === 'service' ? { ...whole, by: level } : whole;
	const part = (partSuffix, words) => ({ label: words, partSuffix, key: keys[0], breakdown: at, kind: 'note' });
	return [part('_part_sum', 'Added up'), part('_overlap', 'Counted more than once'), total];
}

/** The figure in the cell where a row and a column meet. */
export function cellOf(book, row, column, measure) {
	const own = column.measure ?? measureOf(book, row.measure ?? measure, column.suffix);
	const name = row.partSuffix ? (PART_SUMS[`${own}|${row.key}`] ?? own) + row.partSuffix : own;
	const breakdown = { ...row.breakdown, ...column.breakdown };
	const period = column.period ?? (row.period ?? book.year) + (column.quarter ? `-${column.quarter}` : '');
	// A total that is missing is not a zero, and a group has no share of the whole where the whole has none.
	const isClosing = row.kind === 'total' || row.kind === 'note';
	const figure = (isClosing || row.isExact || column.isWhole ? book.exact : book.cell)(name, breakdown, period);
	// The share of a whole is a share of something larger than its rows are.
	if (row.kind === 'total' && column.suffix === '_share') return { ...figure, id: null, value: null, status: 'not_applicable' };
	if (isClosing && !figure.id && figure.status === 'not_available' && (column.isDerived || row.partSuffix)) return { ...figure, status: 'not_applicable' };
	return book.shownEqual(figure);
}

/** The grid of one request. */
function lay(book, request) {
	const periods = periodsOf(book, request);
	const measure = leading(request);
	const columns = columnsOf(book, request, periods);
	let rows = request.rows.length ? request.rows : rowsOf(book, request, periods);
	if (!request.by.length && !request.rows.length) rows = request.measures.slice(0, 1).map((name) => ({ label: book.titleOf(name), breakdown: request.where }));
	// The largest is the largest of the year, whatever column comes first.
	const sizing = columns.find((column) => !column.suffix && (column.period ?? book.year) === book.year && !column.isAcross && !column.quarter) ?? columns[0];
	if (request.period) rows = rows.map((row) => ({ period: request.period, ...row }));
	const size = (row) => {
		const figure = cellOf(book, row, sizing, measure);
		return isPrinted(figure) ? figure.value : isHidden(figure) ? 0.5 : -1;
	};
	const innermost = request.by.flat();
	const standsLast = ({ breakdown }) => innermost.some((key) => breakdown[key] === 'not_known') ? 2 : innermost.some((key) => book.isRemainder(breakdown[key])) ? 1 : 0;
	if (request.sort === 'largest') rows = largestFirst(rows, size, standsLast, request.top);
	else if (request.top) rows = rows.slice(0, request.top);
	const closing = request.rows.length ? [] : closingRows(book, request);
	const grid = [...rows, ...closing].map((row) => ({ row, cells: columns.map((column) => cellOf(book, row, column, measure)) }));
	return trimmed(book, request, columns, grid);
}

/** A number other than zero that can be read. */
const isTold = (figure) => isPrinted(figure) && figure.value !== 0;

/** Whether something is hidden, and nothing but zeros stands beside it. */
const isMute = (figures) => figures.some(isHidden) && !figures.some(isTold);

/**
 * Rows without a number to read are not printed one by one: their names stand below the table. What other rows stand below
 * is printed all the same, and so are totals.
 */
function gatherHidden(known, pick) {
	const isMuteRow = ({ row, cells }) => !['total', 'group'].includes(row.kind) && isMute(pick(cells));
	const isPart = (line) => line?.row.kind === 'part';
	const endOf = (i) => { let end = i + 1; while (isPart(known[end])) end += 1; return end; };
	const isGathered = known.map((line, i) => isMuteRow(line) && (isPart(line) || known.slice(i + 1, endOf(i)).every(isMuteRow)));
	let group = null;
	const gathered = [];
	for (const [i, { row, cells }] of known.entries()) {
		if (row.kind !== 'part') group = row.kind === 'group' ? row.label : null;
		if (isGathered[i]) gathered.push({ label: row.kind === 'part' && group ? `${group}: ${inSentence(row.label)}` : row.label, figures: pick(cells).map(({ id }) => id).filter(Boolean) });
	}
	return { printed: known.filter((_, i) => !isGathered[i]), gathered };
}

const MOST_NAMED = 12;

/** Rows of a table that is left out to protect people, beside rows that are shown all the same: by name, or how many. */
function leftOutRows(grid) {
	const labels = grid.filter(({ row, cells }) => !row.kind && cells.length && cells.every((figure) => !figure.id && !isPrinted(figure)) && cells.some(isHidden)).map(({ row }) => row.label);
	return (labels.length > MOST_NAMED ? [`${labels.length} others`] : labels).map((label) => ({ label, figures: [] }));
}

/** A grid without the rows and columns that say nothing; what is left out to protect people is named. */
function trimmed(book, request, columns, grid) {
	const known = grid.filter(({ row, cells }) => cells.some((figure) => figure.id) && (row.kind !== 'note' || cells.some(isPrinted)));
	const body = known.filter(({ row }) => !['total', 'note'].includes(row.kind));
	const column = (i) => known.map(({ cells }) => cells[i]);
	const isShown = columns.map((_, i) => column(i).some(isPrinted) && !isMute(column(i)));
	const isProtected = columns.map((_, i) => isMute(column(i)));
	const isAnyShown = isShown.some(Boolean);
	const kept = columns.map((column, i) => (isAnyShown ? isShown[i] : known.some(({ cells }) => cells[i].id)));
	const pick = (list) => list.filter((_, i) => kept[i]);
	const isMissing = columns.map((column, i) => isAnyShown && !kept[i] && !isProtected[i] && column.period === book.year && !column.isDerived && !column.isWhole);
	const unitOf = (i) => known.find(({ cells }) => cells[i].id)?.cells[i].unit;
	const headings = pick(columns.map((column, i) => {
		const isPercent = unitOf(i) === 'percent' && known.every(({ cells }) => !cells[i].id || cells[i].unit === 'percent');
		return { ...column, label: column.label + (isPercent && !column.label.includes('%') ? ' (%)' : ''), isBare: isPercent || unitOf(i) === 'percentage_points' };
	}));
	const { printed: rows, gathered: hidden } = gatherHidden(known, pick);
	const gathered = [...hidden, ...(isAnyShown ? leftOutRows(grid) : [])];
	const lines = rows.map(({ row, cells }) => ({ label: row.label, kind: row.kind ?? null, breakdown: row.breakdown, period: row.period ?? null, cells: pick(cells) }));
	const together = lines.flatMap(({ label, breakdown, cells }) => {
		const of = cells.map(({ measure }) => book.membersOf(measure, breakdown)).find(({ length }) => length) ?? [];
		const key = Object.keys(breakdown).find((name) => book.isRemainder(breakdown[name]));
		return of.length ? [{ label, names: of.map((member) => labelOf(book, key, member)) }] : [];
	});
	const cells = lines.flatMap((line) => line.cells);
	const shown = cells.filter(isPrinted).length;
	const keys = request.by.flat();
	return {
		caption: request.title ?? titleOf(book, request), heading: request.heading ?? headingOf(book, request), note: request.note ?? noteOf(request, lines),
		columns: headings, lines, shown, hidden: cells.filter(isHidden).length, gathered, together: together.filter(({ label }, i) => together.findIndex((row) => row.label === label) === i),
		of: [`${leading(request)}|${[...new Set([...keys.filter((key) => key !== 'year'), ...request.across, ...Object.keys(request.where)])].sort().join(';')}`],
		changes: [...new Set(lines.flatMap(({ breakdown }) => (breakdown.service ? book.changesOf(breakdown.service) : [])))],
		leftOut: columns.filter((_, i) => isAnyShown && isProtected[i]).map(({ label }) => inSentence(label)),
		missing: columns.filter((_, i) => isMissing[i]).map(({ label }) => inSentence(label)),
		reason: reasonOf(book, request, { body, shown: body.some(({ cells: all }) => all.some((figure, i) => isPrinted(figure) && !columns[i].isWhole)), keys, isAnyHidden: cells.some(isHidden) || grid.some(({ cells: all }) => all.some(isHidden)) })
	};
}

const titleOf = (book, request) => {
	const by = request.by.map((keys) => keys.filter((key) => key !== 'year').map((key) => inSentence(keyLabel(key))).join(', ')).filter(Boolean).join(' and ');
	return `${book.titleOf(leading(request))}${by ? ` by ${by}` : ''}`;
};

function headingOf(book, request) {
	const keys = request.by[0] ?? [];
	if (!keys.length) return 'What is counted';
	if (keys[0] === 'band') return 'Time taken';
	if (keys[0] === 'service') {
		const level = request.level && request.level !== 'team' && request.level !== 'all' ? request.level : request.level || request.under ? book.teamLevel : book.areaLevel;
		return [keyLabel(request.level === 'all' ? 'service' : (level ?? 'service')), ...keys.slice(1).map((key) => inSentence(keyLabel(key)))].join(', ');
	}
	return keys.map((key, i) => (i ? inSentence(keyLabel(key)) : keyLabel(key))).join(', ');
}

const noteOf = (request, lines) =>
	request.by[0]?.[0] === 'band' && lines.some(({ kind }) => kind === 'part') ? 'The lines set in add others together (“in all”) or are part of one (“of which”).' : null;

/** Why a grid has nothing to print; null where it has. */
function reasonOf(book, request, { body, shown, keys, isAnyHidden }) {
	const measure = leading(request);
	if (book.isNotHeld(measure, keys)) return 'not_recorded';
	const isUnknown = ({ row }) => keys.some((key) => row.breakdown[key] === 'not_known');
	const counted = body.filter(({ cells }) => cells.some((figure) => isHidden(figure) || (isPrinted(figure) && figure.value !== 0)));
	if (shown && counted.length && counted.every(isUnknown) && !keys.every((key) => key === 'service')) return notRecorded(book, measure, [...keys, ...request.across, ...Object.keys(request.where)]);
	// One part of a whole is the whole, which stands elsewhere.
	if (request.under && (body.length === 1 || !book.isParent(request.under))) return 'nothing';
	// Zeros beside a table that is left out are not all there was.
	const isOnlyZeros = !counted.length && patternsOf(request).some((pattern) => book.isShapeLeftOut(measure, pattern));
	if (shown && body.length && !isOnlyZeros) return null;
	if (isAnyHidden || patternsOf(request).some((pattern) => book.isShapeLeftOut(measure, pattern))) return 'protected';
	return reasonWithout(book, measure, request.where, keys.concat(request.across));
}

/** Why there are no figures of a measure here: it counted none, they are protected, or the council does not record it. */
export function reasonWithout(book, measure, where = {}, by = []) {
	const keys = Object.keys(where);
	if (book.isNotHeld(measure, keys)) return 'not_recorded';
	const whole = book.one(measure, where);
	if (isHidden(whole) || book.isShapeLeftOut(measure, where)) return 'protected';
	const others = Object.fromEntries(keys.map((key) => [key, ANY]));
	if (whole?.value === 0 || (!whole && keys.length && book.list(measure, others).length)) return 'none';
	// The whole is known, and its months or quarters are not; or the key is recorded, and this table of it is not.
	if (isPrinted(whole) && !by.some((key) => key !== 'year')) return 'nothing';
	return (!whole || isPrinted(whole)) && by.length && by.every((key) => book.isKeyOf(measure, key)) ? 'nothing' : notRecorded(book, measure, [...keys, ...by]);
}

/** That a measure is not recorded by these keys: at all, or only not here, where other numbers of the report have them. */
export const notRecorded = (book, measure, keys) => (book.isKeptForOthers(measure, keys.filter((key) => key !== 'year')) ? 'not_recorded_here' : 'not_recorded');

/**
 * The grid of the variant with most numbers shown; the first of those that show as many. One of which most is hidden comes
 * after those of which most can be read.
 */
export function gridOf(book, variants) {
	const grids = variants.map((request) => ({ request, ...lay(book, request) }));
	const isMostlyHidden = (grid) => grid.hidden > grid.lines.flatMap(({ cells }) => cells).filter(isTold).length;
	const score = (grid) => (grid.reason ? -1 : grid.shown + (isMostlyHidden(grid) ? 0 : 1e6));
	const best = grids.reduce((chosen, grid) => (score(grid) > score(chosen) ? grid : chosen));
	if (!best.reason || grids.length === 1) return best;
	// Nothing to print: what is protected in one variant is not "none" in another.
	return grids.find(({ reason }) => reason === 'protected') ?? best;
}
