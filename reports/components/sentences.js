// The ready sentences of a declared report by name: which figures each is made of. The words are in `prose.js`; which
// measures each needs stands in `declared/language.json`, for the program that decides what is computed.
//
// A sentence gets the book and its breakdown (`where`), and returns its parts; none where there is nothing to say.
import { isPrinted } from './figures.js';
import { changeOf, shareChangeOf } from './moves.js';
import * as prose from './prose.js';
import { dateLabel, inSentence, keyLabel, valueLabel, yearLabel } from './words.js';

const limitOf = (timescales, { procedure, stage }) => [...timescales].find((row) => row.procedure === procedure && String(row.stage) === stage);

const named = (name, days) => `${name}${days ? ` of ${days} working days` : ''}`;

function within(which, { book, where, timescales }) {
	const limit = limitOf(timescales, where);
	const isTwoLimits = limit && limit.extended_working_days && limit.extended_working_days !== limit.standard_working_days;
	if (which === 'extended' && !isTwoLimits) return [];
	const measure = `responses_within_${which}`;
	const share = book.one(`${measure}_share`, where);
	if (!isPrinted(share)) return [];
	const words = which === 'agreed' ? 'the limit agreed with the person' : which === 'extended' ? named('the longest limit', limit.extended_working_days) : named(isTwoLimits ? 'the first limit' : 'the limit', limit?.standard_working_days);
	return prose.withinParts({ answers: book.cell('responses', where), within: book.one(measure, where), share, limit: words, shareChange: shareChangeOf(book, `${measure}_share`, where) });
}

/** Compliments are counted by the way they came where the council has more than one. */
const ordinary = (book) => (book.one('compliments', { route: 'ordinary' }) ? { route: 'ordinary' } : {});

const whether = (isTrue) => (isTrue ? 'counted' : 'left out');

export const SENTENCES = {
	received: ({ book, where, report }) => {
		const total = book.one('new_complaints', where);
		return isPrinted(total) ? prose.receivedParts({ name: report.short_name, total, year: yearLabel(book.year), change: changeOf(book, 'new_complaints', where) }) : [];
	},
	overlap: ({ book, where }) => {
		const level = where.by ?? book.areaLevel;
		const areas = level === book.areaLevel ? book.areasWith('new_complaints') : [];
		const parts = areas.map((service) => book.one('new_complaints', { service }));
		const [sum, overlap, inSeveral] = ['part_sum', 'overlap', 'in_several'].map((name) => book.one(`new_complaints_${name}`, { ...where, by: level }));
		if (!isPrinted(sum) || !isPrinted(overlap) || overlap.value <= 0) return [];
		// With services outside the tree, or a part that is not shown, the parts printed are not the ones that were added up.
		const doPartsAdd = parts.length > 0 && parts.every(isPrinted) && parts.reduce((all, { value }) => all + value, 0) === sum.value;
		return prose.overlapParts({ parts, sum, inSeveral, overlap, total: book.one('new_complaints'), level: inSentence(keyLabel(level ?? 'service')), doPartsAdd });
	},
	contacts: ({ book, where }) => {
		const contacts = book.exact('contacts', where);
		return isPrinted(contacts) ? prose.contactsParts({ kind: valueLabel('kind', where.kind ?? 'All'), contacts, year: yearLabel(book.year), change: changeOf(book, 'contacts', where) }) : [];
	},
	looked_after: ({ book, where }) => {
		const at = { ...where, child_looked_after: 'yes' };
		const figure = book.one('new_complaints', at);
		if (!isPrinted(figure) || figure.value === 0 || !where.service) return [];
		const teams = book.one('services_with_new_complaints', { ...at, level: book.teamLevel });
		return prose.lookedAfterParts({
			service: book.serviceLabel(where.service), procedure: where.procedure, figure, share: book.one('new_complaints_share', at),
			shareChange: shareChangeOf(book, 'new_complaints_share', at), teams, team: inSentence(keyLabel(book.teamLevel ?? 'service'))
		});
	},
	children: ({ book }) => {
		const lookedAfter = book.one('children_in_complaints', { child_looked_after: 'yes' });
		return isPrinted(lookedAfter) ? prose.childrenParts({ lookedAfter, children: book.one('children_in_complaints') }) : [];
	},
	// That nobody complained twice may be because the council does not record who complained: then it says nothing.
	repeat: ({ book }) => {
		const people = book.one('repeat_complainants');
		return isPrinted(people) && people.value > 0 ? prose.repeatParts({ people }) : [];
	},
	open: ({ book, where }) => {
		const [start, end] = ['complaints_brought_forward', 'complaints_carried_forward'].map((measure) => book.one(measure, where));
		return isPrinted(start) && isPrinted(end) ? prose.openParts({ start, end }) : [];
	},
	answers: ({ book, where }) => {
		const answers = book.cell('responses', where);
		return isPrinted(answers) ? prose.answersParts({ answers }) : [];
	},
	within_standard: (asked) => within('standard', asked),
	within_extended: (asked) => within('extended', asked),
	within_agreed: (asked) => within('agreed', asked),
	time: ({ book, where }) => {
		const mean = book.one('working_days_mean', where);
		return isPrinted(mean) ? prose.timeParts({ mean, median: book.one('working_days_median', where) }) : [];
	},
	withdrawn: ({ book, where }) => {
		const withdrawn = book.cell('withdrawn', where);
		return isPrinted(withdrawn) ? prose.withdrawnParts({ withdrawn }) : [];
	},
	days: ({ timescales }) => {
		const counts = [...new Set([...timescales].map((row) => row.day_count))];
		const dayOne =
			counts.length > 1
				? '; which day is day 1 stands beside each limit'
				: counts[0] === 'count_start_day'
					? ', and the day on which the clock starts is day 1'
					: ', and the day after the clock starts is day 1';
		return [`Working days leave out weekends and bank holidays${dayOne}.`];
	},
	issues: ({ book, where }) => {
		const issues = book.one('issues_raised', where);
		return isPrinted(issues)
			? prose.issuesParts({ issues, change: changeOf(book, 'issues_raised', where), perComplaint: book.one('issues_per_complaint', where), earlierPerComplaint: book.one('issues_per_complaint', where, book.before), before: yearLabel(book.before) })
			: [];
	},
	found: ({ book, where }) => {
		const answered = book.exact('issues_answered', where);
		const share = book.one('issues_upheld_or_partly_share', where);
		return answered.id && where.stage ? prose.foundParts({ stage: where.stage, answered, share, shareChange: shareChangeOf(book, 'issues_upheld_or_partly_share', where), open: book.one('issues_open', where) }) : [];
	},
	shares_of_issues: ({ settings }) => {
		const chose = (setting, value) => [...settings].some((row) => row.setting === setting && row.value === value);
		return [
			`In this council’s shares, withdrawn issues are ${whether(chose('outcome_share_withdrawn', 'including'))} and issues that went straight to the next stage are ${whether(!chose('outcome_share_direct', 'excluding'))}. Issues still open are in no share.`
		];
	},
	ombudsman: ({ book }) => {
		const received = book.one('ombudsman_received');
		return isPrinted(received) ? prose.ombudsmanParts({ received, year: yearLabel(book.year), change: changeOf(book, 'ombudsman_received') }) : [];
	},
	decided: ({ book }) => {
		const investigated = book.one('ombudsman_investigated');
		return isPrinted(investigated) ? prose.decidedParts({ investigated, share: book.one('ombudsman_upheld_share') }) : [];
	},
	forms: ({ book }) => {
		const sent = book.one('learning_forms_sent');
		return isPrinted(sent) ? prose.formsParts({ sent, share: book.one('learning_forms_returned_share', { cohort: 'sent_in_year' }), outstanding: book.one('learning_forms_outstanding', { at: 'end' }) }) : [];
	},
	actions: ({ book, where }) => {
		const agreed = book.one('actions_agreed', where);
		const [done, open, overdue, notDone, earlier] = ['done', 'open', 'overdue', 'not_done', 'brought_forward'].map((word) => book.cell(`actions_${word}`, where));
		return isPrinted(agreed) ? prose.actionsParts({ agreed, done, open, overdue, notDone, earlier, year: yearLabel(book.year) }) : [];
	},
	compliments: ({ book, where }) => {
		const at = Object.keys(where).length ? where : ordinary(book);
		const compliments = book.one('compliments', at);
		return isPrinted(compliments) ? prose.complimentsParts({ compliments, year: yearLabel(book.year), change: changeOf(book, 'compliments', at) }) : [];
	},
	further_compliments: ({ book, where }) => {
		const compliments = book.one('compliments', where);
		return where.route && where.route !== 'ordinary' && compliments && compliments.value !== 0 ? prose.furtherComplimentsParts({ compliments, way: inSentence(valueLabel('route', where.route)) }) : [];
	},
	earlier_years: ({ book, report }) =>
		book.hasPrior
			? [`Case records begin on ${dateLabel(report.case_data_from)}. Numbers for years before are as the council published them then. They were counted by the rules of their day and cannot be checked against cases.`]
			: []
};
