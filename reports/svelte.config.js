// Runs inside Evidence's build, before SvelteKit reads the routes and the document template. Three jobs:
// wait for Evidence's file watcher to have copied our pages, drop the template's own screens (an SQL
// console and settings that a published report must not have), and write the document's frame.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = path.dirname(fileURLToPath(import.meta.url));
const template = path.join(project, '.evidence', 'template');

const filesUnder = (folder) =>
	fs
		.readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));

// `a/index.md` becomes `a/+page.md`; `a.md` becomes `a/+page.md`; everything else keeps its name.
const routeOf = (file) =>
	file.endsWith('index.md')
		? file.replace(/index\.md$/, '+page.md')
		: file.endsWith('.md')
			? file.replace(/\.md$/, '/+page.md')
			: file;

const copies = [
	...filesUnder(path.join(project, 'pages')).map((file) => ['pages', file, `src/pages/${routeOf(file)}`]),
	...filesUnder(path.join(project, 'components')).map((file) => ['components', file, `src/components/${file}`])
];

function waitForCopies() {
	const pause = new Int32Array(new SharedArrayBuffer(4));
	const isCopied = ([folder, file, target]) => {
		const copied = fs.statSync(path.join(template, target), { throwIfNoEntry: false });
		return copied && copied.size === fs.statSync(path.join(project, folder, file)).size;
	};
	for (let tries = 0; tries < 300; tries += 1) {
		if (copies.every(isCopied)) return;
		Atomics.wait(pause, 0, 0, 100);
	}
	throw new Error('Evidence did not copy every page and component into its template within 30 seconds.');
}

function dropTemplateScreens() {
	for (const screen of ['explore', 'settings', 'api', 'manifest.webmanifest', 'fix-tprotocol-service-worker.js']) {
		fs.rmSync(path.join(template, 'src', 'pages', screen), { recursive: true, force: true });
	}
	fs.rmSync(path.join(template, 'src', 'hooks.client.js'), { force: true });
	fs.rmSync(path.join(template, 'src', 'fix-tprotocol-service-worker.js'), { force: true });
	fs.rmSync(path.join(template, 'static'), { recursive: true, force: true });
}

// A reader's browser may use what lies beside the page and nothing else; styles also stand in the pages and their charts.
const policy = [
	"default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "form-action 'self'", "base-uri 'none'"
].join('; ');

function writeFrame() {
	fs.writeFileSync(
		path.join(template, 'src', 'app.html'),
		`<!doctype html>
<html lang="en-GB">
	<head>
		<meta charset="utf-8" />
		<meta name="viewport" content="width=device-width, initial-scale=1" />
		<meta name="format-detection" content="telephone=no" />
		<meta http-equiv="Content-Security-Policy" content="${policy}" />
		<link rel="icon" href="%sveltekit.assets%/icon.svg" type="image/svg+xml" />
		%sveltekit.head%
	</head>
	<body>
		%sveltekit.body%
	</body>
</html>
`
	);
	fs.cpSync(path.join(project, 'hooks.server.js'), path.join(template, 'src', 'hooks.server.js'));
	fs.cpSync(path.join(project, 'static'), path.join(template, 'static'), { recursive: true });
}

if (process.cwd() === template) {
	waitForCopies();
	dropTemplateScreens();
	writeFrame();
}

export default {
	compilerOptions: { hydratable: false },
	kit: {
		// Evidence's generated code imports its browser database as a fallback that these pages never use;
		// left alone it is 75 MB of WebAssembly in every build.
		alias: { '@evidence-dev/universal-sql/client-duckdb': path.join(project, 'components', 'no-browser-database.js') },
		// `render.js` renders the pages, in batches.
		prerender: { entries: [] }
	}
};
