/*
 * Query: SQL over the exported files of a folder, each table a view of its name (see table.c).
 */
#pragma once

#include "warehouse/duck.h"

/* folder: of a folder store. Tables without files are there, and empty. NOT_FOUND without DuckDB's library. */
Duck *query_open(const char *library, const char *folder, const char *spill, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum { QUERY_TABLE, QUERY_JSON, QUERY_CSV } QueryForm;

/* A table for people; one JSON object a line, whole numbers as numbers and all else as text; or CSV. */
void query_write(DuckResult *result, QueryForm form, GString *to);
