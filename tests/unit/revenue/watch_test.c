#include "watch_test.h"

#include "store/migrate.h"

void
watch_test_init(WatchTest *f, DbTest *test, WatchFn watch)
{
    g_autoptr(GError) error = NULL;
    int applied;

    f->watch = watch;
    fake_clock_init(&f->clock, WATCH_TEST_BEGINS_US);
    id_mint_init(&f->mint, &f->clock.clock, 1);
    f->db = test->db;
    g_assert_true(migrate(test->db, &f->clock.clock, &applied, &error));
}

static void
on_alert(void *data, const Alert *alert)
{
    g_string_append_printf(data, "%.*s %.*s: %.*s | ", STR_FORMAT(alert->state), STR_FORMAT(alert->key),
                           STR_FORMAT(alert->message));
}

char *
watch_test_look(WatchTest *f)
{
    static const char *const CHANNELS[] = {"log", NULL};
    AlertTelling telling = {&f->mint, CHANNELS};
    GString *alerts = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    bool done = f->watch(f->db, &telling, clock_now_us(&f->clock.clock), &error);

    g_assert_no_error(error);
    g_assert_true(done);
    tx = db_begin(f->db, DB_READ, &error);
    g_assert_true(alert_list(tx, false, 10, on_alert, alerts, &error));
    return g_string_free(alerts, FALSE);
}
