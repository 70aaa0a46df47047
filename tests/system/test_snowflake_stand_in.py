"""The stand-in is as strict as the original: what it is asked wrongly it refuses, and what it runs happens, once."""
import gzip
import http.client
import json
import time
import urllib.parse
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from snowflake_contract import CONTRACT
from snowflake_stand_in import fingerprint
from weir import ask

TABLE = "id NUMBER(19,0) NOT NULL, at TIMESTAMP_TZ(6) NOT NULL, amount_micros NUMBER(19,0), currency VARCHAR, good BOOLEAN"
COPY = "COPY INTO arriving FROM @WEIR_STAGE FILES = ('{}') FILE_FORMAT = ({}) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
PARQUET = "TYPE = PARQUET USE_LOGICAL_TYPE = TRUE USE_VECTORIZED_SCANNER = TRUE"
CSV = ("TYPE = CSV COMPRESSION = GZIP PARSE_HEADER = TRUE FIELD_OPTIONALLY_ENCLOSED_BY = '\"' EMPTY_FIELD_AS_NULL = TRUE "
       "NULL_IF = ()")


class Client:
    """Asks as Snowflake's user does."""

    def __init__(self, snowflake, key):
        self.snowflake, self.key = snowflake, key

    def claims(self, **changes):
        now, subject = int(time.time()), "ACME-WEIR.WEIR_LOADER"
        return {"iss": f"{subject}.{fingerprint(self.key.public_key())}", "sub": subject, "iat": now, "exp": now + 3600, **changes}

    def headers(self, token=None, **changes):
        token = token or jwt.encode(self.claims(), self.key, algorithm="RS256")
        headers = {"Authorization": f"Bearer {token}", "X-Snowflake-Authorization-Token-Type": "KEYPAIR_JWT", "Accept": "application/json",
                   "Content-Type": "application/json", "User-Agent": "test/1", **changes}
        return {name: value for name, value in headers.items() if value is not None}

    def body(self, sql, count=None, **changes):
        parameters = {"timezone": "UTC", **({"multi_statement_count": count} if count else {})}
        return {"statement": sql, "timeout": 60, "database": "ANALYSIS", "schema": "WEIR", "warehouse": "LOADING",
                "parameters": parameters, **changes}

    def post(self, body, headers=None, **query):
        url = f"{self.snowflake.url}/api/v2/statements?{urllib.parse.urlencode(query)}"
        return ask(url, "POST", headers or self.headers(), json.dumps(body).encode())

    def run(self, sql, count=None, **query):
        return self.post(self.body(sql, count), **query)

    def get(self, handle, **query):
        return ask(f"{self.snowflake.url}/api/v2/statements/{handle}?{urllib.parse.urlencode(query)}", headers=self.headers())


@pytest.fixture
def client(snowflake, loader_key):
    return Client(snowflake, loader_key)


def put(snowflake, folder, name, sql, options="FORMAT parquet"):
    """Makes a file of what the query says, and puts it where the stage is."""
    snowflake.query(f"COPY ({sql}) TO '{folder / name}' ({options})")
    snowflake.bucket.put(name, (folder / name).read_bytes())


def refused(answer, status, code=None):
    assert answer.status == status, answer.body
    assert answer.json()["message"]
    assert answer.json().get("code") == code, answer.body


def load(sql="MERGE INTO t USING (SELECT * FROM arriving QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY id) = 1) s ON t.id = s.id "
             "WHEN NOT MATCHED THEN INSERT (id, at, amount_micros, currency, good) VALUES (s.id, s.at, s.amount_micros, s.currency, "
             "s.good)", file="a.parquet", form=PARQUET):
    return ";\n".join([f"CREATE OR REPLACE TEMPORARY TABLE arriving ({TABLE})", "BEGIN", COPY.format(file, form), sql, "COMMIT"])


ROWS = "SELECT i AS id, TIMESTAMPTZ '2026-01-01 00:00:00.000001+00' AS at, i * 7 AS amount_micros, 'USD' AS currency, i % 2 = 0 AS good "


@pytest.fixture
def loaded(client, tmp_path):
    """A table t that is empty, and a file of three rows for it."""
    assert client.run(f"CREATE TABLE IF NOT EXISTS t ({TABLE})").status == 200
    put(client.snowflake, tmp_path, "a.parquet", ROWS + "FROM range(1, 4) r(i)")
    return client


def count(client, table="t"):
    return int(client.snowflake.query(f"SELECT COUNT(*) FROM {table}")[0][0])


def test_only_a_token_of_the_users_own_key_that_names_him_and_is_fresh_opens(client):
    now = int(time.time())
    assert client.run("SELECT 1").status == 200
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused(client.run("SELECT 1", headers=client.headers(jwt.encode(client.claims(), other, algorithm="RS256"))), 401, "390144")
    for wrong in ({"iss": "ACME-WEIR.WEIR_LOADER.SHA256:" + "A" * 43 + "="}, {"iss": "ACME-WEIR.WEIR_LOADER"},
                  {"sub": "acme-weir.weir_loader"}, {"sub": "ACME-WEIR.EU-CENTRAL-1.WEIR_LOADER"}, {"iat": now - 3700, "exp": now - 100},
                  {"exp": now + 3700}, {"iat": now + 600, "exp": now + 1200}, {"exp": "soon"}):
        token = jwt.encode(client.claims(**wrong), client.key, algorithm="RS256")
        refused(client.run("SELECT 1", headers=client.headers(token)), 401, "390144")
    for missing in ("iss", "sub", "iat", "exp"):
        claims = client.claims()
        del claims[missing]
        refused(client.run("SELECT 1", headers=client.headers(jwt.encode(claims, client.key, algorithm="RS256"))), 401, "390144")
    unsigned = jwt.encode(client.claims(), None, algorithm="none")
    symmetric = jwt.encode(client.claims(), "secret", algorithm="HS256")
    for token in (unsigned, symmetric, "nonsense", jwt.encode(client.claims(), client.key, algorithm="RS512")):
        refused(client.run("SELECT 1", headers=client.headers(token)), 401, "390144")
    refused(client.run("SELECT 1", headers=client.headers(**{"X-Snowflake-Authorization-Token-Type": None})), 401, "390303")
    refused(client.get(str(uuid.uuid4())), 404, "000709")


def test_requests_that_the_description_does_not_know_are_refused(client):
    refused(client.run("SELECT 1", headers=client.headers(**{"User-Agent": ""})), 400, "391903")
    refused(client.run("SELECT 1", headers=client.headers(**{"Content-Type": "text/plain"})), 415)
    refused(client.run("SELECT 1", headers=client.headers(Accept="text/html")), 400, "391902")
    refused(ask(f"{client.snowflake.url}/api/v2/statements", headers=client.headers()), 405)
    refused(ask(f"{client.snowflake.url}/api/v3/statements", headers=client.headers()), 404)
    for wrong in ({"retries": 1}, {"bindings": {}}, {"timeout": -1}, {"timeout": "60"}, {"statement": 5}, {"parameters": []},
                  {"parameters": {"multi_statement_count": -1}}, {"parameters": {"multi_statement_count": "1"}},
                  {"parameters": {"autocommit": False}}, {"parameters": {"timezone": "Europe/Berlin"}}):
        refused(client.post(client.body("SELECT 1", **wrong)), 400, "390142")
    for wrong in ({"requestid": str(uuid.uuid4())}, {"requestId": "1"}, {"retry": "yes"}, {"partition": "0"}):
        refused(client.run("SELECT 1", **wrong), 400, "390142")
    refused(client.post({"statement": "SELECT 1", "warehouse": "LOADING"}), 422, "000606")
    for name in ("database", "schema", "warehouse", "role"):
        refused(client.post(client.body("SELECT 1", **{name: "weir"})), 422, "002043")


def test_the_number_of_statements_must_be_the_one_announced(client):
    refused(client.run("SELECT 1; SELECT 2"), 422, "000008")
    refused(client.run("SELECT 1; SELECT 2", 3), 422, "000008")
    refused(client.run("SELECT 1", 2), 422, "000008")
    answer = client.run("SELECT 1 AS one; SELECT ';' AS semicolon;", 2).json()
    assert [client.get(handle).json()["data"] for handle in answer["statementHandles"]] == [[["1"]], [[";"]]]


@pytest.mark.parametrize("sql, code", [
    ("DROP TABLE t", "001003"), ("DELETE FROM t", "001003"), ("UPDATE t SET id = 1", "001003"), ("SELECT 1 SELECT 2", "001003"),
    ("SELECT", "001003"), ("SELECT 'open", "001003"), ("SELECT 1 FROM t WHERE id = #", "001003"), ("", "000900"),
    ("SELECT PG_SLEEP(1)", "002140"), ("SELECT read_csv('/etc/passwd')", "002140"), ("SELECT * FROM read_csv('/etc/passwd')", "001003"),
    ("SELECT IFF(TRUE, 1)", "000938"), ("SELECT nothing FROM t", "000904"), ("SELECT 1 FROM nowhere", "002003"),
    ("SELECT 1 / (2 - 2)", "100051"), ("INSERT INTO t SELECT NULL, CURRENT_TIMESTAMP(), 1, 'USD', TRUE", "100072"),
    ("INSERT INTO t SELECT 'x', CURRENT_TIMESTAMP(), 1, 'USD', TRUE", "100038"), (f"CREATE TABLE t ({TABLE})", "002002"),
    ("CREATE TABLE u (values NUMBER(19,0))", "001003"), ("CREATE TABLE u (a TIMESTAMP_TZ)", "002040"),
    ("CREATE TEMPORARY TABLE u (a VARCHAR)", "391911"), ("BEGIN", "391911"), ("USE DATABASE x", "391911"), ("PUT 'file:///x' @s", "391911"),
    (COPY.format("nothing.parquet", PARQUET).replace("arriving", "t"), "091016"),
    (COPY.format("a.parquet", PARQUET).replace("WEIR_STAGE", "OTHER"), "002003"),
    (COPY.format("a.parquet", "TYPE = PARQUET"), "000002"), (COPY.format("a.parquet", PARQUET) + " ON_ERROR = CONTINUE", "000002"),
    (COPY.format("a.parquet", PARQUET) + " FORCE = TRUE", "001003"),
])
def test_statements_that_are_wrong_or_unknown_are_refused_by_snowflakes_numbers(loaded, sql, code):
    before = count(loaded)
    answer = loaded.run(sql)
    refused(answer, 422, code)
    assert answer.json()["sqlState"] != "00000" and answer.json()["statementHandle"]
    assert count(loaded) == before


def test_answers_are_texts_with_the_names_and_types_of_their_columns(client):
    answer = client.run("SELECT 'it\\'s' AS what, COUNT(*), 1 / 4 AS quarter, NULL::VARCHAR AS nothing, 2 > 1 AS truth").json()
    assert answer["data"] == [["it's", "1", "0.250000", None, "true"]]
    assert [(column["name"], column["type"]) for column in answer["resultSetMetaData"]["rowType"]] == [
        ("WHAT", "TEXT"), ("COUNT(*)", "FIXED"), ("QUARTER", "FIXED"), ("NOTHING", "TEXT"), ("TRUTH", "BOOLEAN")]
    assert client.run("SELECT NULL AS x", nullable="false").json()["data"] == [["null"]]


def test_a_load_brings_every_row_with_its_type_and_again_none(loaded):
    assert loaded.run(load(), 5).status == 200
    assert loaded.snowflake.query("SELECT id, amount_micros, currency, good, epoch_us(\"AT\") FROM t ORDER BY id") == [
        ["1", "7", "USD", "false", "1767225600000001"], ["2", "14", "USD", "true", "1767225600000001"],
        ["3", "21", "USD", "false", "1767225600000001"]]
    handles = loaded.run(load(), 5).json()["statementHandles"]
    copied, merged = (loaded.get(handle).json() for handle in handles[2:4])
    assert copied["data"][0][:4] == ["a.parquet", "LOADED", "3", "3"]
    assert merged["data"] == [["0"]] and merged["stats"]["numRowsInserted"] == 0
    assert loaded.run("SELECT id, at FROM t WHERE id = 3").json()["data"] == [["3", "1767225600.000001000 1440"]]


def test_a_merge_updates_what_its_condition_lets_and_refuses_two_rows_for_one(loaded):
    merge = ("MERGE INTO t USING ({}) s ON t.id = s.id WHEN MATCHED AND s.amount_micros > t.amount_micros THEN UPDATE SET "
             "amount_micros = s.amount_micros, currency = s.currency WHEN NOT MATCHED THEN INSERT (id, at, amount_micros, currency) "
             "VALUES (s.id, CURRENT_TIMESTAMP(), s.amount_micros, s.currency)")
    row = "SELECT {} AS id, {} AS amount_micros, '{}' AS currency"
    rows = [row.format(1, 5, "EUR"), row.format(2, 99, "EUR"), row.format(9, 1, "EUR")]
    assert loaded.run(load(), 5).status == 200
    assert loaded.run(merge.format(" UNION ALL ".join(rows))).json()["data"] == [["2"]]
    amounts = "SELECT id, amount_micros, currency FROM t ORDER BY id"
    after = [["1", "7", "USD"], ["2", "99", "EUR"], ["3", "21", "USD"], ["9", "1", "EUR"]]
    assert loaded.snowflake.query(amounts) == after
    refused(loaded.run(merge.format(" UNION ALL ".join([row.format(3, 50, "EUR"), row.format(3, 60, "EUR")]))), 422, "100090")
    assert loaded.snowflake.query(amounts) == after
    # Only one of the two passes the condition.
    assert loaded.run(merge.format(" UNION ALL ".join([row.format(3, 1, "EUR"), row.format(3, 60, "GBP")]))).status == 200
    assert loaded.snowflake.query(amounts)[2] == ["3", "60", "GBP"]


def test_gzipped_csv_loads_alike(loaded, tmp_path):
    put(loaded.snowflake, tmp_path, "a.csv.gz", ROWS.replace("'USD'", "CASE i WHEN 1 THEN 'a \"b\",\n' WHEN 2 THEN '' END") +
        "FROM range(1, 4) r(i)", "FORMAT csv, HEADER, COMPRESSION gzip")
    assert loaded.run(load(file="a.csv.gz", form=CSV), 5).status == 200
    assert loaded.snowflake.query("SELECT currency, good FROM t ORDER BY id") == [['a "b",\n', "false"], ["", "true"], [None, "false"]]


def test_a_copied_file_is_remembered_by_its_table_and_by_a_new_one_not(loaded):
    copy = COPY.format("a.parquet", PARQUET).replace("arriving", "t")
    assert loaded.run(copy).json()["data"][0][1] == "LOADED"
    assert loaded.run(copy).json()["data"][0][1] == "LOAD_SKIPPED"
    assert count(loaded) == 3
    assert loaded.run(f"CREATE OR REPLACE TABLE t ({TABLE})").status == 200
    assert loaded.run(f"BEGIN; {copy}; ROLLBACK", 3).status == 200
    assert count(loaded) == 0
    assert loaded.run(copy).json()["data"][0][1] == "LOADED"


def test_what_fails_midway_leaves_nothing_and_what_a_create_committed_stays(loaded):
    refused(loaded.run(load().replace(";\nCOMMIT", ";\nSELECT 1 / 0;\nCOMMIT"), 6), 422, "100051")
    refused(loaded.run(load("SELECT nothing FROM arriving"), 5), 422, "000904")
    assert count(loaded) == 0
    insert = "INSERT INTO t SELECT 9, CURRENT_TIMESTAMP(), 0, 'EUR', FALSE"
    refused(loaded.run(f"BEGIN; {insert}; CREATE TABLE IF NOT EXISTS other (a VARCHAR); {insert}; SELECT 1 / 0", 5), 422, "100051")
    assert count(loaded) == 2, "the CREATE committed what stood before it; behind it nothing is a transaction"
    assert loaded.run(f"BEGIN; {insert}", 2).status == 200
    assert count(loaded) == 2, "an open transaction ends with its request"
    refused(loaded.run("SELECT * FROM arriving"), 422, "002003")


def test_a_request_id_is_executed_once_when_it_comes_again_as_a_retry(loaded):
    request_id = str(uuid.uuid4())
    insert = "INSERT INTO t SELECT 9, CURRENT_TIMESTAMP(), 0, 'EUR', FALSE"
    first = loaded.run(insert, requestId=request_id)
    again = loaded.run(insert, requestId=request_id, retry="true")
    assert again.json()["statementHandle"] == first.json()["statementHandle"]
    assert count(loaded) == 1
    loaded.run(insert, requestId=request_id)
    assert count(loaded) == 2, "without retry it is executed, as the manual warns"
    refused(loaded.run("SELECT 1", requestId=request_id, retry="true"), 400)
    failed = loaded.run("SELECT 1 / 0", requestId=str(uuid.uuid4()))
    refused(loaded.get(failed.json()["statementHandle"]), 422, "100051")


def lost(client, sql, number, **query):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.run(sql, number, **query)


def test_what_is_planned_goes_wrong_once(loaded):
    snowflake, request_id = loaded.snowflake, str(uuid.uuid4())
    for status in ("429", "500", "503", "401"):
        snowflake.plan(status, "COPY INTO")
        assert loaded.run(load(), 5, requestId=request_id).status == int(status)
    for statement in range(5):
        snowflake.plan("crash", "COPY INTO", statement=statement)
        lost(loaded, load(), 5, requestId=request_id)
    assert count(loaded) == 0
    snowflake.plan("lose", "COPY INTO")
    assert loaded.run("SELECT 1").status == 200, "only what has the words"
    lost(loaded, load(), 5, requestId=request_id)
    assert count(loaded) == 3
    executed = len(snowflake.executed)
    assert loaded.run(load(), 5, requestId=request_id, retry="true").status == 200
    assert len(snowflake.executed) == executed and snowflake.plans == []


def test_what_takes_longer_is_asked_for_by_its_handle(loaded):
    loaded.snowflake.plan("accept")
    answer = loaded.run(load(), 5)
    assert answer.status == 202 and answer.json()["code"] == "333334" and "statementHandles" not in answer.json()
    handle = answer.json()["statementHandle"]
    assert [loaded.get(handle).status for _ in range(3)] == [202, 200, 200]
    assert len(loaded.get(handle).json()["statementHandles"]) == 5
    assert loaded.run("SELECT 1", **{"async": "true"}).status == 202


def test_long_results_come_in_partitions_the_later_ones_compressed(loaded):
    loaded.snowflake.partition_rows = 2
    assert loaded.run(load(), 5).status == 200
    first = loaded.run("SELECT id FROM t ORDER BY id").json()
    assert first["resultSetMetaData"]["numRows"] == 3 and first["data"] == [["1"], ["2"]]
    assert [part["rowCount"] for part in first["resultSetMetaData"]["partitionInfo"]] == [2, 1]
    second = loaded.get(first["statementHandle"], partition=1)
    assert second.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(second.body))["data"] == [["3"]]
    refused(loaded.get(first["statementHandle"], partition=2), 400, "391917")


def test_bodies_and_answers_are_held_to_snowflakes_own_description(client):
    if not CONTRACT.exists():
        pytest.skip(f"{CONTRACT} is not here: bodies and answers were checked by the stand-in's own rules alone")
    contract = client.snowflake.contract
    contract.check_request(client.body("SELECT 1", 2))
    for wrong in ({"timeout": "60"}, {"statement": 1}, {"parameters": {"multi_statement_count": "two"}}):
        with pytest.raises(Exception, match="is not of type"):
            contract.check_request(client.body("SELECT 1", **wrong))
    with pytest.raises(Exception, match="'statementHandle' is a required property"):
        contract.check_answer(202, {"message": "later"})
    with pytest.raises(Exception, match="is not of type"):
        contract.check_answer(200, {"data": [[1]]})
