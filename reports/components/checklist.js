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

export const LAW = 'Regulation 13';
export const GUIDANCE = 'Guidance of 2006';

const counts = (...measures) => (figure) => measures.includes(figure.measure);
const groups = (...keys) => (figure) => /^new_complaints/.test(figure.measure) && keys.some((key) => key in figure.breakdown && figure.breakdown[key] !== 'not_known');

/**
 * One item: { asks, by, shows?, words?, lists? }: whether a printed figure answers it, the names of sections that answer it in
 * words, and the lists of actions that do. Text of which no number tells is for the council to write, in a section of one of these names.
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
		shows: counts('responses_within_standard', 'responses_within_standard_share', 'responses_within_extended', 'responses_within_extended_share', 'responses_within_agreed', 'responses_within_agreed_share')
	},
	{
		asks: 'Help from advocates', by: GUIDANCE, words: ['advocacy'],
		shows: (figure) => /^new_complaints/.test(figure.measure) && (figure.breakdown.complainant_role === 'advocate' || Object.entries(figure.breakdown).some(([key, value]) => /advoca/.test(key) && value !== 'not_known'))
	},
	{ asks: 'Age, sex, disability and ethnicity of those who complained', by: GUIDANCE, shows: groups('sex', 'age_band', 'disability', 'ethnicity') },
	{ asks: 'What was learned', by: GUIDANCE, words: ['lessons'], shows: counts('learning_categories', 'learning_forms_sent', 'learning_forms_returned', 'new_complaints_with_learning') },
	{ asks: 'Changes made because of complaints', by: GUIDANCE, words: ['changes-made'], lists: ['you_said', 'progress'] },
	{ asks: 'Changes that were considered and not made, and why', by: GUIDANCE, words: ['changes-not-made'], lists: ['not_done'], shows: (figure) => figure.measure === 'actions_not_done' && figure.value === 0 },
	{ asks: 'What people said of how they were dealt with', by: GUIDANCE, words: ['what-people-said'], shows: counts('satisfaction_answers', 'satisfaction_answers_share') },
	{ asks: 'How well the procedure works: the council’s review', by: GUIDANCE, words: ['review-of-the-procedure'] },
	{ asks: 'How the year compares with the years before', by: GUIDANCE, shows: (figure, book) => /^new_complaints/.test(figure.measure) && figure.period < book.year && figure.period.length === book.year.length }
];

/**
 * Each item with the page that answers it: [{ asks, by, words, page: { page, title, id } | null }]. `id` is the section.
 *
 * @param pages [{ page, title, sections }] of the report, resolved
 */
export const answers = (pages, book) =>
	ITEMS.map((item) => {
		const isMet = (section) =>
			(item.words?.includes(section.name) && hasWords(section)) || section.blocks.some(({ show, entries }) => item.lists?.includes(show) && entries.length) || (item.shows && figuresIn([section]).some((figure) => isPrinted(figure) && item.shows(figure, book)));
		for (const { page, title, sections } of pages) {
			const section = sections.find(isMet);
			if (section) return { ...item, page: { page, title, id: section.id } };
		}
		return { ...item, page: null };
	});
