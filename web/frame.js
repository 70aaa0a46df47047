// What the pages share: the frame, tables, numbers as a person reads them, and reading the API.
import { html } from '/web/preact.js';

export function Frame({ page, children }) {
  const link = (href, name) => html`<a href=${href} aria-current=${page === href ? 'page' : null}>${name}</a>`;
  return html`<div class="frame">
    <header class="top">
      <span class="name">Weir</span>
      <nav aria-label="Pages">${link('/', 'Search')}${link('/dashboard', 'Dashboard')}${link('/operations', 'Operations')}</nav>
    </header>
    <main>${children}</main>
  </div>`;
}

// A table that scrolls by itself where it is too wide. heads: text and class of each column.
export const Table = ({ name, kind, heads, foot, children }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${name}>
  <table class=${kind}><thead><tr>${heads.map(([head, of]) => html`<th scope="col" class=${of}>${head}</th>`)}</tr></thead>
  <tbody>${children}</tbody>${foot && html`<tfoot>${foot}</tfoot>`}</table></div>`;

export const count = (n) => Number(n).toLocaleString('en');
export const counted = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

// Amounts stay text: a float would not hold them.
export function grouped(amount) {
  const [whole, fraction] = amount.split('.');
  const thousands = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}

const FIGURE_SPACE = '\u2007';

// The amounts of one column, padded after the last digit by spaces as wide as digits: the points stand in one line.
export function aligned(amounts) {
  const digits = (amount) => amount?.split('.')[1]?.length ?? 0;
  const most = Math.max(0, ...amounts.map(digits));
  return amounts.map((amount) => (amount ? grouped(amount) + FIGURE_SPACE.repeat(most - digits(amount)) : '–'));
}

// An answer that is one. Otherwise an error with the API's own words for what went wrong, and the status if there was any.
export async function ask(url, options, accept = 'application/json') {
  const answer = await fetch(url, { ...options, headers: { Accept: accept } }).catch((error) => {
    throw error.name === 'AbortError' ? error : new Error('The server cannot be reached.');
  });
  if (answer.ok) return answer;
  const { detail } = await bodyOf(answer);
  throw Object.assign(new Error(detail ?? `The server answered ${answer.status}.`), { status: answer.status });
}

const bodyOf = (answer) => answer.json().catch((error) => {
  if (error.name === 'AbortError') throw error;
  return {};
});

export const read = async (url, signal) => bodyOf(await ask(url, { signal }));
export const change = async (url) => bodyOf(await ask(url, { method: 'POST' }));
