// The search page and the dashboard in a real Chromium, against the real binary with its sandbox.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage, assertAccessible, assertFits, refreshUntil, skip } from './stage.mjs';

const stage = new Stage();
const open = (...given) => stage.open(...given);
before(() => skip || stage.start());
after(() => stage.stop());

test('an empty search page says what to do and is accessible', { skip }, async () => {
  const page = await open('/');
  await page.getByText('Search the listings of every partner at once').waitFor();
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('a search by keyboard shows listings, and how every source did', { skip }, async () => {
  const page = await open('/');
  await page.getByLabel('Words').focus();
  await page.keyboard.type('engineer');
  await page.getByLabel('Sourcing').selectOption('widest');
  await page.getByLabel('Words').press('Enter');
  await page.locator('ol.listings li').first().waitFor();
  assert.ok(await page.locator('ol.listings li').count() >= 10);
  for (const name of ['Alder', 'Birch', 'Cedar'])
    assert.ok(await page.locator('aside tr', { hasText: name }).count() === 1, name);
  assert.match(page.url(), /q=engineer/);
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('more listings come below, and the back button goes back', { skip }, async () => {
  const page = await open('/?q=engineer&mode=widest');
  await page.locator('ol.listings li').first().waitFor();
  const before = await page.locator('ol.listings li').count();
  await page.getByRole('button', { name: 'More listings' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('ol.listings li').length > n, before);
  await page.getByLabel('Words').fill('nurse');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.waitForURL(/q=nurse/);
  await page.goBack();
  await page.waitForURL(/q=engineer/);
  await page.waitForFunction(() => document.querySelector('[name=q]').value === 'engineer');
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('a search that finds nothing says so', { skip }, async () => {
  const page = await open('/?q=xyzzyplugh&mode=widest');
  await page.getByText('Nothing found.').waitFor();
  await assertAccessible(page);
  await page.close();
});

test('markup and endless words in a listing stay text, and stay on the screen', { skip }, async () => {
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;';
  const listing = { id: '1', source: 'alder', title: markup + 'W'.repeat(3000), hiring_organization: markup, job_location: markup,
    snippet: markup + 'x'.repeat(3000), language: 'pt-BR', base_salary: { text: markup }, also_from: [markup], date_posted: 'never', url: '/c/x' };
  const source = { source: 'alder', partner: markup, status: 'ok', count: 1, took_ms: 1, attribution: markup + 'y'.repeat(500) };
  const page = await open('/', { viewport: { width: 390, height: 800 } });
  await page.route('**/v1/search?*', (route) => route.fulfill({ json: { search_id: '0', query: {}, took_ms: 1, total: 1,
    listings: [listing], sources: [source, { ...source, source: 'b', partner: 'B', status: 'broken', reason: markup + 'z'.repeat(500) }] } }));
  await page.getByLabel('Words').fill(markup);
  await page.getByLabel('Words').press('Enter');
  await page.locator('ol.listings li').waitFor();
  assert.equal(await page.locator('main img, main script').count(), 0);
  assert.ok((await page.locator('ol.listings h2').textContent()).startsWith(markup));
  assert.equal(await page.locator('ol.listings [lang=pt-BR]').count(), 2); // for who has it read aloud
  assert.ok((await page.title()).startsWith(markup));
  await assertFits(page);
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('pay is told as the listing tells it, and never through a float', { skip }, async () => {
  const pays = [[{ min_value: '125700.00', max_value: '157125.00', currency: 'GBP', unit_text: 'YEAR' }, '125,700 – 157,125 GBP a year'],
    [{ min_value: '12.50', currency: 'EUR', unit_text: 'HOUR' }, 'from 12.50 EUR an hour'],
    [{ max_value: '90000.00', predicted: true }, 'up to 90,000 (estimated)'],
    [{ min_value: '9007199254740993.01', max_value: '9007199254740993.01' }, '9,007,199,254,740,993.01'],
    [{ text: 'nach Tarif' }, 'nach Tarif']];
  const page = await open('/');
  await page.route('**/v1/search?*', (route) => route.fulfill({ json: { search_id: '0', took_ms: 1, total: 5, sources: [],
    listings: pays.map(([base_salary], i) => ({ id: String(i), source: 'a', title: 't', url: '/c/x', base_salary })) } }));
  await page.getByLabel('Words').press('Enter');
  await page.locator('.pay').first().waitFor();
  assert.deepEqual(await page.locator('.pay').allTextContents(), pays.map(([, text]) => text));
  await page.close();
});

test('a source that fails is named with its reason, and costs only its own listings', { skip }, async () => {
  await stage.control('faults/ginkgo?fault=500&for_s=60');
  const page = await open('/?q=warehouse&mode=widest');
  await page.locator('aside details[open] summary', { hasText: 'Ginkgo' }).waitFor();
  assert.ok(await page.locator('ol.listings li').count() > 0);
  await assertAccessible(page);
  await stage.control('faults/ginkgo?fault=none&for_s=1');
  await page.close();
});

test('a question the server refuses is answered with its reason', { skip }, async () => {
  const page = await open('/?q=nurse&mode=sideways');
  await page.getByRole('alert').filter({ hasText: 'mode: "sideways" is none of' }).waitFor();
  await assertAccessible(page);
  await page.close();
});

test('the keyboard goes on at the first listing that came below', { skip }, async () => {
  const page = await open('/?q=engineer&mode=widest');
  await page.locator('ol.listings li').first().waitFor();
  const before = await page.locator('ol.listings li').count();
  await page.getByRole('button', { name: 'More listings' }).press('Enter');
  await page.waitForFunction((n) => document.activeElement.closest('li') === document.querySelectorAll('ol.listings li')[n], before);
  await page.close();
});

// What the page shows of listings, in order.
const titles = (page) => page.locator('ol.listings h2').allTextContents();

test('listings are there before the slowest source has answered, and end in the order of the plain answer', { skip }, async () => {
  await stage.control('latency/cedar?ms=2000');
  const page = await open('/');
  await page.evaluate(() => {
    globalThis.said = [];
    const status = document.querySelector('[role=status]');
    new MutationObserver(() => globalThis.said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await page.mouse.move(400, 300); // where the list will be: a pointer that rests there reads nothing
  await page.getByLabel('Words').fill('plumber');
  await page.getByLabel('Sourcing').selectOption('widest');
  await page.getByLabel('Words').press('Enter');
  await page.locator('ol.listings li').first().waitFor();
  assert.equal(await page.locator('aside tr', { hasText: 'Cedar' }).count(), 0);
  assert.match(await page.locator('.summary').textContent(), /^\d+ of \d+ sources answered/);
  await assertAccessible(page);
  await page.locator('.summary', { hasText: ' ms from ' }).waitFor();
  assert.equal(await page.locator('aside tr', { hasText: 'Cedar' }).count(), 1);
  const plain = await (await fetch(`${stage.url}/v1/search?q=plumber&mode=widest`)).json();
  assert.deepEqual(await titles(page), plain.listings.map(({ title }) => title));
  const said = await page.evaluate(() => globalThis.said);
  assert.equal(said.length, 2, String(said));
  assert.match(said[1], /^\d+ listings from \d+ of \d+ sources\.$/);
  assert.deepEqual(page.problems, []);
  await stage.control('latency/cedar?ms=0');
  await page.close();
});

// A page whose searches are streamed by the test: say(...events) in the page, and breakOff().
async function openStreamed(options) {
  const page = await stage.open('/', options, (prepared) => prepared.addInitScript(() => {
    const { fetch } = globalThis;
    globalThis.aborted = 0;
    globalThis.fetch = async (url, { headers, signal }) => {
      if (headers.Accept !== 'application/x-ndjson') return fetch(url, { headers, signal });
      return new Response(new ReadableStream({
        start(controller) {
          const lines = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
          globalThis.say = (...events) => controller.enqueue(new TextEncoder().encode(lines(events)));
          globalThis.breakOff = () => controller.error(new TypeError('network error'));
          signal.addEventListener('abort', () => {
            if (this.isOver) return;
            globalThis.aborted++;
            controller.error(signal.reason);
          });
        },
        cancel() { this.isOver = true; },
      }));
    };
  }));
  await page.getByLabel('Words').press('Enter');
  await page.waitForFunction(() => globalThis.say);
  page.say = (...events) => page.evaluate((given) => globalThis.say(...given), events);
  return page;
}

const listing = (id, more) => ({ event: 'listing', data: { id, source: 'alder', title: id, url: `/c/${id}`, ...more } });
const whole = { search_id: '0', took_ms: 1, total: 4, sources: [{ source: 'alder', status: 'ok', count: 4, took_ms: 1 }] };
const done = (...order) => ({ event: 'done', data: { ...whole, order } });

test('a listing that pays more takes the place of the same position, and the end puts all into order', { skip }, async () => {
  const page = await openStreamed();
  await page.say(listing('a'), listing('b'), listing('c'));
  await page.locator('ol.listings li').nth(2).waitFor();
  await page.say(listing('d'), listing('e', { replaces: ['a', 'c'] }));
  await page.getByRole('link', { name: 'e', exact: true }).waitFor();
  assert.deepEqual(await titles(page), ['e', 'b', 'd']);
  await page.say(done('d', 'e'));
  await page.locator('.summary', { hasText: ' ms from ' }).waitFor();
  assert.deepEqual(await titles(page), ['d', 'e']);
  assert.equal(await page.getByRole('button', { name: 'Put the best first' }).count(), 0);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('what is being read stays where it is, until the reader has the best put first', { skip }, async () => {
  const long = { snippet: 'x '.repeat(500) };
  const page = await openStreamed({ viewport: { width: 1000, height: 320 } });
  await page.say(...['a', 'b', 'c', 'd'].map((id) => listing(id, long)));
  const first = page.locator('ol.listings a').first();
  await first.focus();
  const top = (await first.boundingBox()).y;
  await page.say(listing('e', long), done('e', 'd', 'b'));
  await page.locator('.summary', { hasText: ' ms from ' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'a');
  assert.equal((await first.boundingBox()).y, top);
  const settled = await titles(page);
  assert.equal(settled[0], 'a');
  assert.deepEqual(settled.slice(-2), ['e', 'd']); // below what is seen
  await assertAccessible(page);
  await page.getByRole('button', { name: 'Put the best first' }).press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent === 'e');
  assert.deepEqual(await titles(page), ['e', 'd', 'b']);
  assert.equal(await page.getByRole('button', { name: 'Put the best first' }).count(), 0);
  await page.close();
});

test('where the stream breaks the plain answer is shown, or why there is none', { skip }, async () => {
  const page = await openStreamed();
  let answer = { json: { ...whole, listings: [listing('b').data, listing('a').data] } };
  await page.route('**/v1/search?*', (route) => route.fulfill(answer));
  await page.say(listing('a'));
  await page.locator('ol.listings li').waitFor();
  await page.evaluate(() => globalThis.breakOff());
  await page.locator('ol.listings li').nth(1).waitFor();
  assert.deepEqual(await titles(page), ['b', 'a']);
  answer = { status: 503, json: { detail: 'Too much at once.' } };
  await page.getByLabel('Words').press('Enter');
  await page.say(listing('c'));
  await page.getByRole('link', { name: 'c', exact: true }).waitFor();
  await page.evaluate(() => globalThis.breakOff());
  await page.getByRole('alert').filter({ hasText: 'Too much at once.' }).waitFor();
  assert.deepEqual(await titles(page), ['c']); // what came can be read still
  await assertAccessible(page);
  await page.close();
});

test('a new search, and leaving the page, end the search under way', { skip }, async () => {
  const page = await openStreamed();
  await page.say(listing('a'));
  await page.locator('ol.listings li').waitFor();
  await page.getByLabel('Words').fill('nurse');
  await page.getByLabel('Words').press('Enter');
  await page.waitForFunction(() => globalThis.aborted === 1);
  await page.say(listing('b'), done('b'));
  await page.getByRole('link', { name: 'b', exact: true }).waitFor();
  assert.deepEqual(await titles(page), ['b']);
  assert.equal(await page.evaluate(() => globalThis.aborted), 1);
  await page.getByLabel('Words').press('Enter');
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  assert.equal(await page.evaluate(() => globalThis.aborted), 2);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await page.say(listing('c'), done('c')); // it is asked again
  await page.getByRole('link', { name: 'c', exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('the dashboard counts a click and what it earned, to the last digit', { skip }, async () => {
  const answer = await (await fetch(`${stage.url}/v1/search?q=engineer&mode=widest&per_page=60`)).json();
  for (const listing of answer.listings.slice(0, 30)) await fetch(listing.url, { headers: { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0' } });
  await stage.control('advance?seconds=3600');
  const page = await open('/dashboard');
  await page.getByRole('row', { name: /alder/ }).first().waitFor();
  await page.locator('.figures', { hasText: 'Earned, ' }).waitFor({ timeout: 90000 });
  await page.locator('.chart canvas').first().waitFor();
  await page.route('**/v1/revenue?*', (route) => route.abort());
  await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor({ timeout: 30000 });
  await page.unroute('**/v1/revenue?*');
  const read = page.waitForResponse((response) => response.url().includes('group_by=source') && response.ok());
  const { rows } = await (await read).json();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  const row = rows.find(({ earnings }) => earnings.length > 0);
  const cells = await page.getByRole('region', { name: 'By source' }).getByRole('row', { name: row.key }).locator('td').allTextContents();
  const [{ currency, earned, attributed, unattributed, rpc }] = row.earnings;
  const plain = (text) => text.replace(/[\u2007,]/g, '');
  assert.deepEqual(cells.map(plain).slice(5), [currency, earned.amount, attributed.amount, unattributed.amount, rpc.amount]);
  assert.equal(plain(cells[2]), String(row.clicks));
  await assertAccessible(page);
  await page.close();
});

test('new numbers go into the charts that stand, and money not attributed is told apart', { skip }, async () => {
  const of = (amount) => ({ amount, currency: 'USD' });
  const day = new Date().toISOString().slice(0, 13);
  let clicks = 5;
  const page = await stage.browser.newPage();
  await page.clock.install();
  await page.route('**/v1/revenue?*', (route) => {
    const row = { key: route.request().url().includes('hour') ? day : 'alder', searches: 3, impressions: 40, clicks, clicks_gross: 9,
      ctr: '0.125000', earnings: [{ currency: 'USD', earned: of('-1234.56'), attributed: of('-1300.00'), unattributed: of('65.44'), rpc: null }] };
    return route.fulfill({ json: { rows: [row], totals: row } });
  });
  await page.goto(`${stage.url}/dashboard`);
  const figure = page.locator('.figures section', { hasText: 'Clicks' }).locator('.figure');
  await figure.filter({ hasText: '5' }).waitFor();
  await page.getByText('-1,300.00 attributed').waitFor();
  await page.evaluate(() => document.querySelectorAll('canvas').forEach((canvas) => { canvas.kept = true; }));
  clicks = 6;
  await refreshUntil(page, figure.filter({ hasText: '6' }));
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('canvas')].every((canvas) => canvas.kept)));
  await page.close();
});

test('a dashboard of nothing says what to do', { skip }, async () => {
  const page = await stage.browser.newPage();
  const totals = { searches: 0, impressions: 0, clicks: 0, clicks_gross: 0, ctr: null, earnings: [] };
  await page.route('**/v1/revenue?*', (route) => route.fulfill({ json: { rows: [], totals } }));
  await page.goto(`${stage.url}/dashboard`);
  await page.getByText('Nothing happened in this time.').waitFor();
  await assertAccessible(page);
  await page.close();
});

test('both pages read well in the dark and on a narrow screen', { skip }, async () => {
  for (const path of ['/?q=engineer&mode=widest', '/dashboard']) {
    const page = await open(path, { colorScheme: 'dark', viewport: { width: 390, height: 800 } });
    await page.locator('ol.listings li, table').first().waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await page.close();
  }
});
