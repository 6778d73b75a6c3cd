// The words of the contract in plain English, and the order in which a reader expects them. Words that belong to
// a council (categories, themes, channels) are printed as the council writes them.

const WORDS = {
	procedure: { statutory: 'Statutory', corporate: 'Corporate', informal: 'Informal' },
	stage: { 1: 'Stage 1', 2: 'Stage 2', 3: 'Stage 3' },
	sex: {
		female: 'Female', male: 'Male', joint: 'Made jointly', other: 'Other', not_applicable: 'Not applicable', not_known: 'Not known'
	},
	child_looked_after: { yes: 'Looked after', no: 'Not looked after', not_known: 'Not known' },
	disability: { yes: 'Disabled', no: 'Not disabled', not_applicable: 'Not applicable', not_known: 'Not known' },
	complainant_role: {
		parent: 'Parent', carer: 'Carer', foster_carer: 'Foster carer', special_guardian: 'Special guardian', relative: 'Relative',
		advocate: 'Advocate', child_or_young_person: 'Child or young person', professional: 'Professional', solicitor: 'Solicitor',
		service_user_other: 'Another service user', member_of_public: 'Member of the public', staff: 'Member of staff',
		not_known: 'Not known'
	},
	outcome: {
		upheld: 'Upheld', partially_upheld: 'Partly upheld', not_upheld: 'Not upheld', inconclusive: 'Inconclusive',
		no_finding: 'No finding', withdrawn: 'Withdrawn', direct_to_next_stage: 'Went straight to the next stage',
		open: 'Still open', not_known: 'Not known'
	},
	closed_how: {
		responded: 'Answered', withdrawn: 'Withdrawn', escalated: 'Moved to the next stage', mediated: 'Mediated',
		refused: 'Refused', not_known: 'Not known'
	},
	decision: {
		declined: 'Declined to investigate', premature: 'Premature', advice_given: 'Advice given',
		closed_after_enquiries: 'Closed after enquiries', not_upheld: 'Investigated, not upheld', upheld: 'Investigated, upheld',
		not_yet_decided: 'Not yet decided'
	},
	cohort: {
		new: 'Received in the year', brought_forward: 'Open when the year began', reopened: 'Closed before and reopened',
		late_entered: 'Received before the year, first stage in it'
	},
	source: {
		professional: 'Professional', service_user: 'Service user', parent_or_carer: 'Parent or carer',
		child_or_young_person: 'Child or young person', judiciary: 'Judiciary', school: 'School', foster_carer: 'Foster carer',
		colleague: 'Colleague'
	},
	route: { ordinary: 'Sent to the service' },
	at: { start: 'At the start of the year', end: 'At the end of the year' },
	by: {},
	kind: { duty: 'Duty', mp_enquiry: 'Enquiry from an MP', comment: 'Comment', informal_feedback: 'Informal feedback' },
	formality: { all: 'Formal and informal together' },
	progress: { done: 'Done', under_way: 'Under way', overdue: 'Overdue', not_done: 'Will not be done' },
	decided_by: { council: 'Agreed by the council', ombudsman: 'Recommended by the Ombudsman', not_known: 'Not known' },
	basis: { including_withdrawn: 'Withdrawn complaints counted' }
};
WORDS.stage_1_outcome = WORDS.outcome;
WORDS.status = { ...WORDS.outcome, refused: 'Refused' };
WORDS.highest_stage = { ...WORDS.stage, none: 'No stage' };
WORDS.any_procedure = WORDS.procedure;
WORDS.step = { panel: 'Panel', findings: 'Findings of the panel', response: 'Response to the findings' };
WORDS.from_stage = { 1: 'From stage 1', 2: 'From stage 2' };

const KEYS = {
	any_procedure: 'Procedure (any that it ran under)', child_looked_after: 'Child looked after', sub_category: 'Sub-category',
	service_set: 'Services', stage_1_outcome: 'Outcome at stage 1', closed_how: 'How it closed', by: 'Parts by',
	complainant_role: 'Complainant', from_stage: 'Stage', activity: 'Measured against', at: 'When', cohort: 'Complaints',
	status: 'How it stands', step: 'Step of stage 3', highest_stage: 'Highest stage reached', decided_by: 'Decided by',
	progress: 'What became of it', 	service_merged: 'Service, with all that became part of it'
};

const sentenceCase = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/** `child_looked_after` as a heading. */
export const keyLabel = (key) => KEYS[key] ?? sentenceCase(key.replaceAll('_', ' '));

/** A value of a breakdown as a heading. Words with an underscore or in small letters are the contract's, the rest a council's. */
export function valueLabel(key, value, serviceLabel) {
	if ((key === 'service' || key === 'service_set' || key === 'service_merged') && serviceLabel) return serviceLabel(value);
	if (WORDS[key]?.[value]) return WORDS[key][value];
	if (key === 'band' || (key === 'age_band' && /^\d/.test(value))) return bandLabel(value);
	if (value === 'not_known') return 'Not known';
	return /^[a-z0-9_]+$/.test(value) ? sentenceCase(value.replaceAll('_', ' ')) : value;
}

/** A whole breakdown in words: `Service: Children's Assessment Team; Stage 1`. */
export const breakdownLabel = (breakdown, serviceLabel) =>
	Object.keys(breakdown).length === 0
		? 'All'
		: Object.entries(breakdown)
				.map(([key, value]) =>
					key === 'stage' || key === 'from_stage'
						? valueLabel(key, value)
						: `${keyLabel(key)}: ${valueLabel(key, value, serviceLabel)}`
				)
				.join('; ');

/** Bands of working days: `0-10` and `41+`; a band that the council names otherwise is printed as it is. */
export const bandLabel = (band) =>
	/^\d+\+$/.test(band) ? `${band.slice(0, -1)} or more` : /^\d+-\d+$/.test(band) ? band.replace('-', ' to ') : band;

/** First and last day of a band; no last day for an open one. A band with a name of its own comes after those with days. */
export const bandRange = (band) => {
	if (!/^\d+(\+|-\d+)$/.test(band)) return [Infinity, Infinity];
	const [from, to] = band.split('-');
	return band.endsWith('+') ? [Number(band.slice(0, -1)), Infinity] : [Number(from), Number(to)];
};

/** Bands of a set that share no day, the finest first: what may be drawn as parts of one bar. */
export function bandsThatPartition(bands) {
	const chosen = [];
	let reached = -1;
	for (;;) {
		const next = bands
			.map((band) => ({ band, range: bandRange(band) }))
			.filter(({ range }) => range[0] > reached && range[0] < Infinity)
			.sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1])[0];
		if (!next) return chosen;
		chosen.push(next.band);
		reached = next.range[1];
	}
}

/** Reading order of two values of a key: the contract's order, services as the council lists them, bands by day, else by name; not known last. */
export const compareValues = (positionOf) => (key, a, b) => {
	if (a === b) return 0;
	if (a === 'not_known' || b === 'not_known') return a === 'not_known' ? 1 : -1;
	if (key === 'service') return positionOf(a) - positionOf(b);
	if (key === 'band') {
		const [first, second] = [bandRange(a), bandRange(b)];
		return first[1] - second[1] || first[0] - second[0] || a.localeCompare(b);
	}
	const order = WORDS[key] ? Object.keys(WORDS[key]) : [];
	const rank = (value) => (order.includes(value) ? order.indexOf(value) : order.length);
	return rank(a) - rank(b) || String(a).localeCompare(String(b), 'en-GB', { numeric: true });
};

/** `2023-24` as `2023/24`, `2023-24-Q1` as `Q1 2023/24`, `2023-04` as `April 2023`. */
export function periodLabel(period, isYear) {
	const quarter = /^(\d{4})-(\d{2})-(Q[1-4])$/.exec(period);
	if (quarter) return `${quarter[3]} ${quarter[1]}/${quarter[2]}`;
	if (isYear(period)) return period.replace('-', '/');
	const month = /^(\d{4})-(\d{2})$/.exec(period);
	return month
		? new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${period}-01T00:00:00Z`))
		: period;
}

export const yearLabel = (year) => year.replace('-', '/');

/** An ISO date as `31 May 2024`; anything else as it is. */
export function dateLabel(date) {
	if (!/^\d{4}-\d{2}-\d{2}/.test(date ?? '')) return date ?? '';
	return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
		new Date(`${date.slice(0, 10)}T00:00:00Z`)
	);
}

/** First letter small, unless the label begins with initials. */
export const inSentence = (label) => (/^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label);

/** `a, b and c`. */
export const listed = (words) =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
