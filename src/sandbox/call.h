/*
 * Call: one request to a simulated network and the reply to it. Handlers read the call and fill in the reply; what
 * becomes of the reply (delay, damage, sending) is not their concern.
 */
#pragma once

#include "base/clock.h"
#include "net/http_server.h"
#include "sandbox/click_book.h"

typedef struct {
    const Catalogue *catalogue;
    ClickBook *book;
    uint64_t seed;
    int64_t lag_us;
} SandboxWorld;

typedef struct {
    const SandboxWorld *world;
    const Network *network;
    HttpExchange *exchange;
    const char *base; /* "http://127.0.0.1:8090", as the caller addressed us */
    int64_t now_us;   /* of the sandbox's own clock */
} Call;

typedef struct {
    int status;
    const char *content_type;
    const char *header, *header_value; /* one more header; NULL for none */
    GString *body;                     /* owned */
    /* Instead of a body: see http_exchange_respond_stream(). */
    bool (*next)(void *data, GString *to);
    void (*end)(void *data);
    void *data;
} Reply;

typedef void (*CallHandler)(const Call *call, Reply *reply);

/* What a network answers; the reply starts as 200 with an empty body. */
void reply_json(Reply *reply, int status);
void reply_text(Reply *reply, int status, const char *content_type, const char *text);

Str call_query(const Call *call, const char *name);
/* A whole number of the query: fallback when absent. False when it is no number or out of range. */
bool call_query_int(const Call *call, const char *name, int64_t fallback, int64_t from, int64_t to, int64_t *ret_value);
bool call_has_query(const Call *call, const char *name, const char *expected);
bool call_has_header(const Call *call, const char *name, const char *expected);
bool call_has_bearer(const Call *call, const char *token);
bool call_has_basic(const Call *call, const char *user, const char *password);
/* Path segment i, from 0 for the network's name, still encoded; absent beyond the end. */
Str call_segment(const Call *call, size_t i);
/* Reads a moment: RFC 3339, a day, or seconds since the epoch. A day as upper bound means its end. */
bool call_query_moment(const Call *call, const char *name, bool upper, int64_t fallback_us, int64_t *ret_us);

/* Appends <name>text</name>, its five special characters escaped. */
void xml_append_element(GString *to, const char *name, const char *text);
/* Appends text without ]]> in the middle, within CDATA. */
void xml_append_cdata(GString *to, const char *name, const char *text);
/* Appends "0.1275" with the decimal mark given. */
void amount_append(GString *to, int64_t micros, char decimal_mark);
/* The text of one of the posting_append_* functions; free with g_free(). */
char *posting_text(const Posting *posting, void (*append)(const Posting *posting, GString *to));
/* strftime in UTC; free with g_free(). */
char *moment_text(int64_t us, const char *format);

/* Searches and feeds, one a network. */
void alder_search(const Call *call, Reply *reply);
void birch_search(const Call *call, Reply *reply);
void cedar_search(const Call *call, Reply *reply);
void dogwood_feed(const Call *call, Reply *reply);
void elm_export(const Call *call, Reply *reply);
void fir_listings(const Call *call, Reply *reply);
void ginkgo_board(const Call *call, Reply *reply);

/* Reports, one a network. */
void alder_report(const Call *call, Reply *reply);
void birch_report(const Call *call, Reply *reply);
void cedar_report(const Call *call, Reply *reply);
void dogwood_report(const Call *call, Reply *reply);
void elm_report(const Call *call, Reply *reply);
void fir_report(const Call *call, Reply *reply);
void ginkgo_report(const Call *call, Reply *reply);

/* Everywhere. */
void network_click(const Call *call, Reply *reply);
void network_totals(const Call *call, Reply *reply);
