#include "net/http_routes.h"

/* False for a bad escape, and for what is no text: not UTF-8, or with a NUL in it. */
static bool
segment_decode(Str raw, Arena *arena, Str *ret_value)
{
    g_autoptr(GString) text = NULL;
    Str decoded = raw;

    if (str_find_char(raw, '%') >= 0) {
        text = g_string_sized_new(raw.size);
        if (!http_decode(raw, false, text))
            return false;
        decoded = str_of_gstring(text);
    }
    if (!g_utf8_validate(decoded.at, (gssize)decoded.size, NULL))
        return false;
    *ret_value = arena_str(arena, decoded);
    return true;
}

static bool
path_matches(Str pattern, Str path, RouteMatch *match, Arena *arena)
{
    match->segment_count = 0;
    while (pattern.at != NULL && path.at != NULL) {
        Str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');

        if (want.size < 2 || want.at[0] != '{' || want.at[want.size - 1] != '}') {
            if (!str_equal(want, have))
                return false;
            continue;
        }
        g_assert(match->segment_count < ROUTE_SEGMENTS_MAX);
        if (have.size == 0 || !segment_decode(have, arena, &match->segments[match->segment_count].value))
            return false;
        match->segments[match->segment_count++].name = str_slice(want, 1, want.size - 1);
    }
    return pattern.at == NULL && path.at == NULL;
}

static bool
method_matches(const HttpRoute *route, const char *method)
{
    return strcmp(route->method, method) == 0 || (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

RouteMatch
route_find(const HttpRoute *routes, size_t count, const char *method, Str path, Arena *arena)
{
    RouteMatch match = {0};

    for (size_t i = 0; i < count; i++) {
        /* The method first: it is cheaper, and once one row has matched the path only the right method matters. */
        bool method_fits = method_matches(&routes[i], method);

        if ((!method_fits && match.wrong_method) || !path_matches(str_of(routes[i].path), path, &match, arena))
            continue;
        if (method_fits) {
            match.route = &routes[i];
            match.wrong_method = false;
            return match;
        }
        match.wrong_method = true;
    }
    match.segment_count = 0;
    return match;
}

const char *
route_methods(const HttpRoute *routes, size_t count, Str path, Arena *arena)
{
    g_autoptr(GString) methods = g_string_new(NULL);
    RouteMatch match = {0};

    for (size_t i = 0; i < count; i++) {
        if (!path_matches(str_of(routes[i].path), path, &match, arena))
            continue;
        g_string_append_printf(methods, "%s%s%s", methods->len > 0 ? ", " : "", routes[i].method,
                               strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
    }
    return arena_strdup(arena, str_of_gstring(methods));
}
