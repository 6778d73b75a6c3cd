// Addresses of the pages of one report.

/** The folder of a report, from the site's root. */
export const reportLink = ({ authority, year }) => `/${authority}/${year}/`;

/** The page on which a measure's figures are listed. */
export const measureLink = (params, measure) => `${reportLink(params)}figures/${measure.replaceAll('_', '-')}/`;

/** The row that says how a figure was worked out; `partOf` is that of the layout, for measures of more than one page. */
export const figureLink = (params, figure, partOf) =>
	`${measureLink(params, figure.measure)}${partOf(params, figure.id)}#${figure.id}`;

/** The declared pages of a report in reading order: rows of `pages` as `{ path, label }`. */
export const partsOf = (pages) => [...pages].map(({ page, title }) => ({ path: page ? `${page}/` : '', label: title }));

/** The pages about how a report was made, which every report has; `about` are further words by which the search finds them. */
export const PROOFS = [
	{ path: 'published/', label: 'Printed report', about: 'published contradictions differ same' },
	{ path: 'data-quality/', label: 'Data quality', about: 'checks files received set aside' },
	{ path: 'revisions/', label: 'Revisions', about: 'changed revised signed off draft provisional' },
	{ path: 'figures/', label: 'All figures', about: 'numbers measures suppressed protected not shown' },
	{ path: 'checklist/', label: 'What the law asks for', about: 'checklist regulation 13 guidance 2006' },
	{ path: 'data/', label: 'Download the data', about: 'CSV ODS Parquet spreadsheet open data licence' },
	{ path: 'about/', label: 'About this report', about: 'method contact feedback next release' }
];

/** The report on one page, to read through and to print: put together from the others after they are built. */
export const WHOLE = { path: 'report/', label: 'The whole report', about: 'one page PDF print' };

/** The pages of the website that belong to no report, with further words by which the search finds them. */
export const SITE = [
	{ path: '/', label: 'All reports', about: 'home councils years' },
	{ path: '/compare/', label: 'Councils side by side', about: 'compare comparison' },
	{ path: '/method/', label: 'How we count', about: 'method definitions rules meaning shorthand rounding' },
	{ path: '/data/', label: 'Data', about: 'download CSV ODS Parquet open data files of all reports' },
	{ path: '/data-dictionary/', label: 'Data dictionary', about: 'columns tables types' },
	{ path: '/accessibility/', label: 'Accessibility', about: 'statement WCAG screen reader keyboard' }
];

/** A text as an identifier: readable, and different for texts that differ only in signs or capitals. */
export const slug = (text) => {
	let digest = 5381;
	for (const letter of text) digest = ((digest * 33) ^ letter.codePointAt(0)) >>> 0;
	const readable = text
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-|-$/g, '');
	return `${readable}-${digest.toString(36)}`;
};
