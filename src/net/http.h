/*
 * HTTP messages, as values: what a source asks and what it gets. No I/O here.
 */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"

typedef struct {
    Str name, value;
} HttpHeader;

typedef struct {
    const HttpHeader *items;
    size_t count;
} HttpHeaders;

/* The value of the first header of that name, ignoring case; absent if there is none. */
Str http_header_find(HttpHeaders headers, const char *name);
/* The value of a directive or parameter, without blanks around it and without its quotes. */
Str http_unquote(Str value);
/* The value of a parameter in a header's value, as of charset in `text/csv; charset="utf-8"`, without quotes; absent if
 * there is none. */
Str http_header_parameter(Str value, const char *name);

/* For how long a cache that many share may keep an answer, by its Cache-Control (RFC 9111): 0 for no-store, no-cache and
 * private, else s-maxage or max-age; -1 when it says nothing. What can't be read allows nothing. */
int64_t http_keep_limit_us(HttpHeaders headers);

typedef struct {
    const char *method; /* "GET", "POST", ... */
    const char *url;    /* complete, encoded */
    HttpHeaders headers;
    Str body;                   /* absent for none */
    int64_t timeout_us;         /* of the whole exchange; 0: 30 s */
    int64_t connect_timeout_us; /* 0: 2 s */
    uint64_t body_limit_bytes;  /* of the answer as received; 0: 64 MiB */
    bool allow_private_hosts;   /* loopback and private addresses, which are refused otherwise (SSRF) */
    bool sends_once;            /* on a new connection: on a used one that was closed, it would be sent again */
    unsigned redirects; /* how many to follow (up to 50); 0: a redirect is the answer. Headers go along, also to another
                         * host, except Authorization and Cookie */
} HttpRequest;

/* Appends text percent-encoded for a query value or form (space as %20). */
void http_encode_query(GString *to, Str text);
/* The same for one path segment. */
void http_encode_segment(GString *to, Str text);
/* Where scheme and host of a URL end. */
size_t http_origin_size(Str url);
/* Decodes %XX, and '+' as a space when form is true. False on a bad escape. */
bool http_decode(Str text, bool form, GString *to);
