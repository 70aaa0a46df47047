/*
 * Golden exchanges: a question, the request it makes, a partner's answer and what that means, in the layout that
 * tests/unit/sources/test_golden.c replays.
 *
 * The request is made anew with the placeholders (SECRET-NAME, or https://secret.example/NAME_URL) that the replay uses, and the listings are read from the
 * answer as it is given here, so that the replay gives the same.
 */
#pragma once

#include "sources/source.h"

typedef struct {
    const char *operation; /* "search" or "feed" */
    const Question *question;
    int status;
    HttpHeaders headers; /* of the answer */
    Str body;            /* UTF-8; nothing secret or personal any more */
    bool with_session;   /* it was asked with a login */
} GoldenExchange;

/* Appends the file's text. directory: of definitions. INVALID when the source cannot be asked with its parameters'
 * defaults; to is then as before. */
bool golden_exchange_write(const GoldenExchange *exchange, const char *directory, Str source, int64_t now_us,
                           GString *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
