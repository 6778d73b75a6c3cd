// Sentences written once, with figures bound in. A sentence is a list of parts: a text, or `{ of, size, text }`, a figure to
// print and to link (`size`: without its sign; `text`: instead of its number). Words follow the printed number and never
// contradict the table beside it: what is printed as no change is called no change, and what is too small to print is
// called less than 1.
import { plainNumber, printed } from './numbers.js';

const isPrinted = (figure) => figure?.value !== null && figure?.value !== undefined;

/** A figure's size: its number without its sign. */
export const sizeOf = (figure) => ({
	...figure, value: Math.abs(figure.value), numerator: figure.numerator === null || figure.numerator === undefined ? null : Math.abs(figure.numerator)
});

/** `13%`, `2 percentage points`; `less than 1%` where it would be printed as 0 and is not. */
export function sizeInWords(figure) {
	const text = printed(sizeOf(figure));
	if (figure.value === 0 || !/^(0\b|\[low\])/.test(text)) return { of: figure, size: true };
	return { of: figure, size: true, text: figure.unit === 'percentage_points' ? 'less than 1 percentage point' : 'less than 1%' };
}

const HIDDEN = { suppressed: 'not shown, to protect people', not_available: 'not available', not_applicable: 'not applicable' };

/**
 * A number of things, for none, one, many and what is not shown: the words of the number (null: the number itself) and those
 * behind it. `[c] complaints (not shown, to protect people)`.
 */
export function countWords(figure, one, many = `${one}s`, start = false) {
	if (!isPrinted(figure)) return { text: null, words: ` ${many} (${HIDDEN[figure?.status] ?? HIDDEN.not_available})` };
	if (figure.value === 0) return { text: start ? 'No' : 'no', words: ` ${many}` };
	return { text: null, words: ` ${Math.abs(figure.value) === 1 ? one : many}` };
}

function count(figure, one, many, start) {
	const { text, words } = countWords(figure, one, many, start);
	return [text ? { of: figure, text } : { of: figure }, words];
}

const isOne = (figure) => figure?.value === 1;
const was = (figure) => (isOne(figure) ? 'was' : 'were');

/**
 * How a count moved: `, 15 more than the 114 of 2022/23 (an increase of 13%)`; nothing where it is not known or not shown.
 *
 * @param change the figure of the change; @param percent of the change in per cent; @param earlier of the year before
 * @param before the year before, in words
 */
export function changeParts({ change, percent, earlier, before }) {
	if (!isPrinted(change)) return [];
	if (change.value === 0) return [`, the same number as in ${before}`];
	const parts = [', ', { of: change, size: true }, change.value > 0 ? ' more than ' : ' fewer than '];
	parts.push(...(isPrinted(earlier) ? ['the ', { of: earlier }, ` of ${before}`] : [`in ${before}`]));
	if (isPrinted(percent) && percent.value !== 0)
		parts.push(percent.value > 0 ? ' (an increase of ' : ' (a decrease of ', sizeInWords(percent), ')');
	return parts;
}

/** How a share moved, always in percentage points: `, compared with 40% in 2022/23 (up 3 percentage points)`. */
export function shareChangeParts({ points, earlier, before }) {
	if (!isPrinted(earlier)) return [];
	const parts = [', compared with ', { of: earlier }, ` in ${before}`];
	if (!isPrinted(points)) return parts;
	if (points.value === 0) return [...parts, ' (no change)'];
	return [...parts, points.value > 0 ? ' (up ' : ' (down ', sizeInWords(points), ')'];
}

/** A change as a line of its own: `1,015 more than in 2022/23`; null where it is not known or not shown. */
export function changeDetail(change, before) {
	if (!isPrinted(change)) return null;
	if (change.value === 0) return `the same as in ${before}`;
	return `${plainNumber(Math.abs(change.value))} ${change.value > 0 ? 'more' : 'fewer'} than in ${before}`;
}

/** `Northtown received 8 new complaints in 2023/24` and how that moved. */
export const receivedParts = ({ name, total, year, change }) => [
	`${name} received `, ...count(total, 'new complaint'), ` in ${year}`, ...changeParts(change), '.'
];

/** `Duty: 12 matters in 2023/24` and how that moved. */
export const contactsParts = ({ kind, contacts, year, change }) => [
	`${kind}: `, ...count(contacts, 'matter'), ` in ${year}`, ...changeParts(change), '.'
];

/**
 * How often complaints are counted in more than one part: `6 + 3 = 9: 1 complaint touches more than one service area and is
 * counted in each, so the parts add to 1 more than the 8 complaints received.`
 */
export function overlapParts({ parts, sum, inSeveral, overlap, total, level, doPartsAdd }) {
	const added = parts.flatMap((figure, i) => (i ? [' + ', { of: figure }] : [{ of: figure }]));
	return [
		...(doPartsAdd ? [...added, ' = ', { of: sum }, ': '] : []),
		...(isPrinted(inSeveral)
			? [...count(inSeveral, 'complaint'), ` ${isOne(inSeveral) ? 'touches' : 'touch'} more than one ${level} and ${isOne(inSeveral) ? 'is' : 'are'} counted in each`]
			: [{ of: overlap }, ` ${isOne(overlap) ? 'is' : 'are'} counted more than once`]),
		...(doPartsAdd ? [', so the parts add to ', { of: overlap }, ' more than the ', ...count(total, 'complaint'), ' received'] : []),
		'.'
	];
}

/** New complaints of one procedure about looked-after children in a service, their share, and the teams they were about. */
export const lookedAfterParts = ({ service, procedure, figure, share, shareChange, teams, team }) => [
	`In ${service}, `, ...count(figure, `new ${procedure} complaint`), ` ${was(figure)} about a child who is looked after`,
	...(isPrinted(share) ? [', ', { of: share }, ` of its new ${procedure} complaints`, ...shareChangeParts(shareChange)] : []),
	'.',
	...(isPrinted(teams) ? [isOne(figure) ? ' It was about ' : ' They were about ', ...count(teams, team), '.'] : [])
];

/** Looked-after children, and children in all, who are named in complaints. */
export const childrenParts = ({ lookedAfter, children }) => [
	...count(lookedAfter, 'looked-after child', 'looked-after children', true), ` ${isOne(lookedAfter) ? 'is' : 'are'} named in the year’s complaints`,
	...(isPrinted(children) ? [', of ', ...count(children, 'child', 'children'), ' in all'] : []),
	'. Children and complaints are counted apart: one complaint may be about several children.'
];

/** People who complained more than once. */
export const repeatParts = ({ people }) => [
	...(people.value === 0 ? [{ of: people, text: 'Nobody' }] : count(people, 'person', 'people', true)),
	' made two or more new complaints in the year.'
];

/** Complaints open when the year began and when it ended. */
export const openParts = ({ start, end }) => [
	...count(start, 'complaint', 'complaints', true), ` ${was(start)} open when the year began and `,
	end.value === 0 ? { of: end, text: 'none' } : { of: end }, ` ${was(end)} open when it ended.`
];

/** How many answers a stage had. */
export const answersParts = ({ answers }) =>
	answers.value === 0
		? ['No answers were given at this stage in the year.']
		: [...count(answers, 'answer', 'answers', true), ` ${was(answers)} given in the year.`];

/**
 * Answers of a stage that came within a limit: `7 of them (6%) came within the first limit of 10 working days`.
 *
 * @param answers all of the stage; @param within those in time; @param share of them; @param limit in words
 * @param shareChange see `shareChangeParts`; null says nothing of it
 */
export function withinParts({ answers, within, share, limit, shareChange }) {
	const moved = shareChangeParts(shareChange ?? {});
	if (isOne(answers) && isPrinted(within))
		return [`It ${isOne(within) ? 'came' : 'did not come'} within ${limit} (`, { of: share }, ')', ...moved, '.'];
	const number =
		within?.value === 0 ? [{ of: within, text: 'None' }] : within?.value === answers?.value ? ['All ', { of: within }] : [{ of: within }];
	const start = isPrinted(within) ? [...number, ' of them (', { of: share }, ')'] : [{ of: share }, ' of them'];
	return [...start, ` came within ${limit}`, ...moved, '.'];
}

/** The average and the middle of the days that answers took. */
export const timeParts = ({ mean, median }) => [
	'The average was ', { of: mean }, ` working ${printed(mean) === '1.0' ? 'day' : 'days'}`,
	...(isPrinted(median) ? ['; half took ', { of: median }, ' or fewer'] : []), '.'
];

/** Complaints withdrawn at a stage. */
export const withdrawnParts = ({ withdrawn }) => [
	...count(withdrawn, 'complaint', 'complaints', true), ` ${was(withdrawn)} withdrawn at this stage`,
	withdrawn.value === 0 ? '.' : '; a withdrawal is not an answer and is in no share.'
];

/** Issues raised, how that moved, and how many there were for each complaint. */
export const issuesParts = ({ issues, change, perComplaint, earlierPerComplaint, before }) => [
	...count(issues, 'issue', 'issues', true), ` ${was(issues)} raised in the year`, ...changeParts(change), '.',
	...(isPrinted(perComplaint) && issues.value !== 0
		? [
				' That is ', { of: perComplaint }, ' for each new complaint',
				...(isPrinted(earlierPerComplaint) ? [', against ', { of: earlierPerComplaint }, ` in ${before}`] : []), '.'
			]
		: [])
];

/** What was found on the issues answered at a stage, and how many were still open. */
export function foundParts({ stage, answered, share, shareChange, open }) {
	const upheld = isOne(answered)
		? ['; it was ', ...(share?.value === 0 ? ['not '] : []), 'upheld or partly upheld (', { of: share }, ')']
		: ['; ', { of: share }, ' were upheld or partly upheld'];
	return [
		`At stage ${stage}, `, ...count(answered, 'issue'), ` ${was(answered)} answered`,
		...(isPrinted(share) ? [...upheld, ...shareChangeParts(shareChange)] : []), '.',
		...(isPrinted(open) ? [' ', ...count(open, 'issue', 'issues', true), ` ${was(open)} still open when the year ended.`] : [])
	];
}

/** Cases that reached the Ombudsman, and how that moved. */
export const ombudsmanParts = ({ received, year, change }) => [
	...count(received, 'case', 'cases', true), ` ${was(received)} referred to the Local Government and Social Care Ombudsman in ${year}`,
	...changeParts(change), '.'
];

/** Cases that the Ombudsman decided, and upheld. */
export function decidedParts({ investigated, share }) {
	const parts = ['The Ombudsman investigated and decided ', ...count(investigated, 'case'), ' in the year'];
	if (isPrinted(share) && investigated.value > 0) {
		if (isOne(investigated)) parts.push(share.value === 0 ? ' and did not uphold it (' : ' and upheld it (', { of: share }, ')');
		else if (share.value === 0) parts.push(' and upheld ', { of: share, text: 'none' }, ' of them');
		else parts.push(' and upheld ', ...(Number.isInteger(share.numerator) ? [`${plainNumber(share.numerator)} of them (`, { of: share }, ')'] : [{ of: share }, ' of them']));
	}
	return [...parts, '. Each counts in the year of its decision, also where it was received in an earlier one. An upheld rate is a share of cases investigated, never of cases received.'];
}

/** Learning forms sent, the share of them that came back, and those outstanding. */
export function formsParts({ sent, share, outstanding }) {
	const returned = isOne(sent)
		? [share?.value === 0 ? ', and it did not come back in the year (' : ', and it came back in the year (', { of: share }, ')']
		: [', and ', { of: share }, ' of those came back in it'];
	return [
		...count(sent, 'form', 'forms', true), ` ${was(sent)} sent in the year`, ...(isPrinted(share) && sent.value !== 0 ? returned : []), '.',
		...(isPrinted(outstanding) ? [' ', ...count(outstanding, 'form', 'forms', true), ` ${was(outstanding)} outstanding when the year ended.`] : [])
	];
}

/** Actions agreed because of what people said, what has become of them, and those of earlier years. */
export function actionsParts({ agreed, done, open, overdue, notDone, earlier, year }) {
	const late = isPrinted(overdue) && overdue.value > 0 ? [' (', { of: overdue }, ' of them overdue)'] : [];
	const became = [
		[done, [' had been done']], [open, [` ${was(open)} still to be done`, ...late]], [notDone, [' will not be done']]
	].filter(([figure]) => isPrinted(figure) && figure.value > 0).map(([figure, words]) => [{ of: figure }, ...words]);
	const joined = became.flatMap((parts, i) => (i === 0 ? parts : [i === became.length - 1 ? ' and ' : ', ', ...parts]));
	return [
		...count(agreed, 'action', 'actions', true), ` ${was(agreed)} agreed in ${year} because of what people said.`,
		...(joined.length ? [' When this report was made, ', ...joined, '.'] : []),
		...(isPrinted(earlier) && earlier.value > 0 ? [' ', ...count(earlier, 'action', 'actions', true), ` of earlier years ${was(earlier)} still to be done when the year began.`] : [])
	];
}

/** Compliments, and how that moved. */
export const complimentsParts = ({ compliments, year, change }) => [
	...count(compliments, 'compliment', 'compliments', true), ` ${was(compliments)} received in ${year}`, ...changeParts(change), '.'
];

/** Compliments that came by another way than the ordinary one. */
export const furtherComplimentsParts = ({ compliments, way }) => [
	'A further ', ...count(compliments, 'compliment'), ` came by another way (${way}) and ${isOne(compliments) ? 'is' : 'are'} counted apart.`
];

/** The parts as plain text. */
export const asText = (parts) =>
	parts.map((part) => (typeof part === 'string' ? part : (part.text ?? printed(part.size ? sizeOf(part.of) : part.of)))).join('');
