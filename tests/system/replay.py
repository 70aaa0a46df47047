"""Recorded files of partners, served over loopback to the real binary through the definitions that ship with it."""
import gzip
import pathlib
import re
import shutil
import urllib.parse

import loopback
from weir import ROOT, SHARED

DATA = SHARED / "data"
SHIPPED = ROOT / "sources"
GIVEN = "url: {required: true"
UNSHIPPED = ROOT / "tests" / "sources" / "definitions"


class Handler(loopback.Handler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        self.server.asked.append((address.path, dict(urllib.parse.parse_qsl(address.query)), dict(self.headers)))
        content_type, body = self.server.files.get(address.path, (None, None))
        if body is None:
            return self.answer(404, {"Content-Type": "text/plain"}, b"no such file")
        headers = {"Content-Type": content_type}
        if isinstance(body, pathlib.Path):
            return self.stream(headers, body)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, mtime=0)
        self.answer(200, headers, body)

    def stream(self, headers, path):
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(path.stat().st_size)}.items():
            self.send_header(name, value)
        self.end_headers()
        with path.open("rb") as file:
            shutil.copyfileobj(file, self.wfile)


class Partners:
    """A loopback server that answers each path with one file, and a folder of definitions that point to it."""

    def __init__(self, folder):
        self.server = loopback.Server(Handler)
        self.server.files, self.server.asked = {}, []
        self.url = self.server.url
        self.definitions = pathlib.Path(folder) / "sources"
        self.definitions.mkdir()

    def close(self):
        self.server.close()

    def serve(self, path, content_type, body):
        """body: the bytes, or a file to stream from."""
        self.server.files[path] = (content_type, body)

    def use(self, name, original, instead=None, path=""):
        """Copies a definition with nothing but the partner's host replaced, so that what is shipped is what is tested. Where each
        customer is given an address, it is this one with the path."""
        shipped = SHIPPED / f"{name}.yaml"
        text = (shipped if shipped.exists() else UNSHIPPED / f"{name}.yaml").read_text()
        address = re.compile(rf"\b(get|post): {re.escape(original)}")
        changed, count = address.subn(lambda found: f"{found[1]}: {instead or self.url}", text)
        if GIVEN in text:
            changed, count = text.replace(GIVEN, f'url: {{default: "{instead or self.url}{path}"'), 1
        assert count > 0, f"{name}.yaml asks nothing at {original}"
        (self.definitions / f"{name}.yaml").write_text(changed)

    def asked(self, path):
        """What was asked at a path: query and headers of each request, in order."""
        return [(query, headers) for at, query, headers in self.server.asked if at == path]


def recorded(name):
    return (DATA / name).read_bytes()
