/* A key that a partner refuses opens an alert, which resolves itself when the partner answers again or is asked no more. */
#include "quality/credential_store.h"
#include "quality/mapping_sink.h"
#include "revenue/credential_watch.h"
#include "watch_test.h"

#include <glib/gstdio.h>

#define DEFINITION                                                                                                     \
    "source: acme\npartner: Acme\nsecrets: [ACME_KEY]\nsearch:\n  get: https://acme.example/\n"                        \
    "  query: {key: \"${ACME_KEY}\"}\n  answer: {json: \"results[*]\"}\n"                                              \
    "  listing: {id: id, title: title, url: url}\n"

static SourceSet *asked; /* what watch() takes to be asked */

static const char *
given_key(void *data, const char *name G_GNUC_UNUSED)
{
    return data;
}

/* The one source, with a key or without. */
static void
load_acme(const char *key)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "acme.yaml", NULL);

    g_assert_true(g_file_set_contents(path, DEFINITION, -1, NULL));
    source_set_unref(asked);
    asked = source_set_load(
        &(SourceSetSpec){.directory = folder, .secret = given_key, .data = key == NULL ? NULL : (void *)(uintptr_t)key},
        &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
}

static bool
watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error)
{
    return credential_watch(db, asked, telling, now_us, error);
}

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

    load_acme("k");
    watch_test_init(&f, test, watch);
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

static void
a_key_that_was_taken_away_resolves_its_alert(DbTest *test)
{
    WatchTest f;

    load_acme("k");
    watch_test_init(&f, test, watch);
    note(&f, "acme", true, "HTTP 401");
    note(&f, "gone", true, "HTTP 401");
    ASSERT_WATCH(&f,
                 "open credential:acme: acme refuses our key (HTTP 401): renew it, and load the definitions again | ");
    load_acme(NULL);
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'resolved'"), ==, 1);
    load_acme("new");
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'open'"), ==, 1);
}

/* Searches only tell the sink; a process that starts anew knows nothing of a refusal, and tells the first answer. */
static void
what_searches_tell_reaches_the_alert(DbTest *test)
{
    WatchTest f;

    load_acme("k");
    watch_test_init(&f, test, watch);
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
    int failed;

    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", a_refused_key_opens_one_alert_that_an_answer_resolves);
    DB_TEST("revenue", a_key_that_was_taken_away_resolves_its_alert);
    DB_TEST("revenue", what_searches_tell_reaches_the_alert);
    failed = db_test_run();
    source_set_unref(asked);
    return failed;
}
