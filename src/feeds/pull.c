#include "feeds/pull.h"

#include "feeds/guard.h"
#include "feeds/listing_batch.h"
#include "feeds/pull_store.h"
#include "quality/mapping_store.h"

#define PAGE_LIMIT 10000

struct FeedPull {
    FeedPullSpec spec;
    ListingBatch *batch;                              /* read, not yet written */
    void (*take)(void *data, const Listing *listing); /* NULL: the shelf */
    void *take_data;
    Question question;
    Arena *question_arena; /* of what answer_next() gave */
    Answer *answer;
    MappingTally *tally; /* of all pages */
    GError *failure;     /* of the store, kept until the page ends */
    FeedSummary summary;
    FeedSummary committed;      /* as of the last transaction that was written */
    FeedValidator known, state; /* of the last time; of this time. Texts in state_arena */
    Arena *state_arena;
    Id seen_id;      /* what listings are marked with: the pull's id, or after a restart a later one */
    int64_t carried; /* listings that were written before a restart and come again */
    int64_t shelf_before;
    uint64_t pages, page_bytes; /* page_bytes: 0 when nobody knows */
    bool finished, store_failed;
};

static Str
pull_source(const FeedPull *pull)
{
    return str_of(source_name(operation_source(pull->spec.feed)));
}

static void
count_written(FeedPull *pull, const BatchCounts *counts)
{
    FeedSummary *s = &pull->summary;
    const struct {
        const char *outcome;
        int64_t count, *sum;
    } news[] = {{"new", counts->added, &s->added},
                {"same", counts->same, &s->same},
                {"changed", counts->changed, &s->changed},
                {"repeated", counts->repeated, &s->repeated}};

    for (size_t i = 0; i < G_N_ELEMENTS(news); i++) {
        *news[i].sum += news[i].count;
        if (news[i].count > 0)
            metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, news[i].outcome, news[i].count);
    }
    s->clashed += counts->clashed;
}

static bool
batch_write(FeedPull *pull, GError **error)
{
    BatchCounts counts;

    if (listing_batch_is_empty(pull->batch))
        return true;
    if (!listing_batch_write(pull->batch, pull->spec.db, pull->seen_id, pull->spec.mint, pull->spec.clock, &counts,
                             error))
        return false;
    count_written(pull, &counts);
    pull->committed = pull->summary;
    if (pull->spec.progress != NULL)
        pull->spec.progress(pull->spec.data, pull->summary.records, pull->summary.bytes, pull->page_bytes);
    return true;
}

static bool
take_listing(FeedPull *pull, const Listing *listing)
{
    bool has_room = listing_batch_add(pull->batch, listing);

    pull->summary.records++;
    return has_room || batch_write(pull, &pull->failure);
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

void
feed_pull_note_without_detail(FeedPull *pull, uint64_t count)
{
    pull->summary.without_detail += count;
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

FeedPull *
feed_pull_begin(const FeedPullSpec *spec, GError **error)
{
    g_autoptr(FeedPull) pull = g_new0(FeedPull, 1);
    g_autoptr(DbTx) tx = NULL;
    int64_t now_us = clock_now_us(spec->clock);

    pull->spec = *spec;
    pull->batch = listing_batch_new();
    pull->tally = mapping_tally_new();
    pull->question_arena = arena_new(1024);
    pull->state_arena = arena_new(1024);
    pull->question = (Question){.page = 1, .part = 1, .per_page = 100};
    pull->summary.id = pull->seen_id = id_mint(spec->mint);
    if (!feed_validator_find(spec->db, pull_source(pull), pull->state_arena, &pull->known, error) ||
        (tx = db_begin(spec->db, DB_WRITE, error)) == NULL ||
        !listing_store_count(tx, pull_source(pull), &pull->shelf_before, error))
        return NULL;
    /* With a task: no other worker has it. */
    if ((spec->task != NULL && !pull_store_end_broken_off(tx, pull_source(pull), now_us, error)) ||
        !pull_store_begin(tx, pull->summary.id, pull_source(pull), now_us, error) || !db_commit_auto(&tx, error))
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
    listing_batch_free(pull->batch);
    arena_free(pull->question_arena);
    arena_free(pull->state_arena);
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

const FeedValidator *
feed_pull_known(const FeedPull *pull)
{
    return &pull->known;
}

void
feed_pull_note_state(FeedPull *pull, Str etag, Str last_modified)
{
    pull->state.etag = arena_str(pull->state_arena, etag);
    pull->state.last_modified = arena_str(pull->state_arena, last_modified);
}

void
feed_pull_unchanged(FeedPull *pull)
{
    pull->summary.unchanged = true;
}

/* The size that is said is that of what is received only when nothing is inflated on the way. */
static uint64_t
size_of(HttpHeaders headers)
{
    int64_t size;

    if (!str_is_empty(http_header_find(headers, "Content-Encoding")) ||
        !str_to_int64(http_header_find(headers, "Content-Length"), &size) || size < 0)
        return 0;
    return (uint64_t)size;
}

void
feed_pull_head(FeedPull *pull, int status, HttpHeaders headers)
{
    pull->page_bytes = size_of(headers);
    answer_head(pull->answer, status, headers);
}

/* What comes now is not another row of what was read, but that again, perhaps changed. What was new stays new. */
void
feed_pull_restart(FeedPull *pull)
{
    FeedSummary *s = &pull->summary;

    listing_batch_clear(pull->batch);
    pull->seen_id = id_mint(pull->spec.mint);
    pull->carried = s->added + s->changed;
    s->records = 0;
    s->same = s->repeated = s->clashed = s->rejected = 0;
    pull->committed = *s;
    g_clear_pointer(&pull->answer, answer_free);
    page_begin(pull);
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
    if (status != ANSWER_OK && status != ANSWER_EMPTY) {
        pull->summary.retry_after_us = answer_retry_after_us(pull->answer);
        return weir_fail(error, page_error(status, complete), "%s feed: %s: %.*s",
                         source_name(operation_source(pull->spec.feed)), answer_status_name(status),
                         STR_FORMAT(message));
    }
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

/* What a complete pull lets go. After one that found nothing changed, those are absent that the last one did not see. */
static bool
let_go(FeedPull *pull, DbTx *tx, int64_t now_us, GError **error)
{
    FeedSummary *s = &pull->summary;
    int64_t seen = MAX(s->added + s->same + s->changed - pull->carried, 0);

    if (!s->complete || !operation_is_full(pull->spec.feed))
        return true;
    if (!s->unchanged && !guard_holds(tx, pull_source(pull), seen, pull->shelf_before, now_us, &s->guarded, error))
        return false;
    if (s->guarded)
        return true;
    return listing_store_sweep(tx, pull_source(pull), s->unchanged ? pull->known.pull_id : pull->seen_id, now_us,
                               &s->gone, error);
}

/* Only of a state that was read in full, and believed, may the partner be asked whether it is the same still. */
static bool
remember_state(FeedPull *pull, DbTx *tx, GError **error)
{
    const FeedSummary *s = &pull->summary;
    bool whole = s->complete && !s->guarded && pull->pages == 0;

    /* As of the beginning: when the partner was asked. */
    if (s->unchanged)
        return feed_validator_confirm(tx, pull_source(pull), pull->known.pull_id, id_time_us(s->id), error);
    pull->state.pull_id = pull->seen_id;
    return feed_validator_set(tx, pull_source(pull), whole ? &pull->state : &(FeedValidator){0}, error);
}

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
    if (!let_go(pull, tx, now_us, error) || !remember_state(pull, tx, error))
        return false;
    if (s->added + s->changed + s->gone > 0 && !index_settle(tx, error))
        return false;
    mapping_count(pull->spec.metrics, pull_source(pull).at, pull->tally);
    if (!s->unchanged && !mapping_store_add(tx, pull_source(pull).at, operation_name(pull->spec.feed), pull->tally,
                                            pull->spec.mint, now_us, error))
        return false;
    metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, "gone", s->gone);
    metric_add(pull->spec.metrics, METRIC_FEED_LISTINGS, pull_source(pull).at, "rejected", s->rejected);
    if (!pull_store_end(tx, s, failure, now_us, error) ||
        (s->complete && pull->spec.task != NULL && !task_finish(tx, pull->spec.task, now_us, error)) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_summary = *s;
    return true;
}
