"""API keys, from the command that makes one to the request that is let in."""
import re

from weir import ask, wait_until


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


def test_keys_hold_over_a_start_without_the_database(make_weir, own_postgres):
    weir = make_weir(database=own_postgres.make_database(), settings="api_keys: [search]\n")
    weir.start("serve")
    [made] = weir.json("key", "add", "acme", "--scopes", "search")
    [gone] = weir.json("key", "add", "gone", "--scopes", "search")
    weir.command("key", "revoke", "gone")
    copy = weir.data / "api-keys"
    wait_until(lambda: " search acme\n" in copy.read_text(), "the key is copied")
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
    assert '"event":"keys.unknown"' in weir.log_text() and "api-keys: line 1: not HASH SCOPES NAME" in weir.log_text()
    own_postgres.start()
    wait_until(lambda: status(made["key"]) == 200, "the database says which keys hold")
    wait_until(lambda: copy.read_text().endswith(" search acme\n"), "the copy is whole again")


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
