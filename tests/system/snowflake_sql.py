"""The part of Snowflake's SQL that a load needs: read word by word, and said again in DuckDB's.

Whatever is not written here is refused as Snowflake refuses what it can't compile; nothing is passed on unread. Identifiers
become upper case, as Snowflake stores them. Where the two differ: NUMBER is DECIMAL, IFF is IF, backslashes escape in texts,
and a division by zero is an error, not infinity."""
import re
from dataclasses import dataclass

TOKEN = re.compile(r"""(?P<blank>\s+|--[^\n]*)
                     |(?P<number>\d+(\.\d+)?)
                     |(?P<text>'(?:[^'\\]|\\.|'')*')
                     |(?P<word>[A-Za-z_][A-Za-z0-9_$]*)
                     |(?P<sign><>|<=|>=|!=|::|\|\||[-+*/=<>(),.;@])""", re.X | re.S)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
# Snowflake's reserved words: none of them names a column or table without quotes.
RESERVED = set("""ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE
    CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR FROM FULL GRANT GROUP HAVING
    ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON
    OR ORDER QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE
    TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH""".split())
AGGREGATES = {"COUNT", "SUM", "MIN", "MAX"}
FUNCTIONS = {"COALESCE": (2, 100, "coalesce"), "IFF": (3, 3, "if")}  # name: fewest, most arguments; DuckDB's name
PREAMBLE = """CREATE MACRO snowflake_divide(a, b) AS
    CASE WHEN b = 0 THEN error('Division by zero') ELSE CAST(a / b AS DECIMAL(38, 6)) END"""


class SnowflakeError(Exception):
    """Snowflake's number, SQLSTATE and message."""

    def __init__(self, code, state, message):
        super().__init__(message)
        self.code, self.state = code, state


def syntax_error(token):
    return SnowflakeError("001003", "42000", f"SQL compilation error:\nsyntax error line {token.line} at position {token.column} "
                                             f"unexpected '{token.text or '<EOF>'}'.")


@dataclass
class Token:
    kind: str
    text: str
    line: int
    column: int


def tokenize(text):
    tokens, at, line, start = [], 0, 1, 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise syntax_error(Token("sign", text[at], line, at - start))
        if found.lastgroup != "blank":
            tokens.append(Token(found.lastgroup, found[0], line, at - start))
        if "\n" in found[0]:
            line, start = line + found[0].count("\n"), at + found[0].rindex("\n") + 1
        at = found.end()
    return tokens


def split(text):
    """Token lists of the statements between semicolons; one that is empty is none."""
    statements, current = [], []
    for token in tokenize(text):
        if token.text == ";":
            statements.append(current)
            current = []
        else:
            current.append(token)
    return [tokens for tokens in [*statements, current] if tokens]


def text_value(token):
    """What a text in quotes means."""
    def one(found):
        return "'" if found[0] == "''" else ESCAPES.get(found[0][1], found[0][1])
    return re.sub(r"''|\\.", one, token.text[1:-1], flags=re.S)


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def identifier(name):
    return f'"{name}"'


class Parser:
    """Reads queries and what they are made of, and gives them in DuckDB's SQL."""

    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0
        self.end = Token("end", "", tokens[-1].line, tokens[-1].column + len(tokens[-1].text))

    # Words

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else self.end

    def next(self):
        token = self.peek()
        self.at += 1
        return token

    def sees(self, *words):
        return all(self.peek(i).kind != "text" and self.peek(i).text.upper() == word for i, word in enumerate(words))

    def take(self, *words):
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def need(self, *words):
        for word in words:
            if not self.take(word):
                raise syntax_error(self.peek())

    def name(self):
        token = self.next()
        if token.kind != "word" or token.text.upper() in RESERVED:
            raise syntax_error(token)
        return token.text.upper()

    def text(self):
        token = self.next()
        if token.kind != "text":
            raise syntax_error(token)
        return text_value(token)

    def number(self):
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            raise syntax_error(token)
        return int(token.text)

    def listed(self, one):
        """In parentheses, with commas."""
        self.need("(")
        items = [one()]
        while self.take(","):
            items.append(one())
        self.need(")")
        return items

    def commas(self, one):
        items = [one()]
        while self.take(","):
            items.append(one())
        return items

    # Queries

    def select(self):
        parts = [self.select_one()]
        while self.take("UNION", "ALL"):
            parts.append(self.select_one())
        return " UNION ALL ".join(parts)

    def select_one(self):
        self.need("SELECT")
        sql = f"SELECT {'DISTINCT ' if self.take('DISTINCT') else ''}{', '.join(self.commas(self.item))}"
        if self.take("FROM"):
            sql += f" FROM {self.source()}"
        if self.take("WHERE"):
            sql += f" WHERE {self.expression()}"
        if self.take("GROUP", "BY"):
            sql += f" GROUP BY {', '.join(self.commas(self.expression))}"
        if self.take("QUALIFY"):
            sql += f" QUALIFY {self.expression()}"
        if self.sees("ORDER", "BY"):
            sql += f" {self.order()}"
        return sql

    def item(self):
        if self.take("*"):
            return "*"
        start = self.at
        sql = self.expression()
        if self.take("AS"):
            return f"{sql} AS {identifier(self.name())}"
        # As Snowflake names what has no name: by its text, in upper case.
        words = self.tokens[start:self.at]
        if words[-1].kind == "word" and len(words) in (1, 3) and sql.endswith('"'):
            return sql
        title = "".join(token.text for token in words).upper().replace('"', '""')
        return f'{sql} AS "{title}"'

    def source(self):
        if self.take("("):
            sql = f"({self.select()})"
            self.need(")")
            return f"{sql} {identifier(self.name())}"
        sql = identifier(self.name())
        if self.peek().kind == "word" and self.peek().text.upper() not in RESERVED:
            sql += f" {identifier(self.name())}"
        return sql

    def order(self):
        self.need("ORDER", "BY")

        def one():
            sql = self.expression()
            return f"{sql} DESC" if self.take("DESC") else sql if not self.take("ASC") else f"{sql} ASC"
        return f"ORDER BY {', '.join(self.commas(one))}"

    # Expressions, the loosest first

    def expression(self):
        sql = self.conjunction()
        while self.take("OR"):
            sql = f"({sql} OR {self.conjunction()})"
        return sql

    def conjunction(self):
        sql = self.negation()
        while self.take("AND"):
            sql = f"({sql} AND {self.negation()})"
        return sql

    def negation(self):
        return f"(NOT {self.negation()})" if self.take("NOT") else self.comparison()

    def comparison(self):
        sql = self.sum()
        for sign in ("=", "<>", "!=", "<=", ">=", "<", ">"):
            if self.take(sign):
                return f"({sql} {sign} {self.sum()})"
        if self.take("IS"):
            sign = "IS NOT NULL" if self.take("NOT") else "IS NULL"
            self.need("NULL")
            return f"({sql} {sign})"
        return sql

    def sum(self):
        sql = self.product()
        while self.sees("+") or self.sees("-") or self.sees("||"):
            sign = self.next().text
            sql = f"({sql} {sign} {self.product()})"
        return sql

    def product(self):
        sql = self.unary()
        while self.sees("*") or self.sees("/"):
            sql = f"({sql} * {self.unary()})" if self.next().text == "*" else f"snowflake_divide({sql}, {self.unary()})"
        return sql

    def unary(self):
        sql = f"(- {self.unary()})" if self.take("-") else self.primary()
        while self.take("::"):
            sql = f"CAST({sql} AS {self.type()})"
        return sql

    def type(self):
        token = self.next()
        sizes = self.listed(self.number) if self.sees("(") else []
        word = token.text.upper()
        if word == "NUMBER" and len(sizes) <= 2:
            precision, scale = (sizes + [38, 0][len(sizes):])
            if 1 <= precision <= 38 and scale <= precision:
                return f"DECIMAL({precision}, {scale})"
        if word == "VARCHAR" and len(sizes) <= 1:
            return "VARCHAR"
        if word == "BOOLEAN" and not sizes:
            return "BOOLEAN"
        if word == "TIMESTAMP_TZ" and sizes == [6]:
            return "TIMESTAMPTZ"
        raise SnowflakeError("002040", "42601", f"SQL compilation error:\nUnsupported data type '{word}{tuple(sizes) if sizes else ''}'.")

    def primary(self):
        token = self.peek()
        if token.kind == "number":
            return self.next().text
        if token.kind == "text":
            return quote(self.text())
        for word in ("NULL", "TRUE", "FALSE"):
            if self.take(word):
                return word
        if self.take("EXISTS", "("):
            sql = f"EXISTS ({self.select()})"
            self.need(")")
            return sql
        if self.take("CURRENT_TIMESTAMP"):
            if self.take("("):
                self.need(")")
            return "now()"
        if self.take("("):
            sql = self.select() if self.sees("SELECT") else self.expression()
            self.need(")")
            return f"({sql})"
        if self.peek(1).text == "(" and token.kind == "word":
            return self.call()
        name = self.name()
        return f"{identifier(name)}.{identifier(self.name())}" if self.take(".") else identifier(name)

    def call(self):
        token = self.next()
        name = token.text.upper()
        if name == "ROW_NUMBER":
            self.need("(", ")", "OVER", "(")
            parts = f"PARTITION BY {', '.join(self.commas(self.expression))} " if self.take("PARTITION", "BY") else ""
            parts += self.order()
            self.need(")")
            return f"row_number() OVER ({parts})"
        if name == "COUNT" and self.take("(", "*", ")"):
            return "count(*)"
        if name not in AGGREGATES and name not in FUNCTIONS:
            raise SnowflakeError("002140", "42601", f"SQL compilation error:\nUnknown function {name}")
        arguments = self.listed(self.expression)
        fewest, most, duck = FUNCTIONS.get(name, (1, 1, name.lower()))
        if not fewest <= len(arguments) <= most:
            raise SnowflakeError("000938", "22023", f"SQL compilation error: error line {token.line} at position {token.column}\n"
                                                    f"wrong number of arguments for function [{name}] ({len(arguments)})")
        return f"{duck}({', '.join(arguments)})"
