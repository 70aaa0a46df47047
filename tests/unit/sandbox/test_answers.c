/*
 * Every answer of every network, read by Weir's own readers in pieces of any size.
 */
#include "sandbox/asking.h"

#include "base/random.h"
#include "sandbox/network.h"
#include "stream/reader.h"

#define BASIC "Authorization: Basic d2VpcjpkMGd3MDBk\r\n"

typedef struct {
    const char *target, *headers;
    StreamFormat format;
    const char *records, *key; /* paths */
    const char *charset;       /* of CSV, with semicolons */
    unsigned skip_lines;
    uint64_t least; /* records */
    bool repeats;   /* keys may come twice: a report */
} Expected;

static const Expected EXPECTED[] = {
    {"/alder/search/us/1?results_per_page=50&app_id=" ALDER_APP_ID "&app_key=" ALDER_APP_KEY, "", STREAM_JSON,
     "results[*]", "id", NULL, 0, 50, false},
    {"/cedar/search?v=2&limit=25&userip=1.2.3.4&useragent=x&publisher=" CEDAR_PUBLISHER, "", STREAM_XML,
     "response.results.result", "key", NULL, 0, 25, false},
    {"/dogwood/feed.xml.gz", BASIC, STREAM_XML, "source.listing", "referencenumber", NULL, 0, 400, false},
    {"/elm/export.csv", "X-Elm-Key: " ELM_KEY "\r\n", STREAM_CSV, NULL, "Referenz", "iso-8859-1", 0, 500, false},
    {"/fir/listings?size=100", "Authorization: Bearer " FIR_TOKEN "\r\n", STREAM_JSON, "data[*]", "id", NULL, 0, 100,
     false},
    {"/ginkgo/board?limit=100", "X-Api-Key: " GINKGO_KEY "\r\n", STREAM_JSON, "items[*]", "id", NULL, 0, 100, false},
    {"/alder/report?startDate=2026-11-24", "Authorization: Bearer " ALDER_TOKEN "\r\n", STREAM_JSON, "[*]", "id", NULL,
     0, 20, true},
    {"/birch/report.csv?from=2026-11-24&key=" BIRCH_KEY, "", STREAM_CSV, NULL, "transaction", "utf-8", 0, 20, true},
    {"/cedar/report.xml?start-date=2026-11-24", "Authorization: Bearer " CEDAR_TOKEN "\r\n", STREAM_XML,
     "cedar-api.commissions.commission", "action-id", NULL, 0, 20, true},
    {"/dogwood/report.xml?from=2026-11-24", BASIC, STREAM_XML, "report.row", "@id", NULL, 0, 20, true},
    {"/elm/report.csv?von=2026-11-24", "X-Elm-Key: " ELM_KEY "\r\n", STREAM_CSV, NULL, "Vorgang", "iso-8859-1", 1, 20,
     true},
    {"/fir/report?since=2026-11-24", "Authorization: Bearer " FIR_TOKEN "\r\n", STREAM_JSON, "rows[*]", "[0]", NULL, 0,
     20, true},
    {"/ginkgo/report?since=2026-11-24", "X-Api-Key: " GINKGO_KEY "\r\n", STREAM_JSON, "transactions[*]",
     "transaction_id", NULL, 0, 20, true},
};

static bool
take_record(void *data, const Record *record)
{
    g_assert_cmpuint(record->fields[0].count, ==, 1);
    g_assert_false(record->truncated);
    g_hash_table_add((GHashTable *)data, str_dup(record->fields[0].values[0].text));
    return true;
}

static void
refuse_rejection(void *data G_GNUC_UNUSED, uint64_t number, uint64_t position G_GNUC_UNUSED, const char *reason,
                 Str text)
{
    g_error("record %" G_GUINT64_FORMAT " was rejected: %s: %.*s", number, reason, STR_FORMAT(text));
}

static Path *
path_of(const char *text)
{
    GError *error = NULL;
    Path *path = text != NULL ? path_parse(str_of(text), &error) : NULL;

    g_assert_no_error(error);
    return path;
}

/* Reads the answer in pieces of 1 to piece_max bytes; returns how many records came, with their keys in seen. */
static uint64_t
read_in_pieces(const Expected *expected, const GString *body, SeededRandom *random, size_t piece_max, GHashTable *seen)
{
    static const ReaderEvents EVENTS = {.record = take_record, .rejected = refuse_rejection};
    g_autoptr(Path) records = path_of(expected->records), key = path_of(expected->key);
    ReaderSpec spec = {.format = expected->format,
                       .charset = expected->charset,
                       .records = records,
                       .csv = {.delimiter = ';', .skip_lines = expected->skip_lines},
                       .fields = (const Path *const[]){key},
                       .field_count = 1};
    g_autoptr(Reader) reader = reader_new(&spec, &EVENTS, seen);
    GError *error = NULL;

    for (Str rest = str_of_gstring(body); rest.size > 0;) {
        size_t size = MIN(rest.size, 1 + (size_t)random_below(&random->random, piece_max));

        if (!reader_push(reader, str_slice(rest, 0, size), &error))
            break;
        rest = str_slice(rest, size, rest.size);
    }
    g_assert_no_error(error);
    g_assert_true(reader_finish(reader, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(reader_replaced_count(reader), ==, 0);
    return reader_record_count(reader);
}

static void
make_earnings(const Running *running)
{
    g_auto(Answered) advanced = {0};

    for (size_t n = 0; n < CATALOGUE_NETWORKS; n++) {
        for (uint32_t i = 0; i < 40; i++) {
            g_autofree char *target =
                g_strdup_printf("/%s/click/%" G_GUINT64_FORMAT "?%s=%u", NETWORKS[n].name,
                                network_listing_id(&NETWORKS[n], i), NETWORKS[n].sub_id, 1000 + i);
            g_auto(Answered) answered = ask_get(running, target, "");

            g_assert_cmpint(answered.status, ==, 200);
        }
    }
    advanced = ask(running, "POST", "/control/advance?seconds=1000", "", "", 20);
    g_assert_cmpint(advanced.status, ==, 200);
}

static void
every_answer_is_well_formed_in_every_piece(void)
{
    static const size_t PIECES[] = {1, 7, 1000, 1u << 20};
    SeededRandom random;
    Running running;

    seeded_random_init(&random, 3);
    running_start(&running);
    make_earnings(&running);
    for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        g_auto(Answered) answered = ask_get(&running, EXPECTED[i].target, EXPECTED[i].headers);
        uint64_t first = 0;

        g_test_message("%s", EXPECTED[i].target);
        g_assert_cmpint(answered.status, ==, 200);
        for (size_t p = 0; p < G_N_ELEMENTS(PIECES); p++) {
            g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
            uint64_t count = read_in_pieces(&EXPECTED[i], answered.body, &random, PIECES[p], seen);

            first = p == 0 ? count : first;
            g_assert_cmpuint(count, >=, EXPECTED[i].least);
            g_assert_cmpuint(count, ==, first);
            g_assert_true(EXPECTED[i].repeats || g_hash_table_size(seen) == count);
        }
    }
    running_stop(&running);
}

/* The port stands in every URL: it is made alike before the bodies are compared. */
static void
hide_port(const Running *running, GString *body)
{
    g_autofree char *address = g_strdup_printf("127.0.0.1:%u", running->port);

    g_string_replace(body, address, "SANDBOX", 0);
}

static void
the_same_seed_answers_with_the_same_bytes(void)
{
    Running one, two;

    running_start(&one);
    running_start(&two);
    make_earnings(&one);
    make_earnings(&two);
    for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        g_auto(Answered) a = ask_get(&one, EXPECTED[i].target, EXPECTED[i].headers);
        g_auto(Answered) b = ask_get(&two, EXPECTED[i].target, EXPECTED[i].headers);

        if (strstr(EXPECTED[i].target, ".gz") != NULL)
            continue; /* deflated with the port inside */
        hide_port(&one, a.body);
        hide_port(&two, b.body);
        g_assert_true(g_string_equal(a.body, b.body));
    }
    running_stop(&one);
    running_stop(&two);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(fn) g_test_add_func("/sandbox/" #fn, fn)
    ADD(every_answer_is_well_formed_in_every_piece);
    ADD(the_same_seed_answers_with_the_same_bytes);
    return g_test_run();
}
