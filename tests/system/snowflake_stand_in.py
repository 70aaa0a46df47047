"""A strict stand-in of Snowflake's SQL API, version 2: it refuses what Snowflake refuses, and runs what it accepts.

    POST /api/v2/statements ─> token? headers? body? ─> session: each statement read (snowflake_statements.py), run in DuckDB
                                                          COPY INTO reads its files from the S3 stand-in
                              200, or 202 and GET /api/v2/statements/HANDLE, or 422 with code and SQLSTATE

A request is a session: its temporary tables and its open transaction end with it. A request that is sent again with its
requestId and retry=true is not executed again; without retry=true it is, as Snowflake's manual warns. A test plans what goes
wrong with plan(). Rules: shared/conformance/snowflake-sqlapi.yaml, against which bodies and answers are checked where it is
here, and Snowflake's documentation of the SQL API, key-pair authentication, COPY INTO and transactions."""
import base64
import gzip
import hashlib
import json
import re
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass

import jsonschema
import jwt
from cryptography.hazmat.primitives import serialization

import loopback
from duck import Duck
from snowflake_contract import CONTRACT, STATEMENTS, Contract
from snowflake_session import MEMORY, Result, Run, SnowflakeError, new_handle
from snowflake_sql import PREAMBLE, split
from snowflake_statements import parse

SKEW_S, LIFE_S = 60, 3600
BODY_LIMIT, PARTITION_ROWS = 1 << 20, 1000


class Refusal(Exception):
    """An answer other than 200 and 202: status, Snowflake's number or None, message."""

    def __init__(self, status, code, message, **more):
        super().__init__(message)
        self.status, self.body = status, {**({"code": code} if code else {}), "message": message, **more}


class Lost(Exception):
    """The connection ends without an answer."""


def fingerprint(public_key):
    """SHA256: and the base64 of the digest of its DER, as DESC USER shows it."""
    der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


@dataclass
class Plan:
    """What goes wrong once, with the next request whose SQL has the words."""
    what: str
    words: str
    statement: int = 0      # for "crash": how many statements are run before
    then: object = None     # called at that moment


class Snowflake:
    """One account with one user, one warehouse, one database and schema."""

    account, user, role = "acme-weir.eu-central-1", "WEIR_LOADER", "LOADER"
    database, schema, warehouse = "ANALYSIS", "WEIR", "LOADING"

    def __init__(self, public_key, bucket, stage="WEIR_STAGE", prefix=""):
        self.public_key, self.bucket, self.stages = public_key, bucket, {stage: prefix}
        self.duck = Duck()
        self.duck.query(PREAMBLE)
        self.duck.query(MEMORY)
        self.contract = Contract() if CONTRACT.exists() else None
        self.clock, self.partition_rows = time.time, PARTITION_ROWS
        self.lock = threading.RLock()
        self.results, self.requests = {}, {}    # by handle; by request id: (body, handle)
        self.plans, self.executed, self.asked = [], [], []  # asked: (id, is a retry, SQL) as they came
        self.server = loopback.Server(handler(self))
        self.url = self.server.url

    def close(self):
        self.server.close()
        self.duck.close()

    def query(self, sql):
        """Asks the tables directly, in DuckDB's SQL."""
        with self.lock:
            return self.duck.query(sql)

    def plan(self, what, words="", **more):
        """what: lose (the answer, after all was done), crash (after .statement statements), accept (202 first), 401, 429, 500, 503,
        watch (nothing; for .then). words: which the SQL must have."""
        self.plans.append(Plan(what, words, **more))

    def take_plan(self, sql):
        for plan in self.plans:
            if plan.words in sql:
                self.plans.remove(plan)
                return plan
        return Plan("", "")

    # Who asks

    def check_token(self, headers):
        refusal = Refusal(401, "390144", f"JWT token is invalid. [{uuid.uuid4()}]")
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if headers.get("X-Snowflake-Authorization-Token-Type", "OAUTH") != "KEYPAIR_JWT":
            raise Refusal(401, "390303", "Invalid OAuth access token. ")
        account = re.split(r"\.", self.account)[0].upper()
        subject, now = f"{account}.{self.user.upper()}", self.clock()
        try:
            claims = jwt.decode(token, self.public_key, algorithms=["RS256"],
                                options={"require": ["iss", "sub", "iat", "exp"], "verify_exp": False, "verify_iat": False})
        except jwt.InvalidTokenError as error:
            raise refusal from error
        moments = (claims["iat"], claims["exp"])
        if (scheme != "Bearer" or claims["sub"] != subject or claims["iss"] != f"{subject}.{fingerprint(self.public_key)}" or
                not all(isinstance(moment, int) for moment in moments) or moments[1] - moments[0] > LIFE_S or
                moments[0] > now + SKEW_S or moments[1] <= now):
            raise refusal

    def check_headers(self, method, headers):
        if not headers.get("User-Agent"):
            raise Refusal(400, "391903", "The User-Agent header is missing.")
        if headers.get("Accept", "*/*") not in ("application/json", "*/*"):
            raise Refusal(400, "391902", f"Unsupported Accept header {headers['Accept']} is specified.")
        if method == "POST" and headers.get("Content-Type", "application/json").split(";")[0].strip() != "application/json":
            raise Refusal(415, None, "Unsupported Media Type")

    # What is asked

    def read_body(self, body):
        invalid = Refusal(400, "390142", "Incoming request does not contain a valid payload.")
        try:
            asked = json.loads(body)
        except ValueError as error:
            raise invalid from error
        if not isinstance(asked, dict) or set(asked) - {"statement", "timeout", "database", "schema", "warehouse", "role", "parameters"}:
            raise invalid
        parameters = asked.get("parameters", {})
        if not isinstance(asked.get("statement"), str) or not isinstance(parameters, dict):
            raise invalid
        parameters = {name.lower(): value for name, value in parameters.items()}
        count = parameters.get("multi_statement_count", 1)
        if (set(parameters) - {"timezone", "query_tag", "multi_statement_count"} or parameters.get("timezone", "UTC") != "UTC" or
                type(count) is not int or count < 0 or type(asked.get("timeout", 0)) is not int or asked.get("timeout", 0) < 0):
            raise invalid
        if self.contract:
            try:
                self.contract.check_request({**asked, "parameters": parameters})
            except jsonschema.ValidationError as error:
                raise Refusal(400, "390142", f"Incoming request does not contain a valid payload: {error.message}") from error
        return asked, count

    def check_context(self, asked):
        for name in ("database", "schema", "warehouse", "role"):
            if name in asked and asked[name] != getattr(self, name):
                raise SnowflakeError("002043", "02000", f"SQL compilation error:\nObject does not exist, or operation cannot be performed: "
                                                        f"{name} {asked[name]}.")
        if not all(name in asked for name in ("database", "schema", "warehouse")):
            raise SnowflakeError("000606", "57P03", "No active warehouse, database or schema selected in the current session.")

    def read_statements(self, asked, count):
        self.check_context(asked)
        parts = split(asked["statement"])
        if not parts:
            raise SnowflakeError("000900", "42601", "SQL compilation error:\nEmpty SQL statement.")
        if count not in (0, len(parts)):
            raise SnowflakeError("000008", "0A000", f"Actual statement count {len(parts)} did not match the desired statement count "
                                                    f"{count}.")
        for part in parts:
            word = part[0].text.upper()
            # Of a session, which a request with one statement does not have.
            single = word in ("BEGIN", "COMMIT", "ROLLBACK", "USE", "ALTER") or "TEMPORARY" in [t.text.upper() for t in part[:5]]
            if word in ("PUT", "GET") or (single and len(parts) == 1):
                raise SnowflakeError("391911", "0A000", f"The requested statement type is unsupported: {word}.")
        return [parse(part) for part in parts]

    # Running

    def submit(self, query, body):
        asked, count = self.read_body(body)
        request_id, repeated = query.get("requestId") or str(uuid.uuid4()), query.get("retry") == "true"
        with self.lock:
            self.asked.append((request_id, repeated, asked["statement"]))
            known = self.requests.get(request_id)
            if known and known[0] != asked:
                raise Refusal(400, None, f"requestId {request_id} was used for another request.")
            plan = self.take_plan(asked["statement"])
            if plan.what in ("401", "429", "500", "503"):
                raise Refusal(int(plan.what), "390144" if plan.what == "401" else None, f"planned: {plan.what}")
            if known and repeated:
                result = self.results[known[1]]
            else:
                result = self.execute(asked, count, query.get("nullable") != "false", plan)
                self.requests[request_id] = (asked, result.handle)
            if plan.then and plan.what != "crash":
                plan.then()
            if plan.what == "lose":
                raise Lost
            if plan.what == "accept" or query.get("async") == "true":
                result.waits = 2
            return self.answer(result, query)

    def execute(self, asked, count, nullable, plan):
        """All statements, in order, until one fails: then none of an open transaction stays."""
        self.executed.append(asked["statement"])
        parent = Result(new_handle(), [("multiple statement execution", "TEXT")], [["Multiple statements executed successfully."]], [])
        run = Run(self.duck, self.stages, self.bucket)
        try:
            statements = self.read_statements(asked, count)
            results = []
            for number, statement in enumerate(statements):
                if plan.what == "crash" and number == plan.statement:
                    if plan.then:
                        plan.then()
                    raise Lost
                results.append(run.run(statement))
                results[-1].nullable = nullable
            parent.handles = [result.handle for result in results]
            self.results.update({result.handle: result for result in results})
            if count == 1:
                parent = results[0]
        except SnowflakeError as error:
            parent.failure = error
        finally:
            run.close()
        self.results[parent.handle] = parent
        return parent

    def find(self, handle):
        with self.lock:
            if handle not in self.results:
                raise Refusal(404, "000709", f"Statement {handle} not found")
            return self.results[handle]

    # Answers

    def answer(self, result, query):
        head = {"statementHandle": result.handle, "createdOn": int(self.clock() * 1000),
                "statementStatusUrl": f"{STATEMENTS}/{result.handle}"}
        if result.waits:
            result.waits -= 1
            return 202, {"code": "333334", "sqlState": "00000", "message": "Asynchronous execution in progress. Use provided query id to "
                                                                          "perform query monitoring and management.", **head}
        if result.failure:
            return 422, {"code": result.failure.code, "sqlState": result.failure.state, "message": str(result.failure), **head}
        return 200, {"code": "090001", "sqlState": "00000", "message": "Statement executed successfully.", **head,
                     **self.result_set(result, query)}

    def result_set(self, result, query):
        size = self.partition_rows
        parts = [result.rows[i:i + size] for i in range(0, len(result.rows), size)] or [[]]
        number = int(query.get("partition", "0"))
        if number >= len(parts):
            raise Refusal(400, "391917", f"The partition {number} is out of range: 0 to {len(parts) - 1}.")
        rows = parts[number]
        if not result.nullable:
            rows = [["null" if cell is None else cell for cell in row] for row in rows]
        if number > 0:
            return {"data": rows}
        meta = {"format": "jsonv2", "numRows": len(result.rows),
                "rowType": [{"name": name, "type": kind, "nullable": True} for name, kind in result.columns],
                "partitionInfo": [{"rowCount": len(part), "uncompressedSize": len(json.dumps(part))} for part in parts]}
        return {"resultSetMetaData": meta, "data": rows, **({"statementHandles": result.handles} if result.handles is not None else {}),
                **({"stats": {"numRowsInserted": result.inserted}} if result.inserted is not None else {})}


def is_uuid(text):
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


def check_query(query, known):
    for name, values in query.items():
        good = {"requestId": is_uuid, "partition": str.isdigit}.get(name, lambda text: text in ("true", "false"))
        if name not in known or len(values) != 1 or not good(values[0]):
            raise Refusal(400, "390142", f"The query parameter {name} = {values} is invalid.")
    return {name: values[0] for name, values in query.items()}


def handler(snowflake):
    class Handler(loopback.Handler):
        def do_GET(self):
            self.serve("GET")

        def do_POST(self):
            self.serve("POST")

        def do_PUT(self):
            self.serve("PUT")

        def serve(self, method):
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(min(size, BODY_LIMIT + 1))
            zipped = False
            try:
                if size > BODY_LIMIT:
                    raise Refusal(400, "390142", f"Incoming request does not contain a valid payload: over {BODY_LIMIT} bytes.")
                status, answer, zipped = self.route(method, body)
            except Refusal as refusal:
                status, answer = refusal.status, refusal.body
            except Lost:
                self.close_connection = True
                return
            if snowflake.contract:
                snowflake.contract.check_answer(status, answer)
            self.reply(status, json.dumps(answer).encode(), zipped)

        def route(self, method, body):
            url = urllib.parse.urlsplit(self.path)
            found = re.fullmatch(re.escape(STATEMENTS) + r"(?:/([^/]+))?(/cancel)?", url.path)
            if not found or (found[2] and not found[1]):
                raise Refusal(404, None, "Not Found")
            if method != ("GET" if found[1] and not found[2] else "POST"):
                raise Refusal(405, None, "Method Not Allowed")
            snowflake.check_headers(method, self.headers)
            snowflake.check_token(self.headers)
            query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
            if not found[1]:
                query = check_query(query, {"requestId", "async", "nullable", "retry"})
                return *snowflake.submit(query, body), False
            query = check_query(query, {"requestId", "partition"})
            result = snowflake.find(found[1])
            if found[2]:
                return 422, {"code": "000604", "sqlState": "57014", "message": "Statement ended before it could be cancelled.",
                             "statementHandle": result.handle}, False
            with snowflake.lock:
                return *snowflake.answer(result, query), int(query.get("partition", "0")) > 0

        def reply(self, status, body, zipped):
            """Partitions after the first are always compressed."""
            headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if zipped else {})}
            self.answer(status, headers, gzip.compress(body) if zipped else body)

    return Handler
