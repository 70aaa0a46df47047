// The background's work: what runs, what fails and why, and when each schedule ticks.
import { html } from '/web/preact.js';
import { Table, count, read } from '/web/frame.js';
import { Moment, every, span } from '/web/moments.js';
import { Section } from '/web/reading.js';

const LATE_MS = 120000;

export async function readTasks(signal) {
  const [running, failing] = await Promise.all([
    read('/v1/tasks?state=running&limit=1000', signal), read('/v1/tasks?failing=true&limit=1000', signal)]);
  return { counts: running.counts, schedules: running.schedules, running: running.tasks,
    failing: groupsOf(failing.tasks) };
}

// What fails again and again is one line: its newest task (tasks come newest first), and how many died before.
function groupsOf(tasks) {
  const groups = new Map();
  for (const task of tasks) {
    const name = `${task.kind} ${task.key}`;
    const group = groups.get(name);
    if (group) group.earlier += 1;
    else groups.set(name, { ...task, earlier: 0 });
  }
  return [...groups.values()];
}

const nameOf = (task) => html`<th scope="row"><span class="kind">${task.kind}</span> ${task.key}</th>`;

function Running({ tasks, now }) {
  if (tasks.length === 0) return html`<p class="quiet">Nothing runs just now.</p>`;
  return html`<${Table} name="Running" heads=${[['Task'], ['Running for'], ['Attempt', 'number'], ['Worker']]}>
    ${tasks.map((task) => html`<tr key=${task.task_id}>${nameOf(task)}
      <td class="plain">${task.started_at ? html`<time datetime=${task.started_at}>${span(now - Date.parse(task.started_at))}</time>` : '–'}</td>
      <td class="number">${count(task.attempts)}</td><td>${task.worker}</td></tr>`)}<//>`;
}

function Fate({ task, now }) {
  if (task.state === 'dead') return html`<span class="bad">dead</span> <span class="quiet"><${Moment} at=${task.finished_at} now=${now} /></span>`;
  if (task.state === 'running') return html`<span class="warn">being tried again</span>`;
  return html`<span class="warn">tried again</span> <span class="quiet"><${Moment} at=${task.run_at} now=${now} /></span>`;
}

function Failing({ tasks, now }) {
  if (tasks.length === 0) return html`<p class="quiet">Nothing fails.</p>`;
  return html`<${Table} name="Failing" heads=${[['Task'], ['State'], ['Attempts', 'number'], ['Last error']]}>
    ${tasks.map((task) => html`<tr key=${task.task_id}>${nameOf(task)}
      <td class="plain"><${Fate} task=${task} now=${now} />
        ${task.earlier > 0 && html`<span class="reason">${count(task.earlier)} died before</span>`}</td><td class="number">${count(task.attempts)}</td>
      <td class="message">${task.message}
        ${task.state === 'dead' && html`<span class="reason">When mended: <code>weir task retry ${task.task_id}</code></span>`}</td></tr>`)}<//>`;
}

const ruleOf = (schedule) => (schedule.cron
  ? html`<code>${schedule.cron}</code> <span class="quiet">${schedule.zone}</span>` : every(schedule.every_ms));

function standingOf(schedule, running, failing, now) {
  const has = (tasks) => tasks.some((task) => task.schedule === schedule.schedule);
  if (schedule.paused) return html`<span class="warn">paused</span>`;
  if (has(running)) return html`<span class="good">running</span>`;
  if (has(failing)) return html`<span class="bad">failing</span>`;
  if (now - Date.parse(schedule.next) > LATE_MS) return html`<span class="bad">late</span>`;
  return html`<span class="quiet">waiting</span>`;
}

function Schedules({ schedules, running, failing, now }) {
  if (schedules.length === 0) {
    return html`<div class="note"><p><strong>No schedules yet.</strong></p>
      <p><code>weir work</code>, or <code>weir run</code>, makes them from <code>every:</code> of the definitions when it starts.</p></div>`;
  }
  return html`<${Table} name="Schedules" heads=${[['Schedule'], ['When'], ['Last'], ['Next'], ['State']]}>
    ${schedules.map((schedule) => html`<tr key=${schedule.schedule}>${nameOf(schedule)}
      <td class="plain">${ruleOf(schedule)}</td><td class="plain"><${Moment} at=${schedule.last} now=${now} /></td>
      <td class="plain">${schedule.paused ? '–' : html`<${Moment} at=${schedule.next} now=${now} />`}</td>
      <td class="plain">${standingOf(schedule, running, failing, now)}</td></tr>`)}<//>`;
}

// Schedules tick within seconds of their moment as long as any worker lives.
function Stalled({ schedules, now }) {
  const due = schedules.filter((schedule) => !schedule.paused).map((schedule) => Date.parse(schedule.next));
  const late = now - Math.min(...due);
  if (due.length === 0 || late < LATE_MS) return null;
  return html`<div class="note"><p class="bad"><strong>Schedules are ${span(late)} late.</strong></p>
    <p>No worker ticks them. Is <code>weir work</code> (or <code>weir run</code>) running, and can it reach the database?</p></div>`;
}

export function Tasks({ reading: { data, at } }) {
  const { counts, schedules, running, failing } = data;
  const words = [`${count(counts.running)} running`, `${count(counts.ready)} waiting`, `${count(counts.dead)} dead`,
    `${count(counts.done)} done lately`].join(' · ');
  return html`<${Section} id="tasks" name="Tasks" about=${words}>
    <${Stalled} schedules=${schedules} now=${at} />
    <h3>Failing</h3><${Failing} tasks=${failing} now=${at} />
    <h3>Running</h3><${Running} tasks=${running} now=${at} />
    <h3>Schedules</h3><${Schedules} schedules=${schedules} running=${running} failing=${failing} now=${at} />
  <//>`;
}
