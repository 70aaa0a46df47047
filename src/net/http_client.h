/*
 * HTTP client, as an interface: answers arrive in pieces on the loop's thread.
 *
 *     send ──> head ──> body* ──> done        done is called exactly once, unless the call is cancelled first
 *       └─────────────────────────> done      (no connection, timeout, refused address)
 *
 * curl_client.h is the real one; tests hand in their own.
 */
#pragma once

#include "base/loop.h"
#include "net/http.h"

typedef struct HttpClient HttpClient;
typedef struct HttpCall HttpCall;

typedef enum {
    HTTP_OUTCOME_ANSWERED, /* status and whole body received; whatever the status */
    HTTP_OUTCOME_TIMEOUT,
    HTTP_OUTCOME_CONNECT,   /* no connection: refused, unknown host, TLS */
    HTTP_OUTCOME_BROKEN,    /* the connection ended in the middle, or no HTTP */
    HTTP_OUTCOME_TOO_LARGE, /* body_limit_bytes */
    HTTP_OUTCOME_STOPPED,   /* body() returned false, or the process ends */
    HTTP_OUTCOME_REFUSED,   /* by us: bad URL, private address, scheme */
} HttpOutcome;
const char *http_outcome_name(HttpOutcome outcome);

typedef struct {
    HttpOutcome outcome;
    int status;          /* 0 before a head was received */
    const char *message; /* a sentence without URL, header or body, so that it may be logged; "" when answered */
    uint64_t body_bytes; /* received, before inflating */
    int64_t first_byte_us, total_us;
} HttpResult;
/* Whether there is an answer, else why not, by a code that tells whether to try again. One that was stopped passes: by its
 * reader, which says why. */
bool http_result_check(const HttpResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A call's receiver. head may be NULL. body: false stops the transfer. */
typedef struct {
    void (*head)(void *data, int status, HttpHeaders headers);
    bool (*body)(void *data, Str bytes);
    void (*done)(void *data, const HttpResult *result);
} HttpReceiver;

struct HttpClient {
    HttpCall *(*send)(HttpClient *client, const HttpRequest *request, const HttpReceiver *receiver, void *data);
    void (*cancel)(HttpClient *client, HttpCall *call);
};

/* Starts a call; request is copied. Not from within head or body, which libcurl does not allow. None of the receiver's functions is called before this returns. The body is
 * passed on as sent: a Content-Encoding of gzip or deflate is undone by the client, a .gz file is not. */
static inline HttpCall *
http_client_send(HttpClient *client, const HttpRequest *request, const HttpReceiver *receiver, void *data)
{
    return client->send(client, request, receiver, data);
}

/* Ends a call that is not done; nothing of its receiver is called any more. */
static inline void
http_client_cancel(HttpClient *client, HttpCall *call)
{
    client->cancel(client, call);
}
