// A declared report, resolved: from the nodes of its sections (JSON of the export's table `pages`) and the report's book to
// blocks that components print. Everything that decides is here and in `grid.js`; what prints decides nothing.
//
// A block: { type: 'heading' | 'paragraph' | 'list' | 'quote' | 'table' | 'chart' | 'facts' | 'silence' | 'limits' | 'quotes' |
// 'actions' | 'sources', ... }. Children of a paragraph, an item and a heading are texts, { type: 'figure', of }, { type: 'parts', parts },
// { type: 'strong' | 'em' | 'link', children }, in an item also { type: 'list', items }, { type: 'bound', key, children }: what a tag or a variable prints. A block says
// in `nodes` which of its section's nodes it prints, so that a document that is made of the page leads back to the words.
import { actionBlocks, toldOnce } from './actions.js';
import { ANY, isPrinted } from './figures.js';
import { cellOf, combinations, gridOf, isHidden, labelOfPairs, periodOf, reasonWithout } from './grid.js';
import { slug } from './links.js';
import { isCount, plainNumber } from './numbers.js';
import { changeDetail } from './prose.js';
import { amountParts, figureParts, rankParts, topParts } from './said.js';
import { saysOf } from './says.js';
import { SENTENCES } from './sentences.js';
import { dateLabel, inSentence, keyLabel, listed, valueLabel, yearLabel } from './words.js';

/** Attributes of a table, a chart or a loop that are no key of a breakdown. */
const OF_TABLES = [
	'by', 'across', 'columns', 'only', 'without', 'only_across', 'without_across', 'top', 'sort', 'total', 'overlap', 'title', 'heading', 'note', 'level', 'under', 'of', 'period'
];
/** Attributes of a single number that are no key. */
const OF_NUMBERS = ['period', 'label', 'total', 'part', 'detail', 'as', 'noun'];
/** Attributes of an order that are no key. */
const OF_ORDERS = ['by', 'count', 'from', 'numbers', 'level', 'under', 'period'];
/** Tags that stand within a line. */
const IN_LINES = ['figure', 'change', 'top', 'rank', 'date', 'held', 'literal', 'sentence', 'when'];

const list = (text) => (Array.isArray(text) ? text.map(String) : (text ?? '').split((text ?? '').includes(';') ? ';' : ',').map((word) => word.trim()).filter(Boolean));

/** A value of an attribute as text: variables are looked up, also those inside a text (`Issues: $service_label`). */
function textOf(value, variables) {
	if (value === null || value === undefined) return null;
	if (Array.isArray(value)) return value;
	if (typeof value === 'object') return value.variable in variables ? variables[value.variable] : null;
	return String(value).replace(/\$([a-z_]+)/g, (all, name) => (name in variables ? (variables[name] ?? '') : all));
}

const attributesOf = (tag, variables) =>
	Object.fromEntries(Object.entries(tag.attributes ?? {}).map(([name, value]) => [name, textOf(value, variables)]).filter(([, value]) => value !== null));

/** The keys of a breakdown among attributes; one without a value falls away. */
function whereOf(attributes, reserved) {
	const found = {};
	for (const [name, value] of Object.entries(attributes)) {
		if (reserved.includes(name) || value === '') continue;
		found[name.replace(/^where_/, '')] = value === '*' ? ANY : value;
	}
	return found;
}

const tagsNamed = (nodes, name) => (nodes ?? []).flatMap((node) => (node.type === 'tag' && node.name === name ? [node] : node.type === 'paragraph' ? tagsNamed(node.children, name) : []));

const measureLabel = (book, measure, breakdown) => {
	const values = Object.entries(breakdown).map(([key, value]) => inSentence(valueLabel(key, value, book.serviceLabel)));
	return [book.titleOf(measure), ...values].join(', ');
};

/** Requests for `gridOf`: the table itself, and each variant that an `or` in its body names. */
function requestsOf(tag, { book, variables }) {
	const base = { primary: textOf(tag.primary, variables), ...attributesOf(tag, variables) };
	const variants = [base, ...tagsNamed(tag.children, 'or').map((or) => ({ ...base, ...(or.primary ? { primary: textOf(or.primary, variables) } : {}), ...attributesOf(or, variables) }))];
	const reserved = [...OF_TABLES, 'primary', ...(tag.name === 'chart' ? ['kind'] : [])];
	return variants.map((attributes) => {
		const where = whereOf(attributes, reserved);
		const line = (child) => {
			const own = attributesOf(child, variables);
			const breakdown = whereOf(own, OF_NUMBERS);
			const measure = textOf(child.primary, variables);
			return {
				...(measure ? { measure } : {}), breakdown, ...(own.period ? { period: periodOf(book, own.period) } : {}),
				label: own.label ?? (measure ? measureLabel(book, measure, breakdown) : (own.period ?? '')),
				...(own.part === 'yes' ? { kind: 'part' } : own.total === 'yes' ? { kind: 'total' } : {})
			};
		};
		const period = attributes.period ? { period: periodOf(book, attributes.period) } : {};
		const rows = tagsNamed(tag.children, 'row').map(line).map((row) => ({ ...period, ...row, breakdown: { ...where, ...row.breakdown } }));
		const extra = tagsNamed(tag.children, 'column').map(line);
		const measures = list(attributes.primary);
		return {
			measures: measures.length || extra.length ? measures : rows.map(({ measure }) => measure).slice(0, 1),
			by: list(attributes.by).map((keys) => keys.split('+').map((key) => key.trim())), across: (attributes.across ?? '').split('+').map((key) => key.trim()).filter(Boolean),
			order: tag.order ?? {}, columns: list(attributes.columns), only: list(attributes.only), without: list(attributes.without), onlyAcross: list(attributes.only_across),
			withoutAcross: list(attributes.without_across), top: attributes.top ? Number(attributes.top) : null, sort: attributes.sort ?? null,
			total: attributes.total ?? null, overlap: attributes.overlap === 'yes', title: attributes.title ?? null, heading: attributes.heading ?? null,
			note: attributes.note ?? null, period: period.period ?? null, level: attributes.level || null, under: attributes.under || null, where, rows, extra
		};
	});
}

/** What stands in the place of a table that has nothing to print; nothing where another says the same. */
const silence = (reason, about, of) => (reason === 'nothing' ? [] : [{ type: 'silence', reason, about: [about], of }]);

function table(tag, context) {
	const grid = gridOf(context.book, requestsOf(tag, context));
	return grid.reason ? silence(grid.reason, grid.caption, grid.of) : [{ type: 'table', grid }];
}

function chart(tag, context) {
	const requests = requestsOf(tag, context);
	const grid = gridOf(context.book, requests);
	if (grid.reason) return silence(grid.reason, grid.caption, grid.of);
	const isOverTime = grid.request.columns.length && grid.request.columns.every((word) => /^(years|quarters|months|last_quarters|last_\d+_years)$/.test(word));
	const kind = textOf(tag.attributes?.kind, context.variables) ?? (isOverTime ? 'lines' : grid.request.across.length ? 'stacked' : 'bars');
	const drawn = drawingOf(grid, kind);
	const twin = { type: 'table', grid };
	return drawn ? [{ type: 'chart', title: grid.caption, ...drawn, says: saysOf(drawn) }, twin] : [twin];
}

/** What of a grid is drawn: { kind, categories: [label], series: [{ name, figures }] }; null where one bar would be all. */
export function drawingOf(grid, kind) {
	const unit = grid.columns.map((_, i) => grid.lines.find(({ cells }) => isPrinted(cells[i]))?.cells[i].unit);
	// Figures of before may be counted in another word: all counts are of one kind.
	const kindOfUnit = (word) => word && (isCount(word) ? 'count' : word);
	const isDrawn = (column, i) => kindOfUnit(unit[i]) === kindOfUnit(unit.find(Boolean)) && !column.isWhole && !/_change/.test(column.suffix ?? column.measure ?? '');
	const chosen = grid.columns.map((column, i) => ({ column, i })).filter(({ column, i }) => isDrawn(column, i));
	const lines = grid.lines.filter((line) => line.kind !== 'note' && line.kind !== 'part' && (kind === 'lines' || line.kind !== 'total'));
	const name = ({ label }) => label.replace(/ \(%\)$/, '');
	const byColumn = chosen.map(({ column, i }) => ({ name: name(column), figures: lines.map(({ cells }) => cells[i]) }));
	const byLine = lines.map(({ label, cells }) => ({ name: label, figures: chosen.map(({ i }) => cells[i]) }));
	// One line in bars: a bar for each of its columns.
	const isTurned = kind === 'lines' || (lines.length === 1 && chosen.length > 1);
	const [series, categories] = isTurned ? [byLine, chosen.map(({ column }) => name(column))] : [byColumn, lines.map(({ label }) => label)];
	const drawn = series.filter(({ figures }) => figures.filter(isPrinted).length > (kind === 'lines' ? 1 : 0));
	const used = categories.map((_, i) => drawn.some(({ figures }) => isPrinted(figures[i])));
	const kept = drawn.map(({ name: label, figures }) => ({ name: label, figures: figures.filter((_, i) => used[i]) }));
	const labels = categories.filter((_, i) => used[i]);
	// What is hidden has no bar, and is to be told of where bars are compared.
	const hidden = categories.filter((_, i) => !used[i] && series.some(({ figures }) => isHidden(figures[i])));
	return kept.length && labels.length > 1 ? { kind: kind === 'stacked' ? 'stack' : kind, categories: labels, series: kept, hidden: [...hidden, ...grid.gathered.map(({ label }) => label)] } : null;
}

/** One number of a tag: its measure, keys and period. */
function figureOf(tag, { book, variables }) {
	const attributes = attributesOf(tag, variables);
	const where = whereOf(attributes, OF_NUMBERS);
	const period = periodOf(book, attributes.period);
	return { figure: cellOf(book, { breakdown: where, isExact: true }, { period }, textOf(tag.primary, variables)), attributes, where };
}

/** How a number stands to that of the year before: `15 more than in 2022/23 (13%)`. */
function changeParts(tag, { book, variables }) {
	const measure = textOf(tag.primary, variables);
	const attributes = attributesOf(tag, variables);
	const where = whereOf(attributes, OF_NUMBERS);
	if (attributes.as) return amountParts({ book, measure, where, as: attributes.as });
	const before = yearLabel(book.before);
	const points = book.one(`${measure}_change_points`, where);
	const change = points ?? book.one(`${measure}_change`, where);
	if (!isPrinted(change)) return [isHidden(change) || book.exact(`${measure}_change`, where).status === 'suppressed' ? 'the change is not shown, to protect people' : `${before} is not known`];
	if (change.value === 0) return [`the same as in ${before}`];
	if (points) return [{ of: points, size: true }, ` ${points.value > 0 ? 'higher' : 'lower'} than in ${before}`];
	const percent = book.one(`${measure}_change_pct`, where);
	const isCount = Number.isInteger(change.value);
	return [
		{ of: change, size: true }, ` ${change.value > 0 ? (isCount ? 'more' : 'higher') : isCount ? 'fewer' : 'lower'} than in ${before}`,
		...(isPrinted(percent) && percent.value !== 0 ? [' (', { of: percent, size: true }, ')'] : [])
	];
}

/** What `top` and `rank` ask: the measure, the keys whose values are put in order, and the rest of the tag. */
function orderAsked(tag, { book, variables }) {
	const attributes = attributesOf(tag, variables);
	return {
		book, measure: textOf(tag.primary, variables), attributes, where: whereOf(attributes, OF_ORDERS), period: periodOf(book, attributes.period),
		keys: (attributes.by ?? '').split('+').map((key) => key.trim()), addsUp: Boolean(tag.adds_up)
	};
}

/** A value from outside, a link where it is an address; where it comes from is told at the end of the section. */
function heldChildren({ held }, { sources }) {
	if (!held) return [];
	if (held.source) sources?.set(`${held.value}|${held.source}`, held);
	return held.address ? [{ type: 'link', href: held.address, children: [held.value] }] : [held.value];
}

/** Values from outside, those of one source and day together: [{ values, source, as_at }]. */
export function bySource(held) {
	const found = new Map();
	for (const { value, source, as_at } of held) {
		const key = `${source}|${as_at}`;
		if (!found.has(key)) found.set(key, { values: [], source, as_at });
		found.get(key).values.push(value);
	}
	return [...found.values()];
}

/** `Source of 48,100: mid-year estimate, Office for National Statistics (30 June 2023)`. */
export const sourceText = ({ values, source, as_at }) => `Source of ${listed(values)}: ${source}${as_at ? ` (${dateLabel(as_at)})` : ''}`;

function fact(tag, context) {
	const { book } = context;
	const asked = [tag, ...tagsNamed(tag.children, 'or').map((or) => ({ ...or, primary: or.primary ?? tag.primary }))].map((one) => figureOf(one, context));
	const { figure, where, attributes } = asked.find(({ figure: found }) => isPrinted(found)) ?? asked[0];
	const change = book.one(`${figure.measure}_change`, where);
	const isOf = figure.unit === 'percent' && figure.denominator;
	const detail = isOf ? `${plainNumber(figure.numerator)} of ${plainNumber(figure.denominator)}` : figure.period === book.year ? changeDetail(change, yearLabel(book.before)) : null;
	return { figure, label: attributes.label ?? asked[0].attributes.label ?? measureLabel(book, figure.measure, where), detail };
}

function sentenceParts(tag, context) {
	const make = SENTENCES[textOf(tag.primary, context.variables)];
	return make ? make({ ...context, where: whereOf(attributesOf(tag, context.variables), []) }) : [];
}

/** Whether the report holds a figure, shown or protected, of a measure with these keys. */
function holds(tag, { book, variables }) {
	const variants = [tag, ...tagsNamed(tag.children, 'or').map((or) => ({ ...or, primary: or.primary ?? tag.primary }))];
	return variants.some((one) => {
		const attributes = attributesOf(one, variables);
		const where = whereOf(attributes, OF_NUMBERS);
		return list(textOf(one.primary, variables)).some((measure) => {
			const period = attributes.period === '*' ? ANY : periodOf(book, attributes.period);
			return book.list(measure, where, period).some((figure) => isPrinted(figure) || isHidden(figure));
		});
	});
}

/** The breakdowns in which a turn of a loop may have figures: with its service, or where it has none with any and without. */
function shapesWith(breakdown, where, keys) {
	const own = Object.fromEntries(Object.entries(breakdown).filter(([, value]) => value !== null));
	const shape = { ...where, ...own };
	return keys[0] === 'service' && breakdown.service === null ? [shape, { ...shape, service: ANY }] : [shape];
}

/** Whether a loop lists what lies under the service of each turn. */
const isOfParts = (nodes) => (nodes ?? []).some((node) => node.attributes?.under !== undefined || isOfParts(node.children));

/** The body of a loop, once for each value. */
function each(tag, context) {
	const { book, variables } = context;
	const attributes = attributesOf(tag, variables);
	const keys = (textOf(tag.primary, variables) ?? '').split('+').map((key) => key.trim());
	const body = (more) => (tag.children ?? []).flatMap((node) => blocksOf(node, { ...context, variables: { ...variables, ...more } }));
	if (keys[0] === 'grouping') {
		// A council's own grouping of an attribute; one of two groups is a yes or no kept for a check, not a table to read.
		const names = context.groupings.filter((key) => book.values(key, 'new_complaints').length > 2);
		return names.flatMap((key) => body({ grouping: key, grouping_label: inSentence(keyLabel(key)) }));
	}
	const where = whereOf(attributes, OF_TABLES);
	const measure = attributes.of ?? 'new_complaints';
	let rows = combinations(book, keys, { ...attributes, order: tag.order, measures: list(measure), level: attributes.level || null, under: attributes.under || null }, where, [book.year]).map(({ breakdown }) => breakdown);
	if (keys[0] === 'service' && !attributes.level && !attributes.under) {
		// Where one service is above all teams, the teams are the areas, and a table of what lies under each turn is one of them all.
		const areas = book.isOneAbove && isOfParts(tag.children) ? [] : book.areasWith(list(measure)[0], { ...where, ...Object.fromEntries(keys.slice(1).map((key) => [key, ANY])) });
		if (areas.length) rows = rows.filter(({ service }) => areas.includes(service));
		else {
			const rest = keys.slice(1);
			const whole = rest.length ? combinations(book, rest, { order: tag.order, measures: list(measure) }, where, [book.year]).map(({ breakdown }) => breakdown) : [{}];
			rows = whole.map((breakdown) => ({ service: null, ...breakdown }));
		}
	}
	const size = (breakdown) => book.one(list(measure)[0], { ...where, ...breakdown })?.value ?? -1;
	if (attributes.sort === 'largest') rows = [...rows].sort((a, b) => size(b) - size(a));
	if (attributes.top) rows = rows.slice(0, Number(attributes.top));
	// A loop of which no turn is possible says so where there is nothing of its measure at all.
	const [first] = list(measure);
	const isAny = rows.some((breakdown) => shapesWith(breakdown, where, keys).some((shape) => book.list(first, shape).length));
	if (!isAny) return book.shapes(first).length ? [] : silence(reasonWithout(book, first), book.titleOf(first), [`${first}|`]).map((block) => ({ ...block, isOfLoop: true }));
	return rows.flatMap((breakdown) =>
		body(Object.fromEntries(Object.entries(breakdown).flatMap(([key, value]) => [[key, value], [`${key}_label`, value === null ? 'all services' : labelOfPairs(book, [key], breakdown)]])))
	);
}

/** How long each stage may take. */
const limits = (context) => (context.timescales.length ? [{ type: 'limits', rows: context.timescales }] : []);

const TAGS = {
	table, chart, each,
	facts: (tag, context) => {
		const facts = tagsNamed(tag.children, 'fact').map((child) => fact(child, context)).filter(({ figure }) => isPrinted(figure));
		return facts.length ? [{ type: 'facts', facts }] : [];
	},
	...Object.fromEntries(IN_LINES.map((name) => [name, (tag, context) => paragraph([tag], context)])),
	sentence: (tag, context) => paragraph([tag], context).map((block) => ({ ...block, isSentence: true })),
	quote: (tag, context) => {
		const blocks = (tag.children ?? []).flatMap((node) => blocksOf(node, context));
		return blocks.length ? [{ type: 'quote', source: textOf(tag.attributes?.source, context.variables), blocks }] : [];
	},
	when: (tag, context) => (holds(tag, context) ? (tag.children ?? []).filter((node) => node.name !== 'or').flatMap((node) => blocksOf(node, context)) : []),
	limits: (_, context) => limits(context),
	quotes: (_, context) => (context.quotes.length ? [{ type: 'quotes', quotes: context.quotes }] : []),
	actions: (tag, context) => actionBlocks(attributesOf(tag, context.variables), context)
};

/** What stands within a line: texts, numbers, sentences; what a tag or a variable prints is kept together under its key. */
function inline(nodes, context) {
	return (nodes ?? []).flatMap((node, i) => {
		const children = inlineOf(node, context, nodes.slice(i + 1));
		const key = context.keys?.get(node);
		return key ? [{ type: 'bound', key, children }] : children;
	});
}

/** The words at the head of some nodes, as far as there are no others than text. */
function textAtHead(nodes) {
	const end = nodes.findIndex(({ type }) => type !== 'text');
	const text = (end < 0 ? nodes : nodes.slice(0, end)).map(({ text: words }) => words).join('');
	return end < 0 || text.trim() ? text : 'thing';
}

function inlineOf(node, context, following) {
	if (node.type === 'text') return [node.text];
	if (node.type === 'softbreak') return [' '];
	if (node.type === 'variable') return [String(context.variables[node.name] ?? '')];
	if (node.type === 'tag') {
		if (node.name === 'figure') {
			const { figure, attributes } = figureOf(node, context);
			if (!attributes.as && !attributes.noun) return [{ type: 'figure', of: figure }];
			return [{ type: 'parts', parts: figureParts({ figure, attributes, next: textAtHead(following) }) }];
		}
		if (node.name === 'top') return [{ type: 'parts', parts: topParts(orderAsked(node, context)) }];
		if (node.name === 'rank') return [{ type: 'parts', parts: rankParts(orderAsked(node, context)) }];
		if (node.name === 'date') return [dateLabel(node.day)];
		if (node.name === 'held') return heldChildren(node, context);
		if (node.name === 'literal') return [node.primary];
		if (node.name === 'change') return [{ type: 'parts', parts: changeParts(node, context) }];
		if (node.name === 'sentence') return [{ type: 'parts', parts: sentenceParts(node, context), isSentence: true }];
		if (node.name === 'when') return holds(node, context) ? inline(node.children, context) : [];
		return [];
	}
	if (node.type === 'list') return listOf(node, context);
	return [{ type: node.type, href: node.href, children: inline(node.children, context) }];
}

/** A list, whose items may hold lists. */
function listOf(node, context) {
	const items = (node.children ?? []).map((item) =>
		inline((item.children ?? []).flatMap((child, i) => (child.type === 'paragraph' ? [...(i ? [{ type: 'text', text: ' ' }] : []), ...child.children] : [child])), context)
	);
	const said = items.filter((children) => children.some(isSaid));
	return said.length ? [{ type: 'list', isOrdered: Boolean(node.ordered), items: said }] : [];
}

/** Whether a child of a paragraph has anything to say. */
const isSaid = (child) => (typeof child === 'string' ? child.trim() : child.type === 'parts' ? child.parts.length : child.type === 'bound' ? child.children.some(isSaid) : true);

/** A paragraph; none where it was to hold ready sentences and none of them has anything to say. */
function paragraph(nodes, context) {
	const children = inline(nodes, context);
	return children.some(isSaid) ? [{ type: 'paragraph', children }] : [];
}

/** The blocks of one node. */
function blocksOf(node, context) {
	if (node.type === 'tag') return TAGS[node.name]?.(node, context) ?? [];
	if (node.type === 'heading') return [{ type: 'heading', level: Math.min(4, Math.max(3, node.level)), children: inline(node.children, context) }];
	if (node.type === 'list') return listOf(node, context);
	if (node.type === 'paragraph') {
		// A block tag between words is a block.
		const isBlock = (child) => child.type === 'tag' && !IN_LINES.includes(child.name);
		return node.children?.some(isBlock) ? node.children.filter(isBlock).flatMap((child) => blocksOf(child, context)) : paragraph(node.children, context);
	}
	return paragraph([node], context);
}

/** Why there is nothing to print, in words: different truths. */
export const WHY = {
	not_recorded: (about) => `Not recorded by this council: ${about.join('; ')}.`,
	not_recorded_here: (about) => `Recorded for other numbers of this report, and not for these: ${about.join('; ')}.`,
	protected: (about) => `Not shown, to protect people, because the numbers are too small: ${about.join('; ')}.`,
	none: (about) => `There were none in the year: ${about.join('; ')}.`
};

const bothNodes = (a, b) => [...new Set([...(a.nodes ?? []), ...(b.nodes ?? [])])];

/** Silences that follow each other and have one reason, in one; ready sentences that follow each other, in one paragraph. */
function gathered(blocks) {
	const result = [];
	for (const block of blocks) {
		const last = result[result.length - 1];
		if (block.isSentence && last?.isSentence) {
			result[result.length - 1] = { ...last, children: [...last.children, ' ', ...block.children], nodes: bothNodes(last, block) };
			continue;
		}
		// A sentence that says that there were none, or a table that says why there is nothing, need not be said again.
		if (block.type === 'silence' && ((block.reason === 'none' && last?.isSentence) || (block.isOfLoop && last?.reason === block.reason))) continue;
		if (block.type === 'silence' && last?.type === 'silence' && last.reason === block.reason) result[result.length - 1] = { ...last, about: [...new Set([...last.about, ...block.about])], of: [...new Set([...last.of, ...block.of])], nodes: bothNodes(last, block) };
		else result.push(block);
	}
	return result;
}

/** Blocks without the headings below which nothing stands. */
function withoutEmptyHeadings(blocks) {
	let below = 0; // the level that something follows: a heading of this or a lower level is empty
	return [...blocks]
		.reverse()
		.filter((block) => {
			if (block.type !== 'heading') {
				below = 9;
				return true;
			}
			const isKept = below > block.level;
			if (isKept) below = block.level;
			return isKept;
		})
		.reverse();
}

const resolvedPages = new WeakMap(); // book -> page -> sections

/** The sections of one of the report's pages (a row of `pages`), resolved once for all that ask. */
export function resolvePage(page, context) {
	if (!resolvedPages.has(context.book)) resolvedPages.set(context.book, new Map());
	const known = resolvedPages.get(context.book);
	if (!known.has(page.page)) known.set(page.page, resolve(JSON.parse(page.sections), context));
	return known.get(page.page);
}

/** Keys of what a section's node binds (tags, variables and links within the report): its number, and theirs in order. */
export function keysOf(node, i) {
	const keys = new Map();
	const walk = (one) => {
		if (one.type === 'tag' || one.type === 'variable' || (one.type === 'link' && !/^(https?:|mailto:)/.test(one.href))) keys.set(one, `${i}.${keys.size}`);
		(one.children ?? []).forEach(walk);
	};
	walk(node);
	return keys;
}

/** What every section of a report may name. */
const variablesOf = ({ book, report }) => ({
	year: yearLabel(book.year), last_year: yearLabel(book.before), council: report.name, short_name: report.short_name,
	level: inSentence(keyLabel(book.areaLevel ?? 'service')), team: inSentence(keyLabel(book.teamLevel ?? 'service'))
});

/**
 * The sections of a page: [{ name, title, id, blocks }], without those in which nothing stands.
 *
 * @param sections of a row of `pages`: [{ name, title, nodes }]
 * @param context { book, report, timescales, quotes, actions, settings, groupings }
 */
export function resolve(sections, context) {
	const variables = variablesOf(context);
	const resolved = sections
		.map((section) => ({ ...section, sources: new Map() }))
		.map(({ name, title, nodes, sources }) => ({
			name, title: title ? textOf(title, variables) : null, sources,
			blocks: toldOnce(withoutEmptyHeadings(gathered((nodes ?? []).flatMap((node, i) => blocksOf(node, { ...context, variables, sources, keys: keysOf(node, i) }).map((block) => ({ ...block, nodes: [i] }))))))
		}))
		.filter(({ blocks }) => blocks.length)
		.map(({ sources, blocks, ...section }) => ({ ...section, blocks: sources.size ? [...blocks, { type: 'sources', sources: bySource([...sources.values()]), nodes: [] }] : blocks }));
	return named(resolved);
}

/** Gives sections, charts and tables names of which no two on a page are alike. */
function named(sections) {
	const used = new Map();
	const unlike = (name) => {
		const count = (used.get(name) ?? 0) + 1;
		used.set(name, count);
		return count > 1 ? `${name}-${count}` : name;
	};
	for (const section of sections) {
		section.id = unlike(section.name);
		for (const block of section.blocks) {
			if (block.type === 'table') block.id = unlike(`table-${slug(block.grid.caption)}`);
			if (block.type === 'chart') block.id = unlike(`chart-${slug(block.title)}`);
		}
	}
	return sections;
}

/** Every figure that stands in blocks with a number: [{ measure, breakdown, period, value, ... }]. */
export function figuresIn(sections) {
	const found = [];
	const walk = (children) => {
		for (const child of children) {
			if (child.type === 'figure') found.push(child.of);
			if (child.type === 'parts') found.push(...child.parts.filter((part) => part.of).map((part) => part.of));
			if (child.children) walk(child.children);
			child.items?.forEach(walk);
		}
	};
	for (const block of sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === 'quote' ? block.blocks : [block])))) {
		if (block.type === 'table') found.push(...block.grid.lines.flatMap(({ cells }) => cells));
		if (block.type === 'facts') found.push(...block.facts.map(({ figure }) => figure));
		if (block.type === 'paragraph') walk(block.children);
		if (block.type === 'list') block.items.forEach(walk);
	}
	return found.filter(isPrinted);
}

/** Whether a section has words of its own. */
export const hasWords = ({ blocks }) => blocks.some(({ type }) => ['paragraph', 'list', 'quote', 'quotes'].includes(type));
