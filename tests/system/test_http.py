"""HTTP as such, from outside: what is kept, compressed and refused, whoever asks and however."""
import gzip
import json
import socket

from weir import ask

CLOSE = "Host: weir.example\r\nConnection: close\r\n"


def connect(weir):
    return socket.create_connection(("127.0.0.1", weir.port), timeout=20)


def exchange(weir, *pieces):
    """Sends the pieces on one connection, and reads until it is closed."""
    with connect(weir) as peer:
        for piece in pieces:
            peer.sendall(piece.encode())
        return b"".join(iter(lambda: peer.recv(65536), b""))


def split(answer):
    """Status, headers and body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), {name.title(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def test_what_does_not_change_is_sent_once(make_weir):
    weir = make_weir(settings="api_keys: [operations]\n")
    weir.start()
    files = {"/": "text/html", "/dashboard": "text/html", "/openapi.json": "application/json",
             "/web/weir.css": "text/css", "/web/preact.js": "text/javascript", "/web/icon.svg": "image/svg+xml"}
    tags = set()
    for path, content in files.items():
        answer = ask(weir.url + path)
        assert answer.headers["Content-Type"].startswith(content) and answer.headers["Cache-Control"] == "no-cache"
        tag = answer.headers["ETag"]
        tags.add(tag)
        small = ask(weir.url + path, headers={"Accept-Encoding": "br, gzip"})
        assert small.headers["ETag"] == tag
        if small.headers["Content-Encoding"]:
            assert answer.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
            assert gzip.decompress(small.body) == answer.body and len(small.body) < len(answer.body)
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = ask(weir.url + path, headers={"If-None-Match": known})
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), (path, known)
            assert again.headers["Cache-Control"] == "no-cache"
        assert ask(weir.url + path, headers={"If-None-Match": '"other"'}).status == 200
    assert len(tags) == len(files)

    # Each search is new, whatever the client says it has; and so is what tells how things are.
    for path, status in (("/v1/search?q=nurse", 200), ("/v1/sources", 200), ("/metrics", 200), ("/healthz", 200), ("/v1/revenue", 401),
                         ("/v1/search?page=0", 400), ("/nothing", 404), ("/c/nothing", 404)):
        answer = ask(weir.url + path, headers={"If-None-Match": "*"})
        assert (answer.status, answer.headers["Cache-Control"], answer.headers["ETag"]) == (status, "no-store", None), path

    weir.command("feed", "pull", "dogwood")
    stored = weir.rows("SELECT MIN(public_id) FROM listing")[0][0]
    answer = ask(f"{weir.url}/v1/listings/{stored}")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert ask(f"{weir.url}/v1/listings/{stored}", headers=known).status == 304
    weir.change(f"UPDATE listing SET title = 'Another' WHERE public_id = '{stored}'")
    assert ask(f"{weir.url}/v1/listings/{stored}", headers=known).json()["title"] == "Another"


def test_a_long_answer_is_compressed_for_who_takes_it(make_weir):
    weir = make_weir()
    weir.start()
    plain = ask(f"{weir.url}/v1/search?q=engineer&per_page=50&mode=widest")
    small = ask(f"{weir.url}/v1/search?q=engineer&per_page=50&mode=widest", headers={"Accept-Encoding": "gzip;q=0.8, *;q=0.1"})
    assert [answer.headers["Content-Encoding"] for answer in (plain, small)] == [None, "gzip"]
    assert all("Accept-Encoding" in answer.headers.get_all("Vary") for answer in (plain, small))
    assert len(gzip.decompress(small.body)) > 2 * len(small.body)
    for refuses in ("gzip;q=0", "identity, gzip;q=0.5", "br"):
        assert ask(f"{weir.url}/v1/feed.csv", headers={"Accept-Encoding": refuses}).headers["Content-Encoding"] is None
    assert ask(f"{weir.url}/v1/search?page=0", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


def test_requests_of_one_connection_are_answered_in_their_order(make_weir):
    weir = make_weir()
    weir.start()
    keep = "Host: weir.example\r\n\r\n"
    paths = [f"/v1/search?q=nurse&per_page=1&page={page}" for page in (1, 0, 2)] + ["/v1/sources", "/nothing", "/v1/search?q=welder"]
    answers = exchange(weir, "".join(f"GET {path} HTTP/1.1\r\n{keep}" for path in paths), f"HEAD /web/weir.css HTTP/1.1\r\n{keep}",
                       f"GET /livez HTTP/1.1\r\n{CLOSE}\r\n")
    read = []
    while answers:
        status, headers, rest = split(answers)
        size = 0 if len(read) == len(paths) else int(headers["Content-Length"])
        read.append((status, rest[:size]))
        answers = rest[size:]
    assert [status for status, _ in read] == [200, 400, 200, 200, 404, 200, 200, 200]
    assert [json.loads(read[i][1])["query"]["page"] for i in (0, 2)] == [1, 2]
    assert b'"sources":[' in read[3][1] and json.loads(read[5][1])["query"]["q"] == "welder" and read[-1][1] == b"ok\n"


def test_what_is_no_proper_request_is_refused_and_harms_nobody(make_weir):
    weir = make_weir(environment={"WEIR_POSTBACK_ELM": "agreed"})
    weir.start()
    form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
    post = f"POST /v1/postback/elm?secret=agreed HTTP/1.1\r\n{CLOSE}"
    requests = [
        # No file but those that are named.
        (f"GET /../../../etc/passwd HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"GET /web/../../weir.yaml HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"GET /web/..%2f..%2fweir.yaml HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"GET /web/%2e%2e%2fweir.yaml HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"GET /web/weir.css%00.html HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"GET http://elsewhere.example/web/weir.css HTTP/1.1\r\n{CLOSE}\r\n", 200),
        # No other method.
        *((f"{method} /v1/search HTTP/1.1\r\n{CLOSE}Content-Length: 0\r\n\r\n", 405)
          for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")),
        # One meaning alone.
        ("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        ("GET /livez HTTP/1.0\r\n\r\n", 200),
        (f"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (f"{post}Content-Length: -5\r\n\r\n", 400),
        (f"{post}Content-Length: five\r\n\r\n", 400),
        (f"{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        # Within limits.
        (f"GET /livez HTTP/1.1\r\n{CLOSE}X-Long: {'x' * 40000}\r\n\r\n", 431),
        (f"GET /{'x' * 40000} HTTP/1.1\r\n{CLOSE}\r\n", 414),
        (f"GET /{'x' * 9000}?{'y' * 9000} HTTP/1.1\r\n{CLOSE}\r\n", 404),
        (f"{post}{form}Content-Length: 65537\r\n\r\n", 413),
        (f"{post}{form}Transfer-Encoding: chunked\r\n\r\n{'10000' + chr(13) + chr(10) + 'x' * 65536 + chr(13) + chr(10)}1\r\nx\r\n0\r\n\r\n", 413),
        (f"GET /livez HTTP/1.1\r\n{CLOSE}Content-Length: 1\r\n\r\nx", 413),
        # Only what can be read.
        *((f"{post}Content-Type: {kind}\r\nContent-Length: 2\r\n\r\n{{}}", 415) for kind in ("application/json", "multipart/form-data", "text/plain")),
        (f"{post}{form}Content-Length: 0\r\n\r\n", 400),
    ]
    for request, status in requests:
        got, headers, body = split(exchange(weir, request))
        assert got == status, (request[:200], got, body)
        assert headers.get("Allow") == ("GET, HEAD" if status == 405 else None)
        if headers.get("Content-Type") == "application/problem+json":
            assert json.loads(body)["status"] == status and b"SQL" not in body
        else:
            assert status in (200, 400, 414, 431), request[:200]
    assert not exchange(weir, "nonsense\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert weir.processes[-1].poll() is None and weir.search(q="nurse")["listings"]
    # What was refused left nothing behind.
    assert weir.rows("SELECT COUNT(*) FROM report WHERE origin = 'postback'") == [["0"]]
