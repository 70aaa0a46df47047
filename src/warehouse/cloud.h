/*
 * Cloud: one HTTP exchange with a service of somebody else's, run until it is done.
 *
 *     cloud_call ──> the whole answer in memory, or piece by piece to a sink
 *
 * What S3 and Snowflake have in common: no answer is TIMEOUT or UNAVAILABLE, and whoever called decides whether to try
 * again. Nothing here retries: the task that exports does.
 */
#pragma once

#include "base/loop.h"
#include "net/http_client.h"

typedef struct {
    HttpClient *client;
    Loop *timers;                                      /* the client's loop, for waiting, and its clock */
    void (*run_until)(void *runner, const bool *done); /* net/uv_loop.h's uv_loop_runner, or a test's own */
    void *runner;
    bool allow_private_hosts;
} Cloud;

/* Takes a piece of the body of an answer with status 200 or 206; false stops it. */
typedef struct {
    bool (*take)(void *data, Str bytes);
    void *data;
} CloudSink;

typedef struct {
    int status;
    HttpHeaders headers; /* in the arena */
    GString *body;       /* empty where a sink took it */
} CloudAnswer;

void cloud_answer_clear(CloudAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CloudAnswer, cloud_answer_clear)

/* Sends the request and waits for the end of its answer, whatever the status. sink: NULL for none. service: a word for
 * messages ("S3"). TIMEOUT: no answer in time, the other side may have acted; UNAVAILABLE: no connection, or it broke, or this process ends;
 * LIMIT: the answer was too large, or the sink stopped it; INVALID: the address is refused. */
bool cloud_call(const Cloud *cloud, const char *service, const HttpRequest *request, const CloudSink *sink,
                Arena *arena, CloudAnswer *ret_answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Lets time pass on the loop. */
void cloud_wait(const Cloud *cloud, int64_t us);
