// The tables that pages may read: Arrow streams, in a DuckDB that lives in the building process. Nothing is downloaded:
// extensions may not load themselves, so that a function which needs one is an error and not a hang.
let connected;
let opened;

const MOST_ROWS_HELD = 100_000;

/**
 * Opens the tables that a batch of pages is rendered from, in place of those of the batch before.
 *
 * @param shared the folder of tables that are the same for every page
 * @param own the folder of the batch's own tables
 * @returns `rows(sql, where)`: plain objects, one per row
 */
export async function openTables({ shared, own }) {
	connected ??= connect();
	const { connection, insert } = await connected;
	if (opened?.own === own) return opened;
	if (opened) for (const name of opened.tables) connection.query(`drop table "${name}"`);
	else insert(shared);
	opened = { own, tables: insert(own), rows: asking(connection) };
	return opened;
}

async function connect() {
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

	/** Opens every stream of a folder as a table of its name; returns the names. */
	const insert = (folder) =>
		fs.readdirSync(folder).filter((file) => file.endsWith('.arrow')).sort().map((file) => {
			const name = path.basename(file, '.arrow');
			connection.insertArrowFromIPCStream(new Uint8Array(fs.readFileSync(path.join(folder, file))), { name, create: true });
			return name;
		});
	return { connection, insert };
}

// Evidence asks each question thrice: how many rows, which columns, and the rows. The rows answer all.
const COUNTED = /^SELECT COUNT\(\*\) as rowCount FROM \((.*)\)$/s;
const DESCRIBED = /^DESCRIBE (.*)$/s;

function asking(connection) {
	// Pages of a report ask the same questions. The answers used last are kept, up to so many rows that hundreds of
	// reports fit into memory.
	const answers = new Map();
	let held = 0;
	const rows = (sql, where) => {
		const question = normal(sql);
		const counted = COUNTED.exec(question);
		if (counted) return typed([{ rowCount: rows(counted[1], where).length }], [['rowCount', 'number']]);
		const described = DESCRIBED.exec(question);
		if (described) return columnsOf(rows(described[1], where));
		const known = answers.get(question);
		if (known) {
			answers.delete(question);
			answers.set(question, known);
			return known;
		}
		let answer;
		try {
			answer = plainRows(connection.query(question));
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
	return rows;
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
	return typed(result, table.schema.fields.map((field) => [field.name, isNumber[field.typeId] ? 'number' : 'string']));
}

/** Rows as Evidence expects them: with the types of their columns where no loop over the rows meets them. */
function typed(rows, columns) {
	return Object.defineProperty(rows, '_evidenceColumnTypes', {
		enumerable: false,
		value: columns.map(([name, evidenceType]) => ({ name, evidenceType, typeFidelity: 'precise' }))
	});
}

const columnsOf = (rows) =>
	typed(
		rows._evidenceColumnTypes.map(({ name, evidenceType }) => ({
			column_name: name,
			column_type: evidenceType === 'number' ? 'DOUBLE' : 'VARCHAR'
		})),
		[['column_name', 'string'], ['column_type', 'string']]
	);
