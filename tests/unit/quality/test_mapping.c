/* What mapping lost, in the database: counted by hour, kept within bounds, written by searches without waiting. */
#include "base/random.h"
#include "quality/mapping_sink.h"
#include "store/migrate.h"
#include "support/db_test.h"

#define NOW_US (INT64_C(1795523696) * US_PER_SECOND)

typedef struct {
    FakeClock clock;
    SeededRandom random;
    IdMint mint;
} Fixture;

static void
fixture_init(Fixture *f, DbTest *test)
{
    g_autoptr(GError) error = NULL;
    int applied;

    fake_clock_init(&f->clock, NOW_US);
    seeded_random_init(&f->random, 1);
    id_mint_init(&f->mint, &f->clock.clock, 1);
    g_assert_true(migrate(test->db, &f->clock.clock, &applied, &error));
    g_assert_no_error(error);
}

static MappingTally *
tally_of(const char *raw)
{
    MappingTally *tally = mapping_tally_new();

    mapping_tally_fill(tally, FIELD_BIT(FIELD_TITLE) | FIELD_BIT(FIELD_COMPANY), FIELD_BIT(FIELD_TITLE));
    mapping_tally_lose(tally, "posted_at", "time", false);
    mapping_tally_lose(tally, "url", "missing", true);
    mapping_tally_lose(tally, "url", "missing", true);
    mapping_tally_keep(tally, &(MappingSample){.loss = {"url", "missing", true, 1},
                                               .row = 7,
                                               .text = STR("record 7: url: there is none"),
                                               .raw = str_of(raw)});
    return tally;
}

static void
add(Fixture *f, DbTest *test, const MappingTally *tally, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);

    g_assert_true(mapping_store_add(tx, "acme", "search", tally, &f->mint, now_us, &error));
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
collect_loss(void *data, const LossRow *row)
{
    g_string_append_printf(data, "%" G_GINT64_FORMAT " %.*s %.*s %s; ", row->lost, STR_FORMAT(row->field),
                           STR_FORMAT(row->reason), row->dropped ? "dropped" : "kept");
}

static void
collect_record(void *data, const QuarantineRow *row)
{
    g_string_append_printf(data, "%" G_GINT64_FORMAT " %.*s %.*s; ", row->row, STR_FORMAT(row->text),
                           STR_FORMAT(row->raw));
}

static void
tallies_of_one_hour_add_up(DbTest *test)
{
    g_autoptr(MappingTally) tally = tally_of("{\"a\": 1}");
    g_autoptr(GString) losses = g_string_new(NULL), records = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    Fixture f;

    fixture_init(&f, test);
    add(&f, test, tally, NOW_US);
    add(&f, test, tally, NOW_US + US_PER_SECOND);
    add(&f, test, tally, NOW_US + US_PER_HOUR);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_fill"), ==, 4);
    g_assert_cmpint(db_test_int(test->db, "SELECT MAX(seen) FROM mapping_fill WHERE field = 'company'"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT MAX(filled) FROM mapping_fill WHERE field = 'company'"), ==, 0);
    tx = db_begin(test->db, DB_READ, &error);
    g_assert_true(mapping_losses(tx, STR("acme"), NOW_US, collect_loss, losses, &error));
    g_assert_cmpstr(losses->str, ==, "6 url missing dropped; 3 posted_at time kept; ");
    g_assert_true(mapping_quarantine(tx, STR("acme"), 2, collect_record, records, &error));
    g_assert_cmpstr(records->str, ==,
                    "7 record 7: url: there is none {\"a\": 1}; 7 record 7: url: there is none {\"a\": 1}; ");
}

static void
the_quarantine_keeps_the_newest_of_each_source(DbTest *test)
{
    Fixture f;

    fixture_init(&f, test);
    for (unsigned i = 0; i < MAPPING_QUARANTINE_RECORDS + 50; i++) {
        g_autofree char *raw = g_strdup_printf("{\"n\": %u}", i);
        g_autoptr(MappingTally) tally = tally_of(raw);

        fake_clock_advance_us(&f.clock, US_PER_SECOND);
        add(&f, test, tally, NOW_US + i);
    }
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine"), ==, MAPPING_QUARANTINE_RECORDS);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine WHERE raw = '{\"n\": 49}'"), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine WHERE raw = '{\"n\": 249}'"), ==, 1);
}

static void
a_record_with_a_NUL_is_kept_all_the_same(DbTest *test)
{
    g_autoptr(MappingTally) tally = mapping_tally_new();
    Fixture f;

    fixture_init(&f, test);
    mapping_tally_keep(
        tally, &(MappingSample){.loss = {"title", "missing", true, 1}, .text = STR("no title"), .raw = {"a\0b", 3}});
    add(&f, test, tally, NOW_US);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine WHERE raw = 'a b'"), ==, 1);
}

static void
what_is_old_is_forgotten(DbTest *test)
{
    g_autoptr(MappingTally) tally = tally_of("x");
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    Fixture f;

    fixture_init(&f, test);
    add(&f, test, tally, NOW_US - MAPPING_KEPT_US - US_PER_HOUR);
    add(&f, test, tally, NOW_US);
    tx = db_begin(test->db, DB_WRITE, &error);
    g_assert_true(mapping_store_sweep(tx, NOW_US, &error));
    g_assert_true(db_commit_auto(&tx, &error));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_fill"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_loss"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine"), ==, 1);
}

static void *
take_many(void *data)
{
    g_autoptr(MappingTally) tally = tally_of("{}");

    for (unsigned i = 0; i < 1000; i++)
        mapping_sink_take(data, i % 2 == 0 ? "acme" : "beta", "search", tally);
    return NULL;
}

static void
the_sink_loses_no_count_of_many_threads(DbTest *test)
{
    GThread *threads[4];
    MappingSink *sink;
    Fixture f;

    fixture_init(&f, test);
    sink = mapping_sink_start(
        &(MappingSinkSpec){.database_url = test->url, .every_us = US_PER_MS, .clock = &f.clock.clock, .mint = &f.mint});
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("taker", take_many, sink);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    mapping_sink_stop(sink);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(seen) AS BIGINT) FROM mapping_fill WHERE field = 'title'"),
                    ==, 4000);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(lost) AS BIGINT) FROM mapping_loss WHERE source = 'beta'"),
                    ==, 2000 * 3);
}

/* The tables are missing at first, as while a database is away. */
static void
what_could_not_be_written_waits(DbTest *test)
{
    g_autoptr(MappingTally) tally = tally_of("{}");
    MappingSink *sink;
    Fixture f;

    fixture_init(&f, test);
    db_test_exec(test->db, "ALTER TABLE mapping_fill RENAME TO mapping_away");
    sink = mapping_sink_start(
        &(MappingSinkSpec){.database_url = test->url, .every_us = US_PER_MS, .clock = &f.clock.clock, .mint = &f.mint});
    mapping_sink_take(sink, "acme", "search", tally);
    mapping_sink_note_credential(sink, "acme", true, STR("HTTP 401"));
    mapping_sink_note_credential(sink, "beta", true, STR("HTTP 403"));
    g_usleep(20000); /* time for a few attempts; however many there are, nothing may be lost */
    mapping_sink_note_credential(sink, "beta", false, STR_NONE);
    db_test_exec(test->db, "ALTER TABLE mapping_away RENAME TO mapping_fill");
    mapping_sink_stop(sink);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(seen) AS BIGINT) FROM mapping_fill WHERE field = 'title'"),
                    ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM mapping_quarantine"), ==, 1);
    g_assert_cmpint(db_test_int(test->db,
                                "SELECT COUNT(*) FROM source_credential WHERE source = 'acme' AND refused = 1 "
                                "AND message = 'HTTP 401'"),
                    ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM source_credential WHERE refused = 1"), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("quality", tallies_of_one_hour_add_up);
    DB_TEST("quality", the_quarantine_keeps_the_newest_of_each_source);
    DB_TEST("quality", a_record_with_a_NUL_is_kept_all_the_same);
    DB_TEST("quality", what_is_old_is_forgotten);
    DB_TEST("quality", the_sink_loses_no_count_of_many_threads);
    DB_TEST("quality", what_could_not_be_written_waits);
    return db_test_run();
}
