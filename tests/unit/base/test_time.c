#include "base/id.h"
#include "base/random.h"
#include "base/timestamp.h"

static int64_t
time_ok(const char *text, GTimeZone *zone)
{
    g_autoptr(GError) error = NULL;
    int64_t us = 0;

    if (!timestamp_parse(str_of(text), zone, &us, &error))
        g_error("%s", error->message);
    return us;
}

static void
moments_are_read_with_their_offset(void)
{
    g_assert_cmpint(time_ok("1970-01-01T00:00:00Z", NULL), ==, 0);
    g_assert_cmpint(time_ok("2008-10-03T10:44:19+0400", NULL), ==, INT64_C(1223016259000000));
    g_assert_cmpint(time_ok("2026-07-10T09:22:56-04:00", NULL), ==, time_ok("2026-07-10 13:22:56", NULL));
    g_assert_cmpint(time_ok("2026-01-01T00:00:00.1234567Z", NULL), ==, time_ok("2026-01-01", NULL) + 123456);
    g_assert_cmpint(time_ok("2000-02-29", NULL), ==, INT64_C(951782400000000));
    g_assert_cmpint(time_ok("0001-01-01", NULL), ==, INT64_C(-62135596800000000));
}

static void
a_time_without_offset_is_of_the_zone(void)
{
    g_autoptr(GTimeZone) new_york = g_time_zone_new_identifier("America/New_York");

    g_assert_nonnull(new_york);
    g_assert_cmpint(time_ok("2026-07-01 12:00:00", new_york), ==, time_ok("2026-07-01T16:00:00Z", NULL));
    g_assert_cmpint(time_ok("2026-01-01 12:00:00", new_york), ==, time_ok("2026-01-01T17:00:00Z", NULL));
    g_assert_cmpint(time_ok("2026-07-01T12:00:00Z", new_york), ==, time_ok("2026-07-01T12:00:00Z", NULL));
}

static void
dates_that_do_not_exist_are_refused(void)
{
    static const char *const BAD[] = {"2017-02-31",
                                      "2026-13-01",
                                      "2026-00-10",
                                      "0000-01-01",
                                      "2026-1-1",
                                      "2026-01-01T25:00:00",
                                      "2026-01-01T10:60:00",
                                      "2026-01-01T10",
                                      "2026-01-01x",
                                      "today",
                                      "",
                                      "2026-01-01T10:00:00+99:00",
                                      "2023-02-29",
                                      "2026-01-01T10:00:00."};

    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GError) error = NULL;
        int64_t us;

        g_assert_false(timestamp_parse(str_of(BAD[i]), NULL, &us, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
}

static void
formatting_and_parsing_are_each_others_inverse(void)
{
    SeededRandom random;
    char text[TIMESTAMP_TEXT_SIZE];

    seeded_random_init(&random, 3);
    for (int i = 0; i < 100000; i++) {
        int64_t us = (int64_t)random_below(&random.random, 315537897600000000u) - INT64_C(62135596800000000);

        g_assert_cmpint(time_ok(timestamp_format(us, text), NULL), ==, us);
    }
}

static void
a_day_is_the_zones_own(void)
{
    g_autoptr(GTimeZone) new_york = g_time_zone_new_identifier("America/New_York");
    char day[11];

    g_assert_cmpstr(timestamp_format_day(time_ok("2026-01-02T03:00:00Z", NULL), NULL, day), ==, "2026-01-02");
    g_assert_cmpstr(timestamp_format_day(time_ok("2026-01-02T03:00:00Z", NULL), new_york, day), ==, "2026-01-01");
    g_assert_cmpstr(timestamp_format_day(-1, NULL, day), ==, "1969-12-31");
}

static void
ids_rise_even_when_the_clock_steps_back(void)
{
    FakeClock clock;
    IdMint mint;
    Id last = 0;

    fake_clock_init(&clock, time_ok("2026-11-24", NULL));
    id_mint_init(&mint, &clock.clock, 511);
    for (int i = 0; i < 20000; i++) {
        Id id = id_mint(&mint);

        g_assert_cmpint(id, >, last);
        last = id;
        if (i % 100 == 0)
            clock.now += (i % 200 == 0 ? 3 : -2) * US_PER_MS;
    }
    g_assert_cmpint(ABS(id_time_us(last) - time_ok("2026-11-24", NULL)), <, US_PER_SECOND);
}

static void
ids_rise_also_when_their_mint_moves_to_another_node(void)
{
    FakeClock clock;
    IdMint mint;
    Id last = 0;

    fake_clock_init(&clock, time_ok("2026-11-24", NULL));
    id_mint_init(&mint, &clock.clock, 511);
    id_mint_move(&mint, 300); /* before the first one, too */
    for (unsigned node = 300; node > 0; node--) {
        for (int i = 0; i < 3; i++) {
            Id id = id_mint(&mint);

            g_assert_cmpint(id, >, last);
            g_assert_cmpint(id >> 13 & 511, ==, node);
            last = id;
        }
        id_mint_move(&mint, node - 1);
    }
}

static void
ids_and_their_text_are_each_others_inverse(void)
{
    SeededRandom random;
    char text[ID_TEXT_SIZE];
    Id id, back;

    seeded_random_init(&random, 4);
    for (int i = 0; i < 10000; i++) {
        id = (Id)(random_u64(&random.random) >> 1);
        g_assert_true(id_parse(str_of(id_format(id, text)), &back));
        g_assert_cmpint(back, ==, id);
    }
    g_assert_true(id_parse(STR("000000000oilo"), &back));
    g_assert_cmpint(back, ==, (Id)1 << 10 | 1 << 5);
    g_assert_false(id_parse(STR("8000000000000"), &back));
    g_assert_false(id_parse(STR("U000000000000"), &back));
    g_assert_false(id_parse(STR("00000"), &back));
}

typedef struct {
    IdMint *mint;
    Id ids[20000];
} Minter;

static gpointer
mint_many(gpointer data)
{
    Minter *minter = data;

    for (size_t i = 0; i < G_N_ELEMENTS(minter->ids); i++)
        minter->ids[i] = id_mint(minter->mint);
    return NULL;
}

static void
two_threads_never_mint_the_same_id(void)
{
    static Minter a, b;
    IdMint mint;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, NULL);
    GThread *thread;

    id_mint_init(&mint, clock_system(), 1);
    a.mint = b.mint = &mint;
    thread = g_thread_new("minter", mint_many, &a);
    mint_many(&b);
    g_thread_join(thread);
    for (size_t i = 0; i < G_N_ELEMENTS(a.ids); i++) {
        g_assert_true(g_hash_table_add(seen, &a.ids[i]));
        g_assert_true(g_hash_table_add(seen, &b.ids[i]));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/time/moments_are_read_with_their_offset", moments_are_read_with_their_offset);
    g_test_add_func("/time/a_time_without_offset_is_of_the_zone", a_time_without_offset_is_of_the_zone);
    g_test_add_func("/time/dates_that_do_not_exist_are_refused", dates_that_do_not_exist_are_refused);
    g_test_add_func("/time/formatting_and_parsing_are_each_others_inverse",
                    formatting_and_parsing_are_each_others_inverse);
    g_test_add_func("/time/a_day_is_the_zones_own", a_day_is_the_zones_own);
    g_test_add_func("/id/ids_rise_even_when_the_clock_steps_back", ids_rise_even_when_the_clock_steps_back);
    g_test_add_func("/id/ids_rise_also_when_their_mint_moves_to_another_node",
                    ids_rise_also_when_their_mint_moves_to_another_node);
    g_test_add_func("/id/ids_and_their_text_are_each_others_inverse", ids_and_their_text_are_each_others_inverse);
    g_test_add_func("/id/two_threads_never_mint_the_same_id", two_threads_never_mint_the_same_id);
    return g_test_run();
}
