"""weir source test: one record of an answer told step by step, to a person and to a program."""
import json

from test_source import DEFINITION, weir  # noqa: F401: a fixture


def test_one_record_is_told_step_by_step_with_why_a_field_is_empty(weir, tmp_path):
    told = weir.command("source", "test", "acme", "--file", str(tmp_path / "answer.json"), "--record", "2")
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "record 2 a listing" in lines
    for before, after in [("title t \"Cook\"", "=> Cook"), ("| time lost: \"2026-02-31\" is no time as expected", "=> empty: \"2026-02-31\" is no time as expected"),
                          ("company c -", "=> empty: the record has nothing there"), ("salary.min pay -", "| range_low -")]:
        assert lines[lines.index(before) + 1] == after, told
    assert "not mapped by the definition: id, location" in told


def test_programs_get_the_same_steps(weir, tmp_path):
    [told] = weir.json("source", "test", "acme", "--query", "nurse", "--file", str(tmp_path / "answer.json"))
    [step] = told["steps"]
    assert step["request"]["url"] == "https://acme.example/search?key=***&q=nurse" and "s3cret-key" not in json.dumps(told)
    assert step["records"] == 3 and step["listing_count"] == 2 and step["listings"][0]["salary.min"] == "20000.00 GBP"
    assert [(loss["record"], loss["field"], loss["dropped"]) for loss in step["losses"]] == [(2, "posted_at", False), (3, "title", True)]
    fields = {field["field"]: field for field in step["record"]["fields"]}
    assert [(one["step"], one["values"]) for one in fields["salary.min"]["steps"]] == [("pay", ["£20k - £25k"]), ("| range_low", ["20000.00"])]
    assert fields["salary.min"]["value"] == "20000.00 GBP" and fields["posted_at"]["empty_because"] == "the record has nothing there"
    assert step["answer"]["charset"] == "UTF-8" and step["answer"]["compression"] == "none" and step["answer"]["replaced"] == 0


def test_a_record_that_is_dropped_or_passed_over_says_so(weir, tmp_path):
    definition = tmp_path / "definitions/acme.yaml"
    answer = str(tmp_path / "answer.json")
    assert "record 3 dropped, as told above" in " ".join(weir.command("source", "test", "acme", "--file", answer, "--record", "3").split())
    assert "there is no such record" in weir.command("source", "test", "acme", "--file", answer, "--record", "9")
    definition.write_text(DEFINITION.replace("listing: {title: t,", "listing: {skip_if: t | is('Cook'), title: t,"))
    assert "passed over by skip_if" in weir.command("source", "test", "acme", "--file", answer, "--record", "2")


def test_the_second_step_is_told_as_well(weir, tmp_path):
    definition, answer = tmp_path / "definitions/acme.yaml", str(tmp_path / "answer.json")
    (tmp_path / "detail.json").write_text(json.dumps({"text": "<p>By night</p>", "key": "s3cret-key"}))
    weir.command("source", "test", "acme", "--file", answer, "--detail-file", str(tmp_path / "detail.json"), code=1)
    definition.write_text(DEFINITION + "  detail:\n    get: https://acme.example/one/{item_title}\n    query: {key: '${ACME_KEY}'}\n"
                          "    answer: {json: .}\n    listing: {description: text | html_text}\n")
    told = weir.command("source", "test", "acme", "--file", answer)
    assert "the second step, about Nurse" in told and "https://acme.example/one/Nurse?key=***" in told and "--detail-file FILE" in told
    [told] = weir.json("source", "test", "acme", "--file", answer, "--detail-file", str(tmp_path / "detail.json"), "--record", "2")
    detail = told["steps"][1]
    assert detail["operation"] == "detail" and detail["request"]["url"] == "https://acme.example/one/Cook?key=***"
    [description] = [field for field in detail["record"]["fields"] if field["field"] == "description"]
    assert description["value"] == "By night" and description["steps"][0]["values"] == ["<p>By night</p>"]
