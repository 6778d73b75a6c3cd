// Addresses of the pages of one report.

/** The folder of a report, from the site's root. */
export const reportLink = ({ authority, year }) => `/${authority}/${year}/`;

/** The page on which a measure's figures are listed. */
export const measureLink = (params, measure) => `${reportLink(params)}figures/${measure.replaceAll('_', '-')}/`;

/** The row that says how a figure was worked out. */
export const figureLink = (params, figure) => `${measureLink(params, figure.measure)}#${figure.id}`;

/** The parts of a report, in reading order. */
export const PARTS = [
	{ path: '', label: 'Summary' },
	{ path: 'stages/', label: 'Stages and time' },
	{ path: 'issues/', label: 'Issues and outcomes' },
	{ path: 'learning/', label: 'Ombudsman and learning' },
	{ path: 'equality/', label: 'Equality' },
	{ path: 'years/', label: 'Earlier years' }
];

export const PROOFS = [
	{ path: 'published/', label: 'Printed report' },
	{ path: 'data-quality/', label: 'Data quality' },
	{ path: 'revisions/', label: 'Revisions' },
	{ path: 'figures/', label: 'All figures' },
	{ path: 'checklist/', label: 'What the law asks for' },
	{ path: 'data/', label: 'Download the data' },
	{ path: 'about/', label: 'About this report' }
];

/** The report on one page, to read through and to print: put together from the others after they are built. */
export const WHOLE = { path: 'report/', label: 'The whole report' };

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
