/*
 * Problems: every error of the API, as application/problem+json (RFC 9457), naming the field that is wrong.
 */
#pragma once

#include "base/error.h"
#include "net/http_server.h"

/* {"type":"about:blank","title":"Bad Request","status":400,"detail":"...","errors":[{"field","message"}]}.
 * field may be NULL. */
void respond_problem(HttpExchange *exchange, int status, const char *field, const char *detail);
/* The same from an error of ours; its code decides the status: INVALID 400, NOT_FOUND 404, CONFLICT 409, LIMIT and
 * UNAVAILABLE 503, TIMEOUT 504, BROKEN 500. */
void respond_error(HttpExchange *exchange, const GError *error);
/* The same of a request in which only field can be wrong: it is named when the error is INVALID. */
void respond_field_error(HttpExchange *exchange, const char *field, const GError *error);
