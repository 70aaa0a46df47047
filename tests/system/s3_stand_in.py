"""The S3 stand-in of tests/s3/server.cjs: npm s3rver, started on a free port, and read as Snowflake's stage reads: signed."""
import hashlib
import hmac
import itertools
import os
import subprocess
import urllib.parse
from datetime import datetime, timezone

from weir import ROOT, ask

KEY = SECRET = "S3RVER"
REGION = "us-east-1"


def sign(method, host, path, body, moment):
    """The headers of a request without query, signed by AWS's version 4."""
    day, digest = moment[:8], hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names, scope = ";".join(headers), f"{day}/{REGION}/s3/aws4_request"
    canonical = "\n".join([method, path, "", *(f"{name}:{value}" for name, value in headers.items()), "", names, digest])
    key = b"AWS4" + SECRET.encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    del headers["host"]
    return {**headers, "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}"}


class S3:
    """The server; its objects are files below folder. It refuses requests of another hour: clock, if there is one, is everybody's."""

    def __init__(self, folder, clock=None):
        folder.mkdir()
        self.clock, self.buckets = clock, itertools.count(1)
        self.process = subprocess.Popen(["node", "--openssl-legacy-provider", ROOT / "tests/s3/server.cjs", folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **(clock.environment if clock else {})})
        self.host = f"127.0.0.1:{int(self.process.stdout.readline())}"
        self.url = f"http://{self.host}"

    def now(self):
        return self.clock.now() if self.clock else datetime.now(timezone.utc)

    def make_bucket(self):
        bucket = Bucket(self, f"bucket-{next(self.buckets)}")
        assert bucket.call("PUT", "").status == 200
        return bucket

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Bucket:
    def __init__(self, server, name):
        self.server, self.name = server, name

    def call(self, method, key, body=b""):
        path = urllib.parse.quote(f"/{self.name}/{key}".rstrip("/"))
        moment = self.server.now().strftime("%Y%m%dT%H%M%SZ")
        return ask(f"{self.server.url}{path}", method, sign(method, self.server.host, path, body, moment), body or None)

    def get(self, key):
        """The object's bytes; None when there is none."""
        answer = self.call("GET", key)
        assert answer.status in (200, 404), (key, answer.status, answer.body)
        return answer.body if answer.status == 200 else None

    def put(self, key, body):
        assert self.call("PUT", key, body).status == 200, key
