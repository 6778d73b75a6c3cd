// What sentences need to say how a figure moved since the year before, asked of a report's book.
import { yearLabel } from './words.js';

/** For `changeParts`: a count, its change and the count of the year before. */
export const changeOf = (book, measure, breakdown = {}) => ({
	change: book.one(`${measure}_change`, breakdown), percent: book.one(`${measure}_change_pct`, breakdown),
	earlier: book.one(measure, breakdown, book.before), before: yearLabel(book.before)
});

/** For `shareChangeParts`: a share of the year before and the percentage points between. */
export const shareChangeOf = (book, measure, breakdown = {}) => ({
	points: book.one(`${measure}_change_points`, breakdown), earlier: book.one(measure, breakdown, book.before), before: yearLabel(book.before)
});
