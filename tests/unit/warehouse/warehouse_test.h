/*
 * What the tests of the warehouse share: temporary folders, rows to export, and DuckDB to read them again.
 */
#pragma once

#include "base/random.h"
#include "warehouse/export.h"
#include "warehouse/query.h"

/* Path of DuckDB's library, whether it is there or not. */
const char *warehouse_test_duckdb(void);
/* False, and the test skipped, without it. */
bool warehouse_test_needs_duckdb(void);

/* A new folder; removed by the second. */
typedef char TestFolder;
TestFolder *warehouse_test_folder(void);
void warehouse_test_remove(TestFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestFolder, warehouse_test_remove)

/* Files below folder whose names end in suffix, relative and in order. */
GPtrArray *warehouse_test_files(const char *folder, const char *suffix);
/* One whole number, from the exported files below folder. */
int64_t warehouse_test_int(const char *folder, const char *sql);
