// The declared pages as the search of the website finds them: by their titles and by what their sections are called; and the
// sections that a council wrote, by their words.

/** Words of a section by which it may be looked for: its title, and the titles and keys of its tables. */
function* wordsOf(nodes) {
	for (const node of nodes ?? []) {
		const { title, by } = node.attributes ?? {};
		for (const text of [title, by]) if (typeof text === 'string') yield* text.replace(/\$[a-z_]+/g, '').split(/[^\p{L}\p{N}]+/u);
		yield* wordsOf(node.children);
	}
}

/**
 * Pages with the reports that have them: [[path, label, words, [number of the report]]]; the first page is the report itself.
 *
 * @param pages rows of `pages`, with their sections
 * @param numbered `authority/year` -> the report's number in the index
 */
export function searchedPages(pages, numbered) {
	const found = new Map();
	for (const { authority, reporting_year, page, title, sections } of pages) {
		if (!page) continue;
		const parsed = JSON.parse(sections);
		const words = [...new Set(parsed.flatMap((section) => [...(section.title ?? '').split(/[^\p{L}\p{N}]+/u), ...wordsOf(section.nodes)]).map((word) => word.toLowerCase()))];
		const entry = [`${page}/`, title, words.filter((word) => word.length > 2).join(' ')];
		const key = JSON.stringify(entry);
		if (!found.has(key)) found.set(key, [...entry, []]);
		found.get(key)[3].push(numbered.get(`${authority}/${reporting_year}`));
	}
	return [...found.values()];
}

/** Letters of words in the index: the page that holds it has to stay light (docs/website.md). */
const MOST_LETTERS = 120_000;

/** The words that stand in nodes; with `isSure` only those that are printed whatever the figures are. */
const textOf = (nodes, isSure) =>
	(nodes ?? [])
		.map((node) => {
			if (node.type === 'text') return node.text;
			if (node.type !== 'tag') return isSure && node.type === 'heading' ? '' : textOf(node.children, isSure);
			if (node.name === 'literal') return node.primary;
			return isSure && node.name !== 'quote' ? '' : ` ${textOf(node.children, isSure)} `;
		})
		.join('');

/** Words worth looking for, each once: those of more than three letters, and abbreviations. */
const worthFinding = (text) =>
	[...new Set(text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 3 || /^[A-Z]{2,3}$/.test(word)).map((word) => word.toLowerCase()))].join(' ');

/**
 * The sections that councils wrote, by their words, the newest reports first as far as there is room.
 *
 * @param pages, numbered as `searchedPages` has them
 * @returns { sections: [[path, label, words, [number of the report]]], isWhole: whether those of every report are there }
 */
export function searchedSections(pages, numbered) {
	const sections = [];
	let letters = 0;
	for (const { authority, reporting_year, page, title, sections: held } of [...pages].sort((a, b) => b.reporting_year.localeCompare(a.reporting_year))) {
		for (const section of JSON.parse(held)) {
			if (!section.file.startsWith(`${authority}/`) || !/[\p{L}\p{N}]/u.test(textOf(section.nodes, true))) continue;
			const words = worthFinding(textOf(section.nodes, false));
			letters += words.length;
			if (letters > MOST_LETTERS) return { sections, isWhole: false };
			const label = (section.title || title).replace(/\s*\$[a-z_]+/g, '');
			sections.push([`${page ? `${page}/` : ''}#${section.name}`, label, words, [numbered.get(`${authority}/${reporting_year}`)]]);
		}
	}
	return { sections, isWhole: true };
}
