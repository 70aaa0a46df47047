"""DuckDB for tests, through the C functions of the library that Weir itself loads."""
import ctypes
import os

from weir import ROOT

LIBRARY = ROOT / "web/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so"


class DuckError(Exception):
    """What DuckDB refused, in its words: "Conversion Error: ..."."""


class Result(ctypes.Structure):
    """duckdb_result: its members are DuckDB's own business."""
    _fields_ = [("counts", ctypes.c_uint64 * 3), ("pointers", ctypes.c_void_p * 3)]


def load(path):
    """The library with the types of its functions."""
    library = ctypes.CDLL(os.fspath(path))
    handle, result, number = ctypes.c_void_p, ctypes.POINTER(Result), ctypes.c_uint64
    for name, answer, *arguments in (
            ("open", ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(handle)), ("close", None, ctypes.POINTER(handle)),
            ("connect", ctypes.c_int, handle, ctypes.POINTER(handle)), ("disconnect", None, ctypes.POINTER(handle)),
            ("query", ctypes.c_int, handle, ctypes.c_char_p, result), ("destroy_result", None, result),
            ("result_error", ctypes.c_char_p, result), ("rows_changed", number, result), ("row_count", number, result),
            ("column_count", number, result), ("value_varchar", handle, result, number, number), ("free", None, handle)):
        function = getattr(library, f"duckdb_{name}")
        function.restype, function.argtypes = answer, arguments
    return library


class Rows(list):
    """Rows of texts (None for NULL, and for moments, which must be asked for as numbers), and how many were changed."""

    def __init__(self, rows, changed):
        super().__init__(rows)
        self.changed = changed


class Session:
    """One connection: a transaction and temporary tables of its own."""

    def __init__(self, duck):
        self.library, self.handle = duck.library, ctypes.c_void_p()
        assert self.library.duckdb_connect(duck.handle, self.handle) == 0
        self.run("SET TimeZone = 'UTC'")

    def run(self, sql):
        result = Result()
        try:
            if self.library.duckdb_query(self.handle, sql.encode(), result) != 0:
                raise DuckError(self.library.duckdb_result_error(result).decode())
            return self.read(result)
        finally:
            self.library.duckdb_destroy_result(result)

    def read(self, result):
        columns = range(self.library.duckdb_column_count(result))
        rows = [[self.cell(result, column, row) for column in columns] for row in range(self.library.duckdb_row_count(result))]
        return Rows(rows, self.library.duckdb_rows_changed(result))

    def cell(self, result, column, row):
        text = self.library.duckdb_value_varchar(result, column, row)
        if text is None:
            return None
        try:
            return ctypes.string_at(text).decode()
        finally:
            self.library.duckdb_free(text)

    def close(self):
        """What was not committed is gone."""
        self.library.duckdb_disconnect(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Duck:
    """A database in memory."""

    def __init__(self, library=LIBRARY):
        self.library, self.handle = load(library), ctypes.c_void_p()
        assert self.library.duckdb_open(None, self.handle) == 0

    def query(self, sql):
        with Session(self) as session:
            return session.run(sql)

    def close(self):
        self.library.duckdb_close(self.handle)
