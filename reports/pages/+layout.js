// Replaces Evidence's own layout: pages are queried once, at build, in Node, and shipped as plain HTML.
// The tables come from the protected export only; no database and none of their code reaches a reader's browser.
import { setTrackProxy } from '@evidence-dev/sdk/usql';
import { partsOf } from '$lib/links.js';

export const ssr = true;
export const csr = false;
// Every page that a link leads to; the further pages of long lists exist only where a list is long.
export const prerender = 'auto';
export const trailingSlash = 'always';

const noInput = () => setTrackProxy({ label: '', value: '' });

/** What every Evidence page expects of its layout, the report that the page belongs to with its pages, the drawing of charts, and on which page a figure stands. */
export const load = ({ params, url }) => {
	if (!import.meta.env.SSR) return {};
	const { draw, rows, partOf } = globalThis[Symbol.for('redress')];
	const query = (sql, { query_name, callback = (x) => x } = {}) =>
		callback(rows(sql, `${url.pathname} (query ${query_name})`));
	const reports = rows('select * from reports order by name, reporting_year desc', 'the layout');
	const report = reports.find((r) => r.authority === params.authority && r.reporting_year === params.year) ?? null;
	const declared = report ? rows(`select page, title from pages where authority = '${report.authority}' and reporting_year = '${report.reporting_year}' order by position`, 'the layout') : [];
	return {
		__db: { query, load: async () => {} },
		inputs: noInput(),
		data: {},
		customFormattingSettings: { customFormats: [] },
		pagesManifest: {},
		evidencemeta: { queries: [] },
		draw,
		partOf,
		reports,
		report,
		parts: partsOf(declared)
	};
};
