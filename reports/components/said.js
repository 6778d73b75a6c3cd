// Numbers in a council's own words: in words, as an amount, as a list of the largest, as a place among others. Each function
// gets a tag as `declared.js` reads it, { book, measure, attributes, where, period, addsUp }, and returns parts as in `prose.js`.
//
// An order is told only where no number that is hidden could stand in it otherwise, as far as the published numbers say: what
// is left of the whole when the printed parts are taken away is the most that a hidden part can be.
import { ANY, isPrinted } from './figures.js';
import { cellOf, combinations, isHidden, labelOfPairs, notRecorded, reasonWithout } from './grid.js';
import { isCount, printed, roundHalfAway } from './numbers.js';
import { countWords, sizeInWords } from './prose.js';
import { inSentence } from './words.js';

const ONES = [
	'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen',
	'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'
];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ORDINALS = ['', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A whole number below a million in words: `one hundred and eighty-five`. */
export function inWords(number) {
	if (number < 0) return `minus ${inWords(-number)}`;
	if (number < 20) return ONES[number];
	if (number < 100) return TENS[Math.floor(number / 10)] + (number % 10 ? `-${ONES[number % 10]}` : '');
	const [size, name] = number < 1000 ? [100, 'hundred'] : [1000, 'thousand'];
	const rest = number % size;
	return `${inWords(Math.floor(number / size))} ${name}${rest ? (rest < 100 ? ' and ' : ' ') + inWords(rest) : ''}`;
}

const MOST_IN_WORDS = 999_999;
const NOUNS = { percent: ['per cent', 'per cent'], percentage_points: ['percentage point', 'percentage points'] };

/** A printed figure in words; null where its number has none, such as an average with a place behind the point. */
function wordsOf(figure, isStart) {
	const nouns = NOUNS[figure.unit];
	if (!isCount(figure.unit) && !nouns) return null;
	const value = nouns ? roundHalfAway(figure.value, 0, figure.unit === 'percent' ? figure.numerator : null, figure.denominator) : figure.value;
	if (!Number.isInteger(value) || Math.abs(value) > MOST_IN_WORDS) return null;
	if (!nouns) return inWords(value);
	if (value === 0 && figure.value !== 0) return `less than ${isStart ? 'one' : '1'} ${nouns[0]}`;
	return `${isStart ? inWords(value) : value} ${nouns[Math.abs(value) === 1 ? 0 : 1]}`;
}

/** What can follow a number that stands alone, and no thing that is counted. */
const ALONE = /^\s*($|[^\w\s]|(of|was|were|is|are|had|has|have|came|went|did|could|met|in|at|on|by|for|to|from|as|and|or|but|more|fewer)\b)/i;

/**
 * One number as its tag wants it: `fifteen`, `no complaints`, `62 per cent`.
 *
 * @param next the words behind it
 */
export function figureParts({ figure, attributes: { as, noun }, next }) {
	const isStart = as === 'Words';
	const [one, many] = (noun ?? '').split(',').map((word) => word.trim());
	const counted = noun ? countWords(figure, one, many || `${one}s`, isStart) : { text: null, words: '' };
	let { text } = counted;
	if (text === null && as && isPrinted(figure)) {
		text = figure.value === 0 && isCount(figure.unit) ? (ALONE.test(next) ? 'none' : 'no') : wordsOf(figure, isStart);
		if (text !== null && isStart) text = capital(text);
	}
	return [text === null ? { of: figure } : { of: figure, text }, counted.words].filter((part) => part !== '');
}

/** How much a number moved, without its direction: `15`, `4 percentage points`, `13%`. */
export function amountParts({ book, measure, where, as }) {
	const change = as === 'per_cent' ? book.exact(`${measure}_change_pct`, where) : (book.one(`${measure}_change_points`, where) ?? book.exact(`${measure}_change`, where));
	return [isPrinted(change) ? sizeInWords(change) : { of: change }];
}

const WHY = {
	protected: 'not shown, to protect people: the numbers are too small', none: 'none in the year', not_recorded: 'not recorded by this council',
	not_recorded_here: 'recorded for other numbers, and not for this one', nothing: 'not available'
};
const instead = (reason) => [`(${WHY[reason]})`];

const isNamed = (breakdown, keys) => !keys.some((key) => ['not_known', 'not_applicable'].includes(breakdown[key]));
const isSame = (a, b) => printed(a) === printed(b);

/** What the words of a contract are in a sentence; a council's own words stay as they are. */
const labelOf = (book, keys, breakdown) => {
	const label = labelOfPairs(book, keys, breakdown);
	return keys[0] !== 'service' && /^[a-z0-9_]+$/.test(breakdown[keys[0]]) ? inSentence(label) : label;
};

/**
 * The values of a key in order: { rows: [{ breakdown, figure }], mostHidden, reason }. `mostHidden` is the most that a value can
 * have that is not shown: 0 where all are, Infinity where the published numbers do not say. `reason`: why there are no rows.
 */
function orderOf({ book, measure, keys, attributes, where, period, addsUp }) {
	const { level = null, under = null } = attributes;
	const isSmallest = attributes.from === 'smallest';
	// A value that had some the year before and none now is among the smallest.
	const periods = isSmallest ? [...new Set([period, book.year, book.before])] : [period];
	const at = (breakdown) => cellOf(book, { breakdown: { ...where, ...breakdown } }, { period }, measure);
	const all = combinations(book, keys, { measures: [measure], level, under }, where, periods).map(({ breakdown }) => ({ breakdown, figure: at(breakdown) }));
	// What stands for several values is none of them: each may have some of it.
	const isMerged = (breakdown) => keys.some((key) => book.isRemainder(breakdown[key]));
	const rows = all.filter(({ breakdown, figure }) => isPrinted(figure) && isNamed(breakdown, keys) && !isMerged(breakdown)).sort((a, b) => (isSmallest ? a.figure.value - b.figure.value : b.figure.value - a.figure.value));
	const open = { ...where, ...Object.fromEntries(keys.map((key) => [key, ANY])) };
	const listed = (level && book.servicesAt(level).length ? book.servicesAt(level) : level || under ? book.teams : book.areas).filter((service) => !under || book.isUnder(service, under));
	const isAnyHidden =
		all.some(({ breakdown, figure }) => isMerged(breakdown) || (isHidden(figure) && isNamed(breakdown, keys))) ||
		(keys[0] === 'service' ? keys.length === 1 && listed.some((service) => isHidden(at({ service }))) : book.isShapeLeftOut(measure, open));
	if (!rows.length) return { rows, mostHidden: Infinity, reason: isAnyHidden ? 'protected' : all.length ? notRecorded(book, measure, [...Object.keys(where), ...keys]) : reasonWithout(book, measure, where, keys) };
	if (!isAnyHidden) return { rows, mostHidden: 0, reason: null };
	const whole = book.exact(measure, under ? { ...where, service: under } : where, period);
	const isDivided = addsUp && isPrinted(whole);
	const known = all.reduce((sum, { breakdown, figure }) => sum + (isPrinted(figure) && !isMerged(breakdown) ? figure.value : 0), 0);
	return { rows, mostHidden: isDivided && !isSmallest && known <= whole.value ? whole.value - known : Infinity, reason: null };
}

const MOST_TIED = 3;

/** `Quality of service (85), Delay (41) and Communication (39)`; all that have the same number, or how many they are. */
export function topParts(asked) {
	const { book, keys, measure, attributes, period } = asked;
	const count = Number(attributes.count ?? 3);
	const { rows, mostHidden, reason } = orderOf(asked);
	if (reason) return instead(reason);
	const candidates = attributes.from === 'smallest' ? rows : rows.filter(({ figure }) => figure.value > 0);
	const last = candidates[Math.min(count, candidates.length) - 1]?.figure;
	if (mostHidden > 0 && !(last && candidates.length >= count && mostHidden < last.value)) return instead('protected');
	if (!last) return instead('none');
	const isTied = ({ figure }) => isSame(figure, last);
	const chosen = candidates.filter((row, i) => i < count || isTied(row));
	const tied = chosen.filter(isTied);
	const isMany = chosen.length > count + MOST_TIED;
	const number = (row) => (attributes.numbers === 'share' ? cellOf(book, { breakdown: { ...asked.where, ...row.breakdown } }, { period, suffix: '_share' }, measure) : row.figure);
	const items = (isMany ? chosen.filter((row) => !isTied(row)) : chosen).map((row) =>
		attributes.numbers === 'no' ? [{ of: row.figure, text: labelOf(book, keys, row.breakdown) }] : [`${labelOf(book, keys, row.breakdown)} (`, { of: number(row) }, ')']
	);
	if (isMany) {
		const words = items.length ? `${tied.length} others` : `${tied.length}`;
		items.push(attributes.numbers === 'no' ? [words] : [`${words} with `, { of: number(tied[0]) }, ' each']);
	}
	return items.flatMap((item, i) => [...(i ? [i === items.length - 1 ? ' and ' : ', '] : []), ...item]);
}

/** `the second most`, `the joint fewest`, `the highest`: the place of one value of a key. */
export function rankParts(asked) {
	const { book, keys, measure, attributes, period } = asked;
	const own = Object.fromEntries(keys.map((key) => [key, asked.where[key]]));
	const where = Object.fromEntries(Object.entries(asked.where).filter(([key]) => !keys.includes(key)));
	const isOwnLevel = keys[0] === 'service' && !attributes.level && book.levelOf(own.service) !== book.areaLevel;
	const level = isOwnLevel ? book.levelOf(own.service) : attributes.level;
	const isSmallest = attributes.from === 'smallest';
	const { rows, mostHidden, reason } = orderOf({ ...asked, where, attributes: { ...attributes, level } });
	const figure = cellOf(book, { breakdown: asked.where }, { period }, measure);
	if (reason || !isPrinted(figure)) return instead(isHidden(figure) ? 'protected' : (reason ?? reasonWithout(book, measure, asked.where, keys)));
	if (figure.value === 0 && !isSmallest) return instead('none');
	if (mostHidden > 0 && !(mostHidden < figure.value)) return instead('protected');
	const others = rows.filter(({ breakdown }) => keys.some((key) => breakdown[key] !== own[key]));
	const isBefore = (row) => !isSame(row.figure, figure) && (isSmallest ? row.figure.value < figure.value : row.figure.value > figure.value);
	const place = others.filter(isBefore).length;
	const joint = others.some((row) => isSame(row.figure, figure)) ? 'joint ' : '';
	const ordinal = place === 0 ? '' : `${ORDINALS[place] ?? `${place + 1}${ending(place + 1)}`} `;
	const [largest, smallest] = isCount(figure.unit) ? ['most', 'fewest'] : ['highest', 'lowest'];
	return [{ of: figure, text: `the ${joint}${ordinal}${isSmallest ? smallest : largest}` }];
}

/** The letters behind an ordinal in digits: `21st`, `12th`. */
const ending = (number) => (/1[1-3]$/.test(String(number)) ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[number % 10] ?? 'th'));
