/*
 * Index call: the stored listings of bulk feeds, asked on a worker's thread, so that no loop waits for the database.
 *
 * A search hands in its question and goes on; the reply is posted to its loop. What waits in the queue beyond its
 * deadline is not looked up at all.
 */
#pragma once

#include "base/loop.h"
#include "search/reply.h"
#include "store/db_workers.h"

typedef struct IndexCall IndexCall;

/* Asks for up to limit listings of the named sources. question and names are copied. done is called once on the loop's
 * thread, unless index_call_leave() was called before; the reply is the receiver's to unref. LIMIT when the workers'
 * queue is full. The workers must end before the loop does. */
IndexCall *index_call_start(DbWorkers *workers, Loop *loop, const Question *question, StrList names, size_t limit,
                            int64_t deadline_us, void (*done)(void *data, SourceReply *reply), void *data,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* On the loop's thread, before done was called. */
void index_call_leave(IndexCall *call);
