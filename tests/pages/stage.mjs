// What the tests of the pages share: the real binary with its sandbox, and a real Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ROOT = new URL('../..', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BROWSER = '/usr/bin/chromium';
export const skip = existsSync(BROWSER) ? false : 'Chromium is not installed';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export class Stage {
  // withBrowser: false for tests of the API alone.
  async start({ withBrowser = true } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'weir-pages-'));
    const [port, sandboxPort] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${port}`;
    this.sandbox = `http://127.0.0.1:${sandboxPort}`;
    writeFileSync(join(this.folder, 'weir.yaml'), `listen: 127.0.0.1:${port}\npublic_url: ${this.url}\ndata: ${this.folder}/data\n`
      + `sandbox: {enabled: true, port: ${sandboxPort}, lag: 1s}\n`);
    this.weir = spawn(join(ROOT, 'build/weir'), ['run', '--config', join(this.folder, 'weir.yaml')], { stdio: 'ignore' });
    await this.ready();
    if (!withBrowser) return;
    this.browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
      '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  }

  async ready() {
    for (let i = 0; i < 300; i++) {
      if (this.weir.exitCode !== null) throw new Error(`weir ended with ${this.weir.exitCode}`);
      try {
        if ((await fetch(`${this.url}/readyz`)).ok) return;
      } catch { /* not yet */ }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('weir was not ready within 30 s');
  }

  async stop() {
    await this.browser?.close();
    if (this.weir) {
      const ended = new Promise((resolve) => this.weir.once('exit', resolve));
      this.weir.kill('SIGTERM');
      await ended;
    }
    if (this.folder) rmSync(this.folder, { recursive: true });
  }

  // Runs a tool command beside the server; it must end with this exit code.
  async command(exitCode, ...words) {
    const tool = spawn(join(ROOT, 'build/weir'), [words[0], '--config', join(this.folder, 'weir.yaml'), ...words.slice(1)]);
    let said = '';
    for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (text) => { said += text; });
    const ended = await new Promise((resolve) => tool.once('close', resolve));
    assert.equal(ended, exitCode, `weir ${words.join(' ')} said: ${said}`);
  }

  control(path) {
    return fetch(`${this.sandbox}/control/${path}`, { method: 'POST' });
  }

  // prepare(page) runs before the address is opened: for routes that answer in the server's place.
  async open(path, options = {}, prepare = () => {}) {
    const page = await this.browser.newPage(options);
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
    await prepare(page);
    await page.goto(`${this.url}${path}`);
    return page;
  }
}

// Lets the page's own clock (page.clock) go on until a refresh has brought what is looked for: a refresh is left out while
// the reading before it has not ended, so that one may not be enough.
export async function refreshUntil(page, sought) {
  for (let left = 10; ; left--) {
    await page.clock.runFor(11000);
    try {
      return await sought.waitFor({ timeout: 3000 });
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

export async function assertAccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
}

export async function assertFits(page) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `the page is ${wider} px wider than the screen`);
}
