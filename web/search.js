// The search page: a question, listings as they came, and how every source did.
import { html, render, useEffect, useRef, useState } from '/web/preact.js';
import { Frame, age, count, money, read } from '/web/frame.js';

const MODES = [['fastest', 'Fastest'], ['balanced', 'Balanced'], ['widest', 'Widest']];
const STATUS_CLASS = { ok: 'good', empty: 'good', skipped: '', late: 'warn', quota: 'warn' };
const PERIODS = { HOUR: 'an hour', DAY: 'a day', WEEK: 'a week', MONTH: 'a month', YEAR: 'a year' };

function questionOf(search) {
  const given = new URLSearchParams(search);
  return {
    q: given.get('q') ?? '', location: given.get('location') ?? '',
    mode: given.get('mode') ?? 'balanced', remote: given.get('remote') === 'true',
  };
}

function parametersOf(question) {
  const parameters = new URLSearchParams();
  if (question.q) parameters.set('q', question.q);
  if (question.location) parameters.set('location', question.location);
  if (question.remote) parameters.set('remote', 'true');
  parameters.set('mode', question.mode);
  return parameters;
}

function Ask({ question, busy, onAsk }) {
  const [draft, setDraft] = useState(question);
  const set = (name, value) => setDraft({ ...draft, [name]: value });
  const submit = (event) => { event.preventDefault(); onAsk(draft); };
  return html`<form class="ask" role="search" onSubmit=${submit}>
    <label>Words<input type="search" name="q" autofocus value=${draft.q} placeholder="title, skill or company"
      onInput=${(e) => set('q', e.target.value)} /></label>
    <label>Place<input type="text" name="location" value=${draft.location} placeholder="city or region"
      onInput=${(e) => set('location', e.target.value)} /></label>
    <label>Sourcing<select name="mode" value=${draft.mode} onChange=${(e) => set('mode', e.target.value)}>
      ${MODES.map(([value, name]) => html`<option value=${value} selected=${value === draft.mode}>${name}</option>`)}
    </select></label>
    <label class="tick"><input type="checkbox" name="remote" checked=${draft.remote}
      onChange=${(e) => set('remote', e.target.checked)} />Remote</label>
    <button disabled=${busy}>${busy ? 'Searching…' : 'Search'}</button>
  </form>`;
}

function salaryText(salary) {
  if (!salary) return null;
  const { min_value: min, max_value: max, currency = '', unit_text: unit, text } = salary;
  if (!min && !max) return text;
  const plain = (amount) => money(amount, '').trim().replace(/\.00$/, '');
  const range = min && max && min !== max ? `${plain(min)} – ${plain(max)}` : plain(max ?? min);
  return `${range} ${currency} ${unit ? PERIODS[unit] : ''}${salary.predicted ? ' (estimated)' : ''}`.trim();
}

function Listing({ listing }) {
  const place = [listing.job_location, listing.work_place === 'remote' ? 'remote' : null].filter(Boolean).join(', ');
  return html`<li>
    <h3><a href=${listing.url} rel="noopener" target="_blank">${listing.title}</a></h3>
    <div class="facts">
      ${listing.hiring_organization && html`<span>${listing.hiring_organization}</span>`}
      ${place && html`<span>${place}</span>`}
      ${salaryText(listing.base_salary) && html`<span class="pay">${salaryText(listing.base_salary)}</span>`}
      ${listing.date_posted && html`<time datetime=${listing.date_posted}>${age(listing.date_posted)}</time>`}
      <span>${[listing.source, ...(listing.also_from ?? [])].join(', ')}</span>
    </div>
    ${listing.snippet && html`<p>${listing.snippet}</p>`}
  </li>`;
}

function Sources({ sources }) {
  const asked = sources.filter((source) => source.status !== 'skipped');
  const skipped = sources.filter((source) => source.status === 'skipped');
  return html`<aside aria-label="Sources">
    <h2>Sources</h2>
    <table>
      <thead><tr><th scope="col">Source</th><th scope="col">Status</th><th scope="col" class="number">Listings</th>
        <th scope="col" class="number">ms</th></tr></thead>
      <tbody>${asked.map((source) => html`<tr>
        <td>${source.partner ?? source.source}${source.attribution && html`<span class="reason">${source.attribution}</span>`}</td>
        <td><span class=${STATUS_CLASS[source.status] ?? 'bad'}>${source.status.replace('_', ' ')}</span>
          ${source.cached && html` <span class="reason">from the cache</span>`}
          ${source.reason && html`<span class="reason">${source.reason}</span>`}</td>
        <td class="number">${count(source.count)}</td><td class="number">${count(source.took_ms)}</td></tr>`)}</tbody>
    </table>
    ${skipped.length > 0 && html`<details><summary>${skipped.length} not asked</summary><table><tbody>
      ${skipped.map((source) => html`<tr><td>${source.partner ?? source.source}</td><td class="reason">${source.reason}</td></tr>`)}
    </tbody></table></details>`}
  </aside>`;
}

function Empty({ asked }) {
  return asked
    ? html`<div class="note" role="status"><p><strong>Nothing found.</strong></p>
        <p>Try fewer words, another place, or the widest sourcing: it waits for every source.</p></div>`
    : html`<div class="note"><p><strong>Search the listings of every partner at once.</strong></p>
        <p>Enter some words, such as <a href="/?q=nurse&mode=balanced">nurse</a> or
        <a href="/?q=engineer&remote=true&mode=widest">engineer, remote, widest</a>.</p></div>`;
}

function Page() {
  const [question, setQuestion] = useState(questionOf(location.search));
  const [answer, setAnswer] = useState(null);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(null);

  async function load(parameters, earlier) {
    running.current?.abort();
    const controller = running.current = new AbortController();
    setBusy(true);
    setFailure(null);
    try {
      const next = await read(`/v1/search?${parameters}`, controller.signal);
      setAnswer(earlier ? { ...next, listings: [...earlier.listings, ...next.listings] } : next);
    } catch (error) {
      if (error.name !== 'AbortError') setFailure(error.message);
    }
    if (running.current === controller) setBusy(false);
  }

  function ask(next) {
    history.pushState(null, '', `/?${parametersOf(next)}`);
    setQuestion(next);
    load(parametersOf(next), null);
  }

  function more() {
    const parameters = parametersOf(question);
    parameters.set('page', answer.next_page);
    load(parameters, answer);
  }

  useEffect(() => {
    const show = () => {
      const next = questionOf(location.search);
      setQuestion(next);
      if (location.search) load(parametersOf(next), null);
    };
    show();
    addEventListener('popstate', show);
    return () => removeEventListener('popstate', show);
  }, []);

  return html`<${Frame} page="/">
    <h1>Search</h1>
    <${Ask} key=${JSON.stringify(question)} question=${question} busy=${busy} onAsk=${ask} />
    ${failure && html`<div class="note bad" role="alert"><p>${failure}</p></div>`}
    ${!answer && !busy && !failure && html`<${Empty} asked=${false} />`}
    ${answer && html`<div class="columns">
      <section aria-label="Results">
        <p class="summary" role="status">${count(answer.total)} listings in ${count(answer.took_ms)} ms${
          answer.partial ? ', without some sources' : ''}. Search ${answer.search_id}.</p>
        ${answer.listings.length === 0 ? html`<${Empty} asked=${true} />` : html`<ol class="listings">
          ${answer.listings.map((listing) => html`<${Listing} key=${listing.id} listing=${listing} />`)}</ol>`}
        ${answer.next_page && html`<button class="plain" disabled=${busy} onClick=${more}>More listings</button>`}
      </section>
      <${Sources} sources=${answer.sources} />
    </div>`}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
