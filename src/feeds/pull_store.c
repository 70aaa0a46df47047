#include "feeds/pull_store.h"

bool
pull_store_begin(DbTx *tx, Id id, Str source, int64_t now_us, GError **error)
{
    return db_exec(tx,
                   SQL("INSERT INTO feed_pull (id, source, started_at_us, status, records, added, same, changed, gone, "
                       "rejected, bytes) VALUES ($1, $2, $3, 'running', 0, 0, 0, 0, 0, 0, 0)"),
                   DB_ARGS(db_int(id), db_text(source), db_int(now_us)), NULL, error);
}

bool
pull_store_end_broken_off(DbTx *tx, Str source, int64_t now_us, GError **error)
{
    return db_exec(tx,
                   SQL("UPDATE feed_pull SET status = 'failed', ended_at_us = $2, "
                       "message = 'broken off: its process ended' WHERE source = $1 AND status = 'running'"),
                   DB_ARGS(db_text(source), db_int(now_us)), NULL, error);
}

static const char *
outcome_name(const FeedSummary *s)
{
    return !s->complete ? "failed" : s->guarded ? "guarded" : s->unchanged ? "unchanged" : "done";
}

static const Sql END_SQL =
    SQL("UPDATE feed_pull SET ended_at_us = $2, status = $3, records = $4, added = $5, same = $6, "
        "changed = $7, gone = $8, rejected = $9, bytes = $10, message = $11, repeated = $12, clashed = $13 "
        "WHERE id = $1");

bool
pull_store_end(DbTx *tx, const FeedSummary *s, const GError *failure, int64_t now_us, GError **error)
{
    const char *message = failure != NULL                 ? failure->message
                          : s->first_rejection[0] != '\0' ? s->first_rejection
                                                          : NULL;

    return db_exec(tx, END_SQL,
                   DB_ARGS(db_int(s->id), db_int(now_us), db_cstr(outcome_name(s)), db_int((int64_t)s->records),
                           db_int(s->added), db_int(s->same), db_int(s->changed), db_int(s->gone), db_int(s->rejected),
                           db_int((int64_t)s->bytes), db_cstr(message), db_int(s->repeated), db_int(s->clashed)),
                   NULL, error);
}
