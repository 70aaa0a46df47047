/*
 * Exchange: one request on its way through the server. Only for http_server.c and http_exchange.c.
 *
 *                    respond()
 *     RUNNING ───────────────────────> ANSWERED      the handler answered before it returned, or while it returned
 *        │ handler returned without answer     ^
 *        v              respond(): resumes     │
 *     SUSPENDED ───────────────────────────────┘
 *        │ the server closes: resumes
 *        v
 *     ABANDONED      503 is sent; the handler's late answer is thrown away
 *
 * Two hold an exchange: the connection, until the answer is sent or the peer is gone, and the handler, until it has
 * responded. The last one frees it. All that the handler may look at is copied into the exchange, so that it never
 * touches a connection that is gone.
 */
#pragma once

#include "net/http_deadlines.h"
#include "net/http_routes.h"

#include <microhttpd.h>
#include <netinet/in.h>

typedef enum { EXCHANGE_RUNNING, EXCHANGE_SUSPENDED, EXCHANGE_ANSWERED, EXCHANGE_ABANDONED } ExchangeState;

struct HttpExchange {
    HttpServer *server; /* for the connection's side only */
    const Clock *clock; /* the server's */
    size_t gzip_from_bytes;
    struct MHD_Connection *connection;
    HttpDeadline *deadline; /* of the connection; for its side only */
    GMutex lock;            /* of state, with suspending and resuming */
    ExchangeState state;
    int holders; /* atomic */
    Arena *arena;
    Str target, path, query;
    const char *method;
    HttpHeaders headers;
    struct sockaddr_storage peer;
    RouteMatch match;
    Str caller;

    bool is_started;
    bool is_open; /* in server->open */
    GList open_link;
    int64_t started_us; /* monotonic */
    unsigned open;      /* requests that were under way then, itself included */

    GString *body; /* NULL until a piece came */
    uint64_t body_bytes;
    bool too_large;
    bool is_asked; /* the handler was called */

    GArray *answer_headers;        /* of HttpHeader; NULL for none */
    GString *answer_body;          /* the handler's; NULL for none */
    struct MHD_Response *response; /* of an answer whose body is no answer_body; from ANSWERED on */
    HttpStream *stream;            /* what makes the answer, while it is sent; else NULL */
    bool is_made_while_sent;       /* the answer: whoever makes it says how long that may take */
    int status;
    int sent_status; /* 0: nothing was sent; of the connection's side */
};

HttpExchange *http_exchange_new(HttpServer *server, struct MHD_Connection *connection, const char *target);
void http_exchange_unref(HttpExchange *exchange);

/* Copies what the peer sent before its body. */
void http_exchange_take_head(HttpExchange *exchange, const char *method);
/* After the handler has returned: suspends the connection unless it was answered. True when there is an answer (or
 * none will come) and it should be queued now. */
bool http_exchange_settle(HttpExchange *exchange);
/* Lets the connection go on without its handler's answer. When this returns the connection is not suspended, and will
 * not be. */
void http_exchange_abandon(HttpExchange *exchange);
bool http_exchange_is_abandoned(HttpExchange *exchange);
/* Makes a response of the answer, once, with its headers. A long body is compressed here and not where it was made: many
 * searches wait for the thread that answers one, and only some connections for this. */
struct MHD_Response *http_exchange_take_response(HttpExchange *exchange);
/* See http_stream.c. response: the stream's, in MHD's words. */
HttpStream *http_stream_new(struct MHD_Connection *connection, const HttpStreamMaker *maker, void *data,
                            const Clock *clock, int64_t limit_us, struct MHD_Response **ret_response);
/* Breaks the connection off. */
void http_stream_abandon(HttpStream *stream);
/* The response has a reference of its own. */
void http_stream_unref(HttpStream *stream);
/* Answers a problem of the server's own (RFC 9457). */
void http_exchange_respond_problem(HttpExchange *exchange, int status, const char *title, const char *detail);
