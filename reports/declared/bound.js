// Says what each tag in the words of a report prints, and of which figures, by the code that draws the pages.
//
//     node bound.js < { report, pages, names, figures, services, timescales, groupings, chosen, quotes, not_held, catalogue }
//         > [{ section, line, tag, about, figure_id, printed }]
//
// `names` are the sections that are asked of. A tag that a loop repeats is there once for each turn.
import fs from 'node:fs';
import { contextOf } from '../components/context.js';
import { keysOf, resolvePage } from '../components/declared.js';
import { printed } from '../components/numbers.js';
import { asText } from '../components/prose.js';

const { report, pages, names, ...rows } = JSON.parse(fs.readFileSync(0, 'utf8'));
const context = contextOf(rows, report);
const wanted = new Set(names);

const textOf = (child) => {
	if (typeof child === 'string') return child;
	if (child.type === 'figure') return child.text ?? printed(child.of);
	return child.type === 'parts' ? asText(child.parts) : (child.children ?? []).map(textOf).join('');
};

/** The identities of the figures that a child prints. */
const figuresOf = (child) => {
	if (child.type === 'figure') return [child.of?.id];
	if (child.type === 'parts') return child.parts.map((part) => part.of?.id);
	return (child.children ?? []).flatMap(figuresOf);
};

/** Every tag that blocks or children print, with its key. */
function* boundIn(children) {
	for (const child of children ?? []) {
		if (child.type === 'bound') yield child;
		yield* boundIn(child.children);
		yield* boundIn(child.blocks);
		for (const item of child.items ?? []) yield* boundIn(item);
	}
}

const bound = [];
for (const page of pages) {
	const nodesOf = new Map(JSON.parse(page.sections).map(({ name, nodes }) => [name, nodes]));
	for (const { name, blocks } of resolvePage(page, context)) {
		if (!wanted.has(name)) continue;
		const tags = new Map(nodesOf.get(name).flatMap((node, i) => [...keysOf(node, i)].map(([tag, key]) => [key, tag])));
		for (const child of boundIn(blocks)) {
			const tag = tags.get(child.key);
			if (tag?.type === 'tag')
				bound.push({ section: name, line: tag.line, tag: tag.name, about: tag.primary, figure_id: [...new Set(figuresOf(child).filter(Boolean))].join(' '), printed: textOf(child) });
		}
	}
}
process.stdout.write(JSON.stringify(bound));
