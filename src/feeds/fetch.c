#include "feeds/fetch.h"

#include "base/random.h"
#include "exchange/details.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FEED_LIMIT_BYTES (UINT64_C(64) << 30)
#define FILE_PIECE       (64 * 1024)
/* How long a page waits for the source's own limits: longer than a window of a minute, shorter than one of an hour. */
#define PATIENCE_US (15 * US_PER_MINUTE)

typedef struct {
    FeedPull *pull;
    Details *details; /* NULL: the source has no second step */
    bool done, drained, complete, refused;
    HttpOutcome outcome;
    char message_text[256];
} Transfer;

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    feed_pull_hide(((Transfer *)data)->pull, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    feed_pull_head(((Transfer *)data)->pull, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    return feed_pull_push(((Transfer *)data)->pull, bytes);
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
                                 .patience_us = PATIENCE_US,
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
details_end(Transfer *transfer, const FeedFetcher *fetcher, FeedSummary *summary)
{
    const char *reason;

    if (transfer->details == NULL)
        return;
    details_close(transfer->details);
    fetcher->run_until(fetcher->loop, &transfer->drained);
    summary->without_detail += details_missed(transfer->details, &reason);
    details_free(transfer->details);
    feed_pull_divert(transfer->pull, NULL, NULL);
}

/* One page, from request to the end of its answer. */
static bool
fetch_page(const FeedPullSpec *spec, const FeedFetcher *fetcher, FeedPull *pull, FeedSummary *counts, bool *ret_more,
           GError **error)
{
    Transfer transfer = {.pull = pull};
    const ExchangeSpec exchange = {.operation = spec->feed,
                                   .question = feed_pull_question(pull),
                                   .body_limit_bytes = FEED_LIMIT_BYTES,
                                   .patience_us = PATIENCE_US};

    details_begin(&transfer, spec, fetcher);
    if (exchange_start(fetcher->exchanges, &exchange, &RECEIVER, &transfer, error) == NULL) {
        details_end(&transfer, fetcher, counts);
        return false;
    }
    fetcher->run_until(fetcher->loop, &transfer.done);
    details_end(&transfer, fetcher, counts);
    if (transfer.outcome == HTTP_OUTCOME_CONNECT || transfer.outcome == HTTP_OUTCOME_REFUSED)
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
    FeedSummary counts = {0};
    GError *failure = NULL;
    bool more = true, good;

    if (pull == NULL)
        return false;
    while (more && failure == NULL)
        if (!fetch_page(spec, fetcher, pull, &counts, &more, &failure))
            g_assert(failure != NULL);
    good = end_pull(pull, failure, ret_summary, error);
    ret_summary->without_detail = counts.without_detail;
    return good;
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
