// The dashboard: what was searched, shown, clicked and earned, by source and over time.
import { html, render, useEffect, useRef, useState } from '/web/preact.js';
import { Frame, count, money, read } from '/web/frame.js';
import uPlot from '/web/uplot.js';

const RANGES = [['1', 'Today'], ['7', '7 days'], ['30', '30 days'], ['90', '90 days']];
const REFRESH_MS = 10000;

const since = (days) => new Date(Math.floor(Date.now() / 86400000 - (days - 1)) * 86400000).toISOString();
const amountOf = (value) => (value ? money(value.amount, value.currency) : '–');
const percent = (ratio) => (ratio === null ? '–' : `${(Number(ratio) * 100).toFixed(1)} %`);

function Figures({ searches, totals }) {
  const figures = [['Searches', count(searches)], ['Listings shown', count(totals.impressions)],
    ['Clicks', count(totals.clicks)],
    ...totals.earnings.map((row) => [`Earned, ${row.currency}`, money(row.earned.amount, '').trim()]),
    ...totals.earnings.map((row) => [`Earned a click, ${row.currency}`, row.rpc ? row.rpc.amount : '–'])];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const NOTHING_EARNED = [{ currency: '', earned: null, unattributed: null, rpc: null }];

// A source that pays in two currencies has two lines; its counts stand in the first.
function SourceRows({ row }) {
  const earnings = row.earnings.length ? row.earnings : NOTHING_EARNED;
  return earnings.map((earned, i) => html`<tr key=${row.key + earned.currency}>
    ${i === 0 ? html`<th scope="row">${row.key || 'unknown'}</th><td class="number">${count(row.impressions)}</td>
      <td class="number">${count(row.clicks)}</td><td class="number">${count(row.clicks_gross - row.clicks)}</td>
      <td class="number">${percent(row.ctr)}</td>` : html`<td colspan="5"></td>`}
    <td class="number">${amountOf(earned.earned)}</td><td class="number">${amountOf(earned.unattributed)}</td>
    <td class="number">${amountOf(earned.rpc)}</td></tr>`);
}

function BySource({ rows }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="By source"><table>
    <thead><tr><th scope="col">Source</th><th scope="col" class="number">Shown</th><th scope="col" class="number">Clicks</th>
      <th scope="col" class="number">Not counted</th><th scope="col" class="number">CTR</th><th scope="col" class="number">Earned</th>
      <th scope="col" class="number">Not attributed</th><th scope="col" class="number">Earned a click</th></tr></thead>
    <tbody>${rows.map((row) => html`<${SourceRows} key=${row.key} row=${row} />`)}</tbody>
  </table></div>`;
}

// "2026-11-24" or "2026-11-24T05", both UTC.
const secondsOf = (key) => Date.parse(key.length > 10 ? `${key}:00Z` : key) / 1000;

// Drawn values are rounded to the pixel anyway; the exact ones stand in the table below.
function Chart({ rows, currency }) {
  const place = useRef(null);
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const earned = (row) => row.earnings.find((item) => item.currency === currency)?.earned.amount ?? 0;
    const data = [rows.map((row) => secondsOf(row.key)), rows.map((row) => Number(earned(row))), rows.map((row) => row.clicks)];
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line') } };
    const plot = new uPlot({
      width: place.current.clientWidth, height: 220, cursor: { y: false },
      scales: { clicks: { range: (u, low, high) => [0, Math.max(high, 1)] }, y: { range: (u, low, high) => [Math.min(low, 0), Math.max(high, 0.01)] } },
      axes: [axis, { ...axis, size: 64 }, { ...axis, side: 1, scale: 'clicks', grid: { show: false } }],
      series: [{}, { label: `Earned, ${currency}`, stroke: colour('--accent'), width: 2, points: { show: data[0].length < 3 } },
        { label: 'Clicks', scale: 'clicks', stroke: colour('--quiet'), dash: [4, 4], points: { show: data[0].length < 3 } }],
    }, data, place.current);
    return () => plot.destroy();
  }, [rows, currency]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${`Earned in ${currency} and clicks over time`}></div>`;
}

function Page() {
  const [days, setDays] = useState('1');
  const [data, setData] = useState(null);
  const [failure, setFailure] = useState(null);

  useEffect(() => {
    const controller = new AbortController();
    async function load() {
      try {
        const from = since(Number(days));
        const [bySource, byTime] = await Promise.all([
          read(`/v1/revenue?group_by=source&since=${from}`, controller.signal),
          read(`/v1/revenue?group_by=${days === '1' ? 'hour' : 'day'}&since=${from}`, controller.signal)]);
        setData({ bySource, byTime });
        setFailure(null);
      } catch (error) {
        if (error.name !== 'AbortError') setFailure(error.message);
      }
    }
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => { controller.abort(); clearInterval(timer); };
  }, [days]);

  const currencies = data ? data.bySource.totals.earnings.map((row) => row.currency) : [];
  return html`<${Frame} page="/dashboard">
    <h1>Dashboard</h1>
    <div class="choices"><label>Time<select value=${days} onChange=${(event) => setDays(event.target.value)}>
      ${RANGES.map(([value, name]) => html`<option value=${value} selected=${value === days}>${name}</option>`)}</select></label></div>
    ${failure && html`<div class="note bad" role="alert"><p>${failure}</p></div>`}
    ${data && html`<${Figures} searches=${data.byTime.totals.searches} totals=${data.bySource.totals} />
      ${data.bySource.rows.length === 0 ? html`<div class="note"><p><strong>Nothing was searched in this time.</strong></p>
        <p>Make a <a href="/?q=nurse&mode=balanced">search</a> and follow a listing; what it earns appears here when the partner reports it.</p></div>`
    : html`${currencies.map((currency) => html`<h2>Earned over time, ${currency}</h2>
        <${Chart} rows=${data.byTime.rows} currency=${currency} />`)}
      <h2>By source</h2><${BySource} rows=${data.bySource.rows} />`}`}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
