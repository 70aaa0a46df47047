/*
 * Routes: which row of the table a request is for. No I/O.
 *
 * A path matches a pattern segment by segment; {name} takes one segment that is not empty. The first row that matches
 * wins, so "/v1/listings/new" stands before "/v1/listings/{id}".
 */
#pragma once

#include "net/http_server.h"

#define ROUTE_SEGMENTS_MAX 4 /* {name}s in one pattern */

typedef struct {
    Str name, value; /* value is decoded */
} RouteSegment;

typedef struct {
    const HttpRoute *route; /* NULL: none */
    bool wrong_method;      /* there is a row for the path, with another method */
    RouteSegment segments[ROUTE_SEGMENTS_MAX];
    size_t segment_count;
} RouteMatch;

/* Decoded values are in arena. */
RouteMatch route_find(const HttpRoute *routes, size_t count, const char *method, Str path, Arena *arena);
/* "GET, HEAD, POST": the value of Allow for a path; in arena. */
const char *route_methods(const HttpRoute *routes, size_t count, Str path, Arena *arena);
