// The dashboard: what was searched, shown, clicked and earned, by source and over time.
import { html, render, useMemo, useState } from '/web/preact.js';
import { Frame, Table, aligned, count, grouped, read } from '/web/frame.js';
import { Chart } from '/web/chart.js';
import { Failure, useReading } from '/web/reading.js';
import { openOf, readAlerts } from '/web/alerts.js';
import { clockOf, dayName } from '/web/moments.js';

const HOUR = 3600000;
const RANGES = [
  { name: '24 hours', by: 'hour', step: HOUR, buckets: 24 }, { name: '7 days', by: 'hour', step: HOUR, buckets: 168 },
  { name: '30 days', by: 'day', step: 24 * HOUR, buckets: 30 }, { name: '90 days', by: 'day', step: 24 * HOUR, buckets: 90 },
];

const percent = (ratio) => (ratio === null ? '–' : `${(Number(ratio) * 100).toFixed(1)} %`);
const sinceOf = ({ step, buckets }) => Math.floor(Date.now() / step) * step - (buckets - 1) * step;
// "2026-11-24" or "2026-11-24T05", both UTC.
const timeOf = (key) => Date.parse(key.length > 10 ? `${key}:00Z` : key);
const amountIn = (row, currency, what) => row?.earnings.find((item) => item.currency === currency)?.[what]?.amount ?? null;

function bucketName(time, range) {
  const day = dayName(time.toISOString().slice(0, 10));
  const hour = time.getUTCHours();
  return range.by === 'day' ? day : `${day}, ${hour}:00 – ${hour + 1}:00 UTC`;
}

// A bucket in which nothing happened has no row, but has a place.
function bucketsOf(rows, since, range) {
  const found = new Map(rows.map((row) => [timeOf(row.key), row]));
  return Array.from({ length: range.buckets }, (_, i) => {
    const at = since + i * range.step;
    return { at, name: bucketName(new Date(at), range), row: found.get(at) };
  });
}

// What a card says: a total, or the bucket that is pointed at.
function Card({ name, total, split, at, measure, part, point, onPoint, buckets, range }) {
  const drawn = useMemo(() => ({
    times: buckets.map((bucket) => bucket.at / 1000),
    values: buckets.map(({ row }) => Number(measure(row) ?? 0)),
    parts: buckets.map(({ row }) => Number((part ?? measure)(row) ?? 0)),
  }), [buckets]);
  const shown = point === null ? total : String(measure(buckets[point]?.row) ?? 0);
  return html`<section>
    <h2>${name}${at && html`<span>, ${at}</span>`}</h2>
    <p class="figure">${grouped(shown)}</p>
    <${Chart} ...${drawn} step=${range.step / 1000} onPoint=${onPoint}
      label=${`${name} by ${range.by}, ${range.name}. Every number is in the table below.`} />
    ${split && html`<p class="split">${split(point === null ? null : buckets[point]?.row)}</p>`}
  </section>`;
}

function splitOf(totals, currency) {
  return (row) => {
    const of = (what) => grouped(amountIn(row === null ? totals : row, currency, what) ?? '0.00');
    return html`<span class="swatch"></span>${of('attributed')} attributed, <span class="swatch pale"></span>${of('unattributed')} not`;
  };
}

function Cards({ totals, searches, buckets, range }) {
  const [point, setPoint] = useState(null);
  const at = point === null ? null : buckets[point]?.name;
  const common = { at, point, onPoint: setPoint, buckets, range };
  return html`<div class="figures">
    <${Card} name="Searches" total=${String(searches)} measure=${(row) => row?.searches} ...${common} />
    <${Card} name="Listings shown" total=${String(totals.impressions)} measure=${(row) => row?.impressions} ...${common} />
    <${Card} name="Clicks" total=${String(totals.clicks)} measure=${(row) => row?.clicks} ...${common} />
    ${totals.earnings.map(({ currency }) => html`<${Card} key=${currency} name=${`Earned, ${currency}`}
      total=${amountIn(totals, currency, 'earned') ?? '–'} split=${splitOf(totals, currency)}
      measure=${(row) => amountIn(row, currency, 'earned') ?? '0.00'} part=${(row) => amountIn(row, currency, 'attributed')} ...${common} />`)}
  </div>`;
}

const MONEY = ['earned', 'attributed', 'unattributed', 'rpc'];
const NOTHING_EARNED = [{ currency: '' }];

// One line for each row and currency; the counts of a row stand in its first line.
function linesOf(rows, totals) {
  const lines = [...rows.map((row) => ({ row })), { row: totals, last: true }].flatMap(({ row, last }) =>
    (row.earnings.length ? row.earnings : NOTHING_EARNED).map((earned, i) => ({ row, earned, first: i === 0, last })));
  const columns = MONEY.map((what) => aligned(lines.map(({ earned }) => earned[what]?.amount)));
  return lines.map((line, i) => ({ ...line, amounts: columns.map((column) => column[i]) }));
}

function Line({ name, searches, line: { row, earned, first, amounts } }) {
  return html`<tr>
    ${first ? html`<th scope="row">${name}</th><td class="number">${count(searches)}</td>
      <td class="number">${count(row.impressions)}</td><td class="number">${count(row.clicks)}</td>
      <td class="number">${count(row.clicks_gross - row.clicks)}</td><td class="number">${percent(row.ctr)}</td>`
    : html`<td colspan="6"></td>`}
    <td>${earned.currency}</td>${amounts.map((amount) => html`<td class="number">${amount}</td>`)}</tr>`;
}

function Numbers({ first, rows, totals, searches, nameOf }) {
  const lines = linesOf(rows, totals);
  const heads = [[first], ...['Searches', 'Shown', 'Clicks', 'Not counted', 'CTR'].map((head) => [head, 'number']),
    ['Currency'], ...['Earned', 'Attributed', 'Not attributed', 'Per click'].map((head) => [head, 'number'])];
  const foot = lines.filter((line) => line.last).map((line) => html`<${Line} key=${line.earned.currency} name="All"
    searches=${searches} line=${line} />`);
  return html`<${Table} name=${`By ${first.toLowerCase()}`} heads=${heads} foot=${foot}>
    ${lines.filter((line) => !line.last).map((line) => html`<${Line} key=${line.row.key + line.earned.currency}
      name=${nameOf(line.row.key)} searches=${line.row.searches} line=${line} />`)}<//>`;
}

const Nothing = () => html`<div class="note"><p><strong>Nothing happened in this time.</strong></p>
  <p>Make a <a href="/?q=nurse&mode=balanced">search</a> and follow a listing. What it earns appears here when its
  partner reports it.</p></div>`;

function Report({ data: { bySource, byTime, since, range } }) {
  const buckets = useMemo(() => bucketsOf(byTime.rows, since, range), [byTime]);
  if (bySource.rows.length === 0 && byTime.rows.length === 0) return html`<${Nothing} />`;
  const searches = byTime.totals.searches;
  const newestFirst = [...byTime.rows].reverse();
  return html`<${Cards} totals=${bySource.totals} searches=${searches} buckets=${buckets} range=${range} />
    <h2>By source</h2>
    <${Numbers} first="Source" rows=${bySource.rows} totals=${bySource.totals} searches=${searches} nameOf=${(key) => key || 'unknown'} />
    <details><summary>By ${range.by}</summary>
      <${Numbers} first=${range.by === 'day' ? 'Day' : 'Hour'} rows=${newestFirst} totals=${byTime.totals} searches=${searches}
        nameOf=${(key) => (key ? bucketName(new Date(timeOf(key)), range) : 'unknown')} /></details>`;
}

// The numbers below may be wrong as long as an alert is open.
function Standing() {
  const { data } = useReading(readAlerts);
  const open = openOf(data ?? []);
  if (open.length === 0) return null;
  return html`<p class="note standing" role="status"><span class="state bad">${count(open.length)} open</span>
    <span>${open[0].message}${open.length > 1 ? ', and more' : ''}. <a href="/operations#alerts">See alerts</a></span></p>`;
}

async function readRevenue(range, signal) {
  const since = sinceOf(range);
  const from = new Date(since).toISOString();
  const [bySource, byTime] = await Promise.all(['source', range.by].map((by) => read(`/v1/revenue?group_by=${by}&since=${from}`, signal)));
  return { bySource, byTime, since, range };
}

function Page() {
  const [chosen, setChosen] = useState(0);
  const reading = useReading((signal) => readRevenue(RANGES[chosen], signal), [chosen]);
  const { data, at } = reading;
  return html`<${Frame} page="/dashboard">
    <div class="bar"><h1>Dashboard</h1>
      <label>Last<select value=${chosen} onChange=${(event) => setChosen(Number(event.target.value))}>
        ${RANGES.map(({ name }, i) => html`<option value=${i} selected=${i === chosen}>${name}</option>`)}</select></label>
      ${data && html`<span class="moment">Read at ${clockOf(at)}</span>`}</div>
    <${Standing} />
    <${Failure} what="The numbers" reading=${reading} />
    ${data && html`<${Report} key=${data.range.name} data=${data} />`}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
