#include "feeds/pull.h"

#include "feeds/listing_store.h"
#include "listings/normalise.h"
#include "quality/mapping_store.h"

/* Listings a transaction: long enough to pay for its commit, short enough that nobody waits for the lock. */
#define BATCH_LISTINGS 1000
#define BATCH_BYTES    (4 * 1024 * 1024)
#define PAGE_LIMIT     10000

struct FeedPull {
    FeedPullSpec spec;
    Listing batch[BATCH_LISTINGS]; /* read, not yet written; texts in batch_arena */
    size_t in_batch;
    Arena *batch_arena;
    IndexBatch *index; /* what was written of the batch and the index does not know yet */
    void (*take)(void *data, const Listing *listing); /* NULL: the shelf */
    void *take_data;
    Question question;
    Arena *question_arena; /* of what answer_next() gave */
    Answer *answer;
    MappingTally *tally; /* of all pages */
    GError *failure;     /* of the store, kept until the page ends */
    FeedSummary summary;
    FeedSummary committed; /* as of the last transaction that was written */
    int64_t shelf_before;
    uint64_t pages;
    bool finished, store_failed;
};

static Str
pull_source(const FeedPull *pull)
{
    return str_of(source_name(operation_source(pull->spec.feed)));
}

static void
count_outcome(FeedPull *pull, StoredOutcome outcome)
{
    static const char *const NAMES[] = {"new", "same", "changed"};
    int64_t *const counters[] = {&pull->summary.added, &pull->summary.same, &pull->summary.changed};

    ++*counters[outcome];
    metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, NAMES[outcome], 1);
}

/* Listings wait in memory until there are enough: no transaction is open while the partner is waited for, since a slow
 * one would lock everybody else out. */
static bool
batch_write(FeedPull *pull, GError **error)
{
    g_autoptr(DbTx) tx = pull->in_batch == 0 ? NULL : db_begin(pull->spec.db, DB_WRITE, error);

    if (pull->in_batch == 0)
        return true;
    if (tx == NULL)
        return false;
    index_batch_clear(pull->index);
    for (size_t i = 0; i < pull->in_batch; i++) {
        StoredOutcome outcome;

        if (!listing_store_put(tx, &pull->batch[i], pull->summary.id, pull->spec.mint, clock_now_us(pull->spec.clock),
                               pull->index, &outcome, error))
            return false;
        count_outcome(pull, outcome);
    }
    if (!index_batch_write(pull->index, tx, error) || !db_commit_auto(&tx, error))
        return false;
    pull->in_batch = 0;
    arena_reset(pull->batch_arena);
    pull->committed = pull->summary;
    if (pull->spec.progress != NULL)
        pull->spec.progress(pull->spec.data, pull->summary.records, pull->summary.bytes);
    return true;
}

static bool
take_listing(FeedPull *pull, const Listing *listing)
{
    pull->batch[pull->in_batch] = listing_copy(pull->batch_arena, listing);
    listing_normalise(pull->batch_arena, &pull->batch[pull->in_batch++]);
    pull->summary.records++;
    if (pull->in_batch < BATCH_LISTINGS && arena_used_bytes(pull->batch_arena) < BATCH_BYTES)
        return true;
    return batch_write(pull, &pull->failure);
}

static bool
on_listing(void *data, const Listing *listing)
{
    FeedPull *pull = data;

    if (pull->take == NULL)
        return take_listing(pull, listing);
    pull->take(pull->take_data, listing);
    return pull->failure == NULL;
}

void
feed_pull_divert(FeedPull *pull, void (*take)(void *data, const Listing *listing), void *data)
{
    pull->take = take;
    pull->take_data = data;
}

void
feed_pull_store(FeedPull *pull, const Listing *listing)
{
    if (pull->failure == NULL && !take_listing(pull, listing))
        g_assert(pull->failure != NULL);
}

void
feed_pull_note_unread(FeedPull *pull, const char *field)
{
    metric_add(pull->spec.metrics, METRIC_FIELDS_UNREAD, pull_source(pull).at, field, 1);
}

static void
on_rejected(void *data, uint64_t row G_GNUC_UNUSED, bool dropped, const char *field G_GNUC_UNUSED,
            const char *reason G_GNUC_UNUSED, Str text)
{
    FeedPull *pull = data;

    if (!dropped)
        return;
    pull->summary.records++;
    if (pull->summary.rejected++ == 0)
        g_snprintf(pull->summary.first_rejection, sizeof pull->summary.first_rejection, "%.*s", STR_FORMAT(text));
}

static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};

static void
page_begin(FeedPull *pull)
{
    pull->answer = answer_new(pull->spec.feed, &pull->question, pull->spec.clock, &EVENTS, pull);
}

/* No other worker has the task: what still seems to run has ended with its process. A pull that somebody runs by hand meanwhile
 * is put right when it ends. */
static bool
end_broken_off(FeedPull *pull, DbTx *tx, GError **error)
{
    return pull->spec.task == NULL ||
           db_exec(tx,
                   SQL("UPDATE feed_pull SET status = 'failed', ended_at_us = $2, message = 'broken off: its process "
                       "ended' "
                       "WHERE source = $1 AND status = 'running'"),
                   DB_ARGS(db_text(pull_source(pull)), db_int(clock_now_us(pull->spec.clock))), NULL, error);
}

FeedPull *
feed_pull_begin(const FeedPullSpec *spec, GError **error)
{
    g_autoptr(FeedPull) pull = g_new0(FeedPull, 1);
    g_autoptr(DbTx) tx = db_begin(spec->db, DB_WRITE, error);

    pull->spec = *spec;
    pull->index = index_batch_new();
    pull->batch_arena = arena_new(64 * 1024);
    pull->tally = mapping_tally_new();
    pull->question_arena = arena_new(1024);
    pull->question = (Question){.page = 1, .part = 1, .per_page = 100};
    pull->summary.id = id_mint(spec->mint);
    if (tx == NULL || !listing_store_count(tx, pull_source(pull), &pull->shelf_before, error) ||
        !end_broken_off(pull, tx, error))
        return NULL;
    if (!db_exec(tx,
                 SQL("INSERT INTO feed_pull (id, source, started_at_us, status, records, added, same, changed, gone, "
                     "rejected, bytes) VALUES ($1, $2, $3, 'running', 0, 0, 0, 0, 0, 0, 0)"),
                 DB_ARGS(db_int(pull->summary.id), db_text(pull_source(pull)), db_int(clock_now_us(spec->clock))), NULL,
                 error) ||
        !db_commit_auto(&tx, error))
        return NULL;
    page_begin(pull);
    return g_steal_pointer(&pull);
}

void
feed_pull_free(FeedPull *pull)
{
    if (pull == NULL)
        return;
    answer_free(pull->answer);
    mapping_tally_free(pull->tally);
    g_clear_error(&pull->failure);
    arena_free(pull->batch_arena);
    index_batch_free(pull->index);
    arena_free(pull->question_arena);
    g_free(pull);
}

const Question *
feed_pull_question(const FeedPull *pull)
{
    return &pull->question;
}

void
feed_pull_hide(FeedPull *pull, const Session *session)
{
    answer_hide(pull->answer, session);
}

void
feed_pull_head(FeedPull *pull, int status, HttpHeaders headers)
{
    answer_head(pull->answer, status, headers);
}

bool
feed_pull_push(FeedPull *pull, Str bytes)
{
    pull->summary.bytes += bytes.size;
    return answer_push(pull->answer, bytes) && pull->failure == NULL;
}

/* The questions's texts come from the answer, which ends here. */
static void
question_move_on(FeedPull *pull, const Question *next)
{
    pull->question = *next;
    pull->question.cursor = arena_str(pull->question_arena, next->cursor);
}

/* Whether trying again may help: it does when the connection was at fault, whatever the half of an answer looks like. */
static WeirError
page_error(AnswerStatus status, bool complete)
{
    return !complete || status == ANSWER_TRANSIENT || status == ANSWER_QUOTA ? WEIR_ERROR_UNAVAILABLE
                                                                             : WEIR_ERROR_INVALID;
}

bool
feed_pull_page_end(FeedPull *pull, bool complete, bool *ret_more, GError **error)
{
    Str message;
    AnswerStatus status = answer_finish(pull->answer, complete, &message);
    Question next;
    bool more;

    mapping_tally_add(pull->tally, answer_tally(pull->answer));
    /* What was read before a failure is good and stays. */
    if (pull->failure == NULL && !batch_write(pull, &pull->failure))
        g_assert(pull->failure != NULL);
    if (pull->failure != NULL) {
        pull->store_failed = true;
        g_propagate_error(error, g_steal_pointer(&pull->failure));
        return false;
    }
    if (status != ANSWER_OK && status != ANSWER_EMPTY)
        return weir_fail(error, page_error(status, complete), "%s feed: %s: %.*s",
                         source_name(operation_source(pull->spec.feed)), answer_status_name(status),
                         STR_FORMAT(message));
    more = answer_next(pull->answer, &next);
    if (more && ++pull->pages >= PAGE_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "%s feed: more than %d pages",
                         source_name(operation_source(pull->spec.feed)), PAGE_LIMIT);
    if (more)
        question_move_on(pull, &next);
    g_clear_pointer(&pull->answer, answer_free);
    page_begin(pull);
    *ret_more = more;
    return true;
}

/* What was read before a failure is good and stays, unless it was the store that failed: then the summary tells what was
 * written before. */
static void
keep_what_was_read(FeedPull *pull)
{
    uint64_t bytes = pull->summary.bytes;

    if (!pull->store_failed && batch_write(pull, NULL))
        return;
    pull->summary = pull->committed;
    pull->summary.bytes = bytes;
}

static const Sql END_SQL =
    SQL("UPDATE feed_pull SET ended_at_us = $2, status = $3, records = $4, added = $5, same = $6, "
        "changed = $7, gone = $8, rejected = $9, bytes = $10, message = $11 WHERE id = $1");

bool
feed_pull_finish(FeedPull *pull, const GError *failure, FeedSummary *ret_summary, GError **error)
{
    FeedSummary *s = &pull->summary;
    int64_t now_us = clock_now_us(pull->spec.clock);
    g_autoptr(DbTx) tx = NULL;

    g_assert(!pull->finished);
    pull->finished = true;
    keep_what_was_read(pull);
    if ((tx = db_begin(pull->spec.db, DB_WRITE, error)) == NULL)
        return false;
    s->complete = failure == NULL;
    s->guarded = s->complete && 2 * (s->added + s->same + s->changed) < pull->shelf_before;
    if (s->complete && !s->guarded && operation_is_full(pull->spec.feed) &&
        !listing_store_sweep(tx, pull_source(pull), s->id, now_us, &s->gone, error))
        return false;
    if (s->added + s->changed + s->gone > 0 && !index_settle(tx, error))
        return false;
    mapping_count(pull->spec.metrics, pull_source(pull).at, pull->tally);
    if (!mapping_store_add(tx, pull_source(pull).at, operation_name(pull->spec.feed), pull->tally, pull->spec.mint,
                           now_us, error))
        return false;
    metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, "gone", s->gone);
    metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, "rejected", s->rejected);
    if (!db_exec(tx, END_SQL,
                 DB_ARGS(db_int(s->id), db_int(now_us),
                         db_cstr(!s->complete ? "failed"
                                 : s->guarded ? "guarded"
                                              : "done"),
                         db_int((int64_t)s->records), db_int(s->added), db_int(s->same), db_int(s->changed),
                         db_int(s->gone), db_int(s->rejected), db_int((int64_t)s->bytes),
                         db_cstr(failure != NULL                 ? failure->message
                                 : s->first_rejection[0] != '\0' ? s->first_rejection
                                                                 : NULL)),
                 NULL, error) ||
        (s->complete && pull->spec.task != NULL && !task_finish(tx, pull->spec.task, now_us, error)) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_summary = *s;
    return true;
}
