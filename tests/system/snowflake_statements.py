"""The statements of Snowflake's SQL that a load needs; what stands in them is read by snowflake_sql.py."""
from dataclasses import dataclass, field

from snowflake_sql import Parser, SnowflakeError, identifier, syntax_error, text_value

COPY_FORMATS = {
    "PARQUET": {"USE_LOGICAL_TYPE": {True}, "USE_VECTORIZED_SCANNER": {True, False}},
    "CSV": {"COMPRESSION": {"GZIP"}, "PARSE_HEADER": {True}, "FIELD_OPTIONALLY_ENCLOSED_BY": {'"'}, "EMPTY_FIELD_AS_NULL": {True},
            "NULL_IF": {()}},
}
COPY_OPTIONS = {"MATCH_BY_COLUMN_NAME": {"CASE_INSENSITIVE"}, "ON_ERROR": {"ABORT_STATEMENT"}}


def unsupported(what):
    return SnowflakeError("000002", "0A000", f"Unsupported feature '{what}'.")


@dataclass
class Statement:
    """kind: create, begin, commit, rollback, copy, merge, insert, select. sql: the same for DuckDB, but for copy."""
    kind: str
    text: str
    sql: str = ""
    name: str = ""          # of the table that is made or filled
    twice: str = ""         # of a MERGE that updates: finds rows that more than one row of the source would change
    fresh: bool = False     # it is empty now, and has no memory of files that were copied
    stage: str = ""
    files: list = field(default_factory=list)
    format: dict = field(default_factory=dict)


class StatementParser(Parser):
    def statement(self, text):
        for words, read in ((("BEGIN",), self.begin), (("COMMIT",), lambda: Statement("commit", "")),
                            (("ROLLBACK",), lambda: Statement("rollback", "")), (("CREATE",), self.create),
                            (("COPY", "INTO"), self.copy), (("MERGE", "INTO"), self.merge), (("INSERT", "INTO"), self.insert)):
            if self.take(*words):
                statement = read()
                break
        else:
            if not self.sees("SELECT"):
                raise syntax_error(self.peek())
            statement = Statement("select", "", self.select())
        if self.peek().kind != "end":
            raise syntax_error(self.peek())
        statement.text = text
        return statement

    def begin(self):
        self.take("TRANSACTION") or self.take("WORK")
        return Statement("begin", "")

    def create(self):
        replace = self.take("OR", "REPLACE")
        temporary = self.take("TEMPORARY") or self.take("TEMP")
        self.need("TABLE")
        lenient = self.take("IF", "NOT", "EXISTS")
        if replace and lenient:
            raise SnowflakeError("001506", "42601", "SQL compilation error: OR REPLACE and IF NOT EXISTS are incompatible.")
        name = self.name()
        columns = ", ".join(self.listed(self.column))
        sql = (f"CREATE {'OR REPLACE ' if replace else ''}{'TEMPORARY ' if temporary else ''}TABLE "
               f"{'IF NOT EXISTS ' if lenient else ''}{identifier(name)} ({columns})")
        return Statement("create", "", sql, name=name, fresh=replace or temporary)

    def column(self):
        name, kind = self.name(), self.type()
        return f"{identifier(name)} {kind}{' NOT NULL' if self.take('NOT', 'NULL') else ''}"

    def copy(self):
        statement = Statement("copy", "", name=self.name())
        self.need("FROM", "@")
        statement.stage = ".".join([self.name(), *self.dotted()])
        given = self.options({"FILES": self.texts, "FILE_FORMAT": self.file_format, **{name: self.value for name in COPY_OPTIONS}})
        if not given.get("FILES") or "FILE_FORMAT" not in given:
            raise unsupported("COPY without FILES or FILE_FORMAT")
        statement.files, statement.format = given.pop("FILES"), given.pop("FILE_FORMAT")
        self.check_options(given, COPY_OPTIONS)
        return statement

    def dotted(self):
        while self.take("."):
            yield self.name()

    def texts(self):
        return self.listed(self.text)

    def value(self):
        """Of an option: a word, a text, TRUE, FALSE, or a list of texts."""
        if self.take("(", ")"):
            return ()
        if self.sees("("):
            return tuple(self.texts())
        token = self.next()
        if token.kind == "text":
            return text_value(token)
        if token.kind != "word":
            raise syntax_error(token)
        return {"TRUE": True, "FALSE": False}.get(token.text.upper(), token.text.upper())

    def options(self, readers):
        """NAME = value NAME = value ..., each once."""
        given = {}
        while self.peek().kind == "word":
            token = self.next()
            name = token.text.upper()
            if name not in readers or name in given:
                raise SnowflakeError("001003", "42000", f"SQL compilation error:\ninvalid parameter '{name}'")
            self.need("=")
            given[name] = readers[name]()
        return given

    def file_format(self):
        self.need("(")
        given = self.options({name: self.value for name in {"TYPE"}.union(*COPY_FORMATS.values())})
        self.need(")")
        if given.get("TYPE") not in COPY_FORMATS:
            raise unsupported(f"FILE_FORMAT TYPE = {given.get('TYPE')}")
        self.check_options({name: value for name, value in given.items() if name != "TYPE"}, COPY_FORMATS[given["TYPE"]])
        # What Snowflake does without it loses something: rows by position, or the unit of moments.
        needed = "USE_LOGICAL_TYPE" if given["TYPE"] == "PARQUET" else "PARSE_HEADER"
        if needed not in given:
            raise unsupported(f"{given['TYPE']} without {needed}")
        return given

    def check_options(self, given, known):
        for name, value in given.items():
            if name not in known or value not in known[name]:
                raise unsupported(f"{name} = {value}")

    def merge(self):
        name, alias = self.name(), ""
        if not self.sees("USING"):
            alias = self.name()
        self.need("USING", "(")
        source = self.select()
        self.need(")")
        source_alias = self.name()
        self.need("ON")
        condition = self.expression()
        update = guard = ""
        if self.take("WHEN", "MATCHED"):
            guard = self.expression() if self.take("AND") else "TRUE"
            self.need("THEN", "UPDATE", "SET")
            update = f" WHEN MATCHED AND {guard} THEN UPDATE SET {', '.join(self.commas(self.assignment))}"
        self.need("WHEN", "NOT", "MATCHED", "THEN", "INSERT")
        columns = self.listed(self.name)
        self.need("VALUES")
        values = self.listed(self.expression)
        if len(columns) != len(values):
            raise SnowflakeError("002020", "21S01", f"SQL compilation error:\nInsert value list does not match column list expecting "
                                                    f"{len(columns)} but got {len(values)}")
        target, rows = f"{identifier(name)} {identifier(alias or name)}", f"({source}) {identifier(source_alias)}"
        sql = (f"MERGE INTO {target} USING {rows} ON {condition}{update} WHEN NOT MATCHED THEN INSERT "
               f"({', '.join(map(identifier, columns))}) VALUES ({', '.join(values)})")
        twice = (f"SELECT 1 FROM {target} JOIN {rows} ON {condition} WHERE {guard} GROUP BY {identifier(alias or name)}.rowid "
                 "HAVING count(*) > 1") if update else ""
        return Statement("merge", "", sql, name=name, twice=twice)

    def assignment(self):
        column = self.name()
        self.need("=")
        return f"{identifier(column)} = {self.expression()}"

    def insert(self):
        name = self.name()
        columns = f" ({', '.join(map(identifier, self.listed(self.name)))})" if self.sees("(") else ""
        return Statement("insert", "", f"INSERT INTO {identifier(name)}{columns} {self.select()}", name=name)


def parse(tokens):
    """The statement of one token list."""
    return StatementParser(list(tokens)).statement(" ".join(token.text for token in tokens))
