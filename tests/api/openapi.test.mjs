// The API's description, held to the routes that there are, to what the real binary answers, and to a linter's rules.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Stage } from '../pages/stage.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const stage = new Stage();
let description, ajv;

before(async () => {
  await stage.start({ withBrowser: false });
  description = await (await fetch(`${stage.url}/openapi.json`)).json();
  ajv = addFormats(new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }));
  ajv.addSchema({ $id: 'components', $defs: closed(description.components.schemas) });
}, { timeout: 60000 });
after(() => stage.stop());

// Clients may take no offence at a member that is new; the test does: an object has what is described and nothing else.
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (node.$ref) copy.$ref = node.$ref.replace('#/components/schemas', 'components#/$defs');
  return node.type === 'object' && node.properties ? { ...copy, additionalProperties: false } : copy;
}

const operations = () => Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => (
  { path, method: method.toUpperCase(), operation, name: `${method.toUpperCase()} ${path}` })));
const parametersOf = ({ operation: { parameters = [] } }) => parameters.map((parameter) => (
  parameter.$ref ? description.components.parameters[parameter.$ref.split('/').at(-1)] : parameter));
const exampleOf = ({ path, operation }) => path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(
  operation.parameters.find((parameter) => parameter.in === 'path' && parameter.name === name).example));

// The answer must be one that is described: its status, its type, and what is in it.
async function assertDescribed({ method, operation, name }, address, options = {}) {
  const answer = await fetch(stage.url + address, { method, redirect: 'manual', ...options });
  const text = await answer.text();
  const where = `${name} as ${address}: ${answer.status} ${text.slice(0, 300)}`;
  assert.ok(operation.responses[answer.status], `the status is not described: ${where}`);
  const { $ref: shared } = operation.responses[answer.status];
  const { content } = shared ? description.components.responses[shared.split('/').at(-1)] : operation.responses[answer.status];
  if (!content) return { answer };
  const type = answer.headers.get('Content-Type').split(';')[0];
  assert.ok(content[type], `the type ${type} is not described: ${where}`);
  if (!type.endsWith('json')) return { answer };
  const validate = ajv.compile(closed(content[type].schema));
  const bodies = (type.endsWith('ndjson') ? text.trimEnd().split('\n').filter(Boolean) : [text]).map((one) => JSON.parse(one));
  for (const body of bodies) assert.ok(validate(body), `${ajv.errorsText(validate.errors)}: ${where}`);
  return { answer, body: bodies[0], bodies };
}

const operation = (name) => operations().find((one) => one.name === name);
const ask = async (path, query = '', options = {}) => (await assertDescribed(operation(`GET ${path}`), path + query, options)).body;

test('the description keeps the rules of OpenAPI', async () => {
  // What cannot be asked wrongly has no 4XX, and a click is answered by a redirect alone.
  const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'off', 'operation-2xx-response': 'off' } });
  const problems = await lint({ ref: `${ROOT}src/api/openapi.json`, config });
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`), []);
});

test('what is served is the file, and every route is in it and every one in it is a route', () => {
  const served = JSON.parse(readFileSync(`${ROOT}src/api/openapi.json`, 'utf8'));
  assert.deepEqual(description, served);
  const table = readFileSync(`${ROOT}src/api/api.c`, 'utf8').match(/ROUTES\[\] = \{\n([\s\S]*?)\n\};/)[1];
  const routes = [...table.matchAll(/\{"([A-Z]+)", "([^"]+)",/g)].map(([, method, path]) => `${method} ${path}`);
  assert.ok(routes.length > 15);
  assert.deepEqual(operations().map(({ name }) => name).sort(), routes.sort());
});

test('every operation answers its example as it is described', async () => {
  for (const one of operations()) {
    const { answer, body } = await assertDescribed(one, exampleOf(one));
    assert.notEqual(answer.status, 405, one.name);
    assert.notEqual(body?.detail, 'There is nothing at this address.', one.name);
  }
});

test('a loop of search, click, money and drift is described at every step', { timeout: 60000 }, async () => {
  await stage.command(0, 'task', 'pause', 'reconcile fir'); // by itself it leaves out today, which is not final
  const answer = await ask('/v1/search', '?q=engineer&mode=widest&per_page=60&explain=true');
  assert.ok(answer.listings.length > 20);
  const agent = { headers: { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0' } };
  for (const { url } of answer.listings.slice(0, 25)) {
    const { answer: led } = await assertDescribed(operation('GET /c/{token}'), new URL(url).pathname, agent);
    assert.equal(led.status, 302);
    await fetch(led.headers.get('Location'));
  }
  // Clicks are written behind their answers, and a line is tied to a click that is there.
  for (let clicks = 0; clicks < 25; await new Promise((resolve) => setTimeout(resolve, 50)))
    clicks = (await fetch(`${stage.url}/v1/trace/${answer.search_id}`).then((told) => told.json())).clicks?.length ?? 0;
  await stage.control('advance?seconds=86400');
  const day = new Date().toISOString().slice(0, 10);
  await stage.control(`discrepancy/fir?micros=5000000&day=${day}`);
  await stage.command(0, 'revenue', 'pull');
  await stage.command(1, 'reconcile', '--all-days');
  await stage.command(0, 'export');

  for (const by of operation('GET /v1/revenue').operation.parameters[0].schema.enum) await ask('/v1/revenue', `?group_by=${by}`);
  // The sandbox, whose clock was advanced, tells of what is earned within the next second.
  const { rows } = await ask('/v1/revenue', `?until=${new Date(Date.now() + 60000).toISOString()}`);
  assert.ok(rows.some(({ earnings }) => earnings.length > 0));
  const trace = (await assertDescribed(operation('GET /v1/trace/{id}'), `/v1/trace/${answer.search_id}`)).body;
  assert.ok(trace.clicks.length > 0 && trace.lines.length > 0);
  assert.ok((await ask('/v1/reconciliation')).rows.some(({ state }) => state === 'drifts'));
  const { alerts: [alert] } = await ask('/v1/alerts');
  const acknowledge = (headers) => assertDescribed(operation('POST /v1/alerts/{id}/acknowledge'), `/v1/alerts/${alert.alert_id}/acknowledge`, { headers });
  assert.equal((await acknowledge({ Origin: 'https://elsewhere.example' })).answer.status, 403);
  assert.equal((await acknowledge({})).body.state, 'acknowledged');
  assert.equal((await acknowledge({})).answer.status, 409);
  await ask('/v1/alerts', '?state=all');
  for (const query of ['', '?state=done', '?failing=true', '?kind=reconcile&limit=1000']) assert.ok((await ask('/v1/tasks', query)).schedules.length > 10);
  assert.ok((await ask('/v1/exports')).tables.length > 4);
});

test('a search is described as a stream, event by event, and refused in other forms', async () => {
  const one = operation('GET /v1/search');
  const as = (type, query = '?q=nurse&mode=widest', headers = {}) => assertDescribed(one, `/v1/search${query}`, { headers: { Accept: type, ...headers } });
  const { bodies } = await as('application/x-ndjson');
  const events = new Set(bodies.map(({ event }) => event));
  events.delete('heartbeat'); // each second, and so only of searches that take so long
  assert.deepEqual(events, new Set(['search', 'asked', 'listing', 'source', 'done']));
  await as('application/x-ndjson', '?q=nurse&location=Berlin&explain=true');
  assert.equal((await as('text/event-stream')).answer.headers.get('Content-Type'), 'text/event-stream');
  assert.equal((await as('text/event-stream', '', { 'Last-Event-ID': bodies.at(-1).id })).answer.status, 204);
  assert.equal((await as('image/png')).answer.status, 406);
});

test('a feed is described in each of its formats, down to its lines', async () => {
  const { bodies } = await assertDescribed(operation('GET /v1/feed.ndjson'), '/v1/feed.ndjson?consumer=test');
  assert.ok(bodies.length > 100);
  for (const ending of ['ndjson', 'xml', 'csv']) {
    const path = `/v1/feed.${ending}`;
    const { answer } = await assertDescribed(operation(`GET ${path}`), path);
    const again = await assertDescribed(operation(`GET ${path}`), path, { headers: { 'If-None-Match': answer.headers.get('ETag') } });
    assert.equal(again.answer.status, 304);
  }
});

test('a stored listing is described with all that it has', async () => {
  const { listings } = await ask('/v1/search', '?q=nurse&mode=widest&sources=dogwood,elm&per_page=50');
  assert.ok(listings.length > 0);
  for (const { id } of listings) {
    const { answer } = await assertDescribed(operation('GET /v1/listings/{id}'), `/v1/listings/${id}`);
    assert.equal(answer.status, 200);
  }
});

// For each parameter values that its schema allows, and some that it does not.
function valuesOf({ name, schema }) {
  const { type, enum: words, minimum, maximum, maxLength, pattern } = schema;
  if (words) return { good: words, bad: ['sideways'] };
  if (type === 'boolean') return { good: ['true', 'false'], bad: ['maybe'] };
  if (type === 'integer' || type === 'number') return { good: [minimum, maximum], bad: [minimum - 1, maximum + 1, 'many'] };
  if (name === 'cursor') return { good: [''], bad: ['x'.repeat(maxLength), 'x'.repeat(maxLength + 1), 'AQE'] };
  if (maxLength) return { good: ['', 'x'.repeat(maxLength)], bad: ['x'.repeat(maxLength + 1)] };
  if (pattern) return { good: ['DE'], bad: ['D', 'DEU', '12'] };
  if (['since', 'until'].includes(name)) return { good: ['2026-11-24', '2026-11-24T05:00:00Z'], bad: ['yesterday', '2026-02-30'] };
  if (name === 'employment_type') return { good: ['full_time,intern'], bad: ['sometimes'] };
  if (['sources', 'exclude'].includes(name)) return { good: ['dogwood'], bad: ['nobody', 'dogwood,nobody', 'x'.repeat(300)] };
  return { good: ['dogwood'], bad: [] };
}

test('a search is gone on with by its cursor', async () => {
  const { next_cursor: cursor, listings } = await ask('/v1/search', '?q=engineer&mode=widest&per_page=5');
  const next = await ask('/v1/search', `?q=engineer&mode=widest&per_page=5&cursor=${cursor}`);
  assert.equal(next.listings.length, 5);
  assert.ok(next.listings.every(({ id }) => !listings.some((shown) => shown.id === id)));
});

test('parameters are taken and refused as they are described', async () => {
  for (const one of operations().filter(({ path }) => path.startsWith('/v1/') && !path.includes('{'))) {
    for (const parameter of parametersOf(one).filter((each) => each.in === 'query')) {
      const { good, bad } = valuesOf(parameter);
      const given = (value) => `${one.path}?${new URLSearchParams({ [parameter.name]: value })}`;
      for (const value of good) assert.equal((await assertDescribed(one, given(value))).answer.status, 200, given(value));
      for (const value of bad) {
        const { answer, body } = await assertDescribed(one, given(value));
        assert.deepEqual([answer.status, body.errors?.[0].field], [400, parameter.name], given(value));
      }
    }
  }
});

test('whatever is unknown or no text is refused by its name', async () => {
  for (const one of operations().filter(({ path }) => path.startsWith('/v1/') && !path.startsWith('/v1/postback/'))) {
    const address = exampleOf(one);
    const refused = async (query) => {
      const { answer, body } = await assertDescribed(one, `${address}?${query}`);
      return [answer.status, body?.errors?.[0].field];
    };
    assert.deepEqual(await refused('colour=red'), [400, 'colour'], one.name);
    assert.deepEqual(await refused(`${'x'.repeat(3000)}=1`).then(([status]) => status), 400, one.name);
    for (const { name, in: where } of parametersOf(one)) {
      if (where === 'query') for (const bytes of ['%ff', '%c3%28', 'a%00b']) assert.deepEqual(await refused(`${name}=${bytes}`), [400, name], `${one.name} ${name}`);
      // What is no text is at no address; what is no id is wrong or not there.
      if (where !== 'path') continue;
      for (const bytes of ['%ff', 'a%00b', '%c3%28', '%zz'])
        assert.equal((await assertDescribed(one, one.path.replace(`{${name}}`, bytes))).answer.status, 404, `${one.name} ${bytes}`);
      for (const text of ['x'.repeat(3000), '%F0%9F%A4%B7', '..%2F..%2Fetc%2Fpasswd', "'%20OR%201=1"]) {
        const { answer, body } = await assertDescribed(one, one.path.replace(`{${name}}`, text));
        assert.ok(answer.status === 404 || (answer.status === 400 && body.errors[0].field === name), `${one.name} ${text}: ${answer.status}`);
      }
    }
  }
});
