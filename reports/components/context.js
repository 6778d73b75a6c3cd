// What the pages of a declared report are printed from: the rows that a page has asked for, as `declared.js` wants them.
import { reportBook } from './figures.js';

/**
 * @param rows { figures, services, timescales, quotes, actions, chosen, groupings, not_held, catalogue }: rows of the tables of one report
 * @param report the row of `reports`
 */
export const contextOf = (rows, report) => ({
	book: reportBook(rows.figures, rows.services, report, { timescales: rows.timescales, notHeld: rows.not_held, catalogue: rows.catalogue }),
	report, timescales: [...rows.timescales], quotes: [...rows.quotes], actions: [...rows.actions], settings: [...rows.chosen], groupings: [...rows.groupings].map(({ grouping }) => grouping)
});
