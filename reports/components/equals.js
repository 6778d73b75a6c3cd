// The same number under two names. Where one is hidden and the other shown, a page prints the one that is shown.

/** `[measure, key, value, other]`: the measure with this value of this key counts what the other measure counts. */
const SAME = [
	['closed', 'closed_how', 'withdrawn', 'withdrawn'],
	['closed', 'closed_how', 'responded', 'responses'],
	['complaint_outcomes', 'outcome', 'upheld', 'complaints_upheld'],
	['issue_outcomes', 'outcome', 'upheld', 'issues_upheld'],
	['ombudsman_decided', 'decision', 'upheld', 'ombudsman_upheld'],
	['complaint_outcomes_and_withdrawn', 'outcome', 'withdrawn', 'withdrawn']
];

/** A key of one measure that is another key of another. */
const RENAMED = [['new_complaints', 'stage_1_outcome', 'new_complaints_by_outcome', 'outcome']];

const without = (breakdown, key) => Object.fromEntries(Object.entries(breakdown).filter(([name]) => name !== key));

const LIMITS = { standard: 'standard_working_days', extended: 'extended_working_days' };

/** The first days of a stage, up to a limit, as the band that holds the same answers; null where the limit changed in the year. */
function bandOf({ procedure, stage }, limit, timescales) {
	const rows = [...timescales].filter((row) => row.procedure === procedure && String(row.stage) === stage);
	const days = rows.length === 1 ? rows[0][LIMITS[limit]] : null;
	return days ? `0-${days}` : null;
}

/**
 * Other names of one number: [[measure, breakdown]].
 *
 * @param timescales the limits of the report: a band that ends at a limit holds the answers within it
 */
export function equalsOf(measure, breakdown, timescales = []) {
	const found = [];
	for (const [name, key, value, other] of SAME) {
		if (measure === name && breakdown[key] === value) found.push([other, without(breakdown, key)]);
		if (measure === other && breakdown[key] === undefined) found.push([name, { ...breakdown, [key]: value }]);
	}
	for (const [name, key, other, otherKey] of RENAMED) {
		if (measure === name && key in breakdown) found.push([other, { ...without(breakdown, key), [otherKey]: breakdown[key] }]);
		if (measure === other && otherKey in breakdown) found.push([name, { ...without(breakdown, otherKey), [key]: breakdown[otherKey] }]);
	}
	const within = /^responses_within_(standard|extended)(_share)?$/.exec(measure);
	const band = within && bandOf(breakdown, within[1], timescales);
	if (band) found.push([`responses_in_band${within[2] ?? ''}`, { ...breakdown, band }]);
	const inBand = /^responses_in_band(_share)?$/.exec(measure);
	for (const limit of inBand ? Object.keys(LIMITS) : [])
		if (breakdown.band && breakdown.band === bandOf(breakdown, limit, timescales)) found.push([`responses_within_${limit}${inBand[1] ?? ''}`, without(breakdown, 'band')]);
	return found;
}
