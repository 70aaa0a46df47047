/*
 * Call: one request on its way through libcurl. Only for curl_client.c and curl_call.c.
 */
#pragma once

#include "net/content_decoder.h"
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
    bool is_headed;          /* head() was called, or would have been */
    bool is_encoded;         /* has a Content-Encoding */
    ContentDecoder *decoder; /* which undoes it; NULL: not begun, or nothing to undo */
    size_t taken;            /* of what libcurl will give again, after a pause */
    uint64_t turn;           /* of the loop, in which it got turn_bytes */
    size_t turn_bytes;
    bool is_paused;                           /* its share of the turn is used up: it goes on in the next */
    GList pause;                              /* in the client's list of these */
    uint64_t received_bytes, delivered_bytes; /* before and after inflating */

    bool is_cancelled, is_stopped, is_too_large, is_refused, is_undecodable;
    const char *refusal; /* a sentence; NULL for none */
};

/* A call with its options set on easy, which it borrows. When the request is refused at sight, easy is left alone and
 * refusal says why. */
HttpCall *call_new(CurlClient *client, CURL *easy, const HttpRequest *request, const HttpReceiver *receiver,
                   void *data);
void call_free(HttpCall *call);
/* How many bytes the call may still give to its receiver in this turn of the loop; curl_client_spend() says that it did, and
 * curl_client_pause() that it would give more. */
size_t curl_client_share(CurlClient *client, HttpCall *call);
void curl_client_spend(CurlClient *client, HttpCall *call, size_t bytes);
void curl_client_pause(CurlClient *client, HttpCall *call);
/* Tells the receiver of the head, once. False when the receiver cancelled the call. */
bool call_tell_head(HttpCall *call);
HttpResult call_result(const HttpCall *call, CURLcode code);
