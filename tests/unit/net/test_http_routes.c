#include "net/http_routes.h"

static void
ignore(HttpExchange *exchange G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
}

static const HttpRoute ROUTES[] = {
    {"GET", "/", ignore, 0},
    {"GET", "/v1/listings/new", ignore, 0},
    {"GET", "/v1/listings/{id}", ignore, 0},
    {"POST", "/v1/postback/{source}", ignore, 10},
    {"GET", "/v1/postback/{source}", ignore, 0},
    {"GET", "/a/{x}/b/{y}", ignore, 0},
};

static RouteMatch
find(Arena *arena, const char *method, const char *path)
{
    return route_find(ROUTES, G_N_ELEMENTS(ROUTES), method, str_of(path), arena);
}

static void
the_first_row_that_matches_wins(void)
{
    g_autoptr(Arena) arena = arena_new(1024);

    g_assert_true(find(arena, "GET", "/").route == &ROUTES[0]);
    g_assert_true(find(arena, "GET", "/v1/listings/new").route == &ROUTES[1]);
    g_assert_true(find(arena, "GET", "/v1/listings/newer").route == &ROUTES[2]);
    g_assert_true(find(arena, "GET", "/v1/postback/acme").route == &ROUTES[4]);
    g_assert_true(find(arena, "HEAD", "/v1/postback/acme").route == &ROUTES[4]);
}

static void
segments_are_decoded_after_the_path_was_split(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    RouteMatch match = find(arena, "GET", "/a/1%2F2/b/%C3%BC+");

    g_assert_true(match.route == &ROUTES[5]);
    g_assert_cmpuint(match.segment_count, ==, 2);
    g_assert_true(str_is(match.segments[0].name, "x"));
    g_assert_true(str_is(match.segments[0].value, "1/2"));
    g_assert_true(str_is(match.segments[1].value, "ü+"));
}

static void
other_paths_match_nothing(void)
{
    static const char *const PATHS[] = {"",     "/v1",     "/v1/listings", "/v1/listings/",    "/v1/listings/a/b", "//",
                                        "/a/1", "/a//b/2", "/A/1/b/2",     "/v1/listings/%zz", "/v1/listings/%00"};
    g_autoptr(Arena) arena = arena_new(1024);

    for (size_t i = 0; i < G_N_ELEMENTS(PATHS); i++) {
        RouteMatch match = find(arena, "GET", PATHS[i]);

        g_assert_null(match.route);
        g_assert_false(match.wrong_method);
    }
}

static void
a_wrong_method_is_told_from_a_wrong_path(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    RouteMatch match = find(arena, "DELETE", "/v1/postback/acme");

    g_assert_null(match.route);
    g_assert_true(match.wrong_method);
    g_assert_cmpuint(match.segment_count, ==, 0);
    g_assert_cmpstr(route_methods(ROUTES, G_N_ELEMENTS(ROUTES), STR("/v1/postback/acme"), arena), ==,
                    "POST, GET, HEAD");
    g_assert_true(find(arena, "POST", "/v1/listings/1").wrong_method);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/routes/the_first_row_that_matches_wins", the_first_row_that_matches_wins);
    g_test_add_func("/net/routes/segments_are_decoded_after_the_path_was_split",
                    segments_are_decoded_after_the_path_was_split);
    g_test_add_func("/net/routes/other_paths_match_nothing", other_paths_match_nothing);
    g_test_add_func("/net/routes/a_wrong_method_is_told_from_a_wrong_path", a_wrong_method_is_told_from_a_wrong_path);
    return g_test_run();
}
