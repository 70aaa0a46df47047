// The search page: a question, listings as they come, and how every source did.
import { html, render, useEffect, useRef, useState } from '/web/preact.js';
import { Frame, count, counted, grouped, read } from '/web/frame.js';
import { age } from '/web/moments.js';
import { search } from '/web/stream.js';

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
  // Only another question takes the place of what is typed.
  useEffect(() => setDraft(question), [String(parametersOf(question))]);
  const set = (name, value) => setDraft((now) => ({ ...now, [name]: value }));
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

function SourceTable({ rows, sources, reason }) {
  return html`<table>
    <thead><tr><th scope="col">Source</th><th scope="col">Status</th>
      <th scope="col" class="number">Listings</th><th scope="col" class="number">ms</th></tr></thead>
    <tbody>${rows.map((source) => html`<${SourceRow} key=${source.source} source=${source} sources=${sources} reason=${reason} />`)}</tbody>
  </table>`;
}

// Many sources with one trouble, such as no way to the internet, are one line until it is opened.
function Trouble({ troubled, sources }) {
  const [{ status, reason }] = troubled;
  const who = troubled.length === 1 ? nameOf(troubled[0], sources) : `${troubled.length} sources`;
  return html`<details open=${troubled.length === 1}>
    <summary><span class=${STATUS_CLASS[status] ?? 'bad'}>${who} ${status.replace('_', ' ')}</span>
      ${reason && html`<span class="reason">${reason}</span>`}</summary>
    <${SourceTable} rows=${troubled} sources=${sources} />
  </details>`;
}

function SourcesByOutcome({ sources }) {
  const answered = sources.filter(isAnswered).sort((a, b) => b.count - a.count);
  const skipped = sources.filter((source) => source.status === 'skipped');
  const troubles = new Map();
  for (const source of sources.filter((source) => !isAnswered(source) && source.status !== 'skipped')) {
    const key = `${source.status} ${source.reason}`;
    troubles.set(key, [...(troubles.get(key) ?? []), source]);
  }
  return html`
    ${answered.length > 0 && html`<${SourceTable} rows=${answered} sources=${sources} reason=${true} />`}
    ${[...troubles].sort(([, a], [, b]) => a.length - b.length).map(([key, troubled]) => html`<${Trouble} key=${key} troubled=${troubled} sources=${sources} />`)}
    ${skipped.length > 0 && html`<details><summary>${skipped.length} not asked</summary>
      <${SourceTable} rows=${skipped} sources=${sources} reason=${true} />
    </details>`}`;
}

// While they come each stands below those before it.
function Sources({ sources, isWhole }) {
  return html`<aside id="sources" tabindex="-1" aria-labelledby="sources-name">
    <h2 id="sources-name">Sources</h2>
    ${isWhole ? html`<${SourcesByOutcome} sources=${sources} />` : html`<${SourceTable} rows=${sources} sources=${sources} reason=${true} />`}
  </aside>`;
}

const NOTHING_YET = { listings: [], sources: [] };
const isWhole = (answer) => answer.took_ms !== undefined;

// Of those that were asked: how many answered, in words.
function answeredText({ sources }) {
  const asked = sources.filter((source) => source.status !== 'skipped');
  return `${asked.filter(isAnswered).length} of ${asked.length} sources`;
}

// It changes with each source, so it is for the eye; what is read aloud is Announcement.
function Summary({ answer, onOrder }) {
  return html`<p class="summary">${isWhole(answer)
    ? html`${counted(answer.total, 'listing', 'listings')} in ${count(answer.took_ms)} ms from <a href="#sources">${answeredText(answer)}</a>`
    : answer.asked ? `${answer.sources.filter(isAnswered).length} of ${counted(answer.asked, 'source', 'sources')} answered` : 'Asking every source…'}
    ${answer.best && html`<button type="button" class="link" onClick=${onOrder}>Put the best first</button>`}
    ${answer.search_id && html`<span class="id">search ${answer.search_id}</span>`}</p>`;
}

// Said once when a search begins and once when it is over, not for each listing or source.
function Announcement({ answer, busy }) {
  const text = busy ? 'Searching…' : !answer || !isWhole(answer) ? ''
    : `${answer.total ? counted(answer.total, 'listing', 'listings') : 'Nothing found'} from ${answeredText(answer)}.`;
  return html`<p class="unseen" role="status">${text}</p>`;
}

function Empty({ asked }) {
  return asked
    ? html`<div class="note"><p><strong>Nothing found.</strong></p>
        <p>Try fewer words, another place, or the widest sourcing: it waits for every source.</p></div>`
    : html`<div class="note"><p><strong>Search the listings of every partner at once.</strong></p>
        <p>Enter some words, such as <a href="/?q=nurse&mode=balanced">nurse</a>, or from every source, however slow:${' '}
        <a href="/?q=engineer&mode=widest">engineer, widest</a>.</p></div>`;
}

// How many of the listings that stand the reader has or has had before the eyes: none, as long as neither keyboard nor
// pointer has been in the list and it has not been scrolled into.
function countRead(list, isTouched) {
  if (!list || (!isTouched && list.getBoundingClientRect().top >= 0)) return 0;
  const items = [...list.children];
  const focused = items.findIndex((item) => item.contains(document.activeElement));
  return Math.max(focused + 1, items.filter((item) => item.getBoundingClientRect().top < innerHeight).length);
}

const without = (listings, those) => {
  const ids = new Set(those.map(({ id }) => id));
  return listings.filter(({ id }) => !ids.has(id));
};

// The whole answer, but what is being read stays where it is; best is the order that the answer has, where that is another.
function settle(whole, read) {
  const listings = [...read, ...without(whole.listings, read)];
  const isBest = listings.length === whole.listings.length && listings.every(({ id }, i) => id === whole.listings[i].id);
  return { ...whole, listings, best: isBest ? null : whole.listings };
}

function Page() {
  const [question, setQuestion] = useState(questionOf(location.search));
  const [answer, setAnswer] = useState(null);
  const [failure, setFailure] = useState(null);
  const [coming, setComing] = useState(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(null);
  const list = useRef(null);
  const isTouched = useRef(false);
  const address = useRef(null);

  // What was under way is over, or not wanted any more.
  function stop() {
    running.current?.abort();
    running.current = null;
    setComing(null);
    setBusy(false);
  }

  // work(signal) gives the next answer; when it fails, left() is what stays.
  async function run(work, left) {
    stop();
    const { signal } = running.current = new AbortController();
    setBusy(true);
    setFailure(null);
    try {
      const next = await work(signal);
      if (signal.aborted) return;
      setAnswer(next);
    } catch (error) {
      if (signal.aborted) return;
      setFailure(error.message);
      setAnswer(left());
    }
    stop();
  }

  function load(parameters) {
    let latest = null;
    isTouched.current = false;
    return run(async (signal) => {
      setComing(NOTHING_YET);
      const whole = await search(parameters, signal, (news) => { if (!signal.aborted) setComing(latest = news); });
      return settle(whole, latest ? latest.listings.slice(0, countRead(list.current, isTouched.current)) : []);
    }, () => (latest?.listings.length ? latest : null));
  }

  function show(next, asked) {
    address.current = location.pathname + location.search;
    setQuestion(next);
    document.title = asked ? `${[next.q, next.location].filter(Boolean).join(', ') || 'everything'} – Weir` : 'Weir: search';
    if (asked) return load(parametersOf(next));
    stop();
    setAnswer(null);
    setFailure(null);
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
    run(async (signal) => {
      const next = await read(`/v1/search?${parameters}`, signal);
      const listings = [...answer.listings, ...without(next.listings, answer.listings)];
      return { ...next, listings, first: answer.listings.length };
    }, () => answer);
  }

  useEffect(() => {
    const showAddress = () => show(questionOf(location.search), location.search !== '');
    // A jump to #sources is no new question.
    const moved = () => location.pathname + location.search !== address.current && showAddress();
    // A browser may keep the page that is left, to show it again: what was under way is asked again then.
    const leave = () => running.current?.abort();
    const comeBack = () => running.current?.signal.aborted && showAddress();
    showAddress();
    addEventListener('popstate', moved);
    addEventListener('pagehide', leave);
    addEventListener('pageshow', comeBack);
  }, []);

  // The keyboard goes on at the first of the listings that came below, or were put into order.
  useEffect(() => {
    if (answer?.first !== undefined) list.current?.children[answer.first]?.querySelector('a').focus({ preventScroll: true });
  }, [answer]);

  const shown = coming?.listings.length ? coming : answer;
  const touch = () => { isTouched.current = true; };
  const attributions = new Map((shown?.sources ?? []).map((source) => [source.source, source]));
  return html`<${Frame} page="/">
    <h1 class="unseen">Search</h1>
    <${Ask} question=${question} busy=${busy} onAsk=${ask} />
    <${Announcement} answer=${answer} busy=${busy} />
    ${failure && html`<div class="note" role="alert"><p class="bad"><strong>The search failed.</strong></p><p>${failure}</p></div>`}
    ${!shown && !busy && !failure && html`<${Empty} asked=${false} />`}
    ${(shown || coming) && html`<div class=${`columns ${busy && shown && shown !== coming ? 'earlier' : ''}`} aria-busy=${busy}>
      <section aria-label="Results">
        <${Summary} answer=${coming ?? shown} onOrder=${() => setAnswer({ ...answer, listings: answer.best, best: null, first: 0 })} />
        ${shown?.listings.length === 0 && html`<${Empty} asked=${true} />`}
        ${shown?.listings.length > 0 && html`<ol class="listings" ref=${list} onfocusin=${touch} onpointermove=${touch}>
          ${shown.listings.map((listing) => html`<${Listing} key=${listing.place ?? listing.id} listing=${listing} attribution=${attributions.get(listing.source)} />`)}</ol>`}
        ${shown?.next_page && html`<button class="plain" aria-disabled=${busy} onClick=${more}>More listings</button>`}
      </section>
      ${shown && html`<${Sources} sources=${shown.sources} isWhole=${isWhole(shown)} />`}
    </div>`}
  <//>`;
}

render(html`<${Page} />`, document.getElementById('app'));
