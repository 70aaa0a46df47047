"""Keys of click links are rotated while servers run: no link breaks, and no restart is needed."""
import datetime

from weir import ask, wait_until


def first_link(weir):
    return weir.search(q="engineer", mode="widest")["listings"][0]["url"]


def keys(weir):
    return {key["id"]: key["state"] for key in weir.json("token-key", "list")}


def test_a_key_is_rotated_and_retired_under_a_running_server(weir):
    old = first_link(weir)
    assert keys(weir) == {1: "seals"}
    weir.command("token-key", "retire", "1", code=1)
    weir.command("token-key", "rotate")
    assert keys(weir) == {2: "new", 1: "seals"}
    weir.command("token-key", "rotate", code=1)  # nodes are still learning of the other
    assert ask(old).status == 302
    # Two minutes pass, for all that looks at the ring: the key was made so long ago.
    made = int(datetime.datetime.fromisoformat(weir.json("token-key", "list")[0]["made_at"]).timestamp())
    weir.change(f"UPDATE setting SET value = replace(value, ' {made}', ' {made - 120}') WHERE name = 'token_keys'")
    assert keys(weir) == {2: "seals", 1: "opens"}
    wait_until(lambda: "token_keys.changed" in weir.log_text(), "the server learns of the key")
    new = first_link(weir)
    assert ask(old).status == 302 and ask(new).status == 302
    weir.command("token-key", "retire")  # none is spent
    assert keys(weir) == {2: "seals", 1: "opens"}
    weir.command("token-key", "retire", "1")
    wait_until(lambda: ask(old).status == 404, "the retired key opens nothing")
    assert ask(new).status == 302


def test_a_new_key_holds_where_its_copy_cannot_be_written_and_is_copied_as_soon_as_it_can(make_weir):
    weir = make_weir()
    weir.start()
    copy = weir.data / "token-keys"
    copy.unlink()
    (copy / "in the way").mkdir(parents=True)
    weir.command("token-key", "rotate")
    wait_until(lambda: "token_keys.not_copied" in weir.log_text(), "the copy can't be written")
    wait_until(lambda: "token_keys.changed" in weir.log_text(), "the key holds all the same")
    (copy / "in the way").rmdir()
    copy.rmdir()
    wait_until(lambda: copy.exists() and "\n2 " in copy.read_text(), "the key is copied")
