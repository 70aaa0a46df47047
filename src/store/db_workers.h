/*
 * Database workers: a few threads, each with a connection of its own, for work that blocks on the database while the
 * threads of the request tier must not.
 */
#pragma once

#include "store/db.h"

typedef struct DbWorkers DbWorkers;

/* db is the worker's own; NULL when it could not be opened, with error saying why. */
typedef void (*DbWorkFn)(Db *db, const GError *error, void *data);

/* queue_limit: how much work may wait. url is copied. */
DbWorkers *db_workers_new(const char *url, unsigned threads, unsigned queue_limit);
/* Does what is queued, then ends the threads. */
void db_workers_free(DbWorkers *workers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DbWorkers, db_workers_free)

/* Calls fn on a worker's thread. False when the queue is full: fn is then not called. From any thread. */
bool db_workers_run(DbWorkers *workers, DbWorkFn fn, void *data) G_GNUC_WARN_UNUSED_RESULT;
