// An S3 of somebody else's, for tests: npm s3rver, which stores, lists and reads; it does not check SigV4, so every
// request is first signed again by npm aws4 and must carry the same signature. Digests are checked, and conditional
// PUTs honoured, which s3rver does not know. Prints its port, ends when its input does.
// Its continuation tokens are DES, which OpenSSL 3 knows on demand only.
// usage: node --openssl-legacy-provider server.cjs FOLDER BUCKET...
const { createHash } = require("node:crypto");
const http = require("node:http");
const { Readable } = require("node:stream");
const aws4 = require("aws4");
const S3rver = require("s3rver");

const [folder, ...buckets] = process.argv.slice(2);
const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const s3 = new S3rver({ silent: true, directory: folder, configureBuckets: buckets.map((name) => ({ name })) });

/** What is wrong with a request: [status, code], or nothing. */
async function fault(request, body) {
  const given = /Credential=[^/]+\/\d+\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=/.exec(request.headers.authorization);
  if (!given) return [403, "AccessDenied"];
  const names = given[2].split(";");
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
  for (const name of Object.keys(request.headers))
    if ((name === "host" || name.startsWith("x-amz-")) && !names.includes(name)) return [403, "AccessDenied"];
  const signed = aws4.sign({ method: request.method, path: request.url, service: "s3", region: given[1], headers }, keys);
  if (signed.headers.Authorization !== request.headers.authorization) return [403, "SignatureDoesNotMatch"];
  const digest = (form) => createHash("sha256").update(body).digest(form);
  if (request.headers["x-amz-content-sha256"] !== digest("hex")) return [400, "XAmzContentSHA256Mismatch"];
  if ((request.headers["x-amz-checksum-sha256"] ?? digest("base64")) !== digest("base64")) return [400, "BadDigest"];
  const [, bucket, ...key] = decodeURIComponent(request.url.split("?")[0]).split("/");
  if (request.headers["if-none-match"] === "*" && request.method === "PUT" && (await s3.store.existsObject(bucket, key.join("/"))))
    return [412, "PreconditionFailed"];
}

async function answer(request, response) {
  const body = Buffer.concat(await request.toArray());
  const [status, code] = (await fault(request, body)) ?? [];
  if (status) {
    response.writeHead(status, { "Content-Type": "application/xml" });
    return response.end(request.method === "HEAD" ? "" : `<Error><Code>${code}</Code><Message>refused</Message></Error>`);
  }
  const { headers, rawHeaders, method, url, socket, httpVersion } = request;
  s3.callback()(Object.assign(Readable.from([body]), { headers, rawHeaders, method, url, socket, httpVersion }), response);
}

s3.configureBuckets().then(() => {
  const server = http.createServer((request, response) => answer(request, response).catch((error) => response.destroy(error)));
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
});
process.stdin.on("end", () => process.exit(0)).resume();
