/* Real answers and feeds, as partners sent them, through the definitions: counts, and fields picked by hand. */
#include "recorded.h"

static void
adzuna_gb(Recorded *f, gconstpointer unused)
{
    Question question = QUESTION_NONE;
    g_auto(Collected) c = {0};
    unsigned predicted = 0, placed = 0;
    const Listing *listing;

    (void)unused;
    question.country = STR("GB");
    question.per_page = 50;
    if (!recorded_read(f, "adzuna", "json/adzuna-gb.json", &question, &c))
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
greenhouse(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "greenhouse-stripe", "json/greenhouse.json", NULL, &c))
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
lever(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "lever-spotify", "json/lever.json", NULL, &c))
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
ashby(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "ashby-openai", "json/ashby.json", NULL, &c))
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
remotive(Recorded *f, gconstpointer unused)
{
    Question question = QUESTION_NONE;
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "remotive", "json/remotive.json", &question, &c))
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
remoteok_without_its_legal_notice(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "remoteok", "json/remoteok.json", NULL, &c))
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
jobicy(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "jobicy", "json/jobicy.json", NULL, &c))
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
six_thousand_listings_of_simplify(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "simplify-internships", "json/simplify-internships-2024-10-25.json", NULL, &c))
        return;
    /* 6,000 less those that are closed or not visible. */
    g_assert_cmpuint(c.listings->len, ==, 1037);
    g_assert_cmpuint(c.dropped, ==, 0);
    listing = listing_with_id(&c, "1fb2b30d-600f-4c56-b969-6f058ba84996");
    assert_text(listing->title, "Software Engineer Intern");
    assert_text(listing->company, "Rocket Lab");
    assert_text(listing->category, "Summer 2024");
    assert_moment(listing->posted_at_us, "2023-05-19T04:00:00Z");
    g_assert_cmphex(listing->employment_types, ==, EMPLOYMENT_INTERN);
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
hellowork_in_utf8_and_in_windows_1252(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, windows = {0};

    (void)unused;
    if (!recorded_read(f, "hellowork-acme", "xml/hellowork.xml", NULL, &utf8) ||
        !recorded_read(f, "hellowork-acme", "reencoded/hellowork.windows-1252.xml", NULL, &windows))
        return;
    check_hellowork(&utf8);
    check_hellowork(&windows);
}

static void
an_indeed_feed(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "indeed-feed-acme", "xml/indeed-4corner-2026-06-15.xml", NULL, &c))
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
the_same_feed_in_utf16(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, utf16 = {0};

    (void)unused;
    if (!recorded_read(f, "indeed-feed-acme", "xml/indeed-talia-2026-03-18.xml", NULL, &utf8) ||
        !recorded_read(f, "indeed-feed-acme", "reencoded/indeed-talia-2026-03-18.utf-16le-bom.xml", NULL, &utf16))
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
weworkremotely(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) c = {0};
    const Listing *listing;

    (void)unused;
    if (!recorded_read(f, "weworkremotely", "xml/weworkremotely.rss", NULL, &c))
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
castilla_y_leon_in_utf8_and_in_iso_8859_15(Recorded *f, gconstpointer unused)
{
    g_auto(Collected) utf8 = {0}, latin = {0};

    (void)unused;
    if (!recorded_read(f, "jcyl", "csv/jcyl-ofertas-de-empleo-2023.csv", NULL, &utf8) ||
        !recorded_read(f, "jcyl-latin", "reencoded/jcyl-ofertas-de-empleo-2023.iso-8859-15.csv", NULL, &latin))
        return;
    check_jcyl(&utf8);
    check_jcyl(&latin);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(Recorded *f, gconstpointer unused);
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

        g_test_add(path, Recorded, NULL, recorded_setup, TESTS[i].run, recorded_teardown);
    }
    return g_test_run();
}
