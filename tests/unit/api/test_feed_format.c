/* How listings leave: every format holds what a hostile partner may have written. */
#include "api/feed_format.h"
#include "base/clock.h"

static Listing
plain_listing(void)
{
    return (Listing){.source = STR("acme"),
                     .id = STR("17"),
                     .title = STR("Welder"),
                     .company = STR("Acme"),
                     .url = STR("https://acme.example/17"),
                     .posted_at_us = TIMESTAMP_NONE,
                     .expires_at_us = TIMESTAMP_NONE};
}

static GString *
feed_of(FeedFormat format, const Listing *listing)
{
    GString *feed = g_string_new(NULL);

    feed_format_begin(format, "https://feed.example", INT64_C(1793606400) * US_PER_SECOND, feed);
    feed_format_item(format,
                     &(FeedItem){.listing = listing, .url = STR("https://feed.example/c/x"), .partner = "Acme Network"},
                     feed);
    feed_format_end(format, feed);
    return feed;
}

static void
assert_holds(FeedFormat format, Listing listing, const char *text)
{
    g_autoptr(GString) feed = feed_of(format, &listing);

    if (strstr(feed->str, text) == NULL)
        g_error("\"%s\" is not in:\n%s", text, feed->str);
}

static void
a_feed_in_indeed_s_form_has_its_elements(void)
{
    Listing listing = plain_listing();

    listing.posted_at_us = INT64_C(1793606400) * US_PER_SECOND;
    listing.employment_types = EMPLOYMENT_FULL_TIME | EMPLOYMENT_PART_TIME;
    listing.remote = REMOTE_YES;
    listing.language = STR("pt-BR");
    listing.salary = (Salary){.has_min = true,
                              .has_max = true,
                              .min_micros = 20 * MICROS_PER_UNIT,
                              .max_micros = 25 * MICROS_PER_UNIT + 500000,
                              .currency = {"USD"},
                              .period = PERIOD_HOUR};
    assert_holds(FEED_XML, listing, "<lastBuildDate>Mon, 02 Nov 2026 08:00:00 GMT</lastBuildDate>");
    assert_holds(FEED_XML, listing, "<title><![CDATA[Welder]]></title>");
    assert_holds(FEED_XML, listing, "<date><![CDATA[2026-11-02T08:00:00Z]]></date>");
    assert_holds(FEED_XML, listing, "<requisitionid><![CDATA[17]]></requisitionid>");
    assert_holds(FEED_XML, listing, "<url><![CDATA[https://feed.example/c/x]]></url>");
    assert_holds(FEED_XML, listing, "<jobtype><![CDATA[fulltime, parttime]]></jobtype>");
    assert_holds(FEED_XML, listing, "<salary><![CDATA[20.00 - 25.50 USD / hour]]></salary>");
    assert_holds(FEED_XML, listing, "<language><![CDATA[pt-BR]]></language>");
    assert_holds(FEED_XML, listing, "<remotetype><![CDATA[Fully remote]]></remotetype>");
    assert_holds(FEED_XML, listing, "</job>\n</source>\n");
}

static void
no_text_ends_a_cdata_section_or_begins_a_tag(void)
{
    Listing listing = plain_listing();

    listing.title = STR("A ]]> B\x01\xef\xbf\xbf"
                        "C");
    assert_holds(FEED_XML, listing, "<title><![CDATA[A ]]]]><![CDATA[> BC]]></title>");
    listing.title = STR("A ]\x01]\xef\xbf\xbf> B");
    assert_holds(FEED_XML, listing, "<title><![CDATA[A ]]]]><![CDATA[> B]]></title>");
    listing.description = STR("one <script>alert(1)</script>\ntwo ]]>");
    assert_holds(FEED_XML, listing,
                 "<![CDATA[one &lt;script>alert(1)&lt;/script><br>\ntwo ]]]]><![CDATA[>]]></description>");
}

static void
a_cell_never_begins_a_formula(void)
{
    static const char *const FORMULAS[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", "\n=x", "＝1"};
    Listing listing = plain_listing();

    for (size_t i = 0; i < G_N_ELEMENTS(FORMULAS); i++) {
        g_autofree char *cell = g_strdup_printf(",\"'%s\",", FORMULAS[i]);

        listing.title = str_of(FORMULAS[i]);
        assert_holds(FEED_CSV, listing, cell);
    }
    listing.title = STR("He said \"welder, please\"\nand left");
    assert_holds(FEED_CSV, listing, ",\"He said \"\"welder, please\"\"\nand left\",");
    listing.title = STR("Welder = good");
    assert_holds(FEED_CSV, listing, ",Welder = good,");
}

static void
numbers_of_ours_are_no_formulas_and_absent_ones_are_empty(void)
{
    Listing listing = plain_listing();

    assert_holds(FEED_CSV, listing, ",acme,17,Welder,Acme,,,,,,,,,,,,,,,,,,Acme Network,,https://feed.example/c/x\r\n");
    listing.has_position = true;
    listing.latitude = -33.5;
    listing.longitude = -70.25;
    assert_holds(FEED_CSV, listing, ",-33.500000,-70.250000,");
}

static void
every_line_of_csv_has_as_many_cells_as_its_head(void)
{
    Listing listing = plain_listing();
    g_autoptr(GString) feed = feed_of(FEED_CSV, &listing);
    g_auto(GStrv) lines = g_strsplit(feed->str, "\r\n", -1);
    g_auto(GStrv) head = g_strsplit(lines[0], ",", -1), cells = g_strsplit(lines[1], ",", -1);

    g_assert_cmpuint(g_strv_length(head), ==, 25);
    g_assert_cmpuint(g_strv_length(cells), ==, 25);
}

static void
a_line_of_json_is_one_listing(void)
{
    Listing listing = plain_listing();

    listing.title = STR("Two\nlines \"quoted\"");
    assert_holds(FEED_NDJSON, listing, "\"title\":\"Two\\nlines \\\"quoted\\\"\"");
    assert_holds(FEED_NDJSON, listing, "\"url\":\"https://feed.example/c/x\"}\n");
}

static void
formats_are_known_by_name(void)
{
    FeedFormat format;

    g_assert_true(feed_format_parse(STR("csv"), &format) && format == FEED_CSV);
    g_assert_false(feed_format_parse(STR("pdf"), &format));
    for (int i = FEED_NDJSON; i <= FEED_CSV; i++)
        g_assert_true(feed_format_parse(str_of(feed_format_name((FeedFormat)i)), &format) && format == (FeedFormat)i);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/a_feed_in_indeed_s_form_has_its_elements", a_feed_in_indeed_s_form_has_its_elements);
    g_test_add_func("/api/no_text_ends_a_cdata_section_or_begins_a_tag", no_text_ends_a_cdata_section_or_begins_a_tag);
    g_test_add_func("/api/a_cell_never_begins_a_formula", a_cell_never_begins_a_formula);
    g_test_add_func("/api/numbers_of_ours_are_no_formulas_and_absent_ones_are_empty",
                    numbers_of_ours_are_no_formulas_and_absent_ones_are_empty);
    g_test_add_func("/api/every_line_of_csv_has_as_many_cells_as_its_head",
                    every_line_of_csv_has_as_many_cells_as_its_head);
    g_test_add_func("/api/a_line_of_json_is_one_listing", a_line_of_json_is_one_listing);
    g_test_add_func("/api/formats_are_known_by_name", formats_are_known_by_name);
    return g_test_run();
}
