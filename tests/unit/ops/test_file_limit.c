#include "ops/file_limit.h"

#include <glib.h>
#include <sys/resource.h>

static void
the_limit_becomes_what_the_system_grants(void)
{
    struct rlimit limit;
    rlim_t most;

    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    most = limit.rlim_max;
    limit.rlim_cur = MIN(most, 64);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    file_limit_raise();
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_cmpuint(limit.rlim_cur, ==, most);
    g_assert_cmpuint(limit.rlim_max, ==, most);
    file_limit_raise();
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_cmpuint(limit.rlim_cur, ==, most);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/the_limit_becomes_what_the_system_grants", the_limit_becomes_what_the_system_grants);
    return g_test_run();
}
