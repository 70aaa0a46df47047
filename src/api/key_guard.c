#include "api/key_guard.h"

#include "api/problem.h"

/* Whole seconds, none of which is too short. */
static int64_t
seconds_of(int64_t us)
{
    return (us + US_PER_SECOND - 1) / US_PER_SECOND;
}

static void
tell_quota(HttpExchange *exchange, const KeyQuota *quota)
{
    Arena *arena = http_exchange_arena(exchange);

    if (quota->rate.count == 0)
        return;
    http_exchange_set_header(exchange, "RateLimit-Policy",
                             arena_printf(arena, "\"key\";q=%" G_GINT64_FORMAT ";w=%" G_GINT64_FORMAT,
                                          quota->rate.count, quota->rate.window_us / US_PER_SECOND)
                                 .at);
    http_exchange_set_header(exchange, "RateLimit",
                             arena_printf(arena, "\"key\";r=%" G_GINT64_FORMAT ";t=%" G_GINT64_FORMAT, quota->remaining,
                                          seconds_of(quota->next_us))
                                 .at);
}

static void
refuse_often(HttpExchange *exchange, const KeyBearer *bearer)
{
    Arena *arena = http_exchange_arena(exchange);
    g_autoptr(GString) limit = g_string_new(NULL);
    int64_t wait_s = seconds_of(bearer->quota.next_us);

    rate_limit_format(bearer->quota.rate, limit);
    http_exchange_set_header(exchange, "Retry-After", arena_printf(arena, "%" G_GINT64_FORMAT, wait_s).at);
    respond_problem(exchange, 429, NULL,
                    arena_printf(arena,
                                 "The key %s may ask %s, and has. Try again in %" G_GINT64_FORMAT
                                 " s, or ask for a higher limit (weir key limit).",
                                 bearer->name, limit->str, wait_s)
                        .at);
}

/* The challenge is RFC 6750's, which also serves keys that come as X-API-Key. */
static void
refuse(HttpExchange *exchange, KeyVerdict verdict, ApiScope scope, const KeyBearer *bearer)
{
    Arena *arena = http_exchange_arena(exchange);
    const char *name = api_scope_name(scope);

    switch (verdict) {
    case KEY_OVER_LIMIT:
        refuse_often(exchange, bearer);
        break;
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
    KeyBearer bearer;
    KeyVerdict verdict = key_book_judge(book, key, scope, &bearer);

    metric_add(metrics, METRIC_KEYS_SHOWN, api_scope_name(scope), key_verdict_name(verdict), 1);
    tell_quota(exchange, &bearer.quota);
    if (verdict == KEY_TAKEN) {
        http_exchange_set_caller(exchange, bearer.name);
        return true;
    }
    if (verdict == KEY_OVER_LIMIT)
        metric_add(metrics, METRIC_KEYS_LIMITED, bearer.name, NULL, 1);
    refuse(exchange, verdict, scope, &bearer);
    return false;
}
