// A fan-out as a good Node program does it: undici's pool, JSON.parse, map, merge, rank, one page. usage: fan_out.mjs PARTNERS_PORT SOURCES; prints its port.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [port, sources] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 512, pipelining: 1 });
const names = Array.from({ length: sources }, (_, i) => `s${String(i).padStart(2, '0')}`);
const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();

function mapped(source, record) {
  const { id, title, company, location, country, posted, description, url, bid } = record;
  if (!title || !/^https?:\/\//.test(url)) return null;
  return {
    id, source, title: title.trim(), hiring_organization: company, job_location: location, country, date_posted: new Date(posted).toISOString(),
    snippet: description.replace(/<[^>]*>/g, ' ').slice(0, 300), url: new URL(url).href, bid: Math.round(Number(bid) * 1e6),
    position: `${fold(title)}|${fold(company)}|${fold(location)}`,
  };
}

async function ask(name, words) {
  const { statusCode, body } = await pool.request({ path: `/${name}/search?q=${encodeURIComponent(words)}`, method: 'GET' });
  const { results } = await body.json();
  return statusCode === 200 ? results.map((record) => mapped(name, record)).filter(Boolean) : [];
}

function score(listing, words, now) {
  const title = ` ${fold(listing.title)}`, snippet = ` ${fold(listing.snippet)}`;
  const found = words.reduce((sum, word) => sum + (title.includes(` ${word}`) ? 1000 : snippet.includes(` ${word}`) ? 400 : 0), 0) / Math.max(words.length, 1);
  const days = (now - Date.parse(listing.date_posted)) / 86400000;
  return found * 50 + 1000 * 20 + (1000 * 14 / (14 + days)) * 15 + (1000 * listing.bid / (listing.bid + 500000)) * 15;
}

const server = createServer(async (request, response) => {
  const words = new URL(request.url, 'http://x').searchParams.get('q') ?? '';
  const best = new Map();
  for (const { status, value } of await Promise.allSettled(names.map((name) => ask(name, words)))) {
    for (const listing of status === 'fulfilled' ? value : []) {
      const other = best.get(listing.position);
      if (!other || other.bid < listing.bid) best.set(listing.position, listing);
    }
  }
  const now = Date.now(), folded = fold(words).split(' ').filter(Boolean);
  const ranked = [...best.values()].map((listing) => [score(listing, folded, now), listing]).sort(([a], [b]) => b - a);
  const listings = ranked.slice(0, 20).map(([, { position, ...listing }], i) => ({ position: i + 1, ...listing }));
  const text = JSON.stringify({ total: best.size, listings });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
