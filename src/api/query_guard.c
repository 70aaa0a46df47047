#include "api/query_guard.h"

#include "api/problem.h"

#define SHOWN_BYTES 64

typedef struct {
    Arena *arena;
    const char *const *names;
    const char *wrong, *detail; /* of the first that is wrong; NULL: none yet */
} Guard;

static bool
is_known(const char *const *names, Str name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static void
look_at(void *data, Str name, Str value)
{
    Guard *guard = data;

    if (guard->wrong != NULL)
        return;
    if (!is_known(guard->names, name))
        guard->detail = arena_printf(guard->arena, "\"%.*s\" is not a parameter of this resource",
                                     (int)MIN(name.size, SHOWN_BYTES), name.at)
                            .at;
    else if (!g_utf8_validate(value.at, (gssize)value.size, NULL))
        guard->detail = arena_printf(guard->arena, "%.*s: is not UTF-8", STR_FORMAT(name)).at;
    else
        return;
    guard->wrong = arena_strdup(guard->arena, str_slice(name, 0, MIN(name.size, SHOWN_BYTES)));
}

bool
query_guard_lets_in(HttpExchange *exchange, const char *const *names)
{
    Guard guard = {.arena = http_exchange_arena(exchange), .names = names};

    http_exchange_each_query(exchange, look_at, &guard);
    if (guard.wrong != NULL)
        respond_problem(exchange, 400, guard.wrong, guard.detail);
    return guard.wrong == NULL;
}
