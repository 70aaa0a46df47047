"""API keys, from the command that makes one to the request that is let in."""
import re

from weir import ask, metric, wait_until


def paths(weir):
    """Every operation that has no body, and whether its description says that it takes keys."""
    description = ask(f"{weir.url}/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), re.sub(r"\{\w+\}", "0", path), "security" in operation


def test_keys_open_what_they_are_for_until_they_are_revoked(make_weir):
    weir = make_weir(settings="api_keys: [search, feed, operations]\n")
    weir.start()
    walked = list(paths(weir))
    assert sum(keyed for _, _, keyed in walked) > 10
    for method, path, keyed in walked:
        answer = ask(weir.url + path, method)
        assert (answer.status == 401) == keyed, (path, answer.status, answer.body)
        if keyed:
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="weir", scope='), path
            assert "Authorization: Bearer" in answer.json()["detail"]

    [made] = weir.json("key", "add", "acme", "--scopes", "search,feed")
    bearer = {"Authorization": f"Bearer {made['key']}"}
    wait_until(lambda: ask(f"{weir.url}/v1/sources", headers=bearer).status == 200, "the key holds")
    assert ask(f"{weir.url}/v1/feed.ndjson", headers={"X-API-Key": made["key"]}).status == 200
    assert ask(f"{weir.url}/v1/search?q=nurse", headers=bearer).status == 200
    weir.wait_shipped()
    assert weir.rows("SELECT client FROM search") == [["acme"]]
    refused = ask(f"{weir.url}/v1/revenue", headers=bearer)
    assert refused.status == 403 and 'scope="operations"' in refused.headers["WWW-Authenticate"]
    assert made["key"] not in weir.log_text() + weir.command("key", "list") + str(weir.rows("SELECT hash FROM api_key"))
    assert [(key["name"], key["scopes"]) for key in weir.json("key", "list")] == [("acme", ["search", "feed"])]

    weir.command("key", "revoke", "acme")
    wait_until(lambda: ask(f"{weir.url}/v1/sources", headers=bearer).status == 401, "the key is revoked")
    assert 'error="invalid_token"' in ask(f"{weir.url}/v1/sources", headers=bearer).headers["WWW-Authenticate"]
    assert weir.json("key", "list") == [] and "revoked_at" in weir.json("key", "list", "--all")[0]
    weir.command("key", "revoke", "acme", code=1)
    weir.command("key", "add", "acme", "--scopes", "feed", code=1)
    weir.command("key", "add", "other", "--scopes", "everything", code=2)


def test_a_key_asks_as_often_as_its_limit_allows(make_weir):
    weir = make_weir(settings="api_keys: [search]\napi_key_limit: 3/1h\ncors_origins: ['*']\n")
    weir.start("serve")
    keys = {name: weir.json("key", "add", name, "--scopes", "search", *limit)[0]["key"]
            for name, limit in (("usual", []), ("often", ["--limit", "5/hour"]), ("ever", ["--limit", "none"]))}
    assert [(key["name"], key["limit"]) for key in weir.json("key", "list")] == \
        [("ever", "none"), ("often", "5/1h"), ("usual", "default")]

    def look(name):
        return ask(f"{weir.url}/v1/sources", headers={"X-API-Key": keys[name], "Origin": "https://friend.example"})

    wait_until(lambda: look("ever").status == 200, "the keys hold")
    assert look("ever").headers["RateLimit"] is None
    first = look("usual")
    assert (first.headers["RateLimit-Policy"], first.headers["RateLimit"]) == ('"key";q=3;w=3600', '"key";r=2;t=1200')
    assert "RateLimit, RateLimit-Policy" in first.headers["Access-Control-Expose-Headers"]
    # What nobody may see, and what is asked wrongly, counts too: it was asked.
    assert ask(f"{weir.url}/v1/search?page=0", headers={"X-API-Key": keys["usual"]}).status == 400
    assert [look("usual").status for _ in range(3)] == [200, 429, 429]
    refused = look("usual")
    problem = refused.json()
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (problem["status"], problem["title"]) == (429, "Too Many Requests")
    assert "usual may ask 3/1h" in problem["detail"] and f"in {refused.headers['Retry-After']} s" in problem["detail"]
    assert refused.headers["RateLimit"] == f'"key";r=0;t={refused.headers["Retry-After"]}'
    assert 1190 < int(refused.headers["Retry-After"]) <= 1200
    assert metric(weir.url, 'weir_api_keys_limited_total{key="usual"}') == 3
    assert [look("often").status for _ in range(6)] == [200] * 5 + [429]

    weir.command("key", "limit", "usual", "1000/1s")
    wait_until(lambda: look("usual").status == 200, "the limit is another")
    assert look("usual").headers["RateLimit-Policy"] == '"key";q=1000;w=1'
    assert [look("often").status, look("ever").status] == [429, 200]
    weir.command("key", "limit", "nobody", "none", code=1)
    weir.command("key", "limit", "usual", "much", code=2)
    weir.command("key", "add", "other", "--scopes", "search", "--limit", "0/1m", code=2)


def test_keys_hold_over_a_start_without_the_database(make_weir, own_postgres):
    weir = make_weir(database=own_postgres.make_database(), settings="api_keys: [search]\n")
    weir.start("serve")
    [made] = weir.json("key", "add", "acme", "--scopes", "search")
    [gone] = weir.json("key", "add", "gone", "--scopes", "search")
    weir.command("key", "revoke", "gone")
    copy = weir.data / "api-keys"
    wait_until(lambda: " search default acme\n" in copy.read_text(), "the key is copied")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert made["key"] not in copy.read_text() and "gone" not in copy.read_text()
    weir.stop()
    own_postgres.stop()

    def status(key):
        return ask(f"{weir.url}/v1/search?q=nurse", headers={"X-API-Key": key}).status

    weir.start("serve")
    assert [status(key) for key in (made["key"], gone["key"], "guess")] == [200, 401, 401]
    assert '"event":"keys.of_copy"' in weir.log_text()
    weir.kill()
    copy.write_text(copy.read_text()[:70])
    weir.start("serve")
    assert status(made["key"]) == 503
    assert '"event":"keys.unknown"' in weir.log_text() and "api-keys: line 1: not HASH SCOPES LIMIT NAME" in weir.log_text()
    own_postgres.start()
    wait_until(lambda: status(made["key"]) == 200, "the database says which keys hold")
    wait_until(lambda: copy.read_text().endswith(" search default acme\n"), "the copy is whole again")


def test_only_pages_of_named_origins_may_read_answers(make_weir):
    weir = make_weir(settings="api_keys: [feed]\ncors_origins: [https://friend.example]\n")
    weir.start()
    friend, stranger = {"Origin": "https://friend.example"}, {"Origin": "https://stranger.example"}
    for path, status in (("/v1/sources", 200), ("/v1/feed.ndjson", 401)):
        answer = ask(weir.url + path, headers=friend)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, "https://friend.example")
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"] and answer.headers["Vary"] == "Origin"
        answer = ask(weir.url + path, headers=stranger)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, None)
        assert answer.headers["Vary"] == "Origin"
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    answer = ask(f"{weir.url}/v1/feed.ndjson", "OPTIONS", headers={**friend, **asked})
    assert answer.status == 204 and "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    answer = ask(f"{weir.url}/v1/feed.ndjson", "OPTIONS", headers={**stranger, **asked})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (405, None)
    assert ask(f"{weir.url}/metrics", headers=friend).headers["Access-Control-Allow-Origin"] is None
