/*
 * Call: one request on its way through libcurl. Only for curl_client.c and curl_call.c.
 */
#pragma once

#include "net/curl_client.h"

#include <curl/curl.h>

struct HttpCall {
    CurlClient *client;
    GList link; /* in the client's list of calls */
    CURL *easy; /* NULL: refused before it began */
    struct curl_slist *sent_headers;
    HttpReceiver receiver;
    void *data;
    int64_t timeout_us;
    uint64_t limit_bytes;
    bool allow_private_hosts;

    Arena *arena;    /* of the answer's head */
    GArray *headers; /* of HttpHeader; of the last answer, after redirects */
    size_t header_bytes;
    int status;
    bool is_headed;                           /* head() was called, or would have been */
    bool is_encoded;                          /* has a Content-Encoding */
    uint64_t received_bytes, delivered_bytes; /* before and after inflating */

    bool is_cancelled, is_stopped, is_too_large, is_refused;
    const char *refusal; /* a sentence; NULL for none */
};

/* A call with its options set on easy, which it borrows. When the request is refused at sight, easy is left alone and
 * refusal says why. */
HttpCall *call_new(CurlClient *client, CURL *easy, const HttpRequest *request, const HttpReceiver *receiver,
                   void *data);
void call_free(HttpCall *call);
/* Tells the receiver of the head, once. False when the receiver cancelled the call. */
bool call_tell_head(HttpCall *call);
HttpResult call_result(const HttpCall *call, CURLcode code);
