/* What placeholders, filters and computed values make of a question. */
#include "support.h"

#define HEAD                                                                                                           \
    "source: x\npartner: X\nsecrets: [KEY, PASS]\n"                                                                    \
    "parameters: {board: {default: acme}, sites: {default: 'a, b,, c'}, country: {default: gb}}\n"
#define SEARCH(query)                                                                                                  \
    "search:\n  get: https://x.example/\n  pages: {by: offset, size: 50}\n  query: {v: " query                         \
    "}\n  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n"
#define NOW_US (INT64_C(1795508044) * US_PER_SECOND + 789000) /* Tue, 24 Nov 2026 08:14:04.789 GMT */

static Question
full_question(void)
{
    Question question = QUESTION_NONE;

    question.keywords = STR("c++ dev");
    question.location = STR("Austin, TX");
    question.has_position = true;
    question.latitude = 30.26715;
    question.longitude = -97.7;
    question.radius_km = 30;
    question.page = 3;
    question.per_page = 20;
    question.posted_within_days = 7;
    question.employment_types = EMPLOYMENT_FULL_TIME | EMPLOYMENT_PART_TIME;
    return question;
}

/* The query of the request, decoded. */
static char *
query_of(const char *yaml, const Question *question)
{
    g_autoptr(SourceSet) set = load_text("x", yaml);
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) decoded = g_string_new(NULL);
    HttpRequest request = {0};
    FakeClock clock;
    bool made;

    fake_clock_init(&clock, NOW_US);
    made =
        operation_request(source_search(source_set_at(set, 0)), question, NULL, &clock.clock, arena, &request, &error);
    g_assert_no_error(error);
    g_assert_true(made);
    if (strchr(request.url, '?') == NULL)
        return g_strdup("");
    g_assert_true(http_decode(str_of(strchr(request.url, '?') + 1), false, decoded));
    return g_strdup(decoded->str);
}

/* Of the full question. */
static void
assert_query(const char *yaml, const char *expected)
{
    Question question = full_question();
    g_autofree char *query = query_of(yaml, &question);

    g_assert_cmpstr(query, ==, expected);
}

static void
filters_work_from_left_to_right(void)
{
    static const struct {
        const char *template, *expected;
    } CASES[] = {
        {"{keywords|upper}", "v=C++ DEV"},
        {"{location|before ','}", "v=Austin"},
        {"{location|after ','|lower}", "v=tx"},
        {"{location|after ';'}", ""},
        {"{location|before ';'}", "v=Austin, TX"},
        {"{keywords}{location|prefix ' in '}", "v=c++ dev in Austin, TX"},
        {"{keywords}{cursor|prefix ' in '}", "v=c++ dev"},
        {"{location|replace ', ' '|'|suffix '}'}", "v=Austin|TX}"},
        {"{cursor|or any place}", "v=any place"},
        {"{cursor|or '|'}", "v=|"},
        {"{cursor|upper|or}", "v="},
        {"{page|minus 1|times 20}", "v=40"},
        {"{page|plus 9223372036854775807}", ""},
        {"{keywords|plus 1}", ""},
        {"{latitude} {longitude}", "v=30.26715 -97.70000"},
        {"{radius_km|at_most 25}", "v=25"},
        {"{radius_km|at_least 50}", "v=50"},
        {"{radius_miles|steps 20 40 80}", "v=20"},
        {"{radius_km|steps 5 10}", "v=10"},
        {"{offset}-{offset_end}", "v=40-59"},
        {"{board|base64}", "v=YWNtZQ=="},
        {"{keywords|base64url}", "v=YysrIGRldg"},
        {"{board|md5}", "v=53bce4f1dfa0fe8e7ca126f91b35d3a6"},
        {"{location|trim}", "v=Austin, TX"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(HEAD SEARCH("\"%s\""), CASES[i].template);

        assert_query(yaml, CASES[i].expected);
    }
}

static void
moments_are_moved_and_written(void)
{
    static const struct {
        const char *template, *expected;
    } CASES[] = {
        {"{now}", "v=2026-11-24T08:14:04.789Z"},
        {"{now|rfc1123}", "v=Tue, 24 Nov 2026 08:14:04 GMT"},
        {"{now|epoch_s}", "v=1795508044"},
        {"{now|epoch_ms}", "v=1795508044789"},
        {"{now|minus 30d|date}", "v=2026-10-25"},
        {"{now|plus 1d|minus 1h|date '%d %b %Y, %I:%M %p %z'}", "v=25 Nov 2026, 07:14 AM +0000"},
        {"{posted_since|date}", "v=2026-11-17"},
        {"{now|date|replace '-' ''}", "v=20261124"},
        {"{since|date}", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(HEAD SEARCH("\"%s\""), CASES[i].template);

        assert_query(yaml, CASES[i].expected);
    }
}

static void
lists_are_repeated_or_joined(void)
{
    static const struct {
        const char *value, *expected;
    } CASES[] = {
        {"'{employment_types}'", "v=FULL_TIME&v=PART_TIME"},
        {"'{employment_types|lower|join ;}'", "v=full_time;part_time"},
        {"'x {employment_types}'", "v=x FULL_TIME,PART_TIME"},
        {"\"{sites|split ','}\"", "v=a&v=b&v=c"},
        {"\"{sites|split ','|upper|join '|'}\"", "v=A|B|C"},
        {"{by: '{employment_types}', FULL_TIME: vz, PART_TIME: tz}", "v=vz&v=tz"},
        {"{by: '{employment_types}', FULL_TIME: vz, PART_TIME: tz, join: ;}", "v=vz;tz"},
        {"{by: '{employment_types}', FULL_TIME: vz, join: ;}", "v=vz"},
        {"{by: '{employment_types}', OTHER: o}", ""},
        {"{by: '{cursor}', a: b, else: none}", "v=none"},
        {"['{board}', '{sites}']", "v=acme&v=a, b,, c"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(HEAD SEARCH("%s"), CASES[i].value);

        assert_query(yaml, CASES[i].expected);
    }
}

/* The sums were computed with sha256sum, md5sum and openssl dgst. */
static void
values_are_computed_and_signed(void)
{
    static const struct {
        const char *values, *template, *expected;
    } CASES[] = {
        {"currency: {by: '{country}', us: USD, gb: GBP, else: EUR}", "{currency}", "v=GBP"},
        {"place: '{board} of {country|upper}', shout: '{place|upper}'", "{shout}", "v=ACME OF GB"},
        {"s: {text: '${KEY}:{now|rfc1123}:activity:${PASS}', hash: sha256}", "{s}",
         "v=c3c94f65a760ed10e6456a0f1ec20ba67b2a955ff78d117df011d0e4a712c69f"},
        {"s: {text: '{board}', hash: md5, as: HEX}", "{s}", "v=53BCE4F1DFA0FE8E7CA126F91B35D3A6"},
        {"s: {text: '{board}', hmac: sha256, key: '${KEY}', as: base64}", "{s}",
         "v=3o9zp6UHgI/X6Oe0GWMRPSFDWCUvmJmXUIvn9FCzyEs="},
        {"s: {text: '{cursor}', hash: md5}", "{s}", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "values: {%s}\n" SEARCH("\"%s\""), CASES[i].values, CASES[i].template);

        assert_query(yaml, CASES[i].expected);
    }
}

static void
pairs_are_signed_in_order_of_their_names(void)
{
    static const struct {
        const char *value, *signed_text;
    } CASES[] = {
        {"{text: '{pairs}', pairs: query}", "a=1&b=c d&b=c+"},
        {"{text: '${KEY}{pairs}', pairs: query, between: '', join: ''}", "SECRET-KEYa1bc dbc+"},
        {"{text: '{pairs}', pairs: query, encoded: true, join: ;}", "a=1;b=c%20d;b=c%2B"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "values: {sig: %s}\nsearch:\n  get: https://x.example/\n"
                                 "  query: {b: [c d, c+], a: '1', sig: '{sig}'}\n"
                                 "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n",
                            CASES[i].value);
        g_autofree char *expected = g_strconcat("b=c d&b=c+&a=1&sig=", CASES[i].signed_text, NULL);

        assert_query(yaml, expected);
    }
}

static void
each_mistake_is_told_with_line_and_key(void)
{
    static const struct {
        const char *yaml, *mistake;
    } CASES[] = {
        {HEAD SEARCH("\"{keywords|uper}\""), ":8: v: unknown filter \"uper\"; did you mean upper?"},
        {HEAD SEARCH("\"{keywords|before}\""), ":8: v: before needs a text"},
        {HEAD SEARCH("\"{keywords|before 'x}\""), ":8: v: \"{\" is not closed"},
        {HEAD SEARCH("\"{keywords|plus x}\""), ":8: v: plus needs a number, not \"x\""},
        {HEAD SEARCH("\"{keywords|plus 1d}\""), ":8: v: only {since}, {until}, {now} and {posted_since} are moments"},
        {HEAD SEARCH("\"{now|date|plus 1d}\""), ":8: v: only {since}, {until}, {now} and {posted_since} are moments"},
        {HEAD SEARCH("\"{now|date %Q}\""), ":8: v: \"%Q\" is no pattern such as %d/%m/%Y"},
        {HEAD SEARCH("\"{page|steps 3 2}\""), ":8: v: steps needs rising numbers"},
        {HEAD SEARCH("\"{pairs}\""), ":8: v: {pairs} has no value here: it is of a signature with pairs"},
        {HEAD "values: {keywords: a}\n" SEARCH("a"), ":5: keywords: is a placeholder already"},
        {HEAD "values: {a: '{b}', b: x}\n" SEARCH("a"), ":5: a: unknown placeholder {b}"},
        {HEAD "values: {a: {text: x, hash: sha3}}\n" SEARCH("a"), ":5: hash: must be md5, sha1, sha256, sha384"},
        {HEAD "values: {a: {text: x, hmac: md5}}\n" SEARCH("a"), ":5: key: hmac and key need each other"},
        {HEAD "values: {a: {hash: md5}}\n" SEARCH("a"), ":5: text: is missing"},
        {HEAD "values: [a]\n" SEARCH("a"), ":5: values: must be a map"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {

        assert_mistake(CASES[i].yaml, CASES[i].mistake);
    }
}

static HttpRequest
post_of(const char *body, const Question *question, Arena *arena)
{
    g_autofree char *yaml = g_strdup_printf(HEAD "search:\n  post: https://x.example/\n%s"
                                                 "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n",
                                            body);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    g_autoptr(GError) error = NULL;
    HttpRequest request = {0};
    FakeClock clock;

    fake_clock_init(&clock, NOW_US);
    g_assert_true(
        operation_request(source_search(source_set_at(set, 0)), question, NULL, &clock.clock, arena, &request, &error));
    return request;
}

static void
bodies_hold_lists_and_graphql(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = full_question();

    g_assert_cmpstr(
        post_of("  json: {types: '{employment_types}', none: \"{cursor|split ','}\"}\n", &question, arena).body.at, ==,
        "{\"types\":[\"FULL_TIME\",\"PART_TIME\"]}");
    g_assert_cmpstr(post_of("  graphql:\n    query: 'query($q: String) { jobs(q: $q) { id } }'\n"
                            "    variables: {q: '{keywords}', n: '{per_page|number}'}\n",
                            &question, arena)
                        .body.at,
                    ==,
                    "{\"query\":\"query($q: String) { jobs(q: $q) { id } }\",\"variables\":{\"q\":\"c++ "
                    "dev\",\"n\":20}}");
    g_assert_cmpstr(post_of("  form: {t: '{employment_types|lower}'}\n", &question, arena).body.at, ==,
                    "t=full_time&t=part_time");
}

/* Basic written by hand, as some partners want it under a header of their own. */
static void
a_value_with_a_secret_is_hidden_in_base64_too(void)
{
    g_autoptr(SourceSet) set = load_text("x", HEAD "values: {pair: '${KEY}:{board}'}\n" SEARCH("'{pair|base64}'"));
    const Operation *search = source_search(source_set_at(set, 0));
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    Question question = full_question();
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, NOW_US);
    g_assert_true(operation_request(search, &question, NULL, &clock.clock, arena, &request, &error));
    g_assert_nonnull(strstr(request.url, "v=U0VDUkVULUtFWTphY21l"));
    g_assert_cmpstr(operation_redact(search, STR("sent U0VDUkVULUtFWTphY21l and SECRET-KEY:acme"), arena).at, ==,
                    "sent *** and ***:acme");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/filters_work_from_left_to_right", filters_work_from_left_to_right);
    g_test_add_func("/sources/moments_are_moved_and_written", moments_are_moved_and_written);
    g_test_add_func("/sources/lists_are_repeated_or_joined", lists_are_repeated_or_joined);
    g_test_add_func("/sources/values_are_computed_and_signed", values_are_computed_and_signed);
    g_test_add_func("/sources/pairs_are_signed_in_order_of_their_names", pairs_are_signed_in_order_of_their_names);
    g_test_add_func("/sources/each_mistake_is_told_with_line_and_key", each_mistake_is_told_with_line_and_key);
    g_test_add_func("/sources/bodies_hold_lists_and_graphql", bodies_hold_lists_and_graphql);
    g_test_add_func("/sources/a_value_with_a_secret_is_hidden_in_base64_too",
                    a_value_with_a_secret_is_hidden_in_base64_too);
    return g_test_run();
}
