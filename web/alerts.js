// What a person should look at: alerts that stand, somebody taking one up, and those that are over.
import { html, useEffect, useState } from '/web/preact.js';
import { change, read } from '/web/frame.js';
import { Moment, dayName } from '/web/moments.js';
import { Section } from '/web/reading.js';

export const readAlerts = async (signal) => (await read('/v1/alerts', signal)).alerts;

export const openOf = (alerts) => alerts.filter(({ state }) => state === 'open');

const STATE_CLASS = { open: 'bad', acknowledged: 'warn', resolved: 'good' };

function Facts({ alert, now }) {
  const facts = [
    alert.source, alert.day && dayName(alert.day),
    html`since <${Moment} at=${alert.opened_at} now=${now} />`,
    alert.resolved_at ? html`over <${Moment} at=${alert.resolved_at} now=${now} />`
      : html`seen again <${Moment} at=${alert.last_seen_at} now=${now} />`,
    html`<span class="id">${alert.alert_id}</span>`,
  ];
  return html`<p class="facts">${facts.filter(Boolean).map((fact) => html`<span>${fact}</span>`)}</p>`;
}

function Alert({ alert, now, onChanged }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(null);
  async function acknowledge() {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await change(`/v1/alerts/${alert.alert_id}/acknowledge`);
    } catch (error) {
      setFailure(error.message);
    }
    await onChanged();
    setBusy(false);
  }
  return html`<li>
    <span class=${`state ${STATE_CLASS[alert.state] ?? ''}`}>${alert.state}</span>
    <div class="what"><p>${alert.message}</p><${Facts} alert=${alert} now=${now} />
      ${failure && html`<p class="bad" role="alert">Not acknowledged: ${failure}</p>`}</div>
    ${alert.state === 'open' && html`<button class="small" aria-disabled=${busy} onClick=${acknowledge}
      aria-label=${`Acknowledge: ${alert.message}`}>Acknowledge</button>`}
  </li>`;
}

const List = ({ alerts, now, onChanged }) => html`<ul class="alerts">${alerts.map((alert) =>
  html`<${Alert} key=${alert.alert_id} alert=${alert} now=${now} onChanged=${onChanged} />`)}</ul>`;

// Those that are over are many: asked for when somebody opens the list, and again while it is open.
function Resolved({ at, onChanged }) {
  const [open, setOpen] = useState(false);
  const [list, setList] = useState(null);
  useEffect(() => {
    if (!open) return undefined;
    const controller = new AbortController();
    read('/v1/alerts?state=all', controller.signal)
      .then(({ alerts }) => setList({ alerts: alerts.filter(({ state }) => state === 'resolved') }))
      .catch((error) => controller.signal.aborted || setList({ failure: error.message }));
    return () => controller.abort();
  }, [open, at]);
  return html`<details onToggle=${(event) => setOpen(event.currentTarget.open)}><summary>Resolved</summary>
    ${list?.failure && html`<p class="bad" role="alert">${list.failure}</p>`}
    ${list?.alerts && (list.alerts.length > 0 ? html`<${List} alerts=${list.alerts} now=${at} onChanged=${onChanged} />`
      : html`<p class="quiet">None yet.</p>`)}
  </details>`;
}

const Nothing = () => html`<div class="note"><p><strong>Nothing to look at.</strong></p>
  <p>An alert opens when a partner's total of a final day and our ledger drift apart, and ends by itself when they agree
  again. <code>alerts:</code> in the configuration also tells a webhook or sends mail.</p></div>`;

export function Alerts({ reading: { data, at, again } }) {
  const open = openOf(data).length;
  const words = open === 0 ? 'none is open' : open === 1 ? '1 is open' : `${open} are open`;
  return html`<${Section} id="alerts" name="Alerts" about=${html`<span role="status">${words}</span>`}>
    ${data.length === 0 ? html`<${Nothing} />` : html`<${List} alerts=${data} now=${at} onChanged=${again} />`}
    <${Resolved} at=${at} onChanged=${again} />
  <//>`;
}
