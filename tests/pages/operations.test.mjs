// The operations page in a real Chromium, against the real binary with its sandbox; what takes days to happen is answered
// in the server's place.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage, assertAccessible, assertFits, refreshUntil, skip } from './stage.mjs';

const stage = new Stage();
before(() => skip || stage.start());
after(() => stage.stop());

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;';
const PATHS = { alerts: '**/v1/alerts', reconciliation: '**/v1/reconciliation', tasks: '**/v1/tasks?*', exports: '**/v1/exports' };
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const gbp = (amount) => ({ amount, currency: 'GBP' });
const part = (page, name) => page.getByRole('region', { name, exact: true });
const lines = (page, name) => part(page, name).getByRole('row');

const counts = (some) => ({ ready: 0, running: 0, done: 0, dead: 0, ...some });
const alert = (more) => ({ alert_id: '0SAVTHZQR0006', key: 'k', kind: 'reconcile', source: 'fir', day: '2026-11-23', state: 'open',
  message: 'fir says it owes 8.40 GBP', details: {}, opened_at: ago(600000), last_seen_at: ago(5000), resolved_at: null, ...more });
const row = (more) => ({ source: 'fir', day: '2026-11-23', state: 'agrees', ours: gbp('8.40'), theirs: gbp('8.40'), drift: gbp('0.00'),
  our_clicks: 12, their_clicks: 12, compared_at: ago(60000), ...more });
const rule = (source, more) => ({ source, zone: 'UTC', maturity_ms: 3600000, every_ms: 300000, tolerance: { amount: '0.01', percent: '0.10' }, ...more });
const task = (more) => ({ task_id: '0SAVTHZQR0007', kind: 'feed.pull', key: 'elm', state: 'dead', attempts: 5, created_at: ago(90000),
  run_at: ago(80000), finished_at: ago(70000), message: 'line 7: cut off', schedule: 'feed.pull elm', ...more });
const schedule = (more) => ({ schedule: 'feed.pull elm', kind: 'feed.pull', key: 'elm', every_ms: 900000, paused: false,
  next: ago(-300000), last: ago(600000), ...more });

const destination = (more) => ({ destination: 'folder', address: '/var/lib/weir/warehouse', state: 'current', behind: 0, files: 2, rows: 1234,
  bytes: 5120, delivered_at: ago(60000), complete_at: ago(120000), failed_at: null, error: null, ...more });
const exported = (more) => ({ table: 'entries', watermark: 80, waiting_late: 0, files: 2, rows: 1234, bytes: 5120, last: null,
  failed_at: null, error: null, destinations: [destination()], ...more });

// Answers in the server's place; what is not given is empty. answers may be changed while the page is open.
async function openWith(answers, options) {
  return stage.open('/operations', options, async (page) => {
    await page.route(PATHS.alerts, (route) => route.fulfill({ json: { alerts: answers.alerts ?? [] } }));
    await page.route(PATHS.reconciliation, (route) => route.fulfill({ json: { sources: answers.sources ?? [], rows: answers.rows ?? [] } }));
    await page.route(PATHS.exports, (route) => route.fulfill({ json: { tables: answers.exports ?? [] } }));
    await page.route(PATHS.tasks, (route) => {
      const query = new URL(route.request().url()).searchParams;
      const given = (answers.tasks ?? []).filter((one) => (query.get('state') ? one.state === query.get('state') : one.message)
        && (!query.get('kind') || one.kind === query.get('kind')));
      return route.fulfill({ json: { counts: counts(answers.counts), tasks: given, schedules: answers.schedules ?? [] } });
    });
    if (answers.clock) await page.clock.install();
  });
}

const full = () => ({
  alerts: [alert(), alert({ alert_id: '0SAVTHZQR0008', state: 'acknowledged', message: 'alder says nothing' })],
  sources: [rule('elm', { zone: 'Europe/Berlin', maturity_ms: 172800000 }), rule('fir')],
  rows: [row({ state: 'drifts', theirs: gbp('13.40'), drift: gbp('-5.00') }), row({ day: '2026-11-22' }), row({ day: '2026-11-24', state: 'immature' })],
  tasks: [task(), task({ task_id: '2', kind: 'reconcile', state: 'ready', run_at: ago(-30000), finished_at: undefined, schedule: 'reconcile elm', message: 'HTTP 500' }),
    task({ task_id: '3', kind: 'revenue.pull', key: 'fir/default', state: 'running', attempts: 1, started_at: ago(125000), message: undefined, worker: 'host/7', schedule: 'x' })],
  counts: { ready: 1, running: 1, dead: 1, done: 1234 },
  schedules: [schedule(), schedule({ schedule: 'daily all', kind: 'daily', key: 'all', every_ms: undefined, cron: '30 6 * * mon-fri', zone: 'Europe/Berlin', last: null }),
    schedule({ schedule: 'paused all', kind: 'paused', key: 'all', paused: true })],
  exports: [exported(), exported({ table: 'clicks', waiting_late: 3, failed_at: ago(5000), error: 'the disk is full', destinations: [
    destination({ state: 'behind', behind: 1, complete_at: null }),
    destination({ destination: 'snowflake', address: 'acme/db', state: 'failing', behind: 4, failed_at: ago(9000), error: 'HTTP 403' })] })],
});

test('the operations page of a deployment that runs shows its schedules, and every source compared', { skip }, async () => {
  await stage.command(0, 'reconcile', '--all-days');
  const page = await stage.open('/operations');
  await lines(page, 'Schedules').filter({ hasText: 'revenue.pull alder/default' }).filter({ hasText: 'every minute' }).waitFor();
  await page.getByText('Nothing to look at.').waitFor();
  const agreeing = lines(page, 'Days by source').filter({ hasText: 'ginkgo' });
  await agreeing.waitFor();
  assert.ok(await agreeing.getByText('agrees').count() >= 3);
  assert.equal(await page.getByRole('link', { name: 'Operations' }).getAttribute('aria-current'), 'page');
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('an alert appears, is acknowledged by keyboard and resolves, without the page being loaded again', { skip }, async () => {
  await stage.command(0, 'task', 'pause', 'reconcile fir'); // by itself it leaves out today, which is not final
  const page = await stage.open('/operations');
  await page.getByText('Nothing to look at.').waitFor();
  const day = new Date().toISOString().slice(0, 10);
  await stage.control(`discrepancy/fir?micros=5000000&day=${day}`);
  await stage.command(1, 'reconcile', '--all-days', '--source', 'fir');
  const button = page.getByRole('button', { name: /Acknowledge: fir says it owes/ });
  await button.waitFor({ timeout: 30000 });
  await page.getByRole('status').filter({ hasText: '1 is open' }).waitFor();
  await page.getByRole('link', { name: /Alerts 1 open/ }).waitFor();
  const drifting = lines(page, 'What drifts').filter({ hasText: 'fir' });
  assert.equal((await drifting.locator('td').nth(4).textContent()).trim(), '-5.00');
  await assertAccessible(page);

  await button.focus();
  await button.press('Enter');
  await page.locator('ul.alerts .state', { hasText: 'acknowledged' }).waitFor();
  await page.getByRole('link', { name: /Alerts None open 1 acknowledged/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'alerts');
  const { alerts } = await (await fetch(`${stage.url}/v1/alerts`)).json();
  assert.deepEqual(alerts.map(({ state }) => state), ['acknowledged']);

  await stage.control(`discrepancy/fir?micros=0&day=${day}`);
  await stage.command(0, 'reconcile', '--all-days', '--source', 'fir');
  await page.getByText('Nothing to look at.').waitFor({ timeout: 30000 });
  await page.locator('summary', { hasText: 'Resolved' }).click();
  await page.locator('details ul.alerts').getByText(/fir says it owes/).waitFor();
  assert.deepEqual(page.problems, []);
  await page.close();
});

test('the dashboard says that an alert is open, and leads to it', { skip }, async () => {
  const page = await stage.open('/dashboard', {}, (opened) => opened.route('**/v1/alerts', (route) => route.fulfill({
    json: { alerts: [alert({ message: MARKUP }), alert({ alert_id: '2' }), alert({ alert_id: '3', state: 'acknowledged' })] } })));
  const note = page.getByRole('status').filter({ hasText: '2 open' });
  await note.waitFor();
  assert.ok((await note.textContent()).includes(MARKUP));
  assert.equal(await page.locator('main img, main script').count(), 0);
  await assertAccessible(page);
  await note.getByRole('link').click();
  await page.waitForURL('**/operations#alerts');
  await page.waitForFunction(() => document.activeElement.id === 'alerts');
  await page.close();
});

test('an alert that somebody else resolved meanwhile says so when it is acknowledged', { skip }, async () => {
  const answers = { alerts: [alert()] };
  const page = await openWith(answers);
  const button = page.getByRole('button', { name: /Acknowledge/ });
  await button.click();
  await page.getByRole('alert').filter({ hasText: 'no alert has this id' }).waitFor();
  await page.locator('ul.alerts button[aria-disabled=false]').waitFor();
  await page.close();
});

test('a dead task shows its error and how to try it again; one that dies again and again is one line', { skip }, async () => {
  const answers = full();
  answers.tasks.push(task({ task_id: '9', finished_at: ago(900000) }), task({ task_id: '8', finished_at: ago(990000) }));
  const page = await openWith(answers);
  const failing = lines(page, 'Failing');
  const dead = failing.filter({ hasText: 'feed.pull elm' });
  await dead.waitFor();
  const text = await dead.textContent();
  for (const words of ['dead', '2 died before', 'line 7: cut off', 'weir task retry 0SAVTHZQR0007']) assert.ok(text.includes(words), `${words} in ${text}`);
  assert.match(await failing.filter({ hasText: 'reconcile elm' }).textContent(), /tried again.*in \d+ s.*HTTP 500/);
  const running = await lines(page, 'Running').filter({ hasText: 'revenue.pull fir/default' }).locator('td').allTextContents();
  assert.deepEqual(running, ['2 min', '1', 'host/7']);
  const told = Object.fromEntries(await lines(page, 'Schedules').evaluateAll((rows) => rows.slice(1).map((line) => [
    line.querySelector('th').textContent, [...line.querySelectorAll('td')].map((cell) => cell.textContent)])));
  assert.deepEqual(told['daily all'].slice(0, 2), ['30 6 * * mon-fri Europe/Berlin', 'never']);
  assert.deepEqual(told['paused all'].slice(2), ['–', 'paused']);
  assert.equal(told['feed.pull elm'][3], 'failing');
  await page.close();
});

test('each day is told as it stands, and money to the last millionth', { skip }, async () => {
  const answers = full();
  answers.rows = [row({ day: '2026-11-23', state: 'drifts', ours: gbp('9007199254740.993001'), theirs: gbp('-0.10'), drift: gbp('9007199254741.093001'), their_clicks: null }),
    row({ day: '2026-11-22', state: 'immature' })];
  const page = await openWith(answers);
  await part(page, 'What drifts').waitFor();
  const cells = (await lines(page, 'What drifts').nth(1).locator('td').allTextContents()).map((text) => text.replaceAll('\u2007', ''));
  assert.deepEqual(cells.slice(0, 8), ['Mon 23 Nov', 'drifts', '9,007,199,254,740.993001', '-0.10', '+9,007,199,254,741.093001', 'GBP', '12', '–']);
  const fir = await lines(page, 'Days by source').filter({ hasText: 'fir' }).textContent();
  assert.match(fir, /days of UTC, final 1 hour after their end/);
  assert.match(fir, /not final.*drifts, \+9007199254741\.093001 GBP/);
  const elm = await lines(page, 'Days by source').filter({ hasText: 'elm' }).textContent();
  assert.match(elm, /Europe\/Berlin, final 2 days after.*did not answer.*HTTP 500.*not compared yet/);
  await page.close();
});

test('a partner that answered again is no longer said to be silent', { skip }, async () => {
  const dead = task({ kind: 'reconcile', key: 'fir', finished_at: ago(120000), message: 'HTTP 500' });
  const answers = { sources: [rule('fir')], rows: [row({ compared_at: ago(60000) })], tasks: [dead], clock: true };
  const page = await openWith(answers);
  await page.getByRole('link', { name: /Reconciliation All agree/ }).waitFor();
  assert.equal(await part(page, 'Days by source').getByText('did not answer').count(), 0);
  dead.finished_at = ago(30000);
  await refreshUntil(page, part(page, 'Days by source').getByText('did not answer'));
  await page.getByRole('link', { name: /Reconciliation 1 silent/ }).waitFor();
  await page.close();
});

test('each table tells how far it has come to each destination, and what went wrong', { skip }, async () => {
  const page = await openWith(full());
  await part(page, 'Exports by table').waitFor();
  const told = await lines(page, 'Exports by table').evaluateAll((rows) => rows.slice(1).map((line) => line.textContent.replace(/\s+/g, ' ')));
  assert.match(told[0], /entries.*folder.*all there.*2 min ago.*1,234.*2.*5\.1 kB/);
  assert.match(told[1], /clicks\s*3 late rows wait.*failed \d+ s ago: the disk is full.*behind\s*1 file not there yet.*never/);
  assert.match(told[2], /snowflake.*acme\/db.*failing\s*4 files not there yet.*failed \d+ s ago: HTTP 403/);
  await page.getByRole('link', { name: /Exports 2 failing/ }).waitFor();
  await page.close();
});

test('schedules that nobody ticks are told, with what to look at', { skip }, async () => {
  const page = await openWith({ schedules: [schedule({ next: ago(600000) }), schedule({ schedule: 'p', paused: true, next: ago(9e6) })] });
  await page.getByText('Schedules are 10 min late.').waitFor();
  await page.getByText('Is weir work').waitFor();
  assert.equal(await lines(page, 'Schedules').filter({ hasText: 'late' }).count(), 1);
  await page.close();
});

test('markup and endless words from partners stay text, and stay on the screen', { skip }, async () => {
  const long = MARKUP + 'W'.repeat(1000);
  const hostile = { source: MARKUP, key: long, kind: MARKUP, message: long, schedule: long, worker: MARKUP };
  for (const colorScheme of ['light', 'dark']) {
    const page = await openWith({
      alerts: [alert({ ...hostile, source: long, state: 'open' })],
      sources: [rule(long, { zone: MARKUP })], rows: [row({ source: long, state: 'drifts' }), row({ source: MARKUP, state: MARKUP })],
      tasks: [task(hostile), task({ ...hostile, kind: 'reconcile', key: long }), task({ ...hostile, state: 'running', started_at: ago(1000), message: undefined })],
      schedules: [schedule({ ...hostile, every_ms: undefined, cron: MARKUP, zone: MARKUP })],
      exports: [exported({ table: MARKUP, error: long, failed_at: ago(1), destinations: [destination({ destination: MARKUP, address: long, state: MARKUP, error: long, failed_at: ago(1) })] })],
    }, { colorScheme, viewport: { width: 390, height: 800 } });
    await part(page, 'Schedules').waitFor();
    await part(page, 'Days by source').waitFor();
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.equal(await page.title(), 'Weir: operations');
    assert.ok((await page.locator('ul.alerts .what p').first().textContent()).startsWith(MARKUP));
    await assertFits(page);
    await assertAccessible(page);
    assert.deepEqual(page.problems, []);
    await page.close();
  }
});

test('an operations page of nothing says what to do', { skip }, async () => {
  const page = await openWith({});
  for (const words of ['Nothing to look at.', 'Nothing to compare yet.', 'Nothing fails.', 'Nothing runs just now.', 'No schedules yet.', 'Nothing was exported yet.']) await page.getByText(words).waitFor();
  await assertAccessible(page);
  await page.close();
});

test('a part that cannot be read says why and leaves the others; what was read before stays', { skip }, async () => {
  const answers = { ...full(), clock: true };
  const page = await openWith(answers);
  await part(page, 'Schedules').waitFor();
  await page.unroute(PATHS.tasks);
  await page.route(PATHS.tasks, (route) => (route.request().url().includes('kind=') ? route.fallback()
    : route.fulfill({ status: 503, json: { detail: 'A part of the service does not answer just now.' } })));
  await page.route(PATHS.alerts, (route) => route.abort());
  await refreshUntil(page, page.getByRole('alert').filter({ hasText: 'Tasks could not be read.' }).filter({ hasText: 'does not answer just now' }));
  await page.getByRole('alert').filter({ hasText: 'Alerts could not be read.' }).filter({ hasText: 'cannot be reached' }).waitFor();
  await part(page, 'Schedules').getByText('feed.pull').first().waitFor();
  await page.locator('ul.alerts').first().waitFor();
  await assertAccessible(page);
  await page.close();
});

test('an answer that takes longer than a refresh is waited for', { skip }, async () => {
  const page = await openWith({ ...full(), clock: true });
  await part(page, 'Exports by table').waitFor();
  let asked = 0;
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  await page.route(PATHS.exports, async (route) => {
    asked += 1;
    await released;
    await route.fulfill({ json: { tables: [exported({ table: 'slow' })] } });
  });
  await page.clock.runFor(35000);
  release();
  await lines(page, 'Exports by table').filter({ hasText: 'slow' }).waitFor();
  assert.equal(asked, 1);
  await page.close();
});

test('a refresh leaves the keyboard, what is opened and the elements where they are', { skip }, async () => {
  const answers = { ...full(), clock: true };
  const page = await openWith(answers);
  await page.locator('summary', { hasText: 'All days' }).click();
  const button = page.getByRole('button', { name: /Acknowledge/ });
  await button.focus();
  await page.evaluate(() => document.querySelectorAll('tr, li, section').forEach((element) => { element.kept = true; }));
  answers.counts = { ready: 7 };
  answers.rows = answers.rows.map((one) => ({ ...one, our_clicks: 99 }));
  await refreshUntil(page, page.getByText('7 waiting').first());
  await part(page, 'All days').getByText('99').first().waitFor();
  assert.ok(await button.evaluate((element) => element === document.activeElement));
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('tr, li, section')].every((element) => element.kept)));
  answers.alerts = [];
  await refreshUntil(page, page.getByText('Nothing to look at.'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'alerts');
  await page.close();
});

test('the operations page is accessible and fits, in both colour schemes and widths', { skip }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1280]) {
      const page = await openWith(full(), { colorScheme, viewport: { width, height: 800 } });
      await part(page, 'Schedules').waitFor();
      await page.locator('summary', { hasText: 'All days' }).click();
      await assertFits(page);
      await assertAccessible(page);
      await page.close();
    }
  }
});
