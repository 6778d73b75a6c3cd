// Charts as SVG text, drawn at build: no canvas, no script. Each is drawn twice, for a phone and for a page, since a
// picture that shrinks to fit makes its words unreadable.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { isCount, number } from './numbers.js';

use([BarChart, LineChart, GridComponent, LabelLayout, LegendComponent, SVGRenderer]);

// Told apart in grey and by people who do not see colour as most do; each has 3:1 against white and its neighbours a white gap.
export const COLOURS = ['#12436d', '#28a197', '#801650', '#f46a25', '#3d3d3d', '#8a6fb0', '#5b7a12'];
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const INK = '#0b0c0c';
const RULE = '#b1b4b6';

const widthOf = (text) => String(text).length * 7.2;

function wrapped(label, room) {
	const lines = [''];
	for (const piece of String(label).match(/[^ /-]+[ /-]*|[ /-]+/g) ?? []) {
		const line = lines[lines.length - 1];
		if (line && widthOf((line + piece).trim()) > room) lines.push(piece);
		else lines[lines.length - 1] = line + piece;
	}
	return lines.map((line) => line.trim()).join('\n');
}

/** Rows that entries of these widths fill, one after the other. */
function rowsOf(widths, room) {
	let rows = 1;
	let used = 0;
	for (const width of widths) {
		if (used && used + width > room) {
			rows += 1;
			used = 0;
		}
		used += width;
	}
	return rows;
}

/**
 * @param chart { kind: 'bars' | 'stack' | 'lines', categories: [label], series: [{ name, values: [number|null], unit }] }
 * @param width pixels
 * @param id a prefix for the identifiers inside the drawing
 */
export function draw(chart, width, id) {
	const isNarrow = width < 500;
	const { categories, series } = chart;
	const unit = series[0]?.unit ?? 'complaints';
	const isLines = chart.kind === 'lines';
	const isStack = chart.kind === 'stack';
	const hasLegend = series.length > 1;
	const room = isNarrow ? 120 : 220;
	const labels = isLines ? categories : categories.map((category) => wrapped(category, room));
	const left = isLines ? 8 : Math.max(...labels.flatMap((label) => label.split('\n')).map(widthOf)) + 10;
	const legendRows = hasLegend ? rowsOf(series.map(({ name }) => widthOf(name) + 52), width - 8) : 0;
	const barsPerCategory = isStack ? 1 : series.length;
	const lineCount = Math.max(1, ...labels.map((label) => label.split('\n').length));
	const rowHeight = Math.max(barsPerCategory * 20 + 12, lineCount * 16 + 8);
	const plotHeight = isLines ? 220 : categories.length * rowHeight;
	const top = legendRows * 28 + 8 + (isLines ? 10 : 0);
	const height = Math.round(top + plotHeight + (isLines ? 4 : 26));
	const text = { color: INK, fontFamily: FONT, fontSize: 13 };
	const show = (value) => number(value, unit);
	const largest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));

	const isRoomFor = (value, index) => {
		const whole = series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
		return value > 0 && ((width - left - 26) * value) / Math.max(whole, largest) > widthOf(show(value));
	};

	const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
	const valueAxis = {
		type: 'value', min: 0, axisLabel: { ...text, formatter: show, hideOverlap: true }, splitLine: { lineStyle: { color: '#e3e5e6' } },
		splitNumber: isNarrow ? 3 : 5, minInterval: isCount(unit) ? 1 : undefined
	};
	const categoryAxis = {
		type: 'category', data: labels, inverse: !isLines, axisTick: { show: false }, axisLine: { lineStyle: { color: RULE } },
		axisLabel: { ...text, interval: isLines && isNarrow && categories.length > 5 ? 'auto' : 0, lineHeight: 16 }
	};
	drawing.setOption({
		animation: false, color: COLOURS, textStyle: { fontFamily: FONT },
		legend: hasLegend
			? { left: 0, top: 0, itemWidth: 16, itemHeight: 12, itemGap: 20, textStyle: text, data: series.map(({ name }) => name), selectedMode: false }
			: undefined,
		grid: isLines
			? { left: 8, right: 16, top, height: plotHeight, containLabel: true }
			: { left, right: isStack ? 26 : 52, top, height: plotHeight },
		xAxis: isLines ? categoryAxis : valueAxis,
		yAxis: isLines ? valueAxis : categoryAxis,
		series: series.map(({ name, values }, i) => ({
			name, data: values.map((value) => value ?? '-'), silent: true, emphasis: { disabled: true },
			...(isLines
				? {
						type: 'line', symbol: ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle'][i % 5], symbolSize: 8,
						lineStyle: { width: 2.5, type: ['solid', 'dashed', 'dotted'][i % 3] },
						// Numbers printed over each other cannot be read; the table has them all.
						labelLayout: { hideOverlap: true },
						label: { show: !isNarrow || series.length < 3, position: 'top', ...text, fontSize: 12, formatter: ({ value }) => show(value) }
					}
				: {
						type: 'bar', stack: isStack ? 'all' : undefined, barMaxWidth: 24, barGap: '10%',
						itemStyle: { borderColor: '#fff', borderWidth: isStack ? 1 : 0 },
						label: isStack
							? {
									show: true, position: 'inside', ...text, color: i === 1 || i === 3 ? INK : '#fff', fontSize: 12,
									formatter: ({ value, dataIndex }) => (isRoomFor(value, dataIndex) ? show(value) : '')
								}
							: { show: true, position: 'right', ...text, formatter: ({ value }) => (value === '-' ? '' : show(value)) }
					})
		}))
	});
	const svg = drawing.renderToSVGString();
	drawing.dispose();
	// ECharts numbers its identifiers through all drawings of a process; equal charts are to be equal wherever they stand.
	const names = new Map();
	const named = (name) => names.get(name) ?? names.set(name, `${id}-${names.size}`).get(name);
	return svg.replace(/zr\d+-[\w-]+/g, named).replace(/<svg /, '<svg aria-hidden="true" focusable="false" ');
}
