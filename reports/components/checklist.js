// What an annual report on complaints must say, and where this one says it.
//
// The law: The Children Act 1989 Representations Procedure (England) Regulations 2006, regulation 13 (a record of each
// representation, its outcome and compliance with time limits, and a yearly report). The guidance: "Getting the Best from
// Complaints" (Department for Education and Skills, 2006), on annual reports.
//
// A point is met by what stands on a declared page: a number that is shown, a section in words, or a list of
// actions. It is never met by a
// figure that no page prints.
import { isPrinted } from './figures.js';
import { figuresIn, hasWords } from './declared.js';
import { equalsOf } from './equals.js';

export const LAW = 'Regulation 13';
export const GUIDANCE = 'Guidance of 2006';

const counts = (...measures) => (figure) => measures.includes(figure.measure);
const groups = (...keys) => (figure) => /^new_complaints/.test(figure.measure) && keys.some((key) => key in figure.breakdown && figure.breakdown[key] !== 'not_known');

const IN_TIME = ['standard', 'extended', 'agreed'].flatMap((limit) => [`responses_within_${limit}`, `responses_within_${limit}_share`]);

/** Whether a figure says how many answers came within a time limit: by its name, or as a band of days that ends at the limit. */
const isInTime = ({ measure, breakdown, period }, { year, timescales }) => period.startsWith(year) && (IN_TIME.includes(measure) || equalsOf(measure, breakdown, timescales).some(([name]) => IN_TIME.includes(name)));

/** What people are asked of themselves. */
const ATTRIBUTES = ['sex', 'age_band', 'disability', 'ethnicity'];

/**
 * One item: { asks, by, shows?, words?, lists?, parts? }: whether a printed figure answers it, the names of sections that answer it in
 * words, and the lists of actions that do. Text of which no number tells is for the council to write, in a section of one of these names.
 * `parts` are keys of a breakdown, of which the page that is named has more than any other.
 */
export const ITEMS = [
	{ asks: 'How many complaints were made', by: LAW, shows: (figure, book) => figure.measure === 'new_complaints' && !figure.keys && figure.period === book.year },
	{ asks: 'How many were dealt with at each stage', by: GUIDANCE, shows: (figure) => counts('entered', 'responses', 'closed')(figure) && 'stage' in figure.breakdown },
	{ asks: 'How many went to the Ombudsman', by: GUIDANCE, shows: (figure, book) => figure.measure === 'ombudsman_received' && figure.period === book.year },
	{ asks: 'Which groups of people complained', by: GUIDANCE, shows: groups('complainant_role', 'complainant_type', 'child_looked_after', 'behalf') },
	{
		asks: 'What complaints were about', by: GUIDANCE,
		shows: (figure) => (/^(new_complaints|complaint_themes)/.test(figure.measure) && 'theme' in figure.breakdown) || (/^issues_raised/.test(figure.measure) && 'category' in figure.breakdown)
	},
	{ asks: 'What was found', by: LAW, shows: counts('issue_outcomes', 'issue_outcomes_share', 'complaint_outcomes', 'complaint_outcomes_share', 'new_complaints_by_outcome', 'complaints_upheld_or_partly_share', 'issues_upheld_or_partly_share') },
	{
		asks: 'Whether answers came within the time limits', by: LAW,
		shows: isInTime
	},
	{
		asks: 'Help from advocates', by: GUIDANCE, words: ['advocacy'],
		shows: (figure) => /^new_complaints/.test(figure.measure) && (figure.breakdown.complainant_role === 'advocate' || Object.entries(figure.breakdown).some(([key, value]) => /advoca/.test(key) && value !== 'not_known'))
	},
	{ asks: 'Age, sex, disability and ethnicity of those who complained', by: GUIDANCE, shows: groups(...ATTRIBUTES), parts: ATTRIBUTES },
	{ asks: 'What was learned', by: GUIDANCE, words: ['lessons'], shows: counts('learning_categories', 'learning_forms_sent', 'learning_forms_returned', 'new_complaints_with_learning') },
	{ asks: 'Changes made because of complaints', by: GUIDANCE, words: ['changes-made'], lists: ['you_said', 'progress'] },
	{ asks: 'Changes that were considered and not made, and why', by: GUIDANCE, words: ['changes-not-made'], lists: ['not_done'], shows: (figure) => figure.measure === 'actions_not_done' && figure.value === 0 },
	{ asks: 'What people said of how they were dealt with', by: GUIDANCE, words: ['what-people-said'], shows: counts('satisfaction_answers', 'satisfaction_answers_share') },
	{ asks: 'How well the procedure works: the council’s review', by: GUIDANCE, words: ['review-of-the-procedure'] },
	{ asks: 'How the year compares with the years before', by: GUIDANCE, shows: (figure, book) => /^new_complaints(?!.*_share)/.test(figure.measure) && figure.period < book.year && figure.period.length === book.year.length }
];

/**
 * Each item with the page that answers it: [{ asks, by, words, page: { page, title, id } | null, lack }]. `id` is the section: the first
 * that answers it, or of an item with several parts the first of the page that tells of most of them.
 *
 * @param pages [{ page, title, sections }] of the report, resolved
 */
export const answers = (pages, book) =>
	ITEMS.map((item) => {
		const shown = (sections) => (item.shows ? figuresIn(sections).filter((figure) => isPrinted(figure) && item.shows(figure, book)) : []);
		const isMet = (section) =>
			(item.words?.includes(section.name) && hasWords(section)) || section.blocks.some(({ show, entries }) => item.lists?.includes(show) && entries.length) || shown([section]).length > 0;
		const met = pages.flatMap(({ page, title, sections }) => {
			const section = sections.find(isMet);
			return section ? [{ page: { page, title, id: section.id }, told: partsOf(item, shown(sections)) }] : [];
		});
		const most = Math.max(...met.map(({ told }) => told));
		return { ...item, page: met.find(({ told }) => told === most)?.page ?? null, lack: lackOf(item, book) };
	});

/** What stands where no page answers an item: whether that is for the council to record, to show or to write. */
function lackOf({ words, lists, parts }, book) {
	if (parts?.every((key) => book.isNotHeld('new_complaints', [key]))) return 'Not recorded by this council';
	return words || lists ? 'Not written yet' : 'No number is shown';
}

/** How many of an item's parts some figures tell of. */
const partsOf = ({ parts = [] }, figures) => parts.filter((key) => figures.some(({ breakdown }) => key in breakdown && breakdown[key] !== 'not_known')).length;
