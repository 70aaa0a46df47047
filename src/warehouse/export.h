/*
 * Export: what was recorded, on its way into the warehouse; each row exactly once, whatever is killed and repeated.
 *
 *     prepare ──> write a file, read it again ──> put it into each object store ──> load it, where there is a warehouse
 *
 * See batch.h for what makes a batch, delivery.h for what is recorded of each destination, and object_store.h for why a
 * repeated put is harmless. A file's key is made of the table, the day it was prepared, the first and last id in it and
 * its SHA-256. Counts and sums are taken by the database, by us while writing, and from the finished file; a warehouse
 * takes them again.
 *
 * What fails in one destination, or of one table, does not hold up the others.
 */
#pragma once

#include "warehouse/delivery.h"
#include "warehouse/object_store.h"

/* A warehouse that loads files from an object store. load() may be called again for a batch that it loaded already, and
 * must then change nothing; it checks rows and sums before it returns true. */
typedef struct ExportLoader ExportLoader;
struct ExportLoader {
    bool (*load)(ExportLoader *loader, const Batch *batch, const DeliveryAttempt *attempt, GError **error);
};

typedef struct {
    const char *name;     /* "folder", "s3", "snowflake" */
    const char *address;  /* which one: a path, "s3://BUCKET/PREFIX", ... */
    ObjectStore *store;   /* puts files; or */
    ExportLoader *loader; /* loads what the destination before it in the list holds */
} ExportDestination;

typedef struct {
    Db *db;
    const Clock *clock;
    const char *folder; /* for files on their way; made when missing. Another process may not use it meanwhile */
    const char *duckdb; /* path of DuckDB's library; without one there (or NULL) files are gzipped CSV */
    int64_t lag_us;     /* rows younger than this wait, so that few are late */
    const ExportDestination *destinations;
    size_t destination_count;    /* the first has a store */
    const AlertTelling *telling; /* NULL: no alerts */
    /* After each step of each batch has become durable: destination NULL: written. May be NULL. */
    void (*on_step)(void *data, const Batch *batch, const char *destination);
    /* True to stop between steps, with CONFLICT. May be NULL. */
    bool (*is_lost)(void *data);
    void *data;
} ExportSpec;

typedef struct {
    int64_t files, rows, bytes; /* written */
    int64_t deliveries;         /* files that reached a destination */
} ExportSummary;

/* Finishes what was begun, then exports all there is. CONFLICT when another export runs in folder. Failures of one
 * destination or table are recorded; when all else is done, the first of them is returned. */
bool export_run(const ExportSpec *spec, ExportSummary *ret_summary, GError **error) G_GNUC_WARN_UNUSED_RESULT;
