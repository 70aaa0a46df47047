/* Real answers and feeds, as partners sent them, through the definitions: counts, and fields picked by hand. */
#include "support.h"

#define DATA "../shared/data/"

typedef struct {
    SourceSet *sets[2];
} Fixture;

static const Operation *
operation_of(const Fixture *f, const char *source)
{
    for (size_t i = 0; i < G_N_ELEMENTS(f->sets); i++) {
        const Source *found = source_set_find(f->sets[i], str_of(source));

        if (found != NULL)
            return source_search(found) != NULL ? source_search(found) : source_feed(found);
    }
    g_error("no source %s", source);
}

/* Reads the file twice, whole and in random pieces, and returns the second; both must agree. */
static bool
replay(const Fixture *f, const char *source, const char *file, const Question *question, Collected *ret_collected)
{
    g_autofree char *path = g_strconcat(DATA, file, NULL);
    SeededRandom random;
    gsize size;
    g_autofree char *bytes = read_project_file(path, &size);
    Question none = QUESTION_NONE;

    if (bytes == NULL) {
        g_test_skip("the recorded file is not here");
        return false;
    }
    seeded_random_init(&random, size);
    question = question != NULL ? question : &none;
    {
        g_auto(Collected) whole = collect(operation_of(f, source), question, 200, (Str){bytes, size}, true, NULL);

        *ret_collected = collect(operation_of(f, source), question, 200, (Str){bytes, size}, true, &random);
        g_assert_cmpuint(whole.listings->len, ==, ret_collected->listings->len);
        g_assert_cmpuint(whole.rejected->len, ==, ret_collected->rejected->len);
    }
    for (guint i = 0; i < ret_collected->rejected->len; i++)
        g_test_message("%s", (const char *)ret_collected->rejected->pdata[i]);
    g_assert_cmpint(ret_collected->status, ==, ANSWER_OK);
    return true;
}

static const Listing *
listing_at(const Collected *collected, guint i)
{
    g_assert_cmpuint(i, <, collected->listings->len);
    return &g_array_index(collected->listings, Listing, i);
}

static const Listing *
listing_with_id(const Collected *collected, const char *id)
{
    for (guint i = 0; i < collected->listings->len; i++) {
        if (str_is(listing_at(collected, i)->id, id))
            return listing_at(collected, i);
    }
    g_error("no listing %s", id);
}

static void
assert_text(Str actual, const char *expected)
{
    g_autofree char *copy = str_dup(actual);

    g_assert_cmpstr(copy, ==, expected);
}

static void
assert_moment(int64_t us, const char *expected)
{
    char text[TIMESTAMP_TEXT_SIZE];

    g_assert_cmpstr(us == TIMESTAMP_NONE ? "none" : timestamp_format(us, text), ==, expected);
}

static void
adzuna_gb(Fixture *f, gconstpointer unused)
{
    Question question = QUESTION_NONE;
    g_auto(Collected) c = {0};
    unsigned predicted = 0, placed = 0;
    const Listing *listing;

    (void)unused;
    question.country = STR("GB");
    question.per_page = 50;
    if (!replay(f, "adzuna", "json/adzuna-gb.json", &question, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 50);
    g_assert_cmpint(c.total, ==, 173);
    g_assert_true(c.has_next);
    g_assert_cmpint(c.next.page, ==, 2);
    for (guint i = 0; i < 50; i++) {
        predicted += listing_at(&c, i)->salary.predicted;
        placed += listing_at(&c, i)->has_position;
    }
    g_assert_cmpuint(predicted, ==, 26);
    g_assert_cmpuint(placed, ==, 15);
    listing = listing_at(&c, 0);
    assert_text(listing->id, "5346670339");
    assert_text(listing->title, "Senior Project Manager [Experience & Engineering]");
    assert_text(listing->company, "Dept");
    assert_text(listing->location, "London, UK");
    assert_text(listing->country, "GB");
    assert_text(listing->category, "IT Jobs");
    assert_moment(listing->posted_at_us, "2025-08-10T11:13:04Z");
    g_assert_cmpint(listing->salary.min_micros, ==, 44493920000);
    g_assert_cmpstr(listing->salary.currency.code, ==, "GBP");
    g_assert_cmpint(listing->salary.period, ==, PERIOD_YEAR);
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_CONTRACTOR);
    listing = listing_with_id(&c, "5346491974");
    assert_text(listing->title, "C#/GUI Developer Role");
    g_assert_cmpfloat(listing->latitude, ==, 51.523772);
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_FULL_TIME);
    g_assert_false(listing->salary.predicted);
}

static void
greenhouse(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "greenhouse-stripe", "json/greenhouse.json", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 2);
    g_assert_cmpint(c.total, ==, 37);
    listing = listing_with_id(&c, "8636903002");
    assert_text(listing->title, "Customer Data Scientist - Experimentation");
    assert_text(listing->company, "Amplitude");
    assert_text(listing->location, "London, UK");
    assert_moment(listing->posted_at_us, "2026-07-16T15:55:32Z");
    g_assert_true(str_starts_with(listing->description, STR("Amplitude is the leading AI analytics platform")));
    g_assert_cmpint((gint)str_find(listing->description, STR("&")), ==,
                    (gint)str_find(listing->description, STR("& ")));
    g_assert_cmpint((gint)str_find(listing->description, STR("<p")), ==, -1);
}

static void
lever(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "lever-spotify", "json/lever.json", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 2);
    g_assert_false(c.has_next);
    listing = listing_with_id(&c, "a24ec4e5-5caa-473d-abd4-b71f09a8167b");
    assert_text(listing->title, "(1099 Contract) Nonprofit Salesforce Consultant: Enterprise Project Manager");
    assert_text(listing->location, "Chicago, IL");
    assert_text(listing->country, "US");
    g_assert_cmpint(listing->remote, ==, REMOTE_YES);
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_CONTRACTOR);
    assert_moment(listing->posted_at_us, "2025-11-27T01:02:41.939Z");
    assert_text(listing->url, "https://jobs.lever.co/idealistconsulting/a24ec4e5-5caa-473d-abd4-b71f09a8167b");
}

static void
ashby(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "ashby-openai", "json/ashby.json", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 2);
    listing = listing_with_id(&c, "fc2f1f85-46a0-4a31-b165-683e39c07c04");
    assert_text(listing->title, "Senior Site Reliability Engineer");
    g_assert_cmpint(listing->salary.min_micros, ==, 102800000000);
    g_assert_cmpint(listing->salary.max_micros, ==, 137000000000);
    g_assert_cmpstr(listing->salary.currency.code, ==, "CAD");
    g_assert_cmpint(listing->salary.period, ==, PERIOD_YEAR);
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_FULL_TIME);
    assert_text(listing->country, "CA");
    assert_moment(listing->posted_at_us, "2026-07-08T19:48:19.767Z");
}

static void
remotive(Fixture *f, gconstpointer unused)
{
    Question question = QUESTION_NONE;
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "remotive", "json/remotive.json", &question, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 4);
    listing = listing_with_id(&c, "2091048");
    assert_text(listing->company, "Tribe Wellness");
    assert_text(listing->salary.text, "$55k - $100k");
    assert_moment(listing->posted_at_us, "2026-07-09T08:01:56Z");
    g_assert_cmpint(listing->remote, ==, REMOTE_YES);
    g_assert_cmphex(listing_with_id(&c, "2091047")->employment_types, ==, EMPLOYMENT_PART_TIME);
    g_assert_null(listing_with_id(&c, "2091047")->salary.text.at);
}

static void
remoteok_without_its_legal_notice(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "remoteok", "json/remoteok.json", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 4);
    g_assert_cmpuint(c.rejected->len, ==, 0);
    listing = listing_with_id(&c, "1134698");
    assert_text(listing->title, "Australian English Voice Actor Adelaide");
    assert_text(listing->company, "OpsArmy Careers");
    g_assert_false(listing->salary.has_min);
    assert_moment(listing->posted_at_us, "2026-07-10T02:20:45Z");
}

static void
jobicy(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "jobicy", "json/jobicy.json", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 4);
    listing = listing_with_id(&c, "146002");
    assert_text(listing->title, "Content Marketing Manager, Organic Growth (SEO & AEO)");
    assert_text(listing->category, "Marketing & Sales");
    g_assert_cmpint(listing->salary.min_micros, ==, 151000000000);
    g_assert_false(listing->salary.has_max);
    g_assert_cmpint(listing->salary.period, ==, PERIOD_YEAR);
    g_assert_cmphex(listing_with_id(&c, "145880")->employment_types, ==, EMPLOYMENT_CONTRACTOR);
}

static void
six_thousand_listings_of_simplify(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "simplify", "json/simplify-internships-2024-10-25.json", NULL, &c))
        return;
    /* 6,000 less 631 that are not visible, less 20 visible ones without URL. */
    g_assert_cmpuint(c.listings->len, ==, 5349);
    g_assert_cmpuint(c.dropped, ==, 20);
    listing = listing_with_id(&c, "98b2d671-3f03-430e-b18c-e5ddb8ce5035");
    assert_text(listing->title, "Product Development Intern");
    assert_text(listing->company, "Capital One");
    assert_text(listing->location, "McLean, VA; Plano, TX");
    assert_moment(listing->posted_at_us, "2023-05-12T04:00:00Z");
    listing = listing_with_id(&c, "e58c393a-175d-45cf-9fb7-86989c607a83");
    assert_text(listing->location, "Toronto, ON, Canada; SF; Remote in USA");
    g_assert_cmpint(listing->remote, ==, REMOTE_YES);
}

static void
check_hellowork(const Collected *c)
{
    const Listing *listing;

    g_assert_cmpuint(c->listings->len, ==, 5);
    listing = listing_with_id(c, "68087320");
    assert_text(listing->title, "Manager en Stratégie Management et Organisation H/F");
    assert_text(listing->location, "VINCENNES");
    assert_text(listing->country, "FR");
    assert_moment(listing->posted_at_us, "2024-01-30T22:21:39Z");
    g_assert_true(listing->has_bid);
    g_assert_cmpint(listing->bid.micros, ==, 280000);
    g_assert_cmpstr(listing->bid.currency.code, ==, "EUR");
    g_assert_cmpint(listing->remote, ==, REMOTE_NO);
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_FULL_TIME);
    g_assert_true(str_starts_with(listing->url,
                                  STR("https://r.holeest.com/redirect?poc=2&op=4368162035&o=0&from=https%3A%2F%2F")));
    g_assert_cmpfloat(listing_with_id(c, "68111676")->longitude, ==, 3.04783272312);
}

static void
hellowork_in_utf8_and_in_windows_1252(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, windows = {0};

    (void)unused;
    if (!replay(f, "hellowork", "xml/hellowork.xml", NULL, &utf8) ||
        !replay(f, "hellowork", "reencoded/hellowork.windows-1252.xml", NULL, &windows))
        return;
    check_hellowork(&utf8);
    check_hellowork(&windows);
}

static void
an_indeed_feed(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "indeed-feed", "xml/indeed-4corner-2026-06-15.xml", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 35);
    listing = listing_with_id(&c, "32439219");
    assert_text(listing->title, "IT Field Tech");
    assert_text(listing->location, "Lakeland, FL");
    assert_text(listing->country, "US");
    assert_moment(listing->posted_at_us, "2026-06-11T05:00:00Z");
    g_assert_cmpint(listing->salary.min_micros, ==, 16000000);
    g_assert_cmpint(listing->salary.max_micros, ==, 19000000);
    g_assert_cmpstr(listing->salary.currency.code, ==, "USD");
    g_assert_cmpint(listing->salary.period, ==, PERIOD_HOUR);
    g_assert_cmpint((gint)str_find(listing->description, STR("Florida's largest")), >, 0);
    g_assert_cmpint(listing_with_id(&c, "32423015")->remote, ==, REMOTE_YES);
}

static void
the_same_feed_in_utf16(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, utf16 = {0};

    (void)unused;
    if (!replay(f, "indeed-feed", "xml/indeed-talia-2026-03-18.xml", NULL, &utf8) ||
        !replay(f, "indeed-feed", "reencoded/indeed-talia-2026-03-18.utf-16le-bom.xml", NULL, &utf16))
        return;
    g_assert_cmpuint(utf8.listings->len, ==, 32);
    g_assert_cmpuint(utf16.listings->len, ==, 32);
    for (guint i = 0; i < 32; i++) {
        g_assert_true(str_equal(listing_at(&utf8, i)->title, listing_at(&utf16, i)->title));
        g_assert_true(str_equal(listing_at(&utf8, i)->url, listing_at(&utf16, i)->url));
    }
    assert_text(listing_at(&utf8, 0)->location, "Montpellier");
    assert_text(listing_at(&utf8, 0)->country, "FR");
}

static void
weworkremotely(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!replay(f, "weworkremotely", "xml/weworkremotely.rss", NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, 4);
    listing = listing_with_id(&c, "mathmo-maths-coach");
    assert_text(listing->title, "Maths Coach");
    assert_text(listing->company, "Mathmo");
    assert_text(listing->url, "https://weworkremotely.com/remote-jobs/mathmo-maths-coach");
    assert_moment(listing->posted_at_us, "2026-07-10T22:45:30Z");
    assert_moment(listing->expires_at_us, "2026-08-09T22:45:30Z");
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_CONTRACTOR);
    g_assert_true(str_starts_with(listing->description, STR("Headquarters: London")));
}

static void
check_jcyl(const Collected *c)
{
    const Listing *listing;
    unsigned placed = 0;

    g_assert_cmpuint(c->listings->len, ==, 701);
    for (guint i = 0; i < c->listings->len; i++)
        placed += listing_at(c, i)->has_position;
    g_assert_cmpuint(placed, ==, 701 - 131);
    listing = listing_with_id(c, "1285327199895");
    assert_text(listing->title, "JEFES DE EQUIPO EN TALLER ELECTROMECÁNICO");
    assert_text(listing->location, "Fabero, León");
    assert_text(listing->country, "ES");
    g_assert_cmpfloat(listing->latitude, ==, 42.770725);
    assert_moment(listing->posted_at_us, "2023-10-25T22:00:00Z");
}

static void
castilla_y_leon_in_utf8_and_in_iso_8859_15(Fixture *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, latin = {0};

    (void)unused;
    if (!replay(f, "jcyl", "csv/jcyl-ofertas-de-empleo-2023.csv", NULL, &utf8) ||
        !replay(f, "jcyl-latin", "reencoded/jcyl-ofertas-de-empleo-2023.iso-8859-15.csv", NULL, &latin))
        return;
    check_jcyl(&utf8);
    check_jcyl(&latin);
}

static void
setup(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    (void)unused;
    f->sets[0] = load_with_secrets("sources", &error);
    g_assert_no_error(error);
    f->sets[1] = load_with_secrets("tests/sources/definitions", &error);
    g_assert_no_error(error);
}

static void
teardown(Fixture *f, gconstpointer unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(f->sets); i++)
        source_set_unref(f->sets[i]);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(Fixture *f, gconstpointer unused);
    } TESTS[] = {
        {"adzuna_gb", adzuna_gb},
        {"greenhouse", greenhouse},
        {"lever", lever},
        {"ashby", ashby},
        {"remotive", remotive},
        {"remoteok_without_its_legal_notice", remoteok_without_its_legal_notice},
        {"jobicy", jobicy},
        {"six_thousand_listings_of_simplify", six_thousand_listings_of_simplify},
        {"hellowork_in_utf8_and_in_windows_1252", hellowork_in_utf8_and_in_windows_1252},
        {"an_indeed_feed", an_indeed_feed},
        {"the_same_feed_in_utf16", the_same_feed_in_utf16},
        {"weworkremotely", weworkremotely},
        {"castilla_y_leon_in_utf8_and_in_iso_8859_15", castilla_y_leon_in_utf8_and_in_iso_8859_15},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(TESTS); i++) {
        g_autofree char *path = g_strconcat("/sources/replay/", TESTS[i].name, NULL);

        g_test_add(path, Fixture, NULL, setup, TESTS[i].run, teardown);
    }
    return g_test_run();
}
