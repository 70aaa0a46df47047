#include <glib/gstdio.h>

#include "tracking/click_quality.h"
#include "tracking/robots_list.h"

static RobotsList *
load(const char *text, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("weir-robots-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "COUNTER_Robots_list.json", NULL);
    RobotsList *list;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    list = robots_list_load(path, error);
    g_remove(path);
    g_rmdir(folder);
    return list;
}

static unsigned
flags_of(const RobotsList *list, const char *user_agent)
{
    return click_request_flags(&(ClickRequest){.method = STR("GET"), .user_agent = str_of(user_agent)}, list->agents);
}

static void
a_list_flags_what_it_knows_and_tells_its_version(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RobotsList) list =
        load("[{\"pattern\": \"Ferret\", \"last_changed\": \"2017-08-08\", \"description\": \"it fetches\"},"
             " {\"pattern\": \"^FOCA\", \"last_changed\": \"2019-02-01\"},"
             " {\"pattern\": \"Fetch(\\\\s|\\\\+)API\", \"last_changed\": \"2018-12-31\"}, {\"pattern\": \"^.?$\"}]",
             &error);

    g_assert_no_error(error);
    g_assert_cmpstr(list->name, ==, "COUNTER_Robots_list");
    g_assert_cmpstr(list->version, ==, "2019-02-01");
    g_assert_cmpuint(agent_list_size(list->agents), ==, 4);
    g_assert_cmpuint(flags_of(list, "my FERRET 1"), ==, CLICK_ROBOTS_LIST);
    g_assert_cmpuint(flags_of(list, "foca/2"), ==, CLICK_ROBOTS_LIST);
    g_assert_cmpuint(flags_of(list, "a foca"), ==, 0);
    g_assert_cmpuint(flags_of(list, "fetch+api"), ==, CLICK_ROBOTS_LIST);
    g_assert_cmpuint(flags_of(list, "x"), ==, CLICK_ROBOTS_LIST);
    /* Both lists know this one. */
    g_assert_cmpuint(flags_of(list, "curl/8 ferret"), ==, CLICK_BOT | CLICK_ROBOTS_LIST);
    g_assert_cmpstr(user_agent_family(STR("my FERRET 1"), CLICK_ROBOTS_LIST).at, ==, "bot");
}

static void
a_list_of_another_form_is_refused_with_its_place(void)
{
    static const struct {
        const char *text, *says;
    } BAD[] = {
        {"", "COUNTER_Robots_list.json"},
        {"[]", "\"pattern\""},
        {"{}", "\"pattern\""},
        {"[{\"pattern\": \"ab\"}, {\"name\": \"cd\"}]", "entry 2"},
        {"[{\"pattern\": 5}]", "entry 1"},
        {"[{\"pattern\": \"ab(\"}]", "ab("},
        {"[{\"pattern\": \".*\"}]", "nearly everything"},
        {"[{\"pattern\": \"ab\"}", "COUNTER_Robots_list.json"},
    };
    g_autoptr(GError) absent = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(load(BAD[i].text, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, BAD[i].says));
    }
    g_assert_null(robots_list_load("/nowhere/list.json", &absent));
    g_assert_error(absent, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(absent->message, "/nowhere/list.json"));
}

static void
a_list_without_measure_is_refused(void)
{
    g_autoptr(GString) text = g_string_new("[{\"pattern\": \"");
    g_autoptr(GError) error = NULL, large = NULL;

    for (int i = 0; i < 1001; i++)
        g_string_append_c(text, 'x');
    g_string_append(text, "\"}]");
    g_assert_null(load(text->str, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    while (text->len <= 2 * 1024 * 1024)
        g_string_append(text, "                                        ");
    g_assert_null(load(text->str, &large));
    g_assert_error(large, WEIR_ERROR, WEIR_ERROR_LIMIT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/robots_list/" G_STRINGIFY(name), name)
    ADD(a_list_flags_what_it_knows_and_tells_its_version);
    ADD(a_list_of_another_form_is_refused_with_its_place);
    ADD(a_list_without_measure_is_refused);
    return g_test_run();
}
