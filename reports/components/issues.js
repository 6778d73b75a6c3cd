// Rows of the tables of issues: each category, and under it its sub-categories, most frequent first.
import { ANY, isPrinted } from './figures.js';

const size = (figure) => (isPrinted(figure) ? figure.value : -1);

/** Categories of issues raised in a service (or in all), most frequent first; the unknown one last. */
export function categoriesOf(book, at) {
	const total = (category) => size(book.one('issues_raised', { ...at, category }));
	return book
		.values('category', 'issues_raised', at)
		.sort((a, b) => (a === 'not_known') - (b === 'not_known') || total(b) - total(a) || a.localeCompare(b, 'en-GB'));
}

/** One row per category, followed by its sub-categories. Sub-categories are read from the quarters too, since a year's row may be missing. */
export function categoryRows(book, at) {
	const isThisYear = (period) => period.startsWith(book.year);
	return categoriesOf(book, at).flatMap((category) => {
		const under = { ...at, category };
		const total = (sub) => size(book.one('issues_raised', { ...under, sub_category: sub }));
		const subs = book
			.values('sub_category', 'issues_raised', { ...under, sub_category: ANY }, isThisYear)
			.sort((a, b) => (a === 'not_known') - (b === 'not_known') || total(b) - total(a) || a.localeCompare(b, 'en-GB'));
		return [
			{ label: category === 'not_known' ? 'Not known' : category, breakdown: under, kind: subs.length ? 'group' : null },
			...subs.map((sub) => ({ label: sub === 'not_known' ? 'Not given' : sub, breakdown: { ...under, sub_category: sub }, kind: 'part' }))
		];
	});
}
