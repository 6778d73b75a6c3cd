// The tables that pages may read: every Arrow stream in the project's `data` folder, in a DuckDB that lives
// in the building process. Nothing is downloaded: extensions may not load themselves, so that a function which
// needs one is an error and not a hang.
let opened;

const MOST_ROWS_HELD = 400_000;

/** Opens the tables once per build. Returns `rows(sql, where)`: plain objects, one per row. */
export function openTables() {
	opened ??= open();
	return opened;
}

async function open() {
	const { createRequire } = await import('node:module');
	const fs = await import('node:fs');
	const path = await import('node:path');
	const { createDuckDB, NODE_RUNTIME, VoidLogger } = await import(
		'@duckdb/duckdb-wasm/dist/duckdb-node-blocking'
	);
	const dist = path.dirname(createRequire(import.meta.url).resolve('@duckdb/duckdb-wasm'));
	const bundle = (name) => ({
		mainModule: path.join(dist, `duckdb-${name}.wasm`),
		mainWorker: path.join(dist, `duckdb-node-${name}.worker.cjs`)
	});
	const database = await createDuckDB({ mvp: bundle('mvp'), eh: bundle('eh') }, new VoidLogger(), NODE_RUNTIME);
	await database.instantiate();
	database.open({ query: { castBigIntToDouble: true, castDecimalToDouble: true } });
	const connection = database.connect();
	connection.query('set autoinstall_known_extensions = false');
	connection.query('set autoload_known_extensions = false');

	const folder = path.resolve('..', '..', 'data');
	for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.arrow')).sort()) {
		connection.insertArrowFromIPCStream(new Uint8Array(fs.readFileSync(path.join(folder, file))), {
			name: path.basename(file, '.arrow'),
			create: true
		});
	}

	// Pages of a report ask the same questions. The answers used last are kept, up to so many rows that hundreds of
	// reports fit into memory.
	const answers = new Map();
	let held = 0;
	const rows = (sql, where) => {
		const question = normal(sql);
		const known = answers.get(question);
		if (known) {
			answers.delete(question);
			answers.set(question, known);
			return known;
		}
		let answer;
		try {
			answer = plainRows(connection.query(sql));
		} catch (error) {
			console.error(`\nSQL error on ${where}: ${error.message}\n${sql}\n`);
			process.exit(1);
		}
		answers.set(question, answer);
		held += answer.length;
		for (const [oldest, { length }] of answers) {
			if (held <= MOST_ROWS_HELD || oldest === question) break;
			answers.delete(oldest);
			held -= length;
		}
		return answer;
	};
	return { rows };
}

// Evidence heads each query with a comment and wraps it under a random name: without them, pages share answers.
const normal = (sql) => sql.replace(/^----.*$/gm, '').replace(/inputQuery-[\w-]+/g, 'query').trim();

const isNumber = { 2: true, 3: true };

function plainRows(table) {
	const columns = table.schema.fields.map((field) => ({ name: field.name, vector: table.getChild(field.name) }));
	const result = [];
	for (let i = 0; i < table.numRows; i += 1) {
		const row = {};
		for (const { name, vector } of columns) {
			const value = vector.get(i);
			row[name] = typeof value === 'bigint' ? Number(value) : value;
		}
		result.push(row);
	}
	Object.defineProperty(result, '_evidenceColumnTypes', {
		enumerable: false,
		value: table.schema.fields.map((field) => ({
			name: field.name,
			evidenceType: isNumber[field.typeId] ? 'number' : 'string',
			typeFidelity: 'precise'
		}))
	});
	return result;
}
