/*
 * Tables that leave for analysis. Each is described once, and from that come the SELECT, the columns of the files, and
 * the definition in the warehouse.
 *
 * Rows never change once they are there, but for tables with a version: of their rows with the same key, the one with
 * the highest version counts. Money is an int64 of millionths beside its currency; moments are UTC with microseconds;
 * ids are the numbers (their text is base32: base/id.h).
 */
#pragma once

#include "store/db.h"

typedef enum { TABLE_INT, TABLE_TEXT, TABLE_TIME, TABLE_BOOL } TableType;

typedef struct {
    const char *name;
    TableType type;
    bool optional;  /* may be NULL */
    bool decimal;   /* the SQL gives money as decimal text: to be read into millionths */
    Sql expression; /* "t" is the row of the base table */
} TableColumn;

typedef struct {
    const char *name;    /* in the warehouse: "searches" */
    const char *base;    /* whose id, or version, the watermark follows: "search" */
    const char *version; /* the column that rises when a row changes; NULL: rows never do */
    const char *until;   /* SQL: the newest version that may leave */
    const char *key;     /* the columns that are unique, for MERGE: "search_id, position" */
    Sql from;            /* what stands behind FROM */
    const char *order;   /* behind the watermark's column in ORDER BY; "" when that is unique */
    bool late;           /* rows may be committed with ids below others that were: see export.h */
    int64_t batch_limit; /* rows of the base table in one file */
    int money, currency; /* columns whose sums are checked; -1: none */
    const TableColumn *columns;
    size_t column_count;
} Table;

extern const Table TABLES[];
extern const size_t TABLE_COUNT;

/* NULL when there is none. */
const Table *table_find(Str name);

/* The column of the base table that the watermark follows. */
const char *table_follows(const Table *table);

/* "SELECT ... FROM ..." of all columns, without WHERE. */
void table_write_select(const Table *table, DbEngine engine, GString *to);

/* What a column is called in each dialect: int64, text, UTC with microseconds, truth. */
typedef struct {
    const char *types[4]; /* by TableType */
} TableDialect;
extern const TableDialect DUCKDB_DIALECT, SNOWFLAKE_DIALECT;

/* "id BIGINT NOT NULL, keywords VARCHAR, ..." */
void table_write_columns(const Table *table, const TableDialect *dialect, GString *to);
