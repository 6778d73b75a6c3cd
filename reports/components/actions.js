// What the council agreed to do because of what people said, and what became of it: the lists of the tag `actions`, from the
// rows of the export's table `actions`. Each row is one action, of the report's year or of an earlier one that was open when the
// year began; its words are there where they may be published.
import { dateLabel, inSentence, yearLabel } from './words.js';

const ENDED = ['done', 'not_done'];

/** Which actions each list shows, what it is called where there are none, and the figure that is 0 then. */
const LISTS = {
	you_said: { about: 'actions of the year that are done or under way', holds: ({ progress, agreed_year: agreed }, year) => agreed === year && progress !== 'not_done' },
	progress: { about: 'actions of earlier years that were still to be done', of: ['actions_brought_forward|'], holds: ({ agreed_year: agreed }, year) => agreed < year },
	not_done: { about: 'actions that will not be done', of: ['actions_not_done|'], holds: ({ progress }) => progress === 'not_done' },
	open: { about: 'actions still to be done', of: ['actions_open|'], holds: ({ progress }) => !ENDED.includes(progress) }
};

/** What has become of an action, in words. */
const BECAME = {
	done: ({ done_date: day }) => (day ? `Done on ${dateLabel(day)}` : 'Done'),
	not_done: () => 'It will not be done',
	under_way: ({ due_date: day }) => (day ? `Under way, to be done by ${dateLabel(day)}` : 'Under way'),
	overdue: ({ due_date: day }) => `Overdue: it was to be done by ${dateLabel(day)}`
};

const ORDER = ['done', 'overdue', 'under_way', 'not_done'];

/** The day that the text of an action names, so that a reader sees an order: what was done last, then what is due first. */
const compareDays = (a, b) => (a.progress === 'done' ? (b.done_date ?? '').localeCompare(a.done_date ?? '') : (a.due_date ?? '9').localeCompare(b.due_date ?? '9'));

/** Actions in the order in which they are read: of one year what is done, late, under way and not to be done. */
const inOrder = (rows) =>
	[...rows].sort((a, b) => b.agreed_year.localeCompare(a.agreed_year) || ORDER.indexOf(a.progress) - ORDER.indexOf(b.progress) || (a.progress === 'not_done' ? 0 : compareDays(a, b)));

/** One action as terms with what is said of each: [[term, text]]. */
function termsOf(row, show, book) {
	const isDone = row.progress === 'done' && show === 'you_said';
	const agreed = row.agreed_year === book.year ? 'We agreed' : `We agreed in ${yearLabel(row.agreed_year)}`;
	const terms = [
		['You said', row.said],
		[isDone ? 'We did' : agreed, row.agreed],
		['What became of it', BECAME[row.progress](row)],
		['Why not', row.progress === 'not_done' ? (row.reason ?? 'The reason is not published here.') : null],
		['Who', [row.owner, row.service === 'not_known' ? null : book.serviceLabel(row.service)].filter(Boolean).join(', ')]
	];
	return terms.filter(([, text]) => text).map(([term, text]) => [term, text.replace(/([^.!?\u2026\u201d])$/, '$1.')]);
}

/**
 * The blocks of a list of actions.
 *
 * @param attributes { show, service, top } of the tag
 * @param context { book, actions }
 */
export function actionBlocks({ show, service, top }, { book, actions }) {
	const { about, of = [], holds } = LISTS[show];
	if (!actions.length && book.isNotHeld('actions_agreed')) return [{ type: 'silence', reason: 'not_recorded', about: ['actions agreed because of what people said'], of: ['actions_agreed|'] }];
	const rows = actions.filter((row) => holds(row, book.year) && (!service || row.service === service || book.isUnder(row.service, service)));
	const where = service ? ` (${inSentence(book.serviceLabel(service))})` : '';
	if (!rows.length) return [{ type: 'silence', reason: 'none', about: [about + where], of: service ? [] : of }];
	const told = rows.filter(({ agreed }) => agreed);
	const entries = inOrder(told.slice(0, top ? Number(top) : undefined)).map((row) => termsOf(row, show, book));
	return [{ type: 'actions', show, entries, hidden: rows.length - told.length, further: told.length - entries.length }];
}

/** The blocks of a section in which an action that will not be done is told of once: in the list of those, with the reason. */
export function toldOnce(blocks) {
	const notDone = new Set(blocks.filter(({ type, show }) => type === 'actions' && show === 'not_done').flatMap(({ entries }) => entries.map((entry) => JSON.stringify(entry))));
	return blocks.map((block) => {
		if (block.type !== 'actions' || block.show !== 'progress') return block;
		const entries = block.entries.filter((entry) => !notDone.has(JSON.stringify(entry)));
		return entries.length < block.entries.length ? { ...block, entries, elsewhere: block.entries.length - entries.length } : block;
	});
}

const many = (count, words) => `${count === 1 ? 'One' : count} ${words} ${count === 1 ? 'is' : 'are'}`;

/** What stands below a list: how many actions are not in it, and why. */
export const notListed = ({ entries, hidden, further, elsewhere }) => [
	...(elsewhere ? [`${many(elsewhere, entries.length ? 'more' : 'of these')} in the list of what will not be done.`] : []),
	...(further ? [`${many(further, entries.length ? 'more' : 'of these')} not listed here.`] : []),
	...(hidden ? [`The words of ${hidden === 1 ? 'one' : hidden}${entries.length ? ' more' : ''} are not published.`] : [])
];
