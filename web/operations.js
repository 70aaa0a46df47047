// The operations page: what a person should look at, whether the numbers agree, and what the background does.
import { html, render, useEffect } from '/web/preact.js';
import { Frame, count, counted } from '/web/frame.js';
import { clockOf } from '/web/moments.js';
import { Failure, useReading } from '/web/reading.js';
import { Alerts, openOf, readAlerts } from '/web/alerts.js';
import { Reconciliation, readReconciliation, tally } from '/web/reconciliation.js';
import { Tasks, readTasks } from '/web/tasks.js';
import { Exports, readExports, standing } from '/web/exports.js';

const some = (n, words) => n > 0 && `${count(n)} ${words}`;
const list = (...words) => words.filter(Boolean).join(', ');

// Each says: figure, what stands beside it, and how bad that is.
function alertsAtAGlance(alerts) {
  const open = openOf(alerts).length;
  return { figure: open > 0 ? `${count(open)} open` : 'None open', kind: open > 0 ? 'bad' : 'good',
    beside: alerts.length === 0 ? 'nothing to look at' : `${count(alerts.length - open)} acknowledged` };
}

function reconciliationAtAGlance(data) {
  const { agrees, drifts, immature, silent } = tally(data);
  const kind = drifts > 0 ? 'bad' : silent > 0 ? 'warn' : agrees > 0 ? 'good' : 'quiet';
  const figure = drifts > 0 ? counted(drifts, 'drifts', 'drift') : silent > 0 ? `${count(silent)} silent`
    : agrees > 0 ? 'All agree' : 'Nothing final';
  return { figure, kind, beside: list(drifts > 0 && some(silent, 'silent'), `${count(agrees)} agree`, some(immature, 'not final')) };
}

function tasksAtAGlance({ counts, failing }) {
  const dead = failing.filter(({ state }) => state === 'dead').length;
  const again = failing.length - dead;
  const beside = list(dead > 0 && some(again, 'failing'), `${count(counts.running)} running`, `${count(counts.ready)} waiting`);
  if (dead > 0) return { figure: `${count(dead)} dead`, kind: 'bad', beside };
  return again > 0 ? { figure: `${count(again)} failing`, kind: 'warn', beside } : { figure: 'All well', kind: 'good', beside };
}

function exportsAtAGlance(tables) {
  const { failing, behind, rows, files } = standing(tables);
  const beside = list(failing > 0 && some(behind, 'behind'), `${count(rows)} rows in ${counted(files, 'file', 'files')}`);
  if (failing > 0) return { figure: `${count(failing)} failing`, kind: 'bad', beside };
  if (behind > 0) return { figure: `${count(behind)} behind`, kind: 'warn', beside };
  return { figure: files > 0 ? 'All there' : 'Nothing yet', kind: files > 0 ? 'good' : 'quiet', beside };
}

function Glance({ id, name, reading, say }) {
  const said = reading.data && say(reading.data);
  return html`<a class="glance" href=${`#${id}`}>
    <span class="name">${name}</span>
    <span class=${`figure ${said?.kind ?? 'quiet'}`}>${said?.figure ?? (reading.failure ? 'Unknown' : '…')}</span>
    <span class="beside">${said?.beside ?? ''}</span></a>`;
}

const PARTS = [
  { id: 'alerts', name: 'Alerts', load: readAlerts, say: alertsAtAGlance, Part: Alerts },
  { id: 'reconciliation', name: 'Reconciliation', load: readReconciliation, say: reconciliationAtAGlance, Part: Reconciliation },
  { id: 'exports', name: 'Exports', load: readExports, say: exportsAtAGlance, Part: Exports },
  { id: 'tasks', name: 'Tasks', load: readTasks, say: tasksAtAGlance, Part: Tasks },
];

function Page() {
  // Always the same parts in the same order: each has its own reading, so that one that fails leaves the others.
  const parts = PARTS.map((part) => ({ ...part, reading: useReading(part.load) }));
  const moments = parts.map(({ reading }) => reading.at).filter(Boolean);
  const oldest = moments.length === parts.length && new Date(Math.min(...moments));
  // The part that the address names comes after the page: it is gone to when all are there.
  useEffect(() => {
    const part = oldest && location.hash && document.getElementById(location.hash.slice(1));
    if (part) { part.scrollIntoView(); part.focus({ preventScroll: true }); }
  }, [Boolean(oldest)]);
  return html`<${Frame} page="/operations">
    <div class="bar"><h1>Operations</h1>${oldest && html`<span class="moment">Read at ${clockOf(oldest)}</span>`}</div>
    <nav class="glances" aria-label="At a glance">${parts.map((part) => html`<${Glance} key=${part.id} ...${part} />`)}</nav>
    ${parts.map(({ id, name, reading, Part }) => html`<div key=${id}>
      <${Failure} what=${name} reading=${reading} />
      ${reading.data && html`<${Part} reading=${reading} />`}</div>`)}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
