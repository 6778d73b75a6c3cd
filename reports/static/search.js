// The search of the website: finds reports, their pages and what is counted, in the index that the page itself holds.
// Nothing is sent anywhere. Without this script the box is not shown, and the list of everything is on the page.
(() => {
	const MOST_SHOWN = 20;
	const form = document.querySelector('form.search');
	const index = document.getElementById('search-index');
	form.hidden = false;
	if (!index) return;

	const wordsOf = (text) =>
		text
			.normalize('NFD')
			.replace(/[\u0300-\u036f’']/g, '')
			.toLowerCase()
			.split(/[^a-z0-9]+/)
			.filter(Boolean);
	const { root, reports, parts, pages, measures } = JSON.parse(index.textContent);
	const asked = {
		reports: reports.map(([path, label, name]) => ({ path, label, title: [...new Set(wordsOf(`${label} ${name}`))], text: [] })),
		parts: parts.map(([path, label, text, having]) => ({ path, label, title: wordsOf(label), text: wordsOf(text), having: having && new Set(having) })),
		pages: pages.map(([path, label, text]) => ({ path, label, title: wordsOf(label), text: wordsOf(text) })),
		measures: measures.map(([path, label, text, having]) => ({ path, label, title: wordsOf(label), text: wordsOf(text), having: new Set(having) }))
	};

	/** How well a word fits an entry: a whole word of its title 6, the beginning of one 4, of its description 1; else 0. */
	const fit = (word, { title, text }) =>
		title.includes(word) ? 6 : title.some((one) => one.startsWith(word)) ? 4 : text.some((one) => one.startsWith(word)) ? 1 : 0;
	const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
	const fits = (words, entries) => new Map(entries.map((entry) => [entry, words.map((word) => fit(word, entry))]));

	/** Everything that fits all the words, the best first: [{ path, label, score }]. */
	function find(text) {
		const words = wordsOf(text);
		if (!words.length) return [];
		const found = [];
		const whole = (scores) => scores.every((score) => score > 0);
		const add = (path, label, score) => found.push({ path, label, score });
		const ofReports = fits(words, asked.reports);
		const ofParts = fits(words, asked.parts);
		const ofMeasures = fits(words, asked.measures);
		for (const [page, scores] of fits(words, asked.pages)) if (whole(scores)) add(page.path, page.label, sum(scores) + 1);
		for (const [report, scores] of ofReports) if (whole(scores)) add(report.path, report.label, sum(scores) + 2);
		for (const [measure, scores] of ofMeasures) if (whole(scores)) add(`method/#measure-${measure.path}`, `${measure.label}: what it counts`, sum(scores));
		// A report and something in it: each has a word of its own, and together they have all.
		asked.reports.forEach((report, number) => {
			const own = ofReports.get(report);
			if (!own.some((score) => score > 0)) return;
			const both = (scores) => scores.every((score, i) => score || own[i]) && scores.some((score, i) => score > own[i]);
			for (const [part, scores] of ofParts) {
				if ((part.having?.has(number) ?? true) && both(scores)) add(`${report.path}${part.path}`, `${report.label}: ${part.label}`, sum(scores.map((score, i) => Math.max(score, own[i]))));
			}
			for (const [measure, scores] of ofMeasures) {
				if (measure.having.has(number) && both(scores))
					add(`${report.path}figures/${measure.path}/`, `${report.label}: ${measure.label}`, sum(scores.map((score, i) => Math.max(score, own[i]))) - 0.5);
			}
		});
		return found.sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
	}

	const box = form.elements.q;
	const list = document.getElementById('search-found');
	const status = document.getElementById('search-status');
	let saying;

	function show() {
		const text = box.value.trim();
		const found = find(text);
		list.replaceChildren(
			...found.slice(0, MOST_SHOWN).map(({ path, label }) => {
				const link = document.createElement('a');
				link.href = root + path;
				link.textContent = label;
				const item = document.createElement('li');
				item.append(link);
				return item;
			})
		);
		const more = found.length > MOST_SHOWN ? `, of which the first ${MOST_SHOWN} are shown. A further word, such as a council or a year, finds fewer` : '';
		const words = !text
			? ''
			: found.length
				? `${found.length} ${found.length === 1 ? 'result' : 'results'}${more}.`
				: 'Nothing found. Other or fewer words may help; everything is listed below.';
		// Said once the typing pauses, so that a screen reader does not speak at every letter.
		clearTimeout(saying);
		saying = setTimeout(() => (status.textContent = words), 300);
	}

	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const query = box.value.trim();
		history.replaceState(null, '', query ? `?q=${encodeURIComponent(query)}` : location.pathname);
		show();
	});
	box.addEventListener('input', show);
	box.value = new URLSearchParams(location.search).get('q') ?? '';
	show();
})();
