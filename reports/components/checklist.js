// What an annual report on complaints must say, where this one says it, and whether it has figures for it.
//
// The law: The Children Act 1989 Representations Procedure (England) Regulations 2006, regulation 13 (a record of each
// representation, its outcome and compliance with time limits, and a yearly report). The guidance: "Getting the Best from
// Complaints" (Department for Education and Skills, 2006), on annual reports.
import { ANY, isPrinted } from './figures.js';

export const LAW = 'Regulation 13';
export const GUIDANCE = 'Guidance of 2006';

const attributes = ['sex', 'age_band', 'disability', 'ethnicity'];

/**
 * One item: { asks, by, path, has, words }. `path` is the page of the report that answers it, `has(book)` whether there is
 * a figure for it (also one that is not shown, to protect people).
 */
export const ITEMS = [
	{ asks: 'How many complaints were made', by: LAW, path: '', has: (book) => book.one('new_complaints') !== null },
	{
		asks: 'How many were dealt with at each stage', by: GUIDANCE, path: 'stages/',
		has: (book) => book.list('entered', { procedure: ANY, stage: ANY }).length > 0 || book.list('responses', { procedure: ANY, stage: ANY }).length > 0
	},
	{ asks: 'How many went to the Ombudsman', by: GUIDANCE, path: 'learning/', has: (book) => book.one('ombudsman_received') !== null },
	{
		asks: 'Which groups of people complained', by: GUIDANCE, path: '',
		has: (book) => ['complainant_role', 'child_looked_after'].some((key) => book.values(key, 'new_complaints').length > 0)
	},
	{
		asks: 'What complaints were about', by: GUIDANCE, path: 'issues/',
		has: (book) => book.values('theme', 'new_complaints').length > 0 || book.shapes('issues_raised').some((keys) => keys.includes('category'))
	},
	{
		asks: 'What was found', by: LAW, path: 'issues/',
		has: (book) => ['issue_outcomes', 'complaint_outcomes', 'new_complaints_by_outcome'].some((measure) => book.shapes(measure).length > 0)
	},
	{
		asks: 'Whether answers came within the time limits', by: LAW, path: 'stages/',
		has: (book) => ['responses_within_standard_share', 'responses_within_extended_share'].some((measure) => book.shapes(measure).length > 0)
	},
	{
		asks: 'Help from advocates', by: GUIDANCE, path: '',
		has: (book) => book.shapes('new_complaints').some((keys) => /advoca/.test(keys)) || book.one('new_complaints', { complainant_role: 'advocate' }) !== null
	},
	{
		asks: 'Age, sex, disability and ethnicity of those who complained', by: GUIDANCE, path: 'equality/',
		has: (book) => attributes.some((key) => book.values(key, 'new_complaints').length > 0)
	},
	{
		asks: 'What was learned and what services changed', by: GUIDANCE, path: 'learning/',
		has: (book) => ['learning_categories', 'learning_forms_sent', 'new_complaints_with_learning', 'remedies'].some((measure) => book.shapes(measure).length > 0)
	},
	{
		asks: 'How well the procedure works, against the years before', by: GUIDANCE, path: 'years/',
		has: (book) => isPrinted(book.one('new_complaints', {}, book.before))
	}
];
