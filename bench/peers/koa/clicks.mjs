// A click as a Koa 2 service would do it that records nothing: the link is opened, and the visitor sent on with the same headers.
// usage: node clicks.mjs PORT FILE-FOR-PATHS COUNT
import crypto from 'node:crypto';
import fs from 'node:fs';
import Koa from 'koa';

const [port, paths, count] = process.argv.slice(2);
const NONCE = 12, TAG = 16;
const key = crypto.randomBytes(32);

function link(number) {
  const nonce = crypto.randomBytes(NONCE), cipher = crypto.createCipheriv('chacha20-poly1305', key, nonce, {authTagLength: TAG});
  const text = JSON.stringify(['3v8m0f7w5q2k1', number % 20 + 1, `bench${number % 10}`, `${number % 10}-${number % 20}`,
    `https://partner${number % 10}.example/land/ad/${crypto.randomInt(1e10)}?se=${'abcdefghijkm'.repeat(5)}`, {amount: '0.57', currency: 'USD'}]);
  return `/c/${Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
}

function target(token) {
  const sealed = Buffer.from(token, 'base64url'), decipher = crypto.createDecipheriv('chacha20-poly1305', key, sealed.subarray(0, NONCE), {authTagLength: TAG});
  decipher.setAuthTag(sealed.subarray(-TAG));
  return JSON.parse(decipher.update(sealed.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8'))[4];
}

const app = new Koa();
app.use(context => {
  if (context.path === '/ready') {
    context.status = 204;
    return;
  }
  context.status = 302;
  context.set({Location: target(context.path.slice(3)), 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex, nofollow'});
  context.body = '';
});
fs.writeFileSync(paths, Array.from({length: Number(count)}, (_, number) => link(number) + '\n').join(''));
app.listen(Number(port), '127.0.0.1');
