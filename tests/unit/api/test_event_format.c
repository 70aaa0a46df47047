#include "api/event_format.h"

static char *
written(EventFormat format)
{
    GString *to = g_string_new(NULL);
    JsonWriter json;

    event_write_retry(format, 3000, to);
    json = event_begin(format, "listing", STR("ABC.1"), to);
    json_member_text(&json, "title", STR("Nurse\r\nday\n\nand night\xe2\x80\xa8"));
    event_end(format, &json);
    event_write_heartbeat(format, to);
    json = event_begin(format, "done", STR_NONE, to);
    event_end(format, &json);
    return g_string_free(to, FALSE);
}

static void
server_sent_events_have_name_id_and_one_line_of_data(void)
{
    g_autofree char *text = written(EVENT_FORMAT_SSE);

    g_assert_cmpstr(text, ==,
                    "retry: 3000\n\n"
                    "event: listing\nid: ABC.1\ndata: {\"title\":\"Nurse\\r\\nday\\n\\nand night\xe2\x80\xa8\"}\n\n"
                    ":\n\n"
                    "event: done\ndata: {}\n\n");
}

static void
ndjson_has_an_object_a_line_that_names_its_event(void)
{
    g_autofree char *text = written(EVENT_FORMAT_NDJSON);

    g_assert_cmpstr(
        text, ==,
        "{\"event\":\"listing\",\"id\":\"ABC.1\",\"data\":{\"title\":\"Nurse\\r\\nday\\n\\nand night\xe2\x80\xa8\"}}\n"
        "{\"event\":\"heartbeat\"}\n"
        "{\"event\":\"done\",\"data\":{}}\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/server_sent_events_have_name_id_and_one_line_of_data",
                    server_sent_events_have_name_id_and_one_line_of_data);
    g_test_add_func("/api/ndjson_has_an_object_a_line_that_names_its_event",
                    ndjson_has_an_object_a_line_that_names_its_event);
    return g_test_run();
}
