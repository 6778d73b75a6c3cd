// Renders the pages with the server that Evidence has built, in batches: the pages of one council, and the site's own.
// SvelteKit's own prerendering does the same in one thread, which would have to hold the figures of every council.
//
//     node render.js <folder of tables> <target> <processes>
//
// Runs beside `server/`, which `evidence build:strict` compiled. `batches.json` in the folder of tables names the councils of
// the site, and lists the batches to be rendered as `{ council, reports, folder, only }`; the site's own pages have no council, and with `only`
// no other page is rendered. Each process takes the next batch when it has none.
// A page that cannot be rendered ends the build.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROCESS_MEGABYTES = 1536;
const ORIGIN = 'http://sveltekit-prerender';

const [tables, target, processes] = process.argv.slice(2);
const listed = JSON.parse(fs.readFileSync(path.join(tables, 'batches.json'), 'utf8'));
if (process.send) await renderWhatIsSent();
else handOut();

/** Starts the processes and gives each a batch whenever it has none. */
function handOut() {
	const waiting = [...listed.batches];
	for (let started = 0; started < Math.min(Number(processes), listed.batches.length); started += 1) {
		const child = fork(fileURLToPath(import.meta.url), [tables, target], {
			execArgv: [`--max-old-space-size=${PROCESS_MEGABYTES}`]
		});
		child.on('message', () => (waiting.length ? child.send(waiting.shift()) : child.disconnect()));
		child.on('exit', (code, signal) => {
			if (code === 0) return;
			console.error(`Error: a process that renders pages ended (${signal ?? code}).`);
			process.exit(1);
		});
	}
}

/** In each of the processes: renders every batch that the first process sends. */
async function renderWhatIsSent() {
	const built = (file) => import(pathToFileURL(path.resolve('server', file)).href);
	const internal = await built('internal.js');
	internal.set_building();
	internal.set_prerendering();
	const { manifest } = await built('manifest-full.js');
	const { Server } = await built('index.js');
	const server = new Server(manifest);
	await server.init({ env: {}, read: () => null });
	const ownPages = manifest._.routes.map(({ id }) => (id === '/' ? id : `${id}/`)).filter((id) => !id.includes('['));

	process.on('message', (batch) =>
		renderBatch(batch).then(
			() => process.send('done'),
			(error) => {
				console.error(error);
				process.exit(1);
			}
		)
	);
	process.on('disconnect', () => process.exit(0));
	process.send('ready');

	/** Renders where a batch begins and every page of its council, or of the site, that can be reached from there. */
	async function renderBatch({ council, reports, folder, only }) {
		const councils = new Set(listed.councils);
		const isOurs = (address) => {
			if (only) return only.includes(address);
			const first = address.split('/')[1];
			return council === null ? !councils.has(first) : first === council;
		};
		// One report after the other: its pages ask for the same rows.
		const queues = new Map(council === null ? [['/', [...ownPages]]] : reports.map((report) => [report, [report]]));
		const linkedFrom = new Map([...queues.values()].flat().map((address) => [address, null]));
		const platform = { tables: { shared: tables, own: path.join(tables, folder) } };
		for (;;) {
			const [report, queue] = [...queues].find(([, waiting]) => waiting.length) ?? [];
			if (!queue) return;
			const address = queue.shift();
			for (const link of linksOf(await render(address, linkedFrom.get(address), platform), address)) {
				if (linkedFrom.has(link) || !isOurs(link)) continue;
				linkedFrom.set(link, address);
				queues.get([...queues.keys()].find((start) => link.startsWith(start)) ?? report).push(link);
			}
		}
	}

	async function render(address, from, platform) {
		const answer = await server.respond(new Request(ORIGIN + encodeURI(address)), {
			getClientAddress: () => '',
			platform,
			prerendering: { dependencies: new Map() }
		});
		const html = await answer.text();
		if (answer.status !== 200) throw new Error(`${answer.status} ${address}${from ? `, linked from ${from}` : ''}`);
		const file = path.join(target, address, 'index.html');
		fs.mkdirSync(path.dirname(file), { recursive: true });
		fs.writeFileSync(file, html);
		return html;
	}
}

/** Addresses of this site behind which a page of Evidence stands, as a page at `address` links to them. */
function* linksOf(html, address) {
	for (const [tag] of html.matchAll(/<a\b[^>]*>/g)) {
		const link = /\bhref="([^"#?]+)/.exec(tag);
		if (!link || /\brel="external"/.test(tag)) continue;
		const { origin, pathname } = new URL(link[1].replaceAll('&amp;', '&'), ORIGIN + encodeURI(address));
		if (origin === ORIGIN) yield decodeURI(pathname);
	}
}
