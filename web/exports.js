// What leaves for the warehouse: how far each table has come on its way to each destination.
import { html } from '/web/preact.js';
import { Table, count, counted, read } from '/web/frame.js';
import { Moment } from '/web/moments.js';
import { Section } from '/web/reading.js';

export const readExports = async (signal) => (await read('/v1/exports', signal)).tables;

const STATES = { current: { word: 'all there', kind: 'good' }, behind: { word: 'behind', kind: 'warn' }, failing: { word: 'failing', kind: 'bad' } };
const BYTES = [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]];

function size(bytes) {
  const [unit, one] = BYTES.find(([, least]) => bytes >= least) ?? ['bytes', 1];
  return `${one === 1 ? count(bytes) : (bytes / one).toFixed(1)} ${unit}`;
}

// A table whose file could not be written counts as failing, whatever its destinations say.
export function standing(tables) {
  const of = (state) => tables.flatMap((table) => table.destinations).filter((one) => one.state === state).length;
  const sum = (what) => tables.reduce((all, table) => all + table[what], 0);
  return { failing: of('failing') + tables.filter((table) => table.error).length, behind: of('behind'), rows: sum('rows'), files: sum('files') };
}

const Error = ({ at, now, children }) => html`<span class="reason"><span class="bad">failed <${Moment} at=${at} now=${now} /></span>: ${children}</span>`;

function Destination({ to, now }) {
  const { word, kind } = STATES[to.state] ?? { word: to.state, kind: 'warn' };
  return html`<td><span class="plain">${to.destination}</span><span class="reason">${to.address}</span></td>
    <td class="message"><span class=${kind}>${word}</span>${to.behind > 0 && html`<span class="reason">${counted(to.behind, 'file', 'files')} not there yet</span>`}
      ${to.error && html`<${Error} at=${to.failed_at} now=${now}>${to.error}<//>`}</td>
    <td class="plain"><${Moment} at=${to.complete_at} now=${now} /></td>
    <td class="number">${count(to.rows)}</td><td class="number">${count(to.files)}</td><td class="number">${size(to.bytes)}</td>`;
}

const Nowhere = () => html`<td class="quiet">nowhere yet</td><td class="quiet">waiting</td><td class="plain"><${Moment} /></td>
  ${[0, 0, 0].map((n) => html`<td class="number">${n}</td>`)}`;

function Rows({ table, now }) {
  const { destinations } = table;
  const name = html`<th scope="row" rowspan=${Math.max(1, destinations.length)}>${table.table}
    ${table.waiting_late > 0 && html`<span class="reason">${count(table.waiting_late)} late rows wait for the next file</span>`}
    ${table.error && html`<${Error} at=${table.failed_at} now=${now}>${table.error}<//>`}</th>`;
  if (destinations.length === 0) return html`<tr>${name}<${Nowhere} /></tr>`;
  return destinations.map((to, i) => html`<tr key=${`${table.table} ${to.destination} ${to.address}`}>${i === 0 && name}<${Destination} to=${to} now=${now} /></tr>`);
}

const Nothing = () => html`<div class="note"><p><strong>Nothing was exported yet.</strong></p>
  <p><code>weir work</code> and <code>weir run</code> export every few minutes; <code>weir export</code> does it at once, and
  <code>weir query "SELECT …"</code> reads what is there. <code>warehouse:</code> in the configuration says where they go.</p></div>`;

export function Exports({ reading: { data: tables, at } }) {
  const { rows, files } = standing(tables);
  const heads = [['Table'], ['Destination'], ['State'], ['Complete up to'], ['Rows', 'number'], ['Files', 'number'], ['Size', 'number']];
  return html`<${Section} id="exports" name="Exports" about=${`${count(rows)} rows in ${counted(files, 'file', 'files')}`}>
    ${files === 0 && html`<${Nothing} />`}
    ${tables.length > 0 && html`<${Table} name="Exports by table" heads=${heads}>
      ${tables.map((table) => html`<${Rows} key=${table.table} table=${table} now=${at} />`)}<//>`}
  <//>`;
}
