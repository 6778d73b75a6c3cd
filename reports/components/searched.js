// The declared pages as the search of the website finds them: by their titles and by what their sections are called.

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
