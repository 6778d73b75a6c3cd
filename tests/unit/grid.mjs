// Runs the pages' own modules on a small report: reads { components, figures, services, report, more, sections } from
// standard input and writes the blocks of the sections with every figure as it is printed.
import fs from 'node:fs';

const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const load = (file) => import(`${given.components}/${file}`);
const { createBook } = await load('figures.js');
const { figuresIn, resolve, sourceText, WHY } = await load('declared.js');
const { printed } = await load('numbers.js');
const { asText } = await load('prose.js');
const { notListed } = await load('actions.js');
const { answers } = await load('checklist.js');

const book = createBook(given.figures, given.services, given.report, given.more);
const context = { book, report: given.report, timescales: given.more.timescales ?? [], quotes: [], actions: given.more.actions ?? [], settings: [], groupings: [] };
const sections = resolve(given.sections, context);
const words = (children) => children.map((child) => (typeof child === 'string' ? child : child.type === 'figure' ? printed(child.of) : child.type === 'parts' ? asText(child.parts) : child.type === 'list' ? `[${child.items.map(words).join('; ')}]` : words(child.children))).join('');
const said = (block) => {
	if (block.type === 'table') {
		const { caption, heading, note, columns, lines, leftOut, missing, gathered, together, changes } = block.grid;
		return {
			type: 'table', id: block.id, caption, heading, note, leftOut, missing, together, changes, gathered: gathered.map(({ label }) => label), columns: columns.map(({ label }) => label),
			lines: lines.map(({ label, kind, cells }) => [kind ? `${kind}: ${label}` : label, ...cells.map((figure) => printed(figure, { bare: true }))])
		};
	}
	if (block.type === 'chart') return { type: 'chart', kind: block.kind, categories: block.categories, series: block.series.map(({ name }) => name), says: asText(block.says) };
	if (block.type === 'silence') return { type: 'silence', why: block.reason, says: WHY[block.reason](block.about) };
	if (block.type === 'facts') return { type: 'facts', facts: block.facts.map(({ label, figure, detail }) => [label, printed(figure), detail]) };
	if (block.type === 'quote') return { type: 'quote', source: block.source, blocks: block.blocks.map(said) };
	if (block.type === 'sources') return { type: 'sources', says: block.sources.map(sourceText) };
	if (block.type === 'actions') return { type: 'actions', entries: block.entries, below: notListed(block) };
	if (block.type === 'list') return { type: 'list', items: block.items.map(words) };
	return { type: block.type, text: block.children ? words(block.children) : null };
};
const keys = [];
const walk = (children) => {
	for (const child of children ?? []) {
		if (child.type === 'bound') keys.push(child.key);
		walk(child.children);
		(child.items ?? []).forEach(walk);
	}
};
sections.forEach(({ blocks }) => walk(blocks));
const besides = Object.entries(given.beside ?? {}).map(([page, nodes]) => ({ page, title: page, sections: resolve([{ name: page, title: page, nodes }], context) }));
const points = answers([{ page: '', title: 'Summary', sections }, ...besides], book);
const answered = points.filter(({ page }) => page);
const ticked = answered.map(({ asks }) => asks);
process.stdout.write(JSON.stringify({ sections: sections.map(({ name, title, blocks }) => ({ name, title, blocks: blocks.map(said) })), numbers: figuresIn(sections).length, keys, ticked, places: Object.fromEntries(answered.map(({ asks, page }) => [asks, page.page])), lacks: Object.fromEntries(points.map(({ asks, lack }) => [asks, lack])) }));
