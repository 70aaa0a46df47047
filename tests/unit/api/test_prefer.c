#include "api/prefer.h"

static void
a_wait_is_found_among_other_preferences(void)
{
    static const struct {
        const char *header;
        int64_t wait_s;
    } CASES[] = {
        {"wait=2", 2},
        {"respond-async, wait=10", 10},
        {"Wait = \"7\" ; foo=bar", 7},
        {"return=minimal;x=\"a\",WAIT=3,wait=4", 3},
        {"wait=soon, wait=5", 5},
        {"wait", -1},
        {"wait=", -1},
        {"wait=-1", -1},
        {"wait=0", -1},
        {"wait=1.5", -1},
        {"wait=99999999999999999999", -1},
        {"waiting=3", -1},
        {"", -1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpint(prefer_wait_s(str_of(CASES[i].header)), ==, CASES[i].wait_s);
    g_assert_cmpint(prefer_wait_s(STR_NONE), ==, -1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/a_wait_is_found_among_other_preferences", a_wait_is_found_among_other_preferences);
    return g_test_run();
}
