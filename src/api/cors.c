#include "api/cors.h"

#define EXPOSED       "Cache-Status, ETag, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate"
#define METHODS       "GET, HEAD"
#define ASKED_HEADERS "Authorization, X-API-Key, If-None-Match, Prefer"
#define PREFLIGHT_AGE "600" /* seconds that a browser need not ask again */

bool
cors_origin_is_valid(Str text)
{
    Str rest;

    if (str_is(text, "*"))
        return true;
    if (str_starts_with(text, STR("https://")))
        rest = str_slice(text, strlen("https://"), text.size);
    else if (str_starts_with(text, STR("http://")))
        rest = str_slice(text, strlen("http://"), text.size);
    else
        return false;
    for (size_t i = 0; i < rest.size; i++)
        if (!g_ascii_islower(rest.at[i]) && !g_ascii_isdigit(rest.at[i]) && str_find_char(STR(".-:[]"), rest.at[i]) < 0)
            return false;
    return rest.size > 0;
}

bool
cors_allows(const char *const *origins, Str origin)
{
    if (str_is_empty(origin))
        return false;
    for (size_t i = 0; origins != NULL && origins[i] != NULL; i++)
        if (strcmp(origins[i], "*") == 0 || str_is(origin, origins[i]))
            return true;
    return false;
}

static bool
allow(const char *const *origins, HttpExchange *exchange)
{
    Str origin = http_exchange_header(exchange, "Origin");
    bool any = cors_allows(origins, STR("*"));

    if (!any && origins != NULL)
        http_exchange_set_header(exchange, "Vary", "Origin");
    if (!cors_allows(origins, origin))
        return false;
    http_exchange_set_header(exchange, "Access-Control-Allow-Origin",
                             any ? "*" : arena_strdup(http_exchange_arena(exchange), origin));
    return true;
}

void
cors_mark(const char *const *origins, HttpExchange *exchange)
{
    if (allow(origins, exchange))
        http_exchange_set_header(exchange, "Access-Control-Expose-Headers", EXPOSED);
}

bool
cors_answers_preflight(const char *const *origins, HttpExchange *exchange)
{
    if (strcmp(http_exchange_method(exchange), "OPTIONS") != 0 ||
        str_is_empty(http_exchange_header(exchange, "Access-Control-Request-Method")) || !allow(origins, exchange))
        return false;
    http_exchange_set_header(exchange, "Access-Control-Allow-Methods", METHODS);
    http_exchange_set_header(exchange, "Access-Control-Allow-Headers", ASKED_HEADERS);
    http_exchange_set_header(exchange, "Access-Control-Max-Age", PREFLIGHT_AGE);
    http_exchange_respond(exchange, 204, NULL, NULL);
    return true;
}
