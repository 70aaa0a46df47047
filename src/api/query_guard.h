/*
 * Query guard: refuses a query that a route does not know, before it is looked at. A parameter that is misspelt would
 * otherwise change nothing, and its sender would never know.
 */
#pragma once

#include "net/http_server.h"

/* names ends with NULL. False when the request has been answered: 400, naming the parameter that is unknown, or whose value
 * is no text. */
bool query_guard_lets_in(HttpExchange *exchange, const char *const *names);
