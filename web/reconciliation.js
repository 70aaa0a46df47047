// Our ledger against each partner's own totals, day by day: at a glance, and to the last digit.
import { html, useMemo } from '/web/preact.js';
import { Table, aligned, count, counted, read } from '/web/frame.js';
import { Moment, dayName, span } from '/web/moments.js';
import { Section } from '/web/reading.js';

const DAYS_SHOWN = 14;

export async function readReconciliation(signal) {
  const [{ sources, rows }, { tasks }] = await Promise.all([
    read('/v1/reconciliation', signal), read('/v1/tasks?kind=reconcile&failing=true&limit=1000', signal)]);
  return { sources, rows, troubles: troublesOf(tasks, rows) };
}

// The sources that did not answer when they were last asked. tasks: the newest first. A dead one counts until a later
// comparison went well.
function troublesOf(tasks, rows) {
  const compared = new Map();
  for (const { source, compared_at: at } of rows) if (!(compared.get(source) > at)) compared.set(source, at);
  const troubles = new Map();
  for (const task of tasks) {
    const over = task.state === 'dead' && Date.parse(task.finished_at) < Date.parse(compared.get(task.key));
    if (!over && !troubles.has(task.key)) troubles.set(task.key, task);
  }
  return troubles;
}

const STATES = {
  agrees: { word: 'agrees', kind: 'good', sign: '✓' },
  drifts: { word: 'drifts', kind: 'bad', sign: '≠' },
  immature: { word: 'not final', kind: 'quiet', sign: '…' },
};
const stateOf = (row) => STATES[row.state] ?? { word: row.state, kind: 'warn', sign: '?' };
const signed = (amount) => (amount.startsWith('-') ? amount : `+${amount}`).replace(/^\+(0(\.0*)?)$/, '$1');

export function tally({ rows, troubles }) {
  const of = (state) => rows.filter((row) => row.state === state).length;
  return { agrees: of('agrees'), drifts: of('drifts'), immature: of('immature'), silent: troubles.size };
}

// One line for each source and currency; a source that was never compared has one too.
function linesOf({ sources, rows }) {
  const lines = new Map();
  for (const row of rows) {
    const key = `${row.source} ${row.ours.currency}`;
    if (!lines.has(key)) lines.set(key, { key, source: row.source, currency: row.ours.currency, days: new Map() });
    lines.get(key).days.set(row.day, row);
  }
  const known = new Set(rows.map((row) => row.source));
  for (const { source } of sources) if (!known.has(source)) lines.set(source, { key: source, source, currency: '', days: new Map() });
  return [...lines.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function daysOf(rows) {
  return [...new Set(rows.map((row) => row.day))].sort().slice(-DAYS_SHOWN);
}

// "Tue" above "24 Nov".
function dayWords(day) {
  const [weekday, ...date] = dayName(day).replace(',', '').split(' ');
  return [weekday, date.join(' ')];
}

function Cell({ row }) {
  if (!row) return html`<td class="cell"><span class="unseen">no comparison</span></td>`;
  const { word, kind, sign } = stateOf(row);
  const drift = row.drift.amount.replace(/[-0.]/g, '') === '' ? '' : `, ${signed(row.drift.amount)} ${row.drift.currency}`;
  return html`<td class="cell"><span class=${`tile ${kind}`} title=${`${dayName(row.day)}: ${word}${drift}`}>
    <span aria-hidden="true">${sign}</span><span class="unseen">${word}${drift}</span></span></td>`;
}

function Trouble({ task, now }) {
  if (!task) return null;
  const next = task.state === 'dead' ? html`given up after ${task.attempts} attempts; asked again by its schedule`
    : task.state === 'running' ? 'being asked again' : html`asked again <${Moment} at=${task.run_at} now=${now} />`;
  return html`<span class="reason"><span class="bad">did not answer</span>, ${next}: ${task.message}</span>`;
}

const ruleText = (rule) => (rule ? `days of ${rule.zone}, final ${span(rule.maturity_ms)} after their end`
  : 'its definition has no totals any more');

// A rule that all sources share is said once, above them.
function sharedRule({ sources, rows }) {
  const texts = new Set([...sources.map(ruleText), ...rows.filter((row) => !sources.some(({ source }) => source === row.source)).map(() => ruleText())]);
  return texts.size === 1 ? [...texts][0] : null;
}

function Grid({ data, now }) {
  const lines = useMemo(() => linesOf(data), [data]);
  const days = useMemo(() => daysOf(data.rows), [data]);
  const rules = new Map(data.sources.map((rule) => [rule.source, rule]));
  const shared = useMemo(() => sharedRule(data), [data]);
  const heads = [['Source'], ['Currency'], ...days.map((day) => [
    html`<time datetime=${day}>${dayWords(day).map((words) => html`<span>${words}</span>`)}</time>`, 'cell'])];
  return html`<h3>Day by day${shared && html`<span class="about">${shared}</span>`}</h3>
    <${Table} name="Days by source" kind="grid" heads=${heads}>${lines.map((line) => html`<tr key=${line.key}>
      <th scope="row">${line.source}${!shared && html`<span class="reason">${ruleText(rules.get(line.source))}</span>`}
        <${Trouble} task=${data.troubles.get(line.source)} now=${now} /></th>
      <td>${line.currency || html`<span class="quiet">not compared yet</span>`}</td>
      ${days.map((day) => html`<${Cell} key=${day} row=${line.days.get(day)} />`)}</tr>`)}<//>`;
}

function Numbers({ name, rows, now }) {
  const ours = aligned(rows.map((row) => row.ours.amount));
  const theirs = aligned(rows.map((row) => row.theirs.amount));
  const drifts = aligned(rows.map((row) => signed(row.drift.amount)));
  const heads = [['Day'], ['Source'], ['State'], ['We say', 'number'], ['They say', 'number'], ['Difference', 'number'],
    ['Currency'], ['Our clicks', 'number'], ['Their clicks', 'number'], ['Compared']];
  return html`<${Table} name=${name} heads=${heads}>
    ${rows.map((row, i) => html`<tr key=${`${row.day} ${row.source} ${row.ours.currency}`}>
      <td class="plain">${dayName(row.day)}</td><th scope="row">${row.source}</th>
      <td class=${`plain ${stateOf(row).kind}`}>${stateOf(row).word}</td>
      <td class="number">${ours[i]}</td><td class="number">${theirs[i]}</td>
      <td class=${`number ${row.state === 'drifts' ? 'bad' : ''}`}>${drifts[i]}</td><td>${row.ours.currency}</td>
      <td class="number">${count(row.our_clicks)}</td>
      <td class="number">${row.their_clicks === null ? '–' : count(row.their_clicks)}</td>
      <td class="plain"><${Moment} at=${row.compared_at} now=${now} /></td></tr>`)}<//>`;
}

const Nothing = () => html`<div class="note"><p><strong>Nothing to compare yet.</strong></p>
  <p>A source is compared when its definition says where the partner's own totals are: <code>totals:</code>, with
  <code>every</code> for how often. <code>weir reconcile</code> does it at once.</p></div>`;

export function Reconciliation({ reading: { data, at } }) {
  const { rows, sources } = data;
  const drifting = rows.filter((row) => row.state === 'drifts');
  const { agrees, immature, drifts, silent } = tally(data);
  const words = [counted(agrees, 'agrees', 'agree'), counted(drifts, 'drifts', 'drift'), `${count(immature)} not final`,
    silent && `${count(silent)} without an answer`].filter(Boolean).join(' · ');
  if (rows.length === 0 && sources.length === 0) {
    return html`<${Section} id="reconciliation" name="Reconciliation"><${Nothing} /><//>`;
  }
  return html`<${Section} id="reconciliation" name="Reconciliation" about=${words}>
    ${drifting.length > 0 && html`<h3>What drifts</h3><${Numbers} name="What drifts" rows=${drifting} now=${at} />`}
    <${Grid} data=${data} now=${at} />
    ${rows.length > 0 && html`<details><summary>All days of the last month, to the last digit</summary>
      <${Numbers} name="All days" rows=${rows} now=${at} /></details>`}
  <//>`;
}
