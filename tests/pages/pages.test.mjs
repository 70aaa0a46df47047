// The pages in a real Chromium, against the real binary with its sandbox.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const ROOT = new URL('../..', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BROWSER = '/usr/bin/chromium';
const skip = existsSync(BROWSER) ? false : 'Chromium is not installed';

let folder, weir, browser, url, sandbox;

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

async function ready() {
  for (let i = 0; i < 300; i++) {
    if (weir.exitCode !== null) throw new Error(`weir ended with ${weir.exitCode}`);
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch { /* not yet */ }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('weir was not ready within 30 s');
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'weir-pages-'));
  const [port, sandboxPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  sandbox = `http://127.0.0.1:${sandboxPort}`;
  writeFileSync(join(folder, 'weir.yaml'), `listen: 127.0.0.1:${port}\npublic_url: ${url}\ndata: ${folder}/data\n`
    + `sandbox: {enabled: true, port: ${sandboxPort}, lag: 1s}\n`);
  weir = spawn(join(ROOT, 'build/weir'), ['run', '--config', join(folder, 'weir.yaml')], { stdio: 'ignore' });
  await ready();
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
});

after(async () => {
  await browser?.close();
  if (weir) {
    const ended = new Promise((resolve) => weir.once('exit', resolve));
    weir.kill('SIGTERM');
    await ended;
  }
  if (folder) rmSync(folder, { recursive: true });
});

async function open(path, options = {}) {
  const page = await browser.newPage(options);
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  await page.goto(`${url}${path}`);
  return page;
}

async function assertAccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
}

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

test('markup in a listing stays text', { skip }, async () => {
  const page = await open('/?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&mode=widest');
  await page.locator('.summary, .note').first().waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  await page.close();
});

test('the dashboard counts a click and what it earned, to the cent', { skip }, async () => {
  const answer = await (await fetch(`${url}/v1/search?q=engineer&mode=widest&per_page=60`)).json();
  for (const listing of answer.listings.slice(0, 30)) await fetch(listing.url, { headers: { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0' } });
  await fetch(`${sandbox}/control/advance?seconds=3600`, { method: 'POST' });
  const page = await open('/dashboard');
  await page.getByRole('row', { name: /alder/ }).waitFor();
  await page.locator('.figures', { hasText: 'Earned, ' }).waitFor({ timeout: 90000 });
  await page.locator('.chart canvas').first().waitFor();
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('both pages read well in the dark and on a narrow screen', { skip }, async () => {
  for (const path of ['/?q=engineer&mode=widest', '/dashboard']) {
    const page = await open(path, { colorScheme: 'dark', viewport: { width: 390, height: 800 } });
    await page.locator('ol.listings li, table').first().waitFor();
    await assertAccessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${path} is ${wider} px wider than the screen`);
    await page.close();
  }
});
