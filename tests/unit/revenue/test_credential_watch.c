/* A key that a partner refuses opens an alert, which resolves itself when the partner answers again. */
#include "quality/credential_store.h"
#include "quality/mapping_sink.h"
#include "revenue/credential_watch.h"
#include "watch_test.h"

static void
note(WatchTest *f, const char *source, bool refused, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(f->db, DB_WRITE, &error);

    g_assert_true(credential_store_note(tx, source, refused, message, WATCH_TEST_BEGINS_US, &error));
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
a_refused_key_opens_one_alert_that_an_answer_resolves(DbTest *test)
{
    WatchTest f;

    watch_test_init(&f, test, credential_watch);
    note(&f, "other", false, "");
    ASSERT_WATCH(&f, "");
    note(&f, "acme", true, "HTTP 401: key expired");
    note(&f, "acme", true, "HTTP 401: again");
    for (int i = 0; i < 2; i++)
        ASSERT_WATCH(&f, "open credential:acme: acme refuses our key (HTTP 401: key expired): renew it, and load the "
                         "definitions again | ");
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 1);
    note(&f, "acme", false, "");
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'resolved'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 2);
    note(&f, "acme", true, "HTTP 403");
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'open'"), ==, 1);
}

/* Searches only tell the sink; a process that starts anew knows nothing of a refusal, and tells the first answer. */
static void
what_searches_tell_reaches_the_alert(DbTest *test)
{
    WatchTest f;

    watch_test_init(&f, test, credential_watch);
    for (int refused = 1; refused >= 0; refused--) {
        MappingSink *sink = mapping_sink_start(&(MappingSinkSpec){test->url, US_PER_HOUR, &f.clock.clock, &f.mint});

        for (int i = 0; i < 3; i++)
            mapping_sink_note_credential(sink, "acme", refused == 1, STR("HTTP 401"));
        mapping_sink_stop(sink);
        g_free(watch_test_look(&f));
        g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'open'"), ==, refused);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", a_refused_key_opens_one_alert_that_an_answer_resolves);
    DB_TEST("revenue", what_searches_tell_reaches_the_alert);
    return db_test_run();
}
