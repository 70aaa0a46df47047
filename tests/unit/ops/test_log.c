#include "ops/log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int log_fd = -1;

/* What was logged since the last call. */
static char *
logged(void)
{
    off_t size = lseek(log_fd, 0, SEEK_END);
    char *text = g_malloc0((size_t)size + 1);

    g_assert_cmpint(pread(log_fd, text, (size_t)size, 0), ==, size);
    g_assert_cmpint(ftruncate(log_fd, 0), ==, 0);
    lseek(log_fd, 0, SEEK_SET);
    return text;
}

static void
a_line_has_the_keys_of_winston_then_its_event_and_fields(void)
{
    g_autofree char *text = NULL;

    log_event(LOG_LEVEL_INFO, "feed.pulled", "the feed is stored", LOG_TEXT("source", "ac\"me\n"),
              LOG_INT("count", -3));
    text = logged();
    g_assert_cmpstr(text, ==,
                    "{\"level\":\"info\",\"message\":\"the feed is stored\",\"service\":\"weir\","
                    "\"timestamp\":\"2026-11-24T05:06:07.008Z\",\"event\":\"feed.pulled\","
                    "\"source\":\"ac\\\"me\\n\",\"count\":-3}\n");
}

static void
lines_below_the_level_are_left_out(void)
{
    g_autofree char *text = NULL;

    log_event(LOG_LEVEL_DEBUG, "x", "unseen", LOG_INT("n", 1));
    text = logged();
    g_assert_cmpstr(text, ==, "");
}

static void
a_long_field_is_cut_and_the_line_still_ends_well(void)
{
    g_autofree char *huge = g_strnfill(100000, 'x'), *text = NULL;

    log_event(LOG_LEVEL_ERROR, "x", huge, LOG_TEXT("a", huge), LOG_TEXT("b", huge), LOG_INT("n", 1));
    text = logged();
    g_assert_cmpuint(strlen(text), <=, 16384);
    g_assert_true(g_str_has_suffix(text, "\"cut\":true}\n"));
    g_assert_true(g_str_has_prefix(text, "{\"level\":\"error\",\"message\":\"xxx"));
}

static void
control_characters_cannot_make_a_line_longer_than_the_limit(void)
{
    for (size_t size = 1; size < 20000; size += 997) {
        g_autofree char *dark = g_strnfill(size, '\001'), *text = NULL;

        log_event(LOG_LEVEL_WARN, "x", dark, LOG_TEXT("a", dark), LOG_TEXT("b", "end"));
        text = logged();
        g_assert_cmpuint(strlen(text), <=, 16384);
        g_assert_true(g_str_has_suffix(text, "}\n"));
        g_assert_null(strchr(text, '\001'));
    }
}

static void
another_librarys_line_comes_out_as_one_of_ours(void)
{
    g_autofree char *text = NULL;

    g_log("otherlib", G_LOG_LEVEL_MESSAGE, "it rains in %s", "Oslo");
    text = logged();
    g_assert_cmpstr(text, ==,
                    "{\"level\":\"info\",\"message\":\"it rains in Oslo\",\"service\":\"weir\","
                    "\"timestamp\":\"2026-11-24T05:06:07.008Z\",\"library\":\"otherlib\"}\n");
}

static gpointer
log_many(gpointer data)
{
    for (int i = 0; i < 200; i++)
        log_event(LOG_LEVEL_INFO, "tick", "a line", LOG_TEXT("thread", data), LOG_INT("i", i));
    return NULL;
}

static void
lines_of_many_threads_do_not_mix(void)
{
    GThread *threads[4];
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("log", log_many, (gpointer) "t");
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    text = logged();
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 801);
    for (size_t i = 0; i < 800; i++) {
        g_assert_true(g_str_has_prefix(lines[i], "{\"level\":\"info\","));
        g_assert_true(g_str_has_suffix(lines[i], "}"));
    }
}

static void
a_level_has_a_name(void)
{
    LogLevel level = LOG_LEVEL_ERROR;

    g_assert_true(log_level_parse(STR("debug"), &level));
    g_assert_cmpint(level, ==, LOG_LEVEL_DEBUG);
    g_assert_false(log_level_parse(STR("loud"), &level));
    g_assert_false(log_level_parse(STR(""), &level));
    g_assert_cmpint(level, ==, LOG_LEVEL_DEBUG);
}

int
main(int argc, char **argv)
{
    static FakeClock clock;

    g_test_init(&argc, &argv, NULL);
    fake_clock_init(&clock, INT64_C(1795496767008999));
    log_fd = memfd_create("log", 0);
    g_assert_cmpint(log_fd, >=, 0);
    g_assert_cmpint(fcntl(log_fd, F_SETFL, O_APPEND), ==, 0);
    log_open(log_fd, LOG_LEVEL_INFO, "weir", &clock.clock);
    g_test_add_func("/ops/log/a_line_has_the_keys_of_winston_then_its_event_and_fields",
                    a_line_has_the_keys_of_winston_then_its_event_and_fields);
    g_test_add_func("/ops/log/lines_below_the_level_are_left_out", lines_below_the_level_are_left_out);
    g_test_add_func("/ops/log/a_long_field_is_cut_and_the_line_still_ends_well",
                    a_long_field_is_cut_and_the_line_still_ends_well);
    g_test_add_func("/ops/log/control_characters_cannot_make_a_line_longer_than_the_limit",
                    control_characters_cannot_make_a_line_longer_than_the_limit);
    g_test_add_func("/ops/log/another_librarys_line_comes_out_as_one_of_ours",
                    another_librarys_line_comes_out_as_one_of_ours);
    g_test_add_func("/ops/log/lines_of_many_threads_do_not_mix", lines_of_many_threads_do_not_mix);
    g_test_add_func("/ops/log/a_level_has_a_name", a_level_has_a_name);
    return g_test_run();
}
