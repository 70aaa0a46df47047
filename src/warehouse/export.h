/*
 * Export: what was recorded, on its way into the warehouse; each row exactly once, whatever is killed and repeated.
 *
 *     prepare ──> write a file, read it again ──> put it into the object store ──> load it, where there is a warehouse
 *
 * See batch.h for what makes a batch, and object_store.h for why a repeated put is harmless. A file's key is made of
 * the table, the day it was prepared, the first and last id in it and its SHA-256. Counts and sums are taken three
 * times: by the database, by us while writing, and from the finished file.
 */
#pragma once

#include "warehouse/batch.h"
#include "warehouse/object_store.h"

/* A warehouse that loads files from the object store. load() may be called again for a batch that it loaded already,
 * and must then change nothing; it checks rows and sums before it returns true. */
typedef struct ExportLoader ExportLoader;
struct ExportLoader {
    const char *name; /* "snowflake" */
    bool (*load)(ExportLoader *loader, const Batch *batch, GError **error);
};

typedef struct {
    Db *db;
    const Clock *clock;
    const char *folder; /* for files on their way; made when missing. Another process may not use it meanwhile */
    const char *duckdb; /* path of DuckDB's library; without one there (or NULL) files are gzipped CSV */
    int64_t lag_us;     /* rows younger than this wait, so that few are late */
    ObjectStore *store;
    ExportLoader *loader; /* NULL: none */
    /* After each step of each batch has become durable. May be NULL. */
    void (*on_step)(void *data, const Batch *batch);
    /* True to stop between steps, with CONFLICT. May be NULL. */
    bool (*is_lost)(void *data);
    void *data;
} ExportSpec;

typedef struct {
    int64_t files, rows, bytes; /* that reached the store, or the warehouse where there is one */
} ExportSummary;

/* Finishes what was begun, then exports all there is. CONFLICT when another export runs in folder. */
bool export_run(const ExportSpec *spec, ExportSummary *ret_summary, GError **error) G_GNUC_WARN_UNUSED_RESULT;
