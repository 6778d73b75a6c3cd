// Reads sections of a declared report: Markdown with the tags of `language.json`, by Markdoc. It says what does not follow the
// grammar, with its line; names of measures, keys and words are checked by `redress.declared`, which knows the council.
//
//     node parse.js < {"files": [{"name": ..., "text": ...}]}
//         > {name: {"title", "front", "nodes", "spans", "errors": [{"line", "message"}]}}
//
// `spans` are the lines in which each node stands: [the first, the one behind the last], counted from 0.
import fs from 'node:fs';
import Markdoc from '@markdoc/markdoc';

const language = JSON.parse(fs.readFileSync(new URL('language.json', import.meta.url), 'utf8'));
const tokenizer = new Markdoc.Tokenizer({ allowIndentation: true, allowComments: true });

// markdown-it says of a paragraph where it begins; of each part of it, here, how many lines below. A text ends where its line does.
for (const method of ['push', 'pushPending']) {
	const made = tokenizer.parser.inline.State.prototype[method];
	tokenizer.parser.inline.State.prototype[method] = function (...given) {
		const token = made.apply(this, given);
		token.lineBelow = this.src.slice(0, this.pos).split('\n').length - 1;
		return token;
	};
}

// Markdoc makes tables of lists inside a tag of this name, before anybody can say that this one is another.
const RENAMED = { table: 'figures-table' };
const NAMES = Object.fromEntries(Object.entries(RENAMED).map(([name, renamed]) => [renamed, name]));

const MARKS = new Set(['strong', 'em', 'link', 'list', 'item', 'heading', 'paragraph']);
const NOT_USED = {
	image: 'a picture cannot be used', fence: 'a block of code cannot be used', code: 'code (in backticks) cannot be used',
	hr: 'a line across the page cannot be used', blockquote: 'a quotation block cannot be used', s: 'struck-out words cannot be used',
	table: 'a table of typed-in cells cannot be used: {% table %} makes one of figures', error: 'it cannot be read', hardbreak: 'a line cannot be broken by hand'
};
const UNUSED_TAGS = new Set(['if', 'else', 'partial', 'slot']); // which Markdoc has of itself
const TYPES = { 'whole number': [Number, String], values: [String, Array] };
const DEEPEST = 20;
const HTML = /<\/?[a-z][^<>]*>|<!|<\/?script/i;

const config = { tags: Object.fromEntries(Object.entries(language.tags).map(([name, tag]) => [RENAMED[name] ?? name, schemaOf(tag)])) };

/** Returns the Markdoc schema of a tag: its own attributes with their types; keys of breakdowns may stand beside them. */
function schemaOf({ first, attributes, like, holds }) {
	const own = attributesOf({ like, attributes });
	const schema = { selfClosing: !holds, attributes: {} };
	if (first) schema.attributes.primary = { type: String, required: !first.includes('none where') };
	for (const [name, { kind, required = false, of }] of Object.entries(own))
		schema.attributes[name] = { type: TYPES[kind] ?? String, required, ...(of ? { matches: of } : {}) };
	return schema;
}

/** Returns the own attributes of a tag, with those of the tag that it is like. */
function attributesOf({ like, attributes }) {
	return { ...(like ? attributesOf(language.tags[like]) : {}), ...attributes };
}

/** How deep tags lie in one another at most, whether they are closed or not: Markdoc does not come to an end beyond 100. */
function deepest(text) {
	let depth = 0;
	let most = 0;
	for (const [, slash, name, end] of text.matchAll(/\{%\s*(\/?)([^\s/%]*)(?:[^%]|%(?!\}))*?(\/?)%\}/g)) {
		if (slash) depth = Math.max(0, depth - 1);
		else if (!end && !name.startsWith('$')) most = Math.max(most, (depth += 1));
	}
	return most;
}

/** Returns one section as data: its title, its nodes and what is wrong in it. */
function parse(text) {
	if (deepest(text) > DEEPEST) return { title: '', front: {}, nodes: [], spans: [], errors: [{ line: 1, message: `tags lie more than ${DEEPEST} deep in one another` }] };
	const tokens = tokenizer.tokenize(text);
	prepare(tokens);
	const document = Markdoc.parse(tokens);
	rejoin(document);
	const errors = [];
	const note = (node, message) => errors.push({ line: lineOf(node), message });
	for (const { lines, location, error } of Markdoc.validate(document, config))
		if (error.id !== 'attribute-undefined' && !/'(paragraph|inline|item|list|softbreak)'/.test(error.message))
			errors.push({ line: (location?.start?.line ?? error.location?.start?.line ?? lines[0] ?? 0) + 1, message: inWords(error) });
	const { title, ...front } = frontOf(document.attributes.frontmatter, note);
	const nodes = childrenOf(document, note, []);
	const seen = new Set();
	const isNew = ({ line, message }) => !seen.has(`${line} ${message}`) && seen.add(`${line} ${message}`);
	const spans = document.children.flatMap((child) => nodeOf(child, () => {}, []).map(() => spanOf(child)));
	return { title: title?.text ?? '', front, nodes, spans, errors: errors.sort((a, b) => a.line - b.line).filter(isNew) };
}

const isInSentence = (node) => node.type === 'tag' && language.tags[NAMES[node.tag] ?? node.tag]?.place === 'in a sentence';

/** Puts numbers that stand alone on their line back into the sentence around them, which Markdoc breaks there into paragraphs. */
function rejoin(node) {
	const joined = [];
	let wasNumber = false;
	for (const child of node.children) {
		const isNumber = isInSentence(child) && !child.inline;
		const before = joined.at(-1);
		rejoin(child);
		if (isNumber) child.inline = true;
		const isText = isNumber || ['paragraph', 'inline'].includes(child.type);
		if (isText && (isNumber || wasNumber) && ['paragraph', 'inline'].includes(before?.type) && spanOf(before)[1] === spanOf(child)[0]) {
			const space = new Markdoc.Ast.Node('softbreak', {}, []);
			space.lines = [child.lines[0] - 1];
			before.children.push(space, ...(child.type === 'paragraph' ? child.children : [child]));
			before.lines = [...before.lines, ...child.lines];
		} else if (isNumber) {
			const paragraph = new Markdoc.Ast.Node('paragraph', {}, [child]);
			paragraph.lines = child.lines;
			joined.push(paragraph);
		} else joined.push(child);
		wasNumber = isNumber;
	}
	if (!['inline', 'paragraph'].includes(node.type)) node.children = joined;
}

const lineOf = (node) => (node.location?.start?.line ?? node.lines?.[0] ?? 0) + 1;

const spanOf = ({ lines }) => [Math.min(...lines), Math.max(...lines)];

/** Renames tags, and gives each part of a paragraph its own line. */
function prepare(tokens, line = null) {
	for (const token of tokens) {
		if (token.meta?.tag) token.meta.tag = RENAMED[token.meta.tag] ?? token.meta.tag;
		if (line !== null && token.nesting >= 0) token.map = [line + (token.lineBelow ?? 0), line + (token.lineBelow ?? 0) + 1];
		if (token.children) prepare(token.children, token.map?.[0] ?? line);
	}
}

/** Returns what the front matter says, as `language.json` names it: { name: { text, line } }. */
function frontOf(frontmatter, note) {
	const front = {};
	const names = Object.keys(language.front_matter);
	for (const [position, line] of (frontmatter ?? '').split('\n').entries()) {
		if (!line.trim() || line.trim().startsWith('#')) continue;
		const [, name, given] = /^([^:]*?)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
		const at = { lines: [position + 1] };
		if (!names.includes(name)) note(at, `\`${line.trim()}\`: between the lines of --- stand lines such as \`title: words\`; there are ${names.join(', ')}`);
		else if (front[name]) note(at, `\`${name}\` is given twice`);
		else front[name] = { text: /^(["'])(.*)\1(\s+#.*)?$/.exec(given)?.[2] ?? given.replace(/(^|\s+)#.*$/, ''), line: position + 2 };
	}
	return front;
}

const noSuchTag = (name) => `there is no tag {% ${name} %}; there are ${Object.keys(language.tags).join(', ')}`;

const inWords = ({ message }) =>
	message
		.replace(/figures-table/g, 'table')
		.replace(/^Undefined tag: '(.*)'/, (_, name) => noSuchTag(name))
		.replace(/^(Expected .* but .* found\.|Unexpected .*)$/s, 'the tag cannot be read: behind its name stand words in quotation marks, then attributes such as stage=1 or service="csc", and it ends with /%}')
		.replace(/^Missing required attribute: 'primary'/, 'the name that belongs behind the tag in quotation marks is missing')
		.replace(/^Missing required attribute: '(.*)'/, 'the attribute `$1` is missing')
		.replace(/^Attribute '(.*)' must be type of '.*'/, '`$1` is given in quotation marks')
		.replace(/^Attribute '(.*)' must match one of (\[.*\]). Got '(.*)' instead./, '`$1` is `$3`; it can be $2')
		.replace(/^Can't apply inline annotations to '.*'/, 'attributes stand outside of a tag: a tag begins with its name')
		.replace(/^Can't nest '(.*)' in '(.*)'/, 'a tag that holds others stands on lines of its own')
		.replace(/^Attribute '(.*)' already set/, '`$1` is given twice')
		.replace(/^'(.*)' tag should be self-closing/, '{% $1 %} holds nothing: end it with /%}')
		.replace(/^Node '(.*)' is missing closing/, '{% $1 %} is not closed: {% /$1 %} is missing, or it should end with /%}')
		.replace(/^Node '(.*)' is missing opening/, '{% /$1 %} closes what was not opened');

/** Returns the children of a node as data, leaving out what only Markdoc needs. */
function childrenOf(node, note, above) {
	const children = [];
	for (const child of node.children)
		for (const made of nodeOf(child, note, above)) {
			const before = children.at(-1);
			if (made.type === 'text' && before?.type === 'text' && before.line === made.line) before.text += made.text;
			else children.push(made);
		}
	return children;
}

function nodeOf(node, note, above) {
	const { type, attributes } = node;
	if (type === 'comment') return [];
	if (type === 'inline') return childrenOf(node, note, above);
	if (type === 'softbreak') return [{ type: 'text', text: ' ', line: lineOf(node) }];
	if (type === 'text') return textOf(node, note);
	if (type === 'tag') return tagOf(node, note, above);
	if (type === 'error') return [];
	if (!MARKS.has(type)) {
		note(node, NOT_USED[type] ?? `${type} cannot be used`);
		return [];
	}
	for (const name of ['id', 'class', ...(node.annotations ?? []).map((annotation) => annotation.name)])
		if (attributes[name] !== undefined) note(node, `{% ${name} %} cannot be given to a ${type}`);
	const children = childrenOf(node, note, [...above, type]);
	if (type === 'heading') {
		if (attributes.level < 3) note(node, 'a heading inside a section begins with ### or ####; the title of the section stands above it');
		return [{ type, level: attributes.level, children, line: lineOf(node) }];
	}
	if (type === 'link') return linkOf(node, children, note);
	if (type === 'list') return children.length ? [{ type, ordered: Boolean(attributes.ordered), children, line: lineOf(node) }] : [];
	return children.length ? [{ type, children, line: lineOf(node) }] : [];
}

function textOf(node, note) {
	const { content } = node.attributes;
	if (Markdoc.Ast.isVariable(content)) return [{ type: 'variable', name: content.path.join('.'), line: lineOf(node) }];
	if (typeof content !== 'string') {
		note(node, 'a function cannot be used');
		return [];
	}
	if (HTML.test(content)) note(node, `\`${HTML.exec(content)[0]}\`: HTML cannot be used; write Markdown`);
	if (/\{%|%\}/.test(content)) note(node, `\`${/\{%.*|.*%\}/.exec(content)[0]}\`: a tag that cannot be read: it begins with {% and ends with /%}, and its words stand in quotation marks`);
	return [{ type: 'text', text: content, line: lineOf(node) }];
}

function linkOf(node, children, note) {
	const { href } = node.attributes;
	if (typeof href !== 'string' || !/^(https?:\/\/|mailto:|#|[a-z0-9./-]*(#|$))/.test(href)) {
		note(node, `\`${href}\` is no address that a link can lead to: it begins with https:// or mailto:, or is the word of a page`);
		return children;
	}
	return [{ type: 'link', href, children, line: lineOf(node) }];
}

function tagOf(node, note, above) {
	const name = NAMES[node.tag] ?? node.tag;
	const tag = language.tags[name];
	if (!tag) {
		if (UNUSED_TAGS.has(name)) note(node, noSuchTag(name));
		return [];
	}
	const parent = above.at(-1) ?? '';
	const isInline = tag.place === 'in a sentence';
	if (isInline && above.includes('heading') && !tag.in_headings) note(node, `{% ${name} %} cannot stand in a heading`);
	else if (!isInline && ['paragraph', 'item', 'heading', 'strong', 'em', 'link'].includes(parent))
		note(node, `{% ${name} %} stands on lines of its own, not in a sentence`);
	const holders = Object.keys(language.tags).filter((holder) => language.tags[holder].holds?.includes(name));
	if (tag.place === 'inside' && !holders.includes(parent)) note(node, `{% ${name} %} stands inside {% ${holders.join(' %} or {% ')} %}`);
	const holds = language.tags[parent]?.holds;
	const isHeld = holds?.includes('*') || (isInline && holds?.includes('words'));
	if (tag.place !== 'inside' && holds && !isHeld) note(node, `{% ${name} %} cannot stand inside {% ${parent} %}`);

	const { primary = '', ...given } = node.attributes;
	const attributes = {};
	const own = attributesOf(tag);
	for (const [key, value] of Object.entries(given)) {
		attributes[key] = valueOf(value, key, node, note);
		// words that hold a comma are separated by semicolons, which no word of a figure holds
		if (own[key]?.kind === 'values' && String(value).includes(';')) attributes[key] = value.split(';').map((word) => word.trim()).filter(Boolean);
	}
	const children = childrenOf(node, note, [...above, name]);
	if (tag.holds && !tag.holds.includes('*') && !tag.holds.includes('words'))
		for (const child of children)
			if (child.type !== 'tag') note(node, `{% ${name} %} holds only ${tag.holds.map((held) => `{% ${held} %}`).join(' and ')}`);
	return [{ type: 'tag', name, primary: nameOf(primary, node, note), attributes, children, line: lineOf(node) }];
}

/** Returns what a tag is about, which no variable can say: it is checked before anything is known of a loop. */
function nameOf(primary, node, note) {
	if (typeof primary === 'string') return primary;
	note(node, 'the name behind the tag is given in quotation marks');
	return '';
}

function valueOf(value, key, node, note) {
	if (Markdoc.Ast.isVariable(value)) return { variable: value.path.join('.') };
	if (typeof value === 'string' || typeof value === 'number') return value;
	if (Array.isArray(value) && value.every((word) => typeof word === 'string' || typeof word === 'number')) return value;
	note(node, `\`${key}\` is given in quotation marks`);
	return '';
}

const { files } = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(Object.fromEntries(files.map(({ name, text }) => [name, parse(text)]))));
