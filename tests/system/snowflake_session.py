"""Where the stand-in's statements are run: a session of Snowflake's, which is a connection to DuckDB."""
import re
import tempfile
import uuid
from dataclasses import dataclass, field

from duck import DuckError, Session
from snowflake_sql import SnowflakeError, identifier, quote

TYPES = {"BOOLEAN": "BOOLEAN", "VARCHAR": "TEXT", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ"}  # of DuckDB; others are numbers
COPY_COLUMNS = ["file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error", "first_error_line",
                "first_error_character", "first_error_column_name"]
# Which files are in which table: in the transaction, as Snowflake's own memory of loads is.
MEMORY = "CREATE TABLE copied (table_name VARCHAR NOT NULL, file VARCHAR NOT NULL)"
# DuckDB's words, and what Snowflake says then.
KNOWN_ERRORS = (
    (r"Division by zero", "100051", "22012", "Division by zero"),
    (r"NOT NULL constraint failed: .*\.(\S+)", "100072", "22000", "NULL result in a non-nullable column"),
    (r"Table with name (\S+) already exists", "002002", "42710", "SQL compilation error:\nObject '{}' already exists."),
    (r"Table with name (\S+) does not exist", "002003", "42S02",
     "SQL compilation error:\nObject '{}' does not exist or not authorized."),
    (r'column(?: named)? "?([^"\s]+)"? (?:not found|does not exist|that)|does not have a column with name "([^"]+)"', "000904", "42000",
     "SQL compilation error: error line 1 at position 0\ninvalid identifier '{}'"),
    (r"^(?:Conversion|Out of Range) Error", "100038", "22018", "Numeric value is not recognized"),
)


def new_handle():
    return str(uuid.uuid4())


@dataclass
class Result:
    """Of one statement, or of several: then handles are theirs."""
    handle: str
    columns: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    handles: list = None
    inserted: int = None
    failure: SnowflakeError = None
    nullable: bool = True
    waits: int = 0          # how many more times 202 is answered


class Run:
    """One request in a session of its own. Temporary tables and an open transaction end with it."""

    def __init__(self, duck, stages, bucket):
        """stages: by name, the prefix of their keys in the bucket."""
        self.session, self.stages, self.bucket, self.in_transaction = Session(duck), stages, bucket, False

    def close(self):
        self.session.close()

    def run(self, statement):
        try:
            return getattr(self, statement.kind)(statement)
        except DuckError as error:
            raise self.translate(error) from error

    def translate(self, error):
        for pattern, code, state, message in KNOWN_ERRORS:
            found = re.search(pattern, str(error))
            if found:
                return SnowflakeError(code, state, message.format(*(name.upper() for name in found.groups() if name)))
        return SnowflakeError("000603", "XX000", f"SQL execution internal error: {error}")

    def begin(self, statement):
        if self.in_transaction:
            raise SnowflakeError("000002", "0A000", "Unsupported feature 'BEGIN in a transaction'.")
        self.session.run("BEGIN")
        self.in_transaction = True
        return self.said("Statement executed successfully.")

    def commit(self, statement):
        return self.end("COMMIT")

    def rollback(self, statement):
        return self.end("ROLLBACK")

    def end(self, word):
        if self.in_transaction:
            self.session.run(word)
        self.in_transaction = False
        return self.said("Statement executed successfully.")

    def create(self, statement):
        """Commits what is open, as every DDL does."""
        self.end("COMMIT")
        self.session.run(statement.sql)
        if statement.fresh:
            self.session.run(f"DELETE FROM copied WHERE table_name = {quote(statement.name)}")
        return self.said(f"Table {statement.name} successfully created.")

    def said(self, text):
        return Result(new_handle(), [("status", "TEXT")], [[text]])

    def insert(self, statement):
        count = self.session.run(statement.sql).changed
        return Result(new_handle(), [("number of rows inserted", "FIXED")], [[str(count)]], inserted=count)

    def merge(self, statement):
        """DuckDB would take one of several rows; Snowflake takes none."""
        if statement.twice and self.session.run(statement.twice):
            raise SnowflakeError("100090", "42P18", "Duplicate row detected during DML action")
        return self.insert(statement)

    def select(self, statement):
        """Texts of all cells; moments as seconds, and the minutes of their zone from 1440 on."""
        columns = [(row[0], TYPES.get(row[1], "FIXED")) for row in self.session.run(f"DESCRIBE {statement.sql}")]
        texts = [f"printf('%d.%06d000 1440', epoch_us(c{i}) // 1000000, epoch_us(c{i}) % 1000000)" if kind == "TIMESTAMP_TZ" else
                 f"CAST(c{i} AS VARCHAR)" for i, (_, kind) in enumerate(columns)]
        names = ", ".join(f"c{i}" for i in range(len(columns)))
        rows = self.session.run(f"SELECT {', '.join(texts)} FROM ({statement.sql}) AS r({names})")
        return Result(new_handle(), columns, rows)

    def copy(self, statement):
        location = self.stages.get(statement.stage)
        if location is None:
            raise SnowflakeError("002003", "02000", f"SQL compilation error:\nStage '{statement.stage}' does not exist or not authorized.")
        rows = []
        for name in statement.files:
            known = self.session.run(f"SELECT 1 FROM copied WHERE table_name = {quote(statement.name)} AND file = {quote(name)}")
            if known:
                rows.append([name, "LOAD_SKIPPED", "0", "0", None, "0", "File was loaded before.", None, None, None])
                continue
            count = str(self.copy_file(statement, name, location + name))
            rows.append([name, "LOADED", count, count, "1", "0", None, None, None, None])
        columns = [(name, "FIXED" if name in ("rows_parsed", "rows_loaded", "error_limit", "errors_seen") else "TEXT")
                   for name in COPY_COLUMNS]
        return Result(new_handle(), columns, rows)

    def copy_file(self, statement, name, key):
        content = self.bucket.get(key)
        if content is None:
            raise SnowflakeError("091016", "22000", f"Remote file '{key}' was not found. There are several potential causes. The file "
                                                    "might not exist. The required credentials may be missing or invalid.")
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            source = (f"read_parquet({quote(file.name)})" if statement.format["TYPE"] == "PARQUET" else
                      f"read_csv({quote(file.name)}, header = true, all_varchar = true, compression = 'gzip', delim = ',', quote = '\"', "
                      "escape = '\"', nullstr = '', allow_quoted_nulls = false)")
            there = {row[0].upper() for row in self.session.run(f"DESCRIBE SELECT * FROM {source}")}
            wanted = [row[0] for row in self.session.run(f"DESCRIBE {identifier(statement.name)}")]
            values = ", ".join(identifier(column) if column in there else "NULL" for column in wanted)
            count = self.session.run(f"INSERT INTO {identifier(statement.name)} SELECT {values} FROM {source}").changed
        self.session.run(f"INSERT INTO copied VALUES ({quote(statement.name)}, {quote(name)})")
        return count
