// The words of checks: the verdict of each, its two sides, and the groups in which a page lists them.

export const VERDICT = { pass: 'Holds', fail: 'Does not hold', error: 'Could not be checked' };

/** Where the numbers of a check may not be shown the export leaves them blank. */
export const haveNumbers = (rows) => rows.some((check) => check.expected || check.found);

export const side = (text) => (text === null ? '[x]' : text === '' ? '[c]' : text);

export const said = (check) =>
	check.verdict === 'fail' && check.accepted_until ? 'Does not hold; accepted for a while' : VERDICT[check.verdict];

/** The checks of a report by kind: `kinds` are rows of `check_families`, `checks` rows of `checks`. */
export const checkGroups = (kinds, checks) =>
	[...kinds].map((kind) => ({
		name: kind.family.replaceAll('_', '-'), label: kind.heading, kind, rows: [...checks].filter((check) => check.family === kind.family)
	}));
