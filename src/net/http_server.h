/*
 * HTTP server: routes to handlers, on libmicrohttpd with epoll and a thread pool.
 *
 *     request ──> handler(exchange) ──> respond      at once, or later from any thread: the connection is suspended
 *                                                    meanwhile and costs no thread
 *
 * The server knows nothing of what Weir does: api/ gives it a table of routes.
 */
#pragma once

#include "base/clock.h"
#include "net/http.h"
#include "ops/metrics.h"

typedef struct HttpServer HttpServer;
/* One request and its answer. Valid until it is responded to, exactly once, from any thread. */
typedef struct HttpExchange HttpExchange;

typedef void (*HttpHandler)(HttpExchange *exchange, void *data);
typedef struct HttpRoute HttpRoute;
/* Whether a request is taken; open: how many are under way, itself included. When not, it has been answered. */
typedef bool (*HttpAdmission)(HttpExchange *exchange, const HttpRoute *route, unsigned open, void *data);

struct HttpRoute {
    const char *method; /* "GET" also serves HEAD */
    const char *path;   /* "/v1/trace/{id}": {name} takes one segment */
    HttpHandler handler;
    size_t body_limit_bytes; /* more is answered 413; 0: no body */
};

typedef struct {
    const char *host; /* "127.0.0.1", "::" */
    uint16_t port;    /* 0: any free one, see http_server_port() */
    unsigned threads; /* 0: one a processor */
    const HttpRoute *routes;
    size_t route_count;
    HttpHandler not_found; /* also called for a wrong method, with http_exchange_wrong_method() true */
    HttpAdmission admit;   /* asked before a route's handler; NULL: all are taken */
    void *data;            /* given to every handler */
    const Clock *clock;
    Metrics *metrics;          /* may be NULL */
    unsigned connection_limit; /* 0: 10,000 */
    unsigned idle_timeout_s;   /* 0: 30 */
    /* How long a request may take to come, or an answer to be taken that is there as a whole; 0: 60 s. */
    int64_t transfer_limit_us;
    size_t gzip_from_bytes; /* bodies of so many are compressed for whoever takes gzip; 0: none is */
} HttpServerSpec;

/* spec's tables must outlive the server. WEIR_ERROR_UNAVAILABLE when the address is taken, naming it. */
HttpServer *http_server_start(const HttpServerSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint16_t http_server_port(const HttpServer *server);
/* Takes no new connections and waits up to grace_us for open exchanges, and a quarter of a second for requests on their
 * way; those that come on open connections are still handled. */
void http_server_quiesce(HttpServer *server, int64_t grace_us);
/* The same, then answers the rest 503 and closes. Who still holds an exchange then may look at it and must still
 * respond; its answer goes nowhere. */
void http_server_stop(HttpServer *server, int64_t grace_us);
void http_server_free(HttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpServer, http_server_free)

/* The request. Slices hold until the answer. */
const char *http_exchange_method(const HttpExchange *exchange);
Str http_exchange_path(const HttpExchange *exchange);
/* A {name} of the route, decoded. */
Str http_exchange_segment(HttpExchange *exchange, const char *name);
/* The first query value of that name, decoded; absent when not given. */
Str http_exchange_query(HttpExchange *exchange, const char *name);
/* Calls fn for each query parameter in order, decoded. */
void http_exchange_each_query(HttpExchange *exchange, void (*fn)(void *data, Str name, Str value), void *data);
Str http_exchange_header(HttpExchange *exchange, const char *name);
Str http_exchange_body(const HttpExchange *exchange);
/* The peer's address as text, without port. */
const char *http_exchange_peer(HttpExchange *exchange);
bool http_exchange_wrong_method(const HttpExchange *exchange);
/* Who asks, where admission has found out; absent otherwise. A copy is kept. */
void http_exchange_set_caller(HttpExchange *exchange, const char *caller);
Str http_exchange_caller(const HttpExchange *exchange);
/* An arena that lives as long as the exchange; for the thread that has it in hand. */
Arena *http_exchange_arena(HttpExchange *exchange);

/* Adds a header to the answer; before responding. Names and values are copied; an empty value adds nothing; CR and LF in
 * a value are a bug, so text from outside is checked before. */
void http_exchange_set_header(HttpExchange *exchange, const char *name, const char *value);
/* Answers with body, which is taken (g_string_free'd by the server); NULL for an empty one. A long one is compressed, by
 * gzip_from_bytes, on a thread of the server's. */
void http_exchange_respond(HttpExchange *exchange, int status, const char *content_type, GString *body);
/* Answers with bytes that live as long as the server (embedded files), as they are. */
void http_exchange_respond_static(HttpExchange *exchange, int status, const char *content_type, Str body);
/* Answers with a body that is made while it is sent, chunked. next appends to `to` and returns false at the end; it may
 * block; end frees its data, once. */
void http_exchange_respond_stream(HttpExchange *exchange, int status, const char *content_type,
                                  bool (*next)(void *data, GString *to), void (*end)(void *data), void *data);
/*
 * A body that is made elsewhere while it is sent: when nothing is left to send, the connection sleeps and want() is
 * called, once for each piece; somebody then gives one, from any thread. So nothing is made that the peer did not take,
 * and a slow peer costs no thread.
 *
 *     want() ──> http_stream_give(piece) ──> sent ──> want() ──> ... ──> give(the last piece, or none: broken off)
 */
typedef struct HttpStream HttpStream;
typedef struct {
    /* Must not block. What it is called for must be given, even when the peer has gone meanwhile. */
    void (*want)(void *data, HttpStream *stream);
    void (*end)(void *data); /* frees data: the answer is over, and no piece is being made */
} HttpStreamMaker;
/* maker must live for ever. A peer that has not taken all after limit_us is left. */
void http_exchange_respond_made(HttpExchange *exchange, int status, const char *content_type,
                                const HttpStreamMaker *maker, void *data, int64_t limit_us);
/* Takes piece; NULL breaks the connection off, so that the peer knows that something is missing. last: nothing
 * follows. */
void http_stream_give(HttpStream *stream, GString *piece, bool last);
/* Whether nobody takes what is made any more. */
bool http_stream_is_over(HttpStream *stream);
/* Sends the beginning of an answer and then breaks the connection off, as a failing peer does; takes body. Only the
 * sandbox wants that. */
void http_exchange_break_off(HttpExchange *exchange, int status, const char *content_type, GString *body);
