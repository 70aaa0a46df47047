"""HTTP as such, from outside: what is kept, compressed and refused, whoever asks and however."""
import gzip

from weir import ask


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
    assert plain.headers["Content-Encoding"] is None and plain.headers["Vary"] == "Accept-Encoding"
    assert (small.headers["Content-Encoding"], small.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert len(gzip.decompress(small.body)) > 2 * len(small.body)
    for refuses in ("gzip;q=0", "identity, gzip;q=0.5", "br"):
        assert ask(f"{weir.url}/v1/feed.csv", headers={"Accept-Encoding": refuses}).headers["Content-Encoding"] is None
    assert ask(f"{weir.url}/v1/search?page=0", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None
