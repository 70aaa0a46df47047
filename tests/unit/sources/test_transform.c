/* Transforms: each row is a field expression, a record, and what must come of it; a lost value says why. */
#include "support.h"

typedef struct {
    const char *expression, *record, *expected; /* NULL: absent */
} Case;

static void
check_all(const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autofree char *rejected = check_expression(cases[i].expression, cases[i].record, cases[i].expected);

        g_assert_cmpstr(rejected, ==, "");
    }
}

#define CHECK(...)                                                                                                     \
    static const Case CASES[] = {__VA_ARGS__};                                                                         \
    check_all(CASES, G_N_ELEMENTS(CASES));

/* The value is lost, and the report of it has these words. */
static void
check_lost(const char *expression, const char *record, const char *words)
{
    g_autofree char *rejected = check_expression(expression, record, NULL);

    g_assert_nonnull(strstr(rejected, words));
    g_assert_nonnull(strstr(rejected, "kept"));
}

static void
check_refused(const char *expression, const char *words)
{
    g_autofree char *yaml = g_strdup_printf("source: x\npartner: X\nfeed:\n  get: https://x.example/\n"
                                            "  answer: {json: '[*]'}\n  listing:\n    title: t\n    url: u\n"
                                            "    description: %s\n",
                                            expression);

    assert_mistake(yaml, "x.yaml:9: description");
    assert_mistake(yaml, words);
}

static void
entities_are_decoded_as_often_as_they_were_encoded(void)
{
    CHECK({"a | decode", "{\"a\": \"R&amp;amp;D\"}", "R&amp;D"}, {"a | decode(2)", "{\"a\": \"R&amp;amp;D\"}", "R&D"},
          {"a | decode(3)", "{\"a\": \"&amp;amp;lt;b&amp;amp;gt;\"}", "<b>"})
    check_refused("a | decode(0)", "no whole number");
    check_refused("a | decode(6)", "at most 5");
}

static void
texts_are_truncated_between_characters(void)
{
    CHECK({"a | truncate(4)", "{\"a\": \"caf\\u00e9s\"}", "caf\u00e9"},
          {"a | truncate(4)", "{\"a\": \"caf\\u00e9\"}", "caf\u00e9"},
          {"a | truncate(2)", "{\"a\": \"\\u6771\\u4eac\\u90fd\"}", "\u6771\u4eac"},
          {"a | truncate(6, '...')", "{\"a\": \"Senior developer\"}", "Senior..."})
}

static void
regular_expressions_extract_and_replace(void)
{
    CHECK({"a | regex('Ref: (\\w+)')", "{\"a\": \"Nurse, Ref: AB12, Leeds\"}", "AB12"},
          {"a | regex('\\d+')", "{\"a\": \"about 40 hours\"}", "40"}, {"a | regex('\\d+')", "{\"a\": \"none\"}", NULL},
          {"a | regex('(\\d+)-(\\d+)', 2)", "{\"a\": \"10-20\"}", "20"},
          {"a | regex('(x)|(y)', 1)", "{\"a\": \"y\"}", NULL},
          {"a | regex('(?i)REMOTE')", "{\"a\": \"100% remote\"}", "remote"},
          {"a | regex('^\\p{Lu}\\w+')", "{\"a\": \"\\u00c9cole de m\\u00e9decine\"}", "\u00c9cole"},
          {"a | regex_replace('\\s*\\([mfdw/]+\\)', '')", "{\"a\": \"Koch (m/w/d) gesucht\"}", "Koch gesucht"},
          {"a | regex_replace('(\\w+), (\\w+)', '$2 $1')", "{\"a\": \"Doe, Jane\"}", "Jane Doe"},
          {"a | regex_replace('x', '$$')", "{\"a\": \"5x\"}", "5$"})
    check_refused("a | regex('(')", "pattern \"(\"");
    check_refused("a | regex('a', 1)", "no group");
    check_refused("a | regex_replace('(a)', '$2')", "has 1 groups");
}

static void
a_pattern_that_runs_away_costs_one_value(void)
{
    g_autofree char *record = NULL;
    GString *text = g_string_new("{\"a\": \"");

    for (unsigned i = 0; i < 5000; i++)
        g_string_append_c(text, 'a');
    g_string_append(text, "\"}");
    record = g_string_free(text, FALSE);
    check_lost("a | regex('(a+)+$|^(a|aa)+b')", "{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}",
               "bounds");
    check_lost("a | regex('^(a|aa)+b')", record, "bounds");
}

static void
bytes_and_urls_are_encoded(void)
{
    CHECK({"a | base64", "{\"a\": \"10001-1003054884-S\"}", "MTAwMDEtMTAwMzA1NDg4NC1T"},
          {"a | base64_decode", "{\"a\": \"TnVyc2U=\"}", "Nurse"},
          {"a | url_encode", "{\"a\": \"c++ & go\"}", "c%2B%2B%20%26%20go"})
    check_lost("a | base64_decode", "{\"a\": \"no base64!\"}", "is no base64");
}

static void
repeated_values_are_left_out(void)
{
    CHECK({"a | unique | join('; ')", "{\"a\": [\"Leeds\", \"York\", \"Leeds\"]}", "Leeds; York"})
}

static void
json_within_a_text_is_read(void)
{
    CHECK(
        {"a | json(pay.min)", "{\"a\": \"{\\\"pay\\\": {\\\"min\\\": 12345678901234567890}}\"}",
         "12345678901234567890"},
        {"a | json(skills[*]) | join(', ')", "{\"a\": \"{\\\"skills\\\": [\\\"C\\\", null, \\\"SQL\\\"]}\"}", "C, SQL"},
        {"a | json(b) | json(c)", "{\"a\": \"{\\\"b\\\": \\\"{\\\\\\\"c\\\\\\\": 7}\\\"}\"}", "7"},
        {"a | json(x)", "{\"a\": \"{}\"}", NULL})
    check_lost("a | json(x)", "{\"a\": \"{\\\"x\\\": \"}", "is no JSON");
    check_refused("a | json('x[')", "column");
}

static void
numbers_are_scaled_exactly(void)
{
    CHECK({"a | times(1000)", "{\"a\": 27.5}", "27500.00"}, {"a | divide(100)", "{\"a\": 1999}", "19.99"})
    check_lost("a | divide(3)", "{\"a\": 10}", "without a rest");
    check_lost("a | times(1000000)", "{\"a\": 9999999999999}", "multiplied");
}

static void
ranges_of_pay_are_read_from_their_words(void)
{
    CHECK({"a | range_low", "{\"a\": \"\\u00a320k - \\u00a325k pa\"}", "20000.00"},
          {"a | range_high", "{\"a\": \"\\u00a320k - \\u00a325k pa\"}", "25000.00"},
          {"a | range_low", "{\"a\": \"20-25k\"}", "20000.00"}, {"a | range_high", "{\"a\": \"20k-25k\"}", "25000.00"},
          {"a | range_low('1,234.56')", "{\"a\": \"$55,000.00 to $70,000.00 a year\"}", "55000.00"},
          {"a | range_high('1.234,56')", "{\"a\": \"1.800,50 bis 2.000 EUR\"}", "2000.00"},
          {"a | range_low('1,234.56')", "{\"a\": \"Up to $30,000\"}", NULL},
          {"a | range_high('1,234.56')", "{\"a\": \"Up to $30,000\"}", "30000.00"},
          {"a | range_low('1,234.56')", "{\"a\": \"$30,000+\"}", "30000.00"},
          {"a | range_high('1,234.56')", "{\"a\": \"$30,000+\"}", NULL},
          {"a | range_high", "{\"a\": \"from 12.50\"}", NULL},
          {"a | range_high", "{\"a\": \"\\u00a312.50 per hour, 37.5 hours\"}", "12.50"},
          {"a | range_low", "{\"a\": \"25 - 20\"}", "20.00"}, {"a | range_low", "{\"a\": \"Competitive\"}", NULL})
    check_lost("a | range_low", "{\"a\": \"20,000 - 25,000\"}", "is no number or range of numbers written as 1234.56");
}

static void
currencies_are_found_in_a_text(void)
{
    CHECK({"a | currency", "{\"a\": \"\\u00a320k\"}", "GBP"}, {"a | currency", "{\"a\": \"25000 eur p.a.\"}", "EUR"},
          {"a | currency", "{\"a\": \"R$ 5.000\"}", "BRL"}, {"a | currency", "{\"a\": \"$20\"}", NULL},
          {"a | currency(CAD)", "{\"a\": \"$20\"}", "CAD"}, {"a | currency(CAD)", "{\"a\": \"US$20\"}", "USD"},
          {"a | currency", "{\"a\": \"US$55k (\\u20ac50k)\"}", "USD"},
          {"a | currency", "{\"a\": \"euromaster\"}", NULL})
    check_refused("a | currency(dollars)", "no currency");
}

static void
yes_and_no_have_many_words(void)
{
    CHECK({"a | boolean", "{\"a\": 0}", "false"}, {"a | boolean", "{\"a\": \"Y\"}", "true"},
          {"a | boolean", "{\"a\": true}", "true"}, {"a | boolean", "{\"a\": \"Nein\"}", "false"},
          {"a | boolean | is('true')", "{\"a\": \"No\"}", NULL})
    check_lost("a | boolean", "{\"a\": \"maybe\"}", "is no yes or no");
}

static void
names_of_months_are_read_in_their_languages(void)
{
    CHECK({"a | time('%d. %b %Y', UTC)", "{\"a\": \"3. März 2026\"}", "2026-03-03T00:00:00Z"},
          {"a | time('%d %b %Y', UTC)", "{\"a\": \"1er AOÛT 2026\"}", "2026-08-01T00:00:00Z"},
          {"a | time('%d %b %Y', UTC)", "{\"a\": \"14 juil. 2026\"}", "2026-07-14T00:00:00Z"},
          {"a | time('%a, %d de %b de %Y', UTC)", "{\"a\": \"sábado, 5 de dezembro de 2026\"}", "2026-12-05T00:00:00Z"},
          {"a | time('%a %b %d, %Y at %I:%M %p', UTC)", "{\"a\": \"Tue Nov 24th, 2026 at 3:05 p.m.\"}",
           "2026-11-24T15:05:00Z"},
          {"a | time('%d%b%y', UTC)", "{\"a\": \"24NOV26\"}", "2026-11-24T00:00:00Z"},
          {"a | time('%d %b %Y', UTC)", "{\"a\": \"12 października 2026\"}", "2026-10-12T00:00:00Z"})
    check_lost("a | time('%d %b %Y')", "{\"a\": \"24 Nonember 2026\"}", "is no time as expected");
}

static void
a_time_may_be_written_in_several_ways(void)
{
    CHECK({"a | time('%d/%m/%Y', '%Y-%m-%d', epoch_ms)", "{\"a\": \"24/11/2026\"}", "2026-11-23T23:00:00Z"},
          {"a | time('%d/%m/%Y', '%Y-%m-%d', epoch_ms)", "{\"a\": \"2026-11-24\"}", "2026-11-23T23:00:00Z"},
          {"a | time('%d/%m/%Y', '%Y-%m-%d', epoch_ms)", "{\"a\": 1764205361939}", "2025-11-27T01:02:41.939Z"},
          {"a | time('%d/%m/%Y', rfc1123, 'America/New_York')", "{\"a\": \"24/11/2026\"}", "2026-11-24T05:00:00Z"},
          {"a | time(rfc3339, 'Asia/Tokyo')", "{\"a\": \"2026-11-24T00:00:00\"}", "2026-11-23T15:00:00Z"})
    check_lost("a | time('%d/%m/%Y', '%Y-%m-%d')", "{\"a\": \"31/02/2026\"}", "is no time as expected");
    check_refused("a | time('%Q')", "no pattern");
    check_refused("a | time('Europe/Nowhere')", "no time zone");
    check_refused("a | time('Europe/Paris', '%Y')", "no time zone");
}

static void
relative_times_count_from_when_they_were_read(void)
{
    CHECK({"a | time(relative)", "{\"a\": \"3 days ago\"}", "2026-11-20T23:00:00Z"},
          {"a | time(relative)", "{\"a\": \"Posted 2 hours ago\"}", "2026-11-24T10:00:00Z"},
          {"a | time(relative)", "{\"a\": \"an hour ago\"}", "2026-11-24T11:00:00Z"},
          {"a | time(relative)", "{\"a\": \"5d\"}", "2026-11-18T23:00:00Z"},
          {"a | time(relative)", "{\"a\": \"Posted Yesterday\"}", "2026-11-22T23:00:00Z"},
          {"a | time(relative)", "{\"a\": \"Just posted\"}", "2026-11-23T23:00:00Z"},
          {"a | time(relative)", "{\"a\": \"Posted 30+ Days Ago\"}", NULL},
          {"a | time(relative)", "{\"a\": \"il y a 2 semaines\"}", "2026-11-09T23:00:00Z"},
          {"a | time(relative)", "{\"a\": \"vor einem Monat\"}", "2026-10-23T22:00:00Z"},
          {"a | time(age_days)", "{\"a\": 3}", "2026-11-20T23:00:00Z"},
          {"a | url_param(jobAge) | time(age_hours)", "{\"a\": \"https://x/?jobAge=62\"}", "2026-11-21T22:00:00Z"},
          {"a | time(relative, rfc3339)", "{\"a\": \"2026-01-02T03:04:05Z\"}", "2026-01-02T03:04:05Z"})
    check_lost("a | time(relative)", "{\"a\": \"soon\"}", "is no time");
    check_lost("a | time(age_days)", "{\"a\": -1}", "is no time");
    check_lost("a | time(age_days)", "{\"a\": 99999999}", "is no time");
}

static void
html_is_made_safe(void)
{
    CHECK({"a | html_safe", "{\"a\": \"<p onclick=x>A &amp; <b>B</b></p><script>alert(1)</script>\"}",
           "<p>A &amp; <b>B</b></p>"})
}

static void
a_format_is_absent_when_a_part_of_it_is(void)
{
    CHECK(
        {"{format: \"{city} ({state})\", city: loc.city, state: \"loc.state | upper\"}",
         "{\"loc\": {\"city\": \"Austin\", \"state\": \"tx\"}}", "Austin (TX)"},
        {"{format: \"{city} ({state})\", city: loc.city, state: loc.state}", "{\"loc\": {\"city\": \"Austin\"}}", NULL},
        {"{format: \"https://{board}.example/{id}\", id: \"id | url_encode\"}", "{\"id\": \"a b\"}",
         "https://acme.example/a%20b"})
    check_refused("{format: \"{city\", city: c}", "does not stand in the format");
    check_refused("{format: \"{town}\"}", "unknown placeholder");
    check_refused("{format: \"{city}\", city: c, state: s}", "{state} does not stand");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/entities_are_decoded_as_often_as_they_were_encoded",
                    entities_are_decoded_as_often_as_they_were_encoded);
    g_test_add_func("/sources/texts_are_truncated_between_characters", texts_are_truncated_between_characters);
    g_test_add_func("/sources/regular_expressions_extract_and_replace", regular_expressions_extract_and_replace);
    g_test_add_func("/sources/a_pattern_that_runs_away_costs_one_value", a_pattern_that_runs_away_costs_one_value);
    g_test_add_func("/sources/bytes_and_urls_are_encoded", bytes_and_urls_are_encoded);
    g_test_add_func("/sources/repeated_values_are_left_out", repeated_values_are_left_out);
    g_test_add_func("/sources/json_within_a_text_is_read", json_within_a_text_is_read);
    g_test_add_func("/sources/numbers_are_scaled_exactly", numbers_are_scaled_exactly);
    g_test_add_func("/sources/ranges_of_pay_are_read_from_their_words", ranges_of_pay_are_read_from_their_words);
    g_test_add_func("/sources/currencies_are_found_in_a_text", currencies_are_found_in_a_text);
    g_test_add_func("/sources/yes_and_no_have_many_words", yes_and_no_have_many_words);
    g_test_add_func("/sources/names_of_months_are_read_in_their_languages",
                    names_of_months_are_read_in_their_languages);
    g_test_add_func("/sources/a_time_may_be_written_in_several_ways", a_time_may_be_written_in_several_ways);
    g_test_add_func("/sources/relative_times_count_from_when_they_were_read",
                    relative_times_count_from_when_they_were_read);
    g_test_add_func("/sources/html_is_made_safe", html_is_made_safe);
    g_test_add_func("/sources/a_format_is_absent_when_a_part_of_it_is", a_format_is_absent_when_a_part_of_it_is);
    return g_test_run();
}
