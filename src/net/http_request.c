/* What a handler sees of the request. */
#include "net/http_exchange.h"

#include <arpa/inet.h>

const char *
http_exchange_method(const HttpExchange *exchange)
{
    return exchange->method;
}

Str
http_exchange_path(const HttpExchange *exchange)
{
    return exchange->path;
}

Str
http_exchange_segment(HttpExchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->match.segment_count; i++)
        if (str_is(exchange->match.segments[i].name, name))
            return exchange->match.segments[i].value;
    return STR_NONE;
}

/* Decoded as a form does it; text with a bad escape stays as it was sent. */
static Str
query_decode(HttpExchange *exchange, Str raw)
{
    g_autoptr(GString) text = NULL;

    if (raw.at == NULL)
        return STR("");
    if (str_find_char(raw, '%') < 0 && str_find_char(raw, '+') < 0)
        return raw;
    text = g_string_sized_new(raw.size);
    return http_decode(raw, true, text) ? arena_str(exchange->arena, str_of_gstring(text)) : raw;
}

void
http_exchange_each_query(HttpExchange *exchange, void (*fn)(void *data, Str name, Str value), void *data)
{
    Str rest = exchange->query;

    while (rest.at != NULL) {
        Str value = str_cut(&rest, '&');
        Str name = str_cut(&value, '=');

        if (name.size > 0)
            fn(data, query_decode(exchange, name), query_decode(exchange, value));
    }
}

Str
http_exchange_query(HttpExchange *exchange, const char *name)
{
    Str rest = exchange->query;

    while (rest.at != NULL) {
        Str value = str_cut(&rest, '&');
        Str have = str_cut(&value, '=');

        if (str_is(query_decode(exchange, have), name))
            return query_decode(exchange, value);
    }
    return STR_NONE;
}

Str
http_exchange_header(HttpExchange *exchange, const char *name)
{
    return http_header_find(exchange->headers, name);
}

Str
http_exchange_body(const HttpExchange *exchange)
{
    return exchange->body != NULL ? str_of_gstring(exchange->body) : STR("");
}

const char *
http_exchange_peer(HttpExchange *exchange)
{
    char *text = arena_alloc(exchange->arena, INET6_ADDRSTRLEN);

    if (exchange->peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&exchange->peer)->sin_addr, text, INET6_ADDRSTRLEN);
    else if (exchange->peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&exchange->peer)->sin6_addr, text, INET6_ADDRSTRLEN);
    /* An IPv4 peer of a socket for both. */
    return g_str_has_prefix(text, "::ffff:") && strchr(text, '.') != NULL ? text + strlen("::ffff:") : text;
}

bool
http_exchange_wrong_method(const HttpExchange *exchange)
{
    return exchange->match.wrong_method;
}

void
http_exchange_set_caller(HttpExchange *exchange, const char *caller)
{
    exchange->caller = arena_str(exchange->arena, str_of(caller));
}

Str
http_exchange_caller(const HttpExchange *exchange)
{
    return exchange->caller;
}

Arena *
http_exchange_arena(HttpExchange *exchange)
{
    return exchange->arena;
}
