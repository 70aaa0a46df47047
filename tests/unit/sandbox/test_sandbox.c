#include "sandbox/asking.h"

#include "sandbox/network.h"

#include <expat.h>
#include <glib/gstdio.h>
#include <yajl/yajl_tree.h>
#include <zlib.h>

#define VISITOR       "&userip=203.0.113.9&useragent=Mozilla"
#define ALDER_KEYS    "app_id=" ALDER_APP_ID "&app_key=" ALDER_APP_KEY
#define BASIC         "Authorization: Basic d2VpcjpkMGd3MDBk\r\n"
#define GINKGO_HEADER "X-Api-Key: " GINKGO_KEY "\r\n"
#define FIR_BEARER    "Authorization: Bearer " FIR_TOKEN "\r\n"
#define ELM_HEADER    "X-Elm-Key: " ELM_KEY "\r\n"

static yajl_val
parse_json(const GString *body)
{
    char message[512] = "";
    yajl_val value = yajl_tree_parse(body->str, message, sizeof message);

    if (value == NULL)
        g_error("not JSON: %s in %.200s", message, body->str);
    return value;
}

static yajl_val
member(yajl_val value, const char *a, const char *b)
{
    yajl_val found = yajl_tree_get(value, (const char *[]){a, b, NULL}, yajl_t_any);

    g_assert_nonnull(found);
    return found;
}

static const char *
text_of(yajl_val value)
{
    g_assert_true(YAJL_IS_STRING(value));
    return value->u.string;
}

static void
assert_xml(const GString *body)
{
    XML_Parser parser = XML_ParserCreate(NULL);

    if (XML_Parse(parser, body->str, (int)body->len, 1) != XML_STATUS_OK)
        g_error("not XML: %s at line %lu", XML_ErrorString(XML_GetErrorCode(parser)), XML_GetCurrentLineNumber(parser));
    XML_ParserFree(parser);
}

static GString *
inflate_gzip(const GString *packed)
{
    GString *to = g_string_new(NULL);
    unsigned char piece[65536];
    z_stream stream = {.next_in = (unsigned char *)packed->str, .avail_in = (unsigned)packed->len};
    int result;

    g_assert_cmpint(inflateInit2(&stream, 15 + 16), ==, Z_OK);
    do {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        result = inflate(&stream, Z_NO_FLUSH);
        g_assert_true(result == Z_OK || result == Z_STREAM_END);
        g_string_append_len(to, (char *)piece, (gssize)(sizeof piece - stream.avail_out));
    } while (result != Z_STREAM_END);
    inflateEnd(&stream);
    return to;
}

static int
count_of(const char *text, const char *word)
{
    int count = 0;

    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

/* ---- credentials ---- */

typedef struct {
    const char *target, *headers;
    int status;
    const char *says;
} Refusal;

static void
wrong_credentials_are_refused_as_each_network_does(void)
{
    static const Refusal REFUSALS[] = {
        {"/alder/search/gb/1?app_id=x&app_key=y", "", 401, "AUTH_FAIL"},
        {"/alder/report?startDate=2026-11-01", "Authorization: Bearer no\r\n", 401, "unauthorized"},
        {"/birch/report.csv?from=2026-11-01&key=no", "", 403, "Forbidden"},
        {"/cedar/search?publisher=1&v=2" VISITOR, "", 200, "<error>Invalid publisher"},
        {"/cedar/search?publisher=" CEDAR_PUBLISHER "&v=2&userip=1.2.3.4", "", 200, "<error>The parameter useragent"},
        {"/cedar/report.xml?start-date=2026-11-01", "", 401, "Not Authenticated"},
        {"/dogwood/feed.xml.gz", "Authorization: Basic eDp5\r\n", 401, "401"},
        {"/elm/export.csv", "", 403, "Zugriff verweigert"},
        {"/fir/listings", "Authorization: Bearer\r\n", 401, "\"errors\""},
        {"/ginkgo/board", "X-Api-Key: \r\n", 401, "invalid_key"},
        {"/ginkgo/totals?day=2026-11-24", "", 401, "Unauthorized"},
    };
    Running running;

    running_start(&running);
    for (size_t i = 0; i < G_N_ELEMENTS(REFUSALS); i++) {
        g_auto(Answered) answered = ask_get(&running, REFUSALS[i].target, REFUSALS[i].headers);

        g_test_message("%s", REFUSALS[i].target);
        g_assert_cmpint(answered.status, ==, REFUSALS[i].status);
        g_assert_nonnull(strstr(answered.body->str, REFUSALS[i].says));
    }
    running_stop(&running);
}

static void
bad_parameters_are_refused(void)
{
    static const Refusal REFUSALS[] = {
        {"/alder/search/gb/0?" ALDER_KEYS, "", 400, "INVALID_PARAMETER"},
        {"/alder/search/gb/1?results_per_page=51&" ALDER_KEYS, "", 400, "INVALID_PARAMETER"},
        {"/alder/search/zz/1?" ALDER_KEYS, "", 404, "UNKNOWN_COUNTRY"},
        {"/fir/listings?size=1000", FIR_BEARER, 422, "errors"},
        {"/ginkgo/board?offset=-1", GINKGO_HEADER, 400, "invalid_parameter"},
        {"/elm/report.csv?von=gestern", ELM_HEADER, 400, "400 Bad Request"},
        {"/fir/report?since=2020-01-01&until=2026-01-01", FIR_BEARER, 400, "400 Bad Request"},
        {"/fir/report", FIR_BEARER, 400, "400 Bad Request"},
        {"/alder/click/17", "", 404, "no longer open"},
        {"/nobody/click/17", "", 404, "no such network"},
        {"/birch/search/" BIRCH_KEY, "", 405, "Method Not Allowed"},
        {"/", "", 404, "simulated"},
    };
    Running running;

    running_start(&running);
    for (size_t i = 0; i < G_N_ELEMENTS(REFUSALS); i++) {
        g_auto(Answered) answered = ask_get(&running, REFUSALS[i].target, REFUSALS[i].headers);

        g_test_message("%s", REFUSALS[i].target);
        g_assert_cmpint(answered.status, ==, REFUSALS[i].status);
        g_assert_nonnull(strstr(answered.body->str, REFUSALS[i].says));
    }
    running_stop(&running);
}

/* ---- searches and feeds ---- */

static void
the_json_searches_are_well_formed_and_page_without_repeats(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    int64_t total = 1, found = 0;
    Running running;

    running_start(&running);
    for (int number = 1; found < total; number++) {
        g_autofree char *target = g_strdup_printf("/alder/search/gb/%d?results_per_page=50&" ALDER_KEYS, number);
        g_auto(Answered) answered = ask_get(&running, target, "");
        yajl_val page = parse_json(answered.body), results = member(page, "results", NULL);

        total = YAJL_GET_INTEGER(member(page, "count", NULL));
        g_assert_cmpuint(YAJL_GET_ARRAY(results)->len, >, 0);
        for (size_t i = 0; i < YAJL_GET_ARRAY(results)->len; i++, found++)
            g_assert_true(
                g_hash_table_add(seen, g_strdup(text_of(member(YAJL_GET_ARRAY(results)->values[i], "id", NULL)))));
        yajl_tree_free(page);
    }
    g_assert_cmpint(found, ==, total);
    running_stop(&running);
}

static void
birch_answers_a_post_and_its_ids_exceed_doubles(void)
{
    Running running;

    running_start(&running);
    g_auto(Answered) answered =
        ask(&running, "POST", "/birch/search/" BIRCH_KEY, "",
            "{\"keywords\":\"nurse\",\"location\":\"\",\"page\":\"1\",\"ResultOnPage\":100}", 20);
    g_auto(Answered) forbidden = ask(&running, "POST", "/birch/search/nokey", "", "{}", 20);
    g_auto(Answered) bad = ask(&running, "POST", "/birch/search/" BIRCH_KEY, "", "{\"page\":[]}", 20);
    g_auto(Answered) broken = ask(&running, "POST", "/birch/search/" BIRCH_KEY, "", "{", 20);
    yajl_val page = parse_json(answered.body), first, id;

    first = YAJL_GET_ARRAY(member(page, "ads", NULL))->values[0];
    id = member(first, "id", NULL);
    g_assert_true(YAJL_IS_NUMBER(id));
    g_assert_cmpuint(strlen(id->u.number.r), ==, 19);
    g_assert_nonnull(strstr(text_of(member(first, "title", NULL)), "Nurse"));
    g_assert_cmpint(forbidden.status, ==, 403);
    g_assert_cmpint(bad.status, ==, 400);
    g_assert_cmpint(broken.status, ==, 400);
    yajl_tree_free(page);
    running_stop(&running);
}

static void
fir_leads_from_page_to_page_until_the_last(void)
{
    g_autofree char *target = g_strdup("/fir/listings?q=manager&size=7");
    int64_t total = 0;
    size_t found = 0;
    Running running;

    running_start(&running);
    while (target != NULL) {
        g_auto(Answered) answered = ask_get(&running, target, FIR_BEARER);
        yajl_val page = parse_json(answered.body), next = member(page, "links", "next");

        total = YAJL_GET_INTEGER(member(page, "meta", "total"));
        found += YAJL_GET_ARRAY(member(page, "data", NULL))->len;
        g_free(target);
        target = YAJL_IS_STRING(next) ? g_strdup(strstr(text_of(next), "/fir/")) : NULL;
        yajl_tree_free(page);
    }
    g_assert_cmpint((int64_t)found, ==, total);
    g_assert_cmpint(total, >, 7);
    running_stop(&running);
}

static void
cedar_and_dogwood_speak_xml_and_elm_latin1(void)
{
    Running running;

    running_start(&running);
    g_auto(Answered) cedar =
        ask_get(&running, "/cedar/search?q=driver&limit=25&v=2&publisher=" CEDAR_PUBLISHER VISITOR, "");
    g_auto(Answered) feed = ask_get(&running, "/dogwood/feed.xml.gz?size=900", BASIC);
    g_auto(Answered) again = ask_get(&running, "/dogwood/feed.xml.gz?size=900", BASIC);
    g_auto(Answered) elm = ask_get(&running, "/elm/export.csv", ELM_HEADER);
    g_autoptr(GString) listings = inflate_gzip(feed.body);

    assert_xml(cedar.body);
    g_assert_cmpint(count_of(cedar.body->str, "<result>"), ==, 25);
    assert_xml(listings);
    g_assert_cmpint(count_of(listings->str, "<listing>"), ==, 900);
    g_assert_true(g_string_equal(feed.body, again.body));
    g_assert_false(g_utf8_validate(elm.body->str, (gssize)elm.body->len, NULL));
    g_assert_nonnull(strstr(elm.body->str, "W\344hrung"));
    g_assert_cmpint(count_of(elm.body->str, "\r\n"), >, 500);
    running_stop(&running);
}

/* ---- clicks and reports ---- */

/* Sends count clicks to a network, on listings of its catalogue or not: every id of the scheme is open. */
static void
click(const Running *running, const Network *network, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *target =
            g_strdup_printf("/%s/click/%" G_GUINT64_FORMAT "?src=feed&%s=%06d", network->name,
                            network_listing_id(network, (uint32_t)i * 3), network->sub_id, 100000 + i);
        g_auto(Answered) answered = ask_get(running, target, "");

        g_assert_cmpint(answered.status, ==, 200);
        g_assert_nonnull(strstr(answered.body->str, "your click was counted"));
    }
}

static int64_t
book_micros(const Running *running, const char *network, const char *query)
{
    g_autofree char *target = g_strconcat("/control/books", query, NULL);
    g_auto(Answered) answered = ask_get(running, target, "");
    yajl_val books = parse_json(answered.body);
    int64_t micros = 0;

    g_assert_true(str_to_int64(str_of(text_of(member(member(books, "networks", network), "micros", NULL))), &micros));
    yajl_tree_free(books);
    return micros;
}

static void
advance(const Running *running, int seconds)
{
    g_autofree char *target = g_strdup_printf("/control/advance?seconds=%d", seconds);
    g_auto(Answered) answered = ask(running, "POST", target, "", "", 20);

    g_assert_cmpint(answered.status, ==, 200);
}

static int64_t
micros_of(const char *text, char mark)
{
    int64_t micros = 0;
    GError *error = NULL;

    g_assert_true(money_parse(str_of(text), (NumberStyle){mark, '\0'}, &micros, &error));
    return micros;
}

/* Sums a CSV's amounts over keys. */
static int64_t
sum_csv(const char *text, int skip, int key_column, int amount_column, const char *line_end)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(text, line_end, -1);
    int64_t sum = 0;

    for (char **line = lines + skip; *line != NULL && **line != '\0'; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, ";", -1);

        if (g_hash_table_add(seen, g_strdup(cells[key_column])))
            sum += micros_of(cells[amount_column], ',');
    }
    return sum;
}

static void
every_report_sums_to_the_books_at_every_stage(void)
{
    static const int STAGES_S[] = {0, 70, 60, 60, 120, 600};
    Running running;

    running_start(&running);
    for (size_t n = 0; n < CATALOGUE_NETWORKS; n++)
        click(&running, &NETWORKS[n], 60);
    for (size_t i = 0; i < G_N_ELEMENTS(STAGES_S); i++) {
        advance(&running, STAGES_S[i]);
        g_auto(Answered) birch = ask_get(&running, "/birch/report.csv?from=2026-11-24&key=" BIRCH_KEY, "");
        g_auto(Answered) elm = ask_get(&running, "/elm/report.csv?von=2026-11-24&bis=2026-11-24", ELM_HEADER);
        g_auto(Answered) dogwood = ask_get(&running, "/dogwood/report.xml?from=2026-11-24", BASIC);
        g_auto(Answered) alder =
            ask_get(&running, "/alder/report?startDate=2026-11-24", "Authorization: Bearer " ALDER_TOKEN "\r\n");
        g_auto(Answered) fir = ask_get(&running, "/fir/report?since=2026-11-24", FIR_BEARER);
        yajl_val rows = parse_json(alder.body), columns = parse_json(fir.body);

        g_assert_cmpint(sum_csv(birch.body->str, 1, 0, 4, "\n"), ==, book_micros(&running, "birch", ""));
        g_assert_cmpint(sum_csv(elm.body->str, 2, 0, 4, "\r\n"), ==, book_micros(&running, "elm", ""));
        assert_xml(dogwood.body);
        g_assert_true((YAJL_GET_ARRAY(rows)->len > 0) == (i > 0));
        g_assert_cmpuint(YAJL_GET_ARRAY(member(columns, "columns", NULL))->len, ==, 7);
        yajl_tree_free(rows);
        yajl_tree_free(columns);
    }
    g_assert_cmpint(book_micros(&running, "birch", ""), >, 0);
    g_assert_cmpint(book_micros(&running, "birch", "?at=2026-11-24T12:00:30Z"), ==, 0);
    running_stop(&running);
}

static void
cedars_pages_repeat_only_what_is_delivered_twice_and_sum_to_the_books(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint found = 0, total = 0;
    int64_t sum = 0;
    bool more = true;
    Running running;

    running_start(&running);
    click(&running, &NETWORKS[CEDAR], 120);
    advance(&running, 3600);
    for (int number = 1; more; number++) {
        g_autofree char *target = g_strdup_printf("/cedar/report.xml?start-date=2026-11-24&page=%d", number);
        g_auto(Answered) answered = ask_get(&running, target, "Authorization: Bearer " CEDAR_TOKEN "\r\n");
        g_auto(GStrv) rows = g_strsplit(answered.body->str, "<commission>", -1);

        assert_xml(answered.body);
        g_assert_cmpuint(g_strv_length(rows), <=, 51);
        found += g_strv_length(rows) - 1;
        total = (guint)g_ascii_strtoull(strstr(answered.body->str, "total-matched=") + 15, NULL, 10);
        more = g_strv_length(rows) > 1;
        for (char **row = rows + 1; more && *row != NULL; row++) {
            g_auto(GStrv) cells = g_strsplit_set(*row, "<>", -1); /* "", "action-id", KEY, ... */
            const char *amount = strstr(*row, "<commission-amount>") + strlen("<commission-amount>");
            g_autofree char *text = g_strndup(amount, strcspn(amount, "<"));

            if (g_hash_table_add(seen, g_strdup(cells[2])))
                sum += micros_of(text, '.');
        }
    }
    g_assert_cmpint(sum, ==, book_micros(&running, "cedar", ""));
    g_assert_cmpuint(found, ==, total);
    g_assert_cmpuint(found, >, g_hash_table_size(seen));
    running_stop(&running);
}

static void
a_planted_discrepancy_shifts_the_totals_of_its_day_alone(void)
{
    Running running;

    running_start(&running);
    click(&running, &NETWORKS[GINKGO], 40);
    advance(&running, 1800);
    int64_t owed = book_micros(&running, "ginkgo", "");
    g_auto(Answered) planted =
        ask(&running, "POST", "/control/discrepancy/ginkgo?micros=-2500000&day=2026-11-24", "", "", 20);
    g_auto(Answered) today = ask_get(&running, "/ginkgo/totals?day=2026-11-24", GINKGO_HEADER);
    g_auto(Answered) before = ask_get(&running, "/ginkgo/totals?day=2026-11-23", GINKGO_HEADER);
    g_auto(Answered) taken = ask(&running, "POST", "/control/discrepancy/ginkgo?micros=0&day=2026-11-24", "", "", 20);
    g_auto(Answered) again = ask_get(&running, "/ginkgo/totals?day=2026-11-24", GINKGO_HEADER);
    g_auto(Answered) wrong = ask(&running, "POST", "/control/discrepancy/ginkgo?micros=1&day=today", "", "", 20);
    g_auto(Answered) nobody = ask(&running, "POST", "/control/discrepancy/nobody?micros=1&day=2026-11-24", "", "", 20);
    yajl_val totals = parse_json(today.body), after = parse_json(again.body);

    g_assert_cmpint(planted.status, ==, 204);
    g_assert_cmpint(micros_of(text_of(member(totals, "amount", NULL)), '.'), ==, owed - 2500000);
    g_assert_cmpint(book_micros(&running, "ginkgo", ""), ==, owed);
    g_assert_nonnull(strstr(before.body->str, "\"amount\":\"0.00\""));
    g_assert_nonnull(strstr(today.body->str, "\"clicks\":40"));
    g_assert_cmpint(micros_of(text_of(member(after, "amount", NULL)), '.'), ==, owed);
    g_assert_cmpint(wrong.status, ==, 400);
    g_assert_cmpint(nobody.status, ==, 404);
    yajl_tree_free(totals);
    yajl_tree_free(after);
    running_stop(&running);
}

static void
daily_totals_agree_with_the_books(void)
{
    Running running;

    running_start(&running);
    click(&running, &NETWORKS[GINKGO], 40);
    advance(&running, 1800);
    g_auto(Answered) today = ask_get(&running, "/ginkgo/totals?day=2026-11-24", GINKGO_HEADER);
    g_auto(Answered) before = ask_get(&running, "/ginkgo/totals?day=2026-11-23", GINKGO_HEADER);
    yajl_val totals = parse_json(today.body);

    g_assert_cmpint(micros_of(text_of(member(totals, "amount", NULL)), '.'), ==, book_micros(&running, "ginkgo", ""));
    g_assert_nonnull(strstr(before.body->str, "\"amount\":\"0.00\""));
    yajl_tree_free(totals);
    running_stop(&running);
}

static void
clicks_and_time_outlive_the_sandbox(void)
{
    GError *error = NULL;
    g_autofree char *directory = g_dir_make_tmp("weir-sandbox-XXXXXX", &error);
    g_autofree char *path = g_build_filename(directory, "clicks.db", NULL);
    Running running = {0};
    int64_t owed = 0;

    for (int round = 0; round < 2; round++) {
        SandboxSpec spec = {.seed = 7, .clock = &running.clock.clock, .lag_us = US_PER_MINUTE, .data_path = path};

        if (round == 0)
            fake_clock_init(&running.clock, INT64_C(1795521600) * US_PER_SECOND);
        running.sandbox = sandbox_start(&spec, &error);
        g_assert_no_error(error);
        running.port = sandbox_port(running.sandbox);
        if (round == 0) {
            click(&running, &NETWORKS[FIR], 20);
            advance(&running, 86400);
            owed = book_micros(&running, "fir", "");
        }
        g_assert_cmpint(owed, >, 0);
        g_assert_cmpint(book_micros(&running, "fir", ""), ==, owed);
        running_stop(&running);
    }
    for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end != NULL; end++) {
        g_autofree char *file = g_strconcat(path, *end, NULL);

        g_assert_true(g_remove(file) == 0 || !g_file_test(file, G_FILE_TEST_EXISTS));
    }
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void
a_taken_address_is_an_error(void)
{
    Running running;
    GError *error = NULL;

    running_start(&running);
    SandboxSpec spec = {.port = running.port, .seed = 7, .clock = &running.clock.clock, .lag_us = US_PER_MINUTE};
    g_assert_null(sandbox_start(&spec, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_error_free(error);
    running_stop(&running);
}

/* ---- faults ---- */

static void
set_fault(const Running *running, const char *network, const char *query)
{
    g_autofree char *target =
        g_strdup_printf("/control/%s/%s?%s", strstr(query, "ms=") ? "latency" : "faults", network, query);
    g_auto(Answered) answered = ask(running, "POST", target, "", "", 20);

    g_assert_cmpint(answered.status, ==, 204);
}

static void
faults_hit_their_network_alone_and_end_when_told(void)
{
    Running running;

    running_start(&running);
    g_auto(Answered) right = ask_get(&running, "/ginkgo/board", GINKGO_HEADER);
    for (const char *const *name = (const char *const[]){"500", "429", "garbage", "html", "truncated", "reset", NULL};
         *name != NULL; name++) {
        g_autofree char *query = g_strconcat("fault=", *name, NULL);

        set_fault(&running, "ginkgo", query);
        g_auto(Answered) wrong = ask_get(&running, "/ginkgo/board", GINKGO_HEADER);
        g_auto(Answered) other = ask_get(&running, "/fir/listings", FIR_BEARER);

        g_assert_false(g_string_equal(wrong.body, right.body));
        g_assert_cmpint(wrong.status, ==, g_str_equal(*name, "500") ? 500 : g_str_equal(*name, "429") ? 429 : 200);
        g_assert_cmpint(other.status, ==, 200);
    }
    set_fault(&running, "all", "fault=none");
    g_auto(Answered) after = ask_get(&running, "/ginkgo/board", GINKGO_HEADER);
    g_auto(Answered) word = ask_get(&running, "/ginkgo/board?search=fault:429", GINKGO_HEADER);

    g_assert_true(g_string_equal(after.body, right.body));
    g_assert_cmpint(word.status, ==, 429);
    g_assert_nonnull(strstr(word.head, "Retry-After: 2"));
    running_stop(&running);
}

static void
a_drip_sends_the_right_answer_a_byte_at_a_time(void)
{
    Running running;

    running_start(&running);
    g_auto(Answered) right = ask_get(&running, "/cedar/search?v=2", "");
    set_fault(&running, "cedar", "fault=drip&for_s=60");
    int64_t begun_us = g_get_monotonic_time();
    g_auto(Answered) slow = ask_get(&running, "/cedar/search?v=2", "");

    g_assert_true(g_string_equal(slow.body, right.body));
    g_assert_cmpint(g_get_monotonic_time() - begun_us, >, (int64_t)right.body->len * 15 * US_PER_MS);
    running_stop(&running);
}

static void
unknown_faults_and_networks_are_refused(void)
{
    Running running;

    running_start(&running);
    g_auto(Answered) fault = ask(&running, "POST", "/control/faults/elm?fault=fire", "", "", 20);
    g_auto(Answered) network = ask(&running, "POST", "/control/faults/oak?fault=500", "", "", 20);
    g_auto(Answered) latency = ask(&running, "POST", "/control/latency/elm?ms=-1", "", "", 20);
    g_auto(Answered) past = ask(&running, "POST", "/control/advance?seconds=-5", "", "", 20);

    g_assert_cmpint(fault.status, ==, 400);
    g_assert_cmpint(network.status, ==, 404);
    g_assert_cmpint(latency.status, ==, 400);
    g_assert_cmpint(past.status, ==, 400);
    running_stop(&running);
}

static void
a_hanging_an_endless_and_a_slow_network_hold_up_nobody_else(void)
{
    Running running;

    running_start(&running);
    set_fault(&running, "alder", "fault=hang");
    set_fault(&running, "elm", "fault=endless");
    set_fault(&running, "cedar", "ms=50");
    g_auto(Answered) hanging = ask(&running, "GET", "/alder/search/gb/1?" ALDER_KEYS, "", NULL, 1);
    g_auto(Answered) endless = ask_get(&running, "/elm/export.csv", ELM_HEADER);
    g_auto(Answered) late = ask_get(&running, "/cedar/search?v=2", "");
    g_auto(Answered) other = ask_get(&running, "/ginkgo/board", GINKGO_HEADER);

    g_assert_cmpint(hanging.status, ==, 0);
    g_assert_cmpuint(endless.body->len, >, 32u << 20);
    g_assert_cmpint(late.status, ==, 200);
    g_assert_cmpint(other.status, ==, 200);
    running_stop(&running);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(fn) g_test_add_func("/sandbox/" #fn, fn)
    ADD(wrong_credentials_are_refused_as_each_network_does);
    ADD(bad_parameters_are_refused);
    ADD(the_json_searches_are_well_formed_and_page_without_repeats);
    ADD(birch_answers_a_post_and_its_ids_exceed_doubles);
    ADD(fir_leads_from_page_to_page_until_the_last);
    ADD(cedar_and_dogwood_speak_xml_and_elm_latin1);
    ADD(every_report_sums_to_the_books_at_every_stage);
    ADD(cedars_pages_repeat_only_what_is_delivered_twice_and_sum_to_the_books);
    ADD(daily_totals_agree_with_the_books);
    ADD(a_planted_discrepancy_shifts_the_totals_of_its_day_alone);
    ADD(clicks_and_time_outlive_the_sandbox);
    ADD(a_taken_address_is_an_error);
    ADD(faults_hit_their_network_alone_and_end_when_told);
    ADD(a_drip_sends_the_right_answer_a_byte_at_a_time);
    ADD(unknown_faults_and_networks_are_refused);
    ADD(a_hanging_an_endless_and_a_slow_network_hold_up_nobody_else);
    return g_test_run();
}
