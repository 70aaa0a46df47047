#include "feeds/fetch.h"

#include "base/random.h"
#include "exchange/details.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FEED_LIMIT_BYTES (UINT64_C(64) << 30)
#define FILE_PIECE       (64 * 1024)

/* Transfers of one page that may break off one after the other without bringing a byte. */
#define BREAKS_LIMIT 3

/* What a partner says of the page that it sends, and what is needed to ask for the rest of it. */
typedef struct {
    Str etag, last_modified;
    bool takes_ranges;
} PageState;

typedef struct {
    FeedPull *pull;
    Details *details; /* NULL: the source has no second step */
    Arena *arena;
    PageState state;
    uint64_t received;    /* bytes of the page, of all transfers */
    bool is_conditional;  /* asked for news only */
    bool is_continuation; /* asked for the rest */
    bool unchanged;
    bool misses; /* the answer does not go on where the last one broke off */
    bool done, drained, complete, refused;
    HttpOutcome outcome;
    char message_text[256];
} Transfer;

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    feed_pull_hide(((Transfer *)data)->pull, session);
}

/* Whether "bytes 1000-1999/2000" begins where we stopped. */
static bool
goes_on_at(HttpHeaders headers, uint64_t received)
{
    Str rest = str_trim(http_header_find(headers, "Content-Range"));
    Str unit = str_cut(&rest, ' ');
    int64_t first;

    return str_equal_ignoring_case(unit, STR("bytes")) && str_to_int64(str_cut(&rest, '-'), &first) && first >= 0 &&
           (uint64_t)first == received;
}

/* Whether it tells two states apart byte by byte (RFC 9110, section 8.8.3). */
static bool
is_strong(Str etag)
{
    return !str_is_empty(etag) && !str_starts_with(etag, STR("W/"));
}

/* A page that is inflated on its way has no bytes to count from; a weak ETag does not tell bytes apart; and what is asked
 * about in a second step can't be begun anew. */
static void
note_state(Transfer *transfer, HttpHeaders headers)
{
    PageState *state = &transfer->state;

    state->etag = arena_str(transfer->arena, http_header_find(headers, "ETag"));
    state->last_modified = arena_str(transfer->arena, http_header_find(headers, "Last-Modified"));
    state->takes_ranges = transfer->details == NULL &&
                          str_equal_ignoring_case(http_header_find(headers, "Accept-Ranges"), STR("bytes")) &&
                          str_is_empty(http_header_find(headers, "Content-Encoding")) &&
                          (!str_is_empty(state->last_modified) || is_strong(state->etag));
    feed_pull_note_state(transfer->pull, state->etag, state->last_modified);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Transfer *transfer = data;

    if (transfer->is_conditional && status == 304) {
        transfer->unchanged = true;
        return;
    }
    if (transfer->is_continuation && status == 206 && goes_on_at(headers, transfer->received))
        return;
    transfer->misses = transfer->is_continuation && status != 200;
    if (transfer->misses)
        return;
    if (transfer->is_continuation)
        feed_pull_restart(transfer->pull);
    transfer->received = 0;
    if (status == 200)
        note_state(transfer, headers);
    feed_pull_head(transfer->pull, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    Transfer *transfer = data;

    if (transfer->unchanged || transfer->misses)
        return false;
    transfer->received += bytes.size;
    return feed_pull_push(transfer->pull, bytes);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Transfer *transfer = data;

    transfer->refused =
        refusal != NULL && (refusal->status == ANSWER_CREDENTIAL || refusal->status == ANSWER_PERMANENT);
    transfer->outcome = result->outcome;
    /* What we stopped reading came far enough to tell why. */
    transfer->complete = result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED;
    g_strlcpy(transfer->message_text, result->message, sizeof transfer->message_text);
    transfer->done = true;
}

static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};

/* ---- the second step ---- */

static void
on_taken(void *data, const Listing *listing)
{
    details_add(((Transfer *)data)->details, 0, listing);
}

static void
on_told(void *data, size_t tag G_GNUC_UNUSED, const Listing *listing)
{
    feed_pull_store(((Transfer *)data)->pull, listing);
}

static void
on_detail_rejected(void *data, uint64_t row G_GNUC_UNUSED, bool dropped G_GNUC_UNUSED, const char *field,
                   const char *reason G_GNUC_UNUSED, Str text G_GNUC_UNUSED)
{
    feed_pull_note_unread(((Transfer *)data)->pull, field);
}

static void
on_drained(void *data)
{
    ((Transfer *)data)->drained = true;
}

static void
details_begin(Transfer *transfer, const FeedPullSpec *spec, const FeedFetcher *fetcher)
{
    const DetailsSpec details = {.operation = spec->feed,
                                 .question = feed_pull_question(transfer->pull),
                                 .patience_us = EXCHANGE_PATIENCE_US,
                                 .told = on_told,
                                 .rejected = on_detail_rejected,
                                 .drained = on_drained,
                                 .data = transfer};

    if (operation_detail(spec->feed) == NULL)
        return;
    transfer->details = details_new(fetcher->exchanges, &details);
    feed_pull_divert(transfer->pull, on_taken, transfer);
}

/* Waits until every listing of the page is on the shelf, with its detail or without. */
static void
details_end(Transfer *transfer, const FeedFetcher *fetcher)
{
    const char *reason;

    if (transfer->details == NULL)
        return;
    details_close(transfer->details);
    fetcher->run_until(fetcher->loop, &transfer->drained);
    feed_pull_note_without_detail(transfer->pull, details_missed(transfer->details, &reason));
    details_free(transfer->details);
    feed_pull_divert(transfer->pull, NULL, NULL);
}

/* ---- the first step ---- */

/* If-None-Match and If-Modified-Since of the last time; for the rest of a page Range and If-Range, by which a partner
 * whose feed has changed meanwhile sends it from the beginning (RFC 9110, section 13.1.5). */
static HttpHeaders
headers_of(const Transfer *transfer, HttpHeader items[2])
{
    const FeedValidator *known = feed_pull_known(transfer->pull);
    const PageState *state = &transfer->state;
    size_t count = 0;

    if (transfer->is_continuation) {
        items[count++] = (HttpHeader){
            STR("Range"), arena_printf(transfer->arena, "bytes=%" G_GUINT64_FORMAT "-", transfer->received)};
        items[count++] = (HttpHeader){STR("If-Range"), is_strong(state->etag) ? state->etag : state->last_modified};
    } else if (transfer->is_conditional) {
        if (!str_is_empty(known->etag))
            items[count++] = (HttpHeader){STR("If-None-Match"), known->etag};
        if (!str_is_empty(known->last_modified))
            items[count++] = (HttpHeader){STR("If-Modified-Since"), known->last_modified};
    }
    return (HttpHeaders){items, count};
}

static bool
transfer_run(Transfer *transfer, const FeedPullSpec *spec, const FeedFetcher *fetcher, GError **error)
{
    HttpHeader headers[2];
    const ExchangeSpec exchange = {.operation = spec->feed,
                                   .question = feed_pull_question(transfer->pull),
                                   .more_headers = headers_of(transfer, headers),
                                   .body_limit_bytes = FEED_LIMIT_BYTES,
                                   .patience_us = EXCHANGE_PATIENCE_US};

    transfer->done = transfer->misses = false;
    if (exchange_start(fetcher->exchanges, &exchange, &RECEIVER, transfer, error) == NULL)
        return false;
    fetcher->run_until(fetcher->loop, &transfer->done);
    return true;
}

static bool
broke_off(const Transfer *transfer)
{
    return transfer->outcome == HTTP_OUTCOME_BROKEN || transfer->outcome == HTTP_OUTCOME_TIMEOUT ||
           (transfer->is_continuation && (transfer->outcome == HTTP_OUTCOME_CONNECT || transfer->misses));
}

/* As long as each transfer brings something, the rest is asked for again. */
static bool
transfer_all(Transfer *transfer, const FeedPullSpec *spec, const FeedFetcher *fetcher, GError **error)
{
    int breaks = 0;

    for (;;) {
        uint64_t before = transfer->received;

        if (!transfer_run(transfer, spec, fetcher, error))
            return false;
        if (!broke_off(transfer) || !transfer->state.takes_ranges || transfer->received == 0)
            return true;
        breaks = transfer->received > before ? 0 : breaks + 1;
        if (breaks == BREAKS_LIMIT) {
            transfer->complete = false;
            return true;
        }
        transfer->is_continuation = true;
    }
}

/* One page, from request to the end of its answer. */
static bool
fetch_page(const FeedPullSpec *spec, const FeedFetcher *fetcher, FeedPull *pull, bool is_first, bool *ret_more,
           GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Transfer transfer = {.pull = pull,
                         .arena = arena,
                         .is_conditional = is_first && !spec->fresh && feed_pull_known(pull)->pull_id != ID_NONE};
    bool asked;

    details_begin(&transfer, spec, fetcher);
    asked = transfer_all(&transfer, spec, fetcher, error);
    details_end(&transfer, fetcher);
    if (!asked)
        return false;
    if (transfer.unchanged) {
        feed_pull_unchanged(pull);
        *ret_more = false;
        return true;
    }
    if (!transfer.is_continuation &&
        (transfer.outcome == HTTP_OUTCOME_CONNECT || transfer.outcome == HTTP_OUTCOME_REFUSED))
        return weir_fail(error, transfer.refused ? WEIR_ERROR_INVALID : WEIR_ERROR_UNAVAILABLE, "%s feed: %s",
                         source_name(operation_source(spec->feed)), transfer.message_text);
    if (feed_pull_page_end(pull, transfer.complete, ret_more, error))
        return true;
    return transfer.complete ? false : weir_fail_within(error, "%s", transfer.message_text);
}

static bool
end_pull(FeedPull *pull, GError *failure, FeedSummary *ret_summary, GError **error)
{
    if (!feed_pull_finish(pull, failure, ret_summary, failure == NULL ? error : NULL)) {
        if (failure != NULL)
            g_propagate_error(error, failure);
        return false;
    }
    if (failure != NULL) {
        g_propagate_error(error, failure);
        return false;
    }
    return true;
}

bool
feed_fetch(const FeedPullSpec *spec, const FeedFetcher *fetcher, FeedSummary *ret_summary, GError **error)
{
    g_autoptr(FeedPull) pull = feed_pull_begin(spec, error);
    GError *failure = NULL;
    bool more = true;

    if (pull == NULL)
        return false;
    for (bool is_first = true; more && failure == NULL; is_first = false)
        if (!fetch_page(spec, fetcher, pull, is_first, &more, &failure))
            g_assert(failure != NULL);
    return end_pull(pull, failure, ret_summary, error);
}

static bool
push_file(FeedPull *pull, int fd, const char *path, GError **error)
{
    g_autofree char *piece = g_malloc(FILE_PIECE);

    for (;;) {
        ssize_t got = read(fd, piece, FILE_PIECE);

        if (got == 0)
            return true;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
        if (!feed_pull_push(pull, (Str){piece, (size_t)got}))
            return true; /* the page's end tells why */
    }
}

bool
feed_fetch_file(const FeedPullSpec *spec, const char *path, FeedSummary *ret_summary, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(FeedPull) pull = NULL;
    GError *failure = NULL;
    bool more;

    if (fd < 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", path, g_strerror(errno));
    pull = feed_pull_begin(spec, error);
    if (pull != NULL && push_file(pull, fd, path, &failure) && !feed_pull_page_end(pull, true, &more, &failure))
        g_assert(failure != NULL);
    close(fd);
    return pull != NULL && end_pull(pull, failure, ret_summary, error);
}
