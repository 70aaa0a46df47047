#include "api/accept.h"

static const char *const TYPES[] = {"application/json", "text/event-stream", "application/x-ndjson"};

static void
the_type_of_the_greatest_weight_is_chosen(void)
{
    static const struct {
        const char *header;
        unsigned choice;
    } CASES[] = {
        {"", 0},
        {"  ", 0},
        {"*/*", 0},
        {"application/*", 0},
        {"application/json", 0},
        {"text/event-stream", 1},
        {"Text/Event-Stream; charset=utf-8", 1},
        {"text/*", 1},
        {"application/x-ndjson", 2},
        {"text/html,application/xhtml+xml,*/*;q=0.8", 0}, /* a browser's address bar */
        {"text/event-stream, application/json", 0},       /* both alike: ours comes first */
        {"text/event-stream, application/json;q=0.9", 1},
        {"application/json;q=0.5, application/x-ndjson;q=0.75, text/event-stream;q=0.7", 2},
        {"application/*, application/json;q=0", 2},
        {"application/json;q=0, */*;q=0.1", 1},
        {"*/*, text/event-stream;q=0.001, application/json;q=0", 2},
        {"text/event-stream;q=1.000", 1},
        {"text/event-stream ; q=0.3 , application/json ;q=0.2", 1},
        {"text/event-stream;Q=0.9,application/json;q=0.1", 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpuint(accept_choose(str_of(CASES[i].header), TYPES, G_N_ELEMENTS(TYPES)), ==, CASES[i].choice);
    g_assert_cmpuint(accept_choose(STR_NONE, TYPES, G_N_ELEMENTS(TYPES)), ==, 0);
}

static void
what_is_wanted_and_not_there_is_not_acceptable(void)
{
    static const char *const HEADERS[] = {
        "text/html",
        "text",
        "application",
        "application/jso",
        "application/json2",
        "*",
        "*/json",
        "application/json;q=0",
        "application/json;q=0.000",
        "*/*;q=0",
        "image/png, text/plain",
        ",,;;,",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(HEADERS); i++)
        g_assert_cmpuint(accept_choose(str_of(HEADERS[i]), TYPES, G_N_ELEMENTS(TYPES)), ==, SIZE_MAX);
}

static void
a_range_whose_weight_is_none_is_left_out(void)
{
    static const char *const WEIGHTS[] = {"2", "1.1", "-1", "0.1234", "", "x", "1x", "0,5", ".5", "00.5"};

    for (size_t i = 0; i < G_N_ELEMENTS(WEIGHTS); i++) {
        g_autofree char *header = g_strdup_printf("text/event-stream;q=%s, application/x-ndjson;q=0.1", WEIGHTS[i]);

        g_assert_cmpuint(accept_choose(str_of(header), TYPES, G_N_ELEMENTS(TYPES)), ==, 2);
    }
}

static void
a_header_without_end_is_read_so_far(void)
{
    g_autoptr(GString) header = g_string_new(NULL);

    for (int i = 0; i < 10000; i++)
        g_string_append(header, "text/html,");
    g_string_append(header, "application/json");
    g_assert_cmpuint(accept_choose(str_of_gstring(header), TYPES, G_N_ELEMENTS(TYPES)), ==, SIZE_MAX);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/the_type_of_the_greatest_weight_is_chosen", the_type_of_the_greatest_weight_is_chosen);
    g_test_add_func("/api/what_is_wanted_and_not_there_is_not_acceptable",
                    what_is_wanted_and_not_there_is_not_acceptable);
    g_test_add_func("/api/a_range_whose_weight_is_none_is_left_out", a_range_whose_weight_is_none_is_left_out);
    g_test_add_func("/api/a_header_without_end_is_read_so_far", a_header_without_end_is_read_so_far);
    return g_test_run();
}
