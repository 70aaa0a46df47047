/* Cron: fields, dates, and the wall's clock when it is moved. */
#include "tasks/cron.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/timestamp.h"

#include <time.h>

static Cron
cron(const char *text)
{
    g_autoptr(GError) error = NULL;
    Cron parsed = {0};

    if (!cron_parse(str_of(text), &parsed, &error))
        g_assert_no_error(error);
    return parsed;
}

/* The moments that follow, each in UTC and separated by blanks, are those at which the rule is due. */
static void
assert_due(const char *rule, const char *zone_name, const char *after, const char *moments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GTimeZone) zone = cron_zone_new(zone_name, &error);
    g_auto(GStrv) expected = g_strsplit(moments, " ", -1);
    Cron parsed = cron(rule);
    int64_t at_us;

    g_assert_no_error(error);
    g_assert_true(timestamp_parse(str_of(after), NULL, &at_us, &error));
    for (int i = 0; expected[i] != NULL; i++) {
        char text[TIMESTAMP_TEXT_SIZE];

        at_us = cron_next(&parsed, zone, at_us);
        g_assert_cmpstr(timestamp_format(at_us, text), ==, expected[i]);
    }
}

static void
five_fields_say_when(void)
{
    assert_due("* * * * *", NULL, "2026-11-24T05:06:07Z", "2026-11-24T05:07:00Z 2026-11-24T05:08:00Z");
    assert_due("*/15 * * * *", NULL, "2026-11-24T05:30:00Z", "2026-11-24T05:45:00Z 2026-11-24T06:00:00Z");
    assert_due("30 6 * * mon-fri", NULL, "2026-11-27T07:00:00Z", "2026-11-30T06:30:00Z 2026-12-01T06:30:00Z");
    assert_due("0 0 1 JAN,jul *", NULL, "2026-11-24T00:00:00Z", "2027-01-01T00:00:00Z 2027-07-01T00:00:00Z");
    assert_due("5,10-12 8-10/2 * * *", NULL, "2026-11-24T08:10:30Z",
               "2026-11-24T08:11:00Z 2026-11-24T08:12:00Z 2026-11-24T10:05:00Z");
    assert_due("0 12 * * 0", NULL, "2026-11-24T00:00:00Z", "2026-11-29T12:00:00Z 2026-12-06T12:00:00Z");
    assert_due("0 12 * * 7", NULL, "2026-11-24T00:00:00Z", "2026-11-29T12:00:00Z 2026-12-06T12:00:00Z");
    assert_due("  0\t12  * * fri-7 ", NULL, "2026-11-24T00:00:00Z",
               "2026-11-27T12:00:00Z 2026-11-28T12:00:00Z 2026-11-29T12:00:00Z 2026-12-04T12:00:00Z");
    assert_due("59 23 31 12 *", NULL, "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z");
}

static void
day_or_weekday_is_enough_where_both_are_restricted(void)
{
    assert_due("0 0 13 * fri", NULL, "2026-11-10T00:00:00Z",
               "2026-11-13T00:00:00Z 2026-11-20T00:00:00Z 2026-11-27T00:00:00Z 2026-12-04T00:00:00Z "
               "2026-12-11T00:00:00Z 2026-12-13T00:00:00Z");
    /* A field that begins with a star does not count as restricted. */
    assert_due("0 0 */2 * mon", NULL, "2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z 2026-11-23T00:00:00Z");
}

static void
rare_dates_are_found_and_the_search_has_an_end(void)
{
    Cron leap = cron("0 0 29 2 *");
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    int64_t after_us;

    assert_due("0 0 29 2 *", NULL, "2026-11-24T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z");
    assert_due("0 0 29 2 *", NULL, "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z");
    assert_due("0 0 */28 2 sun", NULL, "2026-11-24T00:00:00Z", "2032-02-01T00:00:00Z 2032-02-29T00:00:00Z");
    g_assert_true(timestamp_parse(STR("2026-11-24"), NULL, &after_us, NULL));
    leap.months = 0;
    g_assert_cmpint(cron_next(&leap, utc, after_us), ==, CRON_NEVER);
}

static void
what_is_malformed_or_never_comes_is_refused(void)
{
    static const char *const REFUSED[][2] = {
        {"", "minute"},
        {"* * * *", "weekday"},
        {"* * * * * *", "more than five"},
        {"60 * * * *", "minute"},
        {"* 24 * * *", "hour"},
        {"* * 0 * *", "day"},
        {"* * 32 * *", "day"},
        {"* * * 13 *", "month"},
        {"* * * * 8", "weekday"},
        {"-1 * * * *", "minute"},
        {"+1 * * * *", "minute"},
        {"1, * * * *", "minute"},
        {",1 * * * *", "minute"},
        {"1-2-3 * * * *", "minute"},
        {"5-1 * * * *", "backwards"},
        {"* * * * fri-mon", "backwards"},
        {"5/2 * * * *", "step"},
        {"*/0 * * * *", "step"},
        {"*/ * * * *", "step"},
        {"*/99999999999999999999 * * * *", "step"},
        {"1-5/2/2 * * * *", "step"},
        {"** * * * *", "minute"},
        {"* * L * *", "day"},
        {"* * ? * *", "day"},
        {"* * * january *", "month"},
        {"@daily", "minute"},
        {"0 0 30 2 *", "never"},
        {"0 0 31 2,4,6,9,11 *", "never"},
    };
    g_autofree char *longer = g_strnfill(100000, '1');

    for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
        g_autoptr(GError) error = NULL;
        Cron parsed;

        g_assert_false(cron_parse(str_of(REFUSED[i][0]), &parsed, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        if (strstr(error->message, REFUSED[i][1]) == NULL)
            g_error("\"%s\" gave \"%s\"", REFUSED[i][0], error->message);
    }
    g_assert_false(cron_parse(str_of(longer), &(Cron){0}, NULL));
    cron("0 0 30 2 mon"); /* Mondays in February */
}

static void
only_names_of_the_tz_database_are_zones(void)
{
    static const char *const REFUSED[] = {"Mars/Base",           "tzdata.zi",      "leapseconds",   "Europe",
                                          "../../../etc/passwd", "/etc/localtime", "Europe/../UTC", "EST5EDT,M3",
                                          ":Europe/Berlin",      "Europe/Berlin ", "+02:00"};

    for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(cron_zone_new(REFUSED[i], &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
    assert_due("0 9 * * *", "Asia/Kolkata", "2026-11-24T00:00:00Z", "2026-11-24T03:30:00Z");
    assert_due("0 9 * * *", "America/Argentina/Buenos_Aires", "2026-11-24T00:00:00Z", "2026-11-24T12:00:00Z");
    assert_due("0 9 * * *", "", "2026-11-24T00:00:00Z", "2026-11-24T09:00:00Z");
}

static void
a_fixed_time_that_is_skipped_is_due_at_the_change(void)
{
    /* Berlin: 2026-03-29 02:00 becomes 03:00 at 01:00Z. */
    assert_due("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z",
               "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
    /* Several skipped times, and one at the change itself, are due once. */
    assert_due("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z 2026-03-29T01:30:00Z");
    /* Lord Howe moves by half an hour: 02:00 becomes 02:30. */
    assert_due("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
               "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z");
    /* Santiago skips midnight: the day begins at 01:00. */
    assert_due("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z 2026-09-07T03:00:00Z");
}

static void
a_fixed_time_that_is_repeated_is_due_once(void)
{
    /* Berlin: 2026-10-25 03:00 becomes 02:00 at 01:00Z. */
    assert_due("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
    /* Asked within the repeated hour. */
    assert_due("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z");
    assert_due("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z",
               "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z");
}

static void
wildcards_follow_the_time_that_passes(void)
{
    assert_due("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
               "2026-03-29T00:30:00Z 2026-03-29T01:00:00Z 2026-03-29T01:30:00Z");
    assert_due("30 * * * *", "Europe/Berlin", "2026-10-24T23:40:00Z",
               "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z");
    assert_due("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z");
    assert_due("*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z",
               "2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-26T01:00:00Z");
}

static void
a_day_that_a_zone_leaves_out_is_not_made_up_for(void)
{
    /* Samoa went from 2011-12-29 to 2011-12-31. */
    assert_due("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z",
               "2011-12-29T22:00:00Z 2011-12-30T22:00:00Z 2011-12-31T22:00:00Z");
    assert_due("0 12 30 * *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2012-01-29T22:00:00Z");
}

/* ---- against a model that looks at every minute ---- */

typedef struct {
    GString *text;
    bool has[5][64];
    bool star[5];
} Rule;

static const struct {
    int least, most;
} RANGES[] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};

static int
pick(Random *random, int least, int most)
{
    return least + (int)random_below(random, (uint64_t)(most - least + 1));
}

static void
rule_field(Rule *rule, int field, Random *random, int least, int most)
{
    int shape = pick(random, 0, 5), parts = pick(random, 1, 3);

    if (shape <= 1) {
        int step = shape == 0 ? 1 : pick(random, 1, most);

        rule->star[field] = true;
        g_string_append_printf(rule->text, shape == 0 ? "* " : "*/%d ", step);
        for (int i = RANGES[field].least; i <= RANGES[field].most; i += step)
            rule->has[field][i] = true;
        return;
    }
    for (int part = 0; part < parts; part++) {
        int from = pick(random, least, most), to = pick(random, from, most), step = pick(random, 1, 3);

        if (shape > 3)
            to = from;
        g_string_append_printf(rule->text, part > 0 ? ",%d" : "%d", from);
        if (to > from)
            g_string_append_printf(rule->text, "-%d/%d", to, step);
        for (int i = from; i <= to; i += step)
            rule->has[field][i] = true;
    }
    g_string_append_c(rule->text, ' ');
}

/* Hours around those at which clocks are moved, and days often enough to meet them. */
static void
rule_random(Rule *rule, Random *random)
{
    *rule = (Rule){.text = g_string_new(NULL)};
    rule_field(rule, 0, random, 0, 59);
    rule_field(rule, 1, random, 0, random_below(random, 3) == 0 ? 23 : 4);
    for (int field = 2; field < 5; field++)
        if (random_below(random, 4) == 0) {
            rule_field(rule, field, random, RANGES[field].least, RANGES[field].most);
        } else {
            g_string_append(rule->text, "* ");
            rule->star[field] = true;
            memset(rule->has[field], true, sizeof rule->has[field]);
        }
}

static bool
rule_matches(const Rule *rule, int64_t wall)
{
    time_t at = (time_t)wall;
    struct tm tm;
    bool day, weekday;

    gmtime_r(&at, &tm);
    day = rule->has[2][tm.tm_mday];
    weekday = rule->has[4][tm.tm_wday];
    return rule->has[0][tm.tm_min] && rule->has[1][tm.tm_hour] && rule->has[3][tm.tm_mon + 1] &&
           (rule->star[2] || rule->star[4] ? day && weekday : day || weekday);
}

static int64_t
wall_of(GTimeZone *zone, int64_t at)
{
    return at + g_time_zone_get_offset(zone, g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at));
}

/* As Vixie's cron does it: the latest minute of the wall's clock that was looked at, `seen`, only moves ahead, unless the
 * clock was corrected. Steps over zones whose minutes are not the world's (Monrovia until 1972). */
static GArray *
model(const Rule *rule, GTimeZone *zone, int64_t begin, int64_t end)
{
    GArray *due = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool fixed = !rule->star[0] && !rule->star[1];
    int64_t before = wall_of(zone, begin - 43200 - 60), seen = before;

    for (int64_t at = begin - 43200; at < end; at += 60) {
        int64_t wall = wall_of(zone, at), jump = wall - before - 60;
        bool fires = !fixed && rule_matches(rule, wall);

        if (ABS(jump) >= 10800)
            seen = wall - 60;
        for (; fixed && seen < wall; seen += 60)
            fires = fires || rule_matches(rule, seen + 60);
        if (fires && at >= begin)
            g_array_append_val(due, at);
        before = wall;
    }
    return due;
}

static void
compare_window(const char *zone_name, GTimeZone *zone, int64_t begin, int64_t days, Random *random)
{
    int64_t end = begin + days * 86400, at_us = (begin - 1) * US_PER_SECOND;
    g_autoptr(GArray) expected = NULL;
    Cron parsed;
    Rule rule;

    if ((wall_of(zone, begin - 86400) - begin) % 60 != 0 || (wall_of(zone, end) - end) % 60 != 0)
        return;
    rule_random(&rule, random);
    if (!cron_parse(str_of_gstring(rule.text), &parsed, NULL)) { /* a date that never comes */
        g_string_free(rule.text, TRUE);
        return;
    }
    expected = model(&rule, zone, begin, end);
    for (guint i = 0; i <= expected->len; i++) {
        int64_t next_us = cron_next(&parsed, zone, at_us);
        int64_t wanted_us = i < expected->len ? g_array_index(expected, int64_t, i) * US_PER_SECOND : INT64_MAX;
        char got[TIMESTAMP_TEXT_SIZE], want[TIMESTAMP_TEXT_SIZE];

        g_assert_cmpint(next_us, >, at_us);
        if (i < expected->len ? next_us != wanted_us : next_us < end * US_PER_SECOND)
            g_error("\"%s\" in %s: %s instead of %s", rule.text->str, zone_name, timestamp_format(next_us, got),
                    i < expected->len ? timestamp_format(wanted_us, want) : "none");
        at_us = next_us;
    }
    g_string_free(rule.text, TRUE);
}

static int64_t
a_change_of(GTimeZone *zone, Random *random)
{
    int64_t low = 86400 * 400, high = INT64_C(2145916800); /* 1971 to 2038 */
    int first = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, low);
    int last = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, high);
    int wanted = last > first ? pick(random, first + 1, last) : first;

    if (last == first)
        return low + (int64_t)random_below(random, (uint64_t)(high - low)) / 60 * 60;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, middle) >= wanted)
            high = middle;
        else
            low = middle;
    }
    return high / 60 * 60;
}

static void
compare_folder(const char *folder, const char *prefix, Random *random, int *zones)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *zone_name = g_strconcat(prefix, name, NULL);
        g_autofree char *within = g_strconcat(zone_name, "/", NULL);
        g_autoptr(GTimeZone) zone = NULL;

        if (strcmp(name, "right") == 0 || strcmp(name, "posix") == 0 || strchr(name, '.') != NULL)
            continue;
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            compare_folder(path, within, random, zones);
            continue;
        }
        if ((zone = cron_zone_new(zone_name, NULL)) == NULL)
            continue;
        compare_window(zone_name, zone, a_change_of(zone, random) - 86400, 2, random);
        compare_window(zone_name, zone, a_change_of(zone, random) - 43200, 1, random);
        ++*zones;
    }
}

static void
every_zone_agrees_with_looking_at_every_minute(void)
{
    SeededRandom random;
    int zones = 0;

    seeded_random_init(&random, g_test_thorough() ? (uint64_t)g_test_rand_int() : 20261124);
    compare_folder("/usr/share/zoneinfo", "", &random.random, &zones);
    if (zones == 0)
        g_test_skip("there is no tz database");
    else
        g_assert_cmpint(zones, >, 300);
}

#define ADD(fn) add_test(#fn, fn)
static void
add_test(const char *name, void (*fn)(void))
{
    g_autofree char *path = g_strconcat("/tasks/cron/", name, NULL);

    g_test_add_func(g_strdelimit(path, "_", ' '), fn);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(five_fields_say_when);
    ADD(day_or_weekday_is_enough_where_both_are_restricted);
    ADD(rare_dates_are_found_and_the_search_has_an_end);
    ADD(what_is_malformed_or_never_comes_is_refused);
    ADD(only_names_of_the_tz_database_are_zones);
    ADD(a_fixed_time_that_is_skipped_is_due_at_the_change);
    ADD(a_fixed_time_that_is_repeated_is_due_once);
    ADD(wildcards_follow_the_time_that_passes);
    ADD(a_day_that_a_zone_leaves_out_is_not_made_up_for);
    ADD(every_zone_agrees_with_looking_at_every_minute);
    return g_test_run();
}
