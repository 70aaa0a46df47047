/*
 * The real loop, on libuv, with a real HTTP client on it (libcurl multi: pooling, TLS, HTTP/2).
 */
#pragma once

#include "base/loop.h"
#include "net/http_client.h"

#include <uv.h>

typedef struct UvLoop UvLoop;

UvLoop *uv_loop_wrapper_new(const Clock *clock);
/* Stops its thread. Calls that are open are cancelled, timers and posts that are left are forgotten. */
void uv_loop_wrapper_free(UvLoop *loop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UvLoop, uv_loop_wrapper_free)
Loop *uv_loop_base(UvLoop *loop);

/* Runs the loop on a thread of its own until uv_loop_stop(), which may come from any thread and joins it. Calls that
 * are still open are cancelled. */
void uv_loop_start(UvLoop *loop, const char *thread_name);
void uv_loop_stop(UvLoop *loop);

/* Runs the loop, which must not have been started, on this thread until *done is true (set by a callback). For background tasks and tools. */
void uv_loop_run_until(UvLoop *loop, const bool *done);
/* The same, as those want it who are handed a loop that may be a test's: loop is a UvLoop. */
void uv_loop_runner(void *loop, const bool *done);
/* Lets uv_loop_run_until() ask should_stop a few times a second: once it is true, open calls and new ones end as
 * HTTP_OUTCOME_STOPPED, so that what waits for them ends as well. */
void uv_loop_set_stop(UvLoop *loop, bool (*should_stop)(void *data), void *data);

/* For what else of net/ lives on it. */
uv_loop_t *uv_loop_raw(UvLoop *loop);
/* The loop's client; freed with the loop, and used from its thread. A User-Agent of ours is sent when a request has
 * none. */
HttpClient *uv_loop_client(UvLoop *loop);
