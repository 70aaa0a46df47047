/*
 * Key guard: lets in who shows a key, where the configuration wants one.
 */
#pragma once

#include "api/key_book.h"
#include "net/http_server.h"

/* False when the request has been answered: 401, 403 or 503, saying what to do. metrics may be NULL. */
bool key_guard_lets_in(KeyBook *book, HttpExchange *exchange, ApiScope scope, Metrics *metrics);
