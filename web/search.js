// The search page: a question, listings as they came, and how every source did.
import { html, render, useEffect, useRef, useState } from '/web/preact.js';
import { Frame, count, counted, grouped, read } from '/web/frame.js';
import { age } from '/web/moments.js';

const MODES = [['fastest', 'Fastest'], ['balanced', 'Balanced'], ['widest', 'Widest']];
const STATUS_CLASS = { ok: 'good', empty: 'good', skipped: '', late: 'warn', quota: 'warn' };
const isAnswered = (source) => ['ok', 'empty'].includes(source.status);
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
  useEffect(() => setDraft(question), [question]);
  const set = (name, value) => setDraft({ ...draft, [name]: value });
  const submit = (event) => { event.preventDefault(); onAsk(draft); };
  return html`<form class="ask" role="search" onSubmit=${submit}>
    <label>Words<input type="search" name="q" autofocus maxlength="200" value=${draft.q}
      placeholder="title, skill or company" onInput=${(e) => set('q', e.target.value)} /></label>
    <label>Place<input type="text" name="location" maxlength="200" value=${draft.location} placeholder="city or region"
      onInput=${(e) => set('location', e.target.value)} /></label>
    <label>Sourcing<select name="mode" value=${draft.mode} onChange=${(e) => set('mode', e.target.value)}>
      ${MODES.map(([value, name]) => html`<option value=${value} selected=${value === draft.mode}>${name}</option>`)}
    </select></label>
    <label class="tick"><input type="checkbox" name="remote" checked=${draft.remote}
      onChange=${(e) => set('remote', e.target.checked)} />Remote</label>
    <button aria-disabled=${busy}>Search</button>
  </form>`;
}

function salaryText(salary) {
  if (!salary) return null;
  const { min_value: min, max_value: max, currency, unit_text: unit, text } = salary;
  if (!min && !max) return text;
  const plain = (amount) => grouped(amount).replace(/\.00$/, '');
  const range = min && max && min !== max ? `${plain(min)} – ${plain(max)}` : plain(max ?? min);
  const bound = min && max ? range : min ? `from ${range}` : `up to ${range}`;
  return [bound, currency, PERIODS[unit], salary.predicted ? '(estimated)' : null].filter(Boolean).join(' ');
}

const COUNTRIES = new Intl.DisplayNames('en', { type: 'region' });
function countryName(code) {
  try { return COUNTRIES.of(code); } catch { return code; }
}

function placeText({ job_location: place, country, work_place: workPlace }) {
  const where = place || (country ? countryName(country) : null);
  const isSaid = where?.toLowerCase().includes(workPlace);
  return [where, ['remote', 'hybrid'].includes(workPlace) && !isSaid ? workPlace : null].filter(Boolean).join(', ');
}

// "FULL_TIME" says little: it is what most are.
const employmentText = (types = []) => types.filter((type) => !['FULL_TIME', 'OTHER'].includes(type))
  .map((type) => type.toLowerCase().replace('_', ' ')).join(', ');

/* What the partner's terms ask for, as a link where they ask for one. */
function attributionOf(source, listing) {
  const text = source?.attribution ?? `via ${listing.source}`;
  if (!source?.attribution_url) return text;
  return html`<a href=${source.attribution_url} rel=${source.follow ? 'noopener' : 'noopener nofollow'} target="_blank">${text}</a>`;
}

function Listing({ listing, attribution }) {
  const facts = [
    ['', listing.hiring_organization], ['', placeText(listing)], ['pay', salaryText(listing.base_salary)],
    ['', employmentText(listing.employment_type)],
    ['', listing.date_posted && html`<time datetime=${listing.date_posted} title=${listing.date_posted}>${age(listing.date_posted)}</time>`],
    ['', attributionOf(attribution, listing)],
    ['', listing.also_from && `also ${listing.also_from.join(', ')}`],
  ];
  return html`<li>
    <h2 lang=${listing.language}><a href=${listing.url} rel="noopener" target="_blank">${listing.title}</a></h2>
    <div class="facts">${facts.filter(([, fact]) => fact).map(([kind, fact]) => html`<span class=${kind}>${fact}</span>`)}</div>
    ${listing.snippet && html`<p lang=${listing.language}>${listing.snippet}</p>`}
  </li>`;
}

// Two sources of one partner are told apart by the name of the source.
function nameOf(source, sources) {
  const alike = sources.filter((other) => other.partner === source.partner).length;
  return alike > 1 || !source.partner ? source.source : source.partner;
}

function SourceRow({ source, sources, reason }) {
  return html`<tr>
    <th scope="row">${nameOf(source, sources)}
      ${source.attribution && html`<span class="reason">${source.attribution}</span>`}
      ${reason && source.reason && html`<span class="reason">${source.reason}</span>`}</th>
    <td class=${STATUS_CLASS[source.status] ?? 'bad'}>${source.status.replace('_', ' ')}${source.cache === 'hit' || source.cache === 'stale' ? ', cached' : ''}</td>
    <td class="number">${source.status === 'skipped' ? '' : count(source.count)}</td>
    <td class="number">${source.status === 'skipped' ? '' : count(source.took_ms)}</td></tr>`;
}

const SourceHead = () => html`<thead><tr><th scope="col">Source</th><th scope="col">Status</th>
  <th scope="col" class="number">Listings</th><th scope="col" class="number">ms</th></tr></thead>`;

// Many sources with one trouble, such as no way to the internet, are one line until it is opened.
function Trouble({ troubled, sources }) {
  const [{ status, reason }] = troubled;
  const who = troubled.length === 1 ? nameOf(troubled[0], sources) : `${troubled.length} sources`;
  return html`<details open=${troubled.length === 1}>
    <summary><span class=${STATUS_CLASS[status] ?? 'bad'}>${who} ${status.replace('_', ' ')}</span>
      ${reason && html`<span class="reason">${reason}</span>`}</summary>
    <table><${SourceHead} /><tbody>${troubled.map((source) => html`<${SourceRow} source=${source} sources=${sources} />`)}</tbody></table>
  </details>`;
}

function Sources({ sources }) {
  const answered = sources.filter(isAnswered).sort((a, b) => b.count - a.count);
  const skipped = sources.filter((source) => source.status === 'skipped');
  const troubles = new Map();
  for (const source of sources.filter((source) => !isAnswered(source) && source.status !== 'skipped')) {
    const key = `${source.status} ${source.reason}`;
    troubles.set(key, [...(troubles.get(key) ?? []), source]);
  }
  return html`<aside id="sources" tabindex="-1" aria-labelledby="sources-name">
    <h2 id="sources-name">Sources</h2>
    ${answered.length > 0 && html`<table><${SourceHead} />
      <tbody>${answered.map((source) => html`<${SourceRow} source=${source} sources=${sources} reason=${true} />`)}</tbody></table>`}
    ${[...troubles].sort(([, a], [, b]) => a.length - b.length).map(([key, troubled]) => html`<${Trouble} key=${key} troubled=${troubled} sources=${sources} />`)}
    ${skipped.length > 0 && html`<details><summary>${skipped.length} not asked</summary>
      <table><${SourceHead} /><tbody>${skipped.map((source) => html`<${SourceRow} source=${source} sources=${sources} reason=${true} />`)}</tbody></table>
    </details>`}
  </aside>`;
}

function Summary({ answer }) {
  const asked = answer.sources.filter((source) => source.status !== 'skipped');
  return html`<p class="summary" role="status">${counted(answer.total, 'listing', 'listings')} in${' '}
    ${count(answer.took_ms)} ms from <a href="#sources">${asked.filter(isAnswered).length} of ${asked.length} sources</a>
    <span class="id">search ${answer.search_id}</span></p>`;
}

function Empty({ asked }) {
  return asked
    ? html`<div class="note" role="status"><p><strong>Nothing found.</strong></p>
        <p>Try fewer words, another place, or the widest sourcing: it waits for every source.</p></div>`
    : html`<div class="note"><p><strong>Search the listings of every partner at once.</strong></p>
        <p>Enter some words, such as <a href="/?q=nurse&mode=balanced">nurse</a>, or from every source, however slow:${' '}
        <a href="/?q=engineer&mode=widest">engineer, widest</a>.</p></div>`;
}

function Page() {
  const [question, setQuestion] = useState(questionOf(location.search));
  const [answer, setAnswer] = useState(null);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(null);
  const list = useRef(null);
  const address = useRef(null);

  async function load(parameters, earlier) {
    running.current?.abort();
    const controller = running.current = new AbortController();
    setBusy(true);
    setFailure(null);
    try {
      const next = await read(`/v1/search?${parameters}`, controller.signal);
      if (running.current !== controller) return;
      setAnswer(earlier ? { ...next, listings: [...earlier.listings, ...next.listings], first: earlier.listings.length } : next);
    } catch (error) {
      if (error.name === 'AbortError') return;
      setFailure(error.message);
      if (!earlier) setAnswer(null);
    }
    setBusy(false);
  }

  function show(next, asked) {
    address.current = location.pathname + location.search;
    setQuestion(next);
    document.title = asked ? `${[next.q, next.location].filter(Boolean).join(', ') || 'everything'} – Weir` : 'Weir: search';
    if (asked) return load(parametersOf(next), null);
    running.current?.abort();
    setAnswer(null);
    setFailure(null);
    setBusy(false);
  }

  function ask(next) {
    const wanted = `/?${parametersOf(next)}`;
    if (wanted !== address.current) history.pushState(null, '', wanted);
    show(next, true);
  }

  function more() {
    if (busy) return;
    const parameters = parametersOf(question);
    if (answer.next_cursor) parameters.set('cursor', answer.next_cursor);
    else parameters.set('page', answer.next_page);
    load(parameters, answer);
  }

  useEffect(() => {
    const showAddress = () => show(questionOf(location.search), location.search !== '');
    // A jump to #sources is no new question.
    const moved = () => location.pathname + location.search !== address.current && showAddress();
    showAddress();
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);

  // The keyboard goes on at the first of the listings that came below.
  useEffect(() => {
    if (answer?.first) list.current?.children[answer.first]?.querySelector('a').focus({ preventScroll: true });
  }, [answer]);

  const attributions = new Map((answer?.sources ?? []).map((source) => [source.source, source]));
  return html`<${Frame} page="/">
    <h1 class="unseen">Search</h1>
    <${Ask} question=${question} busy=${busy} onAsk=${ask} />
    ${failure && html`<div class="note" role="alert"><p class="bad"><strong>The search failed.</strong></p><p>${failure}</p></div>`}
    ${!answer && busy && html`<p class="summary" role="status">Asking every source…</p>`}
    ${!answer && !busy && !failure && html`<${Empty} asked=${false} />`}
    ${answer && html`<div class="columns" aria-busy=${busy}>
      <section aria-label="Results">
        <${Summary} answer=${answer} />
        ${answer.listings.length === 0 ? html`<${Empty} asked=${true} />` : html`<ol class="listings" ref=${list}>
          ${answer.listings.map((listing) => html`<${Listing} key=${listing.id} listing=${listing} attribution=${attributions.get(listing.source)} />`)}</ol>`}
        ${answer.next_page && html`<button class="plain" aria-disabled=${busy} onClick=${more}>More listings</button>`}
      </section>
      <${Sources} sources=${answer.sources} />
    </div>`}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
