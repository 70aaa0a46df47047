/*
 * Fetch: where a pull's bytes come from: the partner over HTTP, page by page, or a file.
 */
#pragma once

#include "feeds/pull.h"
#include "exchange/exchange.h"

/* What runs the loop until *done: net/uv_loop.h's uv_loop_runner, or a test's own. */
typedef struct {
    Exchanges *exchanges;
    void (*run_until)(void *loop, const bool *done);
    void *loop;
} FeedFetcher;

/* Pulls the whole feed. The summary is written even when the partner failed half-way: it then says complete = false,
 * and the error tells why. */
bool feed_fetch(const FeedPullSpec *spec, const FeedFetcher *fetcher, FeedSummary *ret_summary,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same from a file, as if it had been downloaded. */
bool feed_fetch_file(const FeedPullSpec *spec, const char *path, FeedSummary *ret_summary,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
