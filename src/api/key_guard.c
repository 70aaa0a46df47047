#include "api/key_guard.h"

#include "api/problem.h"

/* The challenge is RFC 6750's, which also serves keys that come as X-API-Key. */
static void
refuse(HttpExchange *exchange, KeyVerdict verdict, ApiScope scope)
{
    Arena *arena = http_exchange_arena(exchange);
    const char *name = api_scope_name(scope);

    switch (verdict) {
    case KEY_OTHER_SCOPE:
        http_exchange_set_header(
            exchange, "WWW-Authenticate",
            arena_printf(arena, "Bearer realm=\"weir\", error=\"insufficient_scope\", scope=\"%s\"", name).at);
        respond_problem(
            exchange, 403, NULL,
            arena_printf(arena, "The key is not for this; ask for one with the scope \"%s\" (weir key add).", name).at);
        break;
    case KEY_UNREAD:
        respond_problem(exchange, 503, NULL, "Which keys hold is not known yet. Try again in a moment.");
        break;
    case KEY_UNKNOWN:
        http_exchange_set_header(exchange, "WWW-Authenticate", "Bearer realm=\"weir\", error=\"invalid_token\"");
        respond_problem(exchange, 401, NULL,
                        "There is no such key, or it was revoked; ask for a new one (weir key add).");
        break;
    case KEY_MISSING:
    case KEY_TAKEN:
        http_exchange_set_header(exchange, "WWW-Authenticate",
                                 arena_printf(arena, "Bearer realm=\"weir\", scope=\"%s\"", name).at);
        respond_problem(exchange, 401, NULL,
                        arena_printf(arena,
                                     "This needs a key with the scope \"%s\", as Authorization: Bearer KEY or "
                                     "X-API-Key: KEY.",
                                     name)
                            .at);
        break;
    }
}

bool
key_guard_lets_in(KeyBook *book, HttpExchange *exchange, ApiScope scope, Metrics *metrics)
{
    Str key =
        key_of_headers(http_exchange_header(exchange, "Authorization"), http_exchange_header(exchange, "X-API-Key"));
    KeyVerdict verdict = key_book_judge(book, key, scope);

    metric_add(metrics, METRIC_KEYS_SHOWN, api_scope_name(scope), key_verdict_name(verdict), 1);
    if (verdict == KEY_TAKEN)
        return true;
    refuse(exchange, verdict, scope);
    return false;
}
