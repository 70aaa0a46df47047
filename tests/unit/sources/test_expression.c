/* Each row is a field expression, a record, and what must come of it. */
#include "support.h"

typedef struct {
    const char *expression, *record, *expected; /* NULL: absent */
} Case;

static void
check(const Case *c)
{
    g_autofree char *rejected = check_expression(c->expression, c->record, c->expected);
}

#define CHECK(...)                                                                                                     \
    static const Case CASES[] = {__VA_ARGS__};                                                                         \
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)                                                                   \
        check(&CASES[i]);

static void
a_path_a_constant_or_a_variable_gives_the_value(void)
{
    CHECK({"a", "{\"a\": \"x\"}", "x"}, {"a.b", "{\"a\": {\"b\": 7}}", "7"}, {"a", "{\"a\": null}", NULL},
          {"a", "{\"a\": \"  \"}", NULL}, {"a", "{}", NULL},
          {"'it''s {not} a placeholder'", "{}", "it's {not} a placeholder"}, {"= for {board}", "{}", "for acme"},
          {"{country} | upper", "{}", "GB"}, {"\"0-key\"", "{\"0-key\": \"x\"}", "x"},
          {"id", "{\"id\": -9007199254740993123}", "-9007199254740993123"})
}

static void
the_first_alternative_that_is_not_empty_wins(void)
{
    CHECK({"a or b", "{\"a\": \"\", \"b\": \"y\"}", "y"}, {"a or b or 'z'", "{}", "z"},
          {"a or b | upper", "{\"b\": \"y\"}", "Y"},
          {"(a | time(epoch_s)) or (b | time)", "{\"b\": \"2026-01-02T03:04:05Z\"}", "2026-01-02T03:04:05Z"},
          {"order", "{\"order\": \"x\"}", "x"})
}

static void
lists_are_joined_and_split(void)
{
    CHECK({"[city, state] | join(', ')", "{\"city\": \"Austin\", \"state\": \"TX\"}", "Austin, TX"},
          {"[city, state] | join(', ')", "{\"state\": \"TX\"}", "TX"},
          {"a[*] | join('; ')", "{\"a\": [\"x\", null, \"y\"]}", "x; y"},
          {"a[*] | last", "{\"a\": [\"x\", \"y\"]}", "y"}, {"a | split(',', 1)", "{\"a\": \"x, y\"}", "y"},
          {"a | split(',', -1)", "{\"a\": \"x,y,z\"}", "z"}, {"a | split(',', 5)", "{\"a\": \"x,y\"}", NULL},
          {"a | split('/') | join('+')", "{\"a\": \"x/y\"}", "x+y"}, {"a[*] | count", "{\"a\": [1, 2, 3]}", "3"})
}

static void
text_is_cut_and_changed(void)
{
    CHECK({"a | before(' @ ')", "{\"a\": \"Dev @ Acme\"}", "Dev"},
          {"a | after(' @ ')", "{\"a\": \"Dev @ Acme\"}", "Acme"}, {"a | after('@')", "{\"a\": \"Dev\"}", NULL},
          {"a | before('@')", "{\"a\": \"Dev\"}", "Dev"},
          {"a | replace('_', ' ')", "{\"a\": \"full_time\"}", "full time"},
          {"a | prefix('https://x/')", "{\"a\": \"y\"}", "https://x/y"},
          {"a | prefix('https://x/')", "{\"a\": \"https://z/y\"}", "https://z/y"},
          {"a | suffix('!')", "{\"a\": \"y\"}", "y!"}, {"a | upper", "{\"a\": \"été\"}", "ÉTÉ"},
          {"a | repair", "{\"a\": \"MecÃ¡nico\"}", "Mecánico"}, {"a | text", "{\"a\": \" N/A \"}", NULL},
          {"a | html_text", "{\"a\": \"<p>x &amp; y</p>\"}", "x & y"})
}

static void
parts_of_urls_are_read(void)
{
    CHECK({"a | url_param(jobAge)", "{\"a\": \"https://x/?b=1&jobAge=62#f\"}", "62"},
          {"a | url_param(to)", "{\"a\": \"https://x/?to=https%3A%2F%2Fy%2F\"}", "https://y/"},
          {"a | url_param(c)", "{\"a\": \"https://x/?b=1\"}", NULL},
          {"a | path_segment(-1)", "{\"a\": \"https://x/jobs/12-dev?y\"}", "12-dev"},
          {"a | path_segment(0)", "{\"a\": \"https://x/jobs/12\"}", "jobs"},
          {"a | path_segment(9)", "{\"a\": \"https://x/\"}", NULL}, {"a | url_decode", "{\"a\": \"a%20b\"}", "a b"})
}

static void
numbers_are_read_in_the_style_of_the_partner(void)
{
    CHECK({"a | number", "{\"a\": \"$75.5/year\"}", "75.50"},
          {"a | number('1,234.56')", "{\"a\": \"Up to $75,000/year\"}", "75000.00"},
          {"a | number('1.234,56')", "{\"a\": \"1.234,50 EUR\"}", "1234.50"},
          {"a | number", "{\"a\": \"55k\"}", "55000.00"}, {"a | number", "{\"a\": \"55kg\"}", "55.00"},
          {"a | number", "{\"a\": \"Competitive\"}", NULL},
          {"a | number('1 234,56')", "{\"a\": \"1\\u00a0823,00 EUR\"}", "1823.00"},
          {"a | number", "{\"a\": \"-3.5\"}", "-3.50"}, {"a | cents", "{\"a\": 28}", "0.28"},
          {"a | cents", "{\"a\": \"x\"}", NULL}, {"a | positive", "{\"a\": 0}", NULL},
          {"a | positive", "{\"a\": -1}", NULL}, {"a | positive", "{\"a\": 5}", "5"})
}

static void
moments_are_read_in_many_writings(void)
{
    CHECK({"a | time", "{\"a\": \"2026-07-09T08:01:56\"}", "2026-07-09T06:01:56Z"},
          {"a | time", "{\"a\": \"Mon, 15 Jun 2026 00:00:00 EST\"}", "2026-06-15T05:00:00Z"},
          {"a | time", "{\"a\": \"Wed, 17 Apr 2013 00:00:00 GMT\"}", "2013-04-17T00:00:00Z"},
          {"a | time", "{\"a\": \"2026-08-05 09:41:37 UTC\"}", "2026-08-05T09:41:37Z"},
          {"a | time(epoch_s)", "{\"a\": 1783650045}", "2026-07-10T02:20:45Z"},
          {"a | time(epoch_ms)", "{\"a\": 1764205361939}", "2025-11-27T01:02:41.939Z"},
          {"a | time(epoch_s)", "{\"a\": 1764205361939}", NULL},
          {"a | time('%m/%d/%Y %I:%M:%S %p', 'America/New_York')", "{\"a\": \"08/30/2015 10:05:36 PM\"}",
           "2015-08-31T02:05:36Z"},
          {"a | time('%d/%m/%Y', 'Europe/London')", "{\"a\": \"25/12/2026\"}", "2026-12-25T00:00:00Z"},
          {"a | time", "{\"a\": \"2017-02-31\"}", NULL}, {"a | time", "{\"a\": \"3 days ago\"}", NULL},
          {"[d, t] | join(' ') | time('%Y-%m-%d %I:%M %p')", "{\"d\": \"2026-01-05\", \"t\": \"12:30 AM\"}",
           "2026-01-04T23:30:00Z"})
}

static void
words_are_mapped_and_chosen(void)
{
    CHECK({"a | map(x: one, 'y z': two)", "{\"a\": \"y z\"}", "two"}, {"a | map(x: one)", "{\"a\": \"q\"}", NULL},
          {"a | map(x: one, else: other)", "{\"a\": \"q\"}", "other"}, {"a | is('x', 'y')", "{\"a\": \"y\"}", "y"},
          {"a | is('x')", "{\"a\": \"y\"}", NULL}, {"a | is_not('x')", "{\"a\": \"y\"}", "y"},
          {"a | contains('$')", "{\"a\": \"$5\"}", "$5"}, {"a | country", "{\"a\": \"Deutschland\"}", "DE"},
          {"a | employment", "{\"a\": \"fulltime, parttime\"}", "FULL_TIME,PART_TIME"},
          {"a | period", "{\"a\": \"1 YEAR\"}", "YEAR"}, {"a | remote", "{\"a\": \"Hybrid - Leeds\"}", "hybrid"})
}

static void
a_hash_stays_the_same_from_release_to_release(void)
{
    check(&(Case){"a | hash | is_not('x')", "{\"a\": \"https://x/\"}", "5XF37EX3TZCY6ESFSXY8YPJA9V"});
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/a_path_a_constant_or_a_variable_gives_the_value",
                    a_path_a_constant_or_a_variable_gives_the_value);
    g_test_add_func("/sources/the_first_alternative_that_is_not_empty_wins",
                    the_first_alternative_that_is_not_empty_wins);
    g_test_add_func("/sources/lists_are_joined_and_split", lists_are_joined_and_split);
    g_test_add_func("/sources/text_is_cut_and_changed", text_is_cut_and_changed);
    g_test_add_func("/sources/parts_of_urls_are_read", parts_of_urls_are_read);
    g_test_add_func("/sources/numbers_are_read_in_the_style_of_the_partner",
                    numbers_are_read_in_the_style_of_the_partner);
    g_test_add_func("/sources/moments_are_read_in_many_writings", moments_are_read_in_many_writings);
    g_test_add_func("/sources/words_are_mapped_and_chosen", words_are_mapped_and_chosen);
    g_test_add_func("/sources/a_hash_stays_the_same_from_release_to_release",
                    a_hash_stays_the_same_from_release_to_release);
    return g_test_run();
}
