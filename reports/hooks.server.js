// The side of the build that no browser bundle contains: the tables and the chart library. They are handed to
// the pages' layout through one global, since a universal `load` cannot import what must not be bundled.
import { draw } from '$lib/draw.js';
import { openPlaces } from '$lib/long-lists.js';
import { openTables } from '$lib/tables.js';

// What pages ask of the tables of their batch.
let opened;

export async function handle({ event, resolve }) {
	const { rows } = await openTables(event.platform.tables);
	if (rows !== opened?.rows) opened = { rows, partOf: openPlaces(rows) };
	globalThis[Symbol.for('redress')] = { draw, ...opened };
	return resolve(event, { transformPageChunk: ({ html }) => withoutSocialTags(html) });
}

/** An error on a page stops the build: it must never be printed on one. */
export function handleError({ error, event }) {
	console.error(`\nError on ${event.url.pathname}: ${error?.stack ?? error}\n`);
	process.exit(1);
}

// Evidence writes tags for social networks, in its own name.
const withoutSocialTags = (html) => html.replace(/ ?<meta (?:name="twitter:|property="og:)[^>]*>/g, '');
