/*
 * The definitions in sources/sandbox/ against the running sandbox: what Weir understands is what the networks meant.
 */
#include "sandbox/asking.h"

#include "base/random.h"
#include "sandbox/network.h"
#include "sources/source.h"

#include <yajl/yajl_tree.h>

typedef struct {
    Running running;
    char *url;
    SourceSet *set;
    SeededRandom random; /* where answers are cut into pieces */
    Arena *arena;
} Fixture;

static const char *
no_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static const char *
sandbox_url(void *data, const char *source G_GNUC_UNUSED, const char *parameter)
{
    return g_str_equal(parameter, "sandbox_url") ? ((Fixture *)data)->url : NULL;
}

static void
setup(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    GError *error = NULL;
    g_autofree char *directory = g_build_filename(g_getenv("WEIR_ROOT"), "sources", "sandbox", NULL);
    SourceSetSpec spec = {.directory = directory, .secret = no_secret, .parameter = sandbox_url, .data = f};

    running_start(&f->running);
    f->url = g_strdup_printf("http://127.0.0.1:%u", f->running.port);
    f->arena = arena_new(65536);
    seeded_random_init(&f->random, 5);
    f->set = source_set_load(&spec, &error);
    g_assert_no_error(error);
}

static void
teardown(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    source_set_unref(f->set);
    arena_free(f->arena);
    g_free(f->url);
    running_stop(&f->running);
}

static const Source *
source_named(const Fixture *f, const char *name)
{
    const Source *source = source_set_find(f->set, str_of(name));

    g_assert_nonnull(source);
    g_assert_null(source_disabled(source));
    return source;
}

/* ---- exchanges ---- */

/* What came of all pages of an operation. */
typedef struct {
    GHashTable *ids;     /* of listings, or keys of lines */
    GHashTable *amounts; /* key -> "AMOUNT CURRENCY SUB-ID", to see that repeats say the same */
    int64_t micros;      /* of lines, each key once */
    size_t records, sub_ids, rejected, pages;
    int64_t total;
    AnswerStatus status;
    const char *currency;
} Harvest;

static void
harvest_init(Harvest *harvest, const char *currency)
{
    *harvest = (Harvest){.currency = currency};
    harvest->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    harvest->amounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void
harvest_clear(Harvest *harvest)
{
    g_clear_pointer(&harvest->ids, g_hash_table_unref);
    g_clear_pointer(&harvest->amounts, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Harvest, harvest_clear)

static bool
take_listing(void *data, const Listing *listing)
{
    Harvest *harvest = data;

    harvest->records++;
    g_hash_table_add(harvest->ids, str_dup(listing->id));
    g_assert_true(g_utf8_validate_len(listing->title.at, listing->title.size, NULL));
    g_assert_cmpuint(listing->title.size, >, 3);
    g_assert_cmpuint(listing->company.size, >, 2);
    g_assert_cmpint(str_find(listing->title, STR("<")), ==, -1);
    g_assert_cmpint(str_find(listing->snippet, STR("&nbsp;")), ==, -1);
    g_assert_true(str_starts_with(listing->url, STR("http://127.0.0.1:")));
    g_assert_cmpint(listing->posted_at_us, !=, TIMESTAMP_NONE);
    return true;
}

static bool
take_line(void *data, const ReportLine *line)
{
    Harvest *harvest = data;
    g_autofree char *key = str_dup(line->key);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %s %.*s", line->amount_micros, line->currency.code,
                                            STR_FORMAT(line->sub_id));
    const char *before = g_hash_table_lookup(harvest->amounts, key);

    harvest->records++;
    g_assert_cmpstr(line->currency.code, ==, harvest->currency);
    g_assert_cmpint(line->event_at_us, !=, TIMESTAMP_NONE);
    g_assert_false(str_is_empty(line->status));
    if (before != NULL) {
        g_assert_cmpstr(before, ==, text);
        return true;
    }
    g_hash_table_insert(harvest->amounts, g_steal_pointer(&key), g_steal_pointer(&text));
    harvest->micros += line->amount_micros;
    harvest->sub_ids += !str_is_empty(line->sub_id);
    return true;
}

static void
take_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    Harvest *harvest = data;

    harvest->rejected++;
    g_test_message("row %" G_GUINT64_FORMAT "%s: %s: %s: %.*s", row, dropped ? " dropped" : "", field, reason,
                   STR_FORMAT(text));
}

static const AnswerEvents EVENTS = {.listing = take_listing, .line = take_line, .rejected = take_rejected};

static Answered
exchange(Fixture *f, const HttpRequest *request)
{
    g_autoptr(GString) headers = g_string_new(NULL);
    g_autofree char *body = str_dup(request->body);

    g_assert_true(g_str_has_prefix(request->url, f->url));
    for (size_t i = 0; i < request->headers.count; i++)
        g_string_append_printf(headers, "%.*s: %.*s\r\n", STR_FORMAT(request->headers.items[i].name),
                               STR_FORMAT(request->headers.items[i].value));
    return ask(&f->running, request->method, request->url + strlen(f->url), headers->str, body, 30);
}

/* Asks one page and reads it in pieces of any size. False when there is no next one. */
static bool
harvest_page(Fixture *f, const Operation *operation, Question *question, Harvest *harvest)
{
    GError *error = NULL;
    HttpRequest request;
    g_autoptr(Answer) answer = answer_new(operation, question, &f->running.clock.clock, &EVENTS, harvest);
    Str rest, message;
    Question next;

    g_assert_true(operation_request(operation, question, NULL, &f->running.clock.clock, f->arena, &request, &error));
    g_assert_no_error(error);
    g_assert_true(request.allow_private_hosts);
    g_auto(Answered) answered = exchange(f, &request);
    answer_head(answer, answered.status, (HttpHeaders){0});
    for (rest = str_of_gstring(answered.body); rest.size > 0;) {
        size_t size = MIN(rest.size, 1 + (size_t)random_below(&f->random.random, 4000));

        if (!answer_push(answer, str_slice(rest, 0, size)))
            break;
        rest = str_slice(rest, size, rest.size);
    }
    harvest->status = answer_finish(answer, true, &message);
    g_test_message("%s: %s %.*s", request.url, answer_status_name(harvest->status), STR_FORMAT(message));
    harvest->pages++;
    harvest->total = answer_total(answer);
    if (!answer_next(answer, &next))
        return false;
    next.cursor = arena_str(f->arena, next.cursor);
    *question = next;
    return true;
}

static void
harvest_all(Fixture *f, const Operation *operation, Question question, Harvest *harvest)
{
    while (harvest_page(f, operation, &question, harvest) && harvest->pages < 200)
        g_assert_true(harvest->status == ANSWER_OK || harvest->status == ANSWER_EMPTY);
}

/* ---- what must be true ---- */

static void
every_definition_is_complete(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_cmpuint(source_set_count(f->set), ==, CATALOGUE_NETWORKS);
    for (size_t i = 0; i < CATALOGUE_NETWORKS; i++) {
        const Source *source = source_named(f, NETWORKS[i].name);
        SubIdSlot slot = source_sub_id_slot(source);

        g_assert_true((source_search(source) != NULL) != (source_feed(source) != NULL));
        g_assert_cmpuint(source_report_count(source), ==, 1);
        g_assert_true(slot.has_slot);
        g_assert_cmpstr(slot.parameter, ==, NETWORKS[i].sub_id);
        g_assert_cmpint(slot.digits_only, ==, NETWORKS[i].sub_id_digits);
        g_assert_cmpuint(slot.length_limit, ==, NETWORKS[i].sub_id_limit);
    }
}

static void
every_search_reads_all_pages_and_misses_nothing(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Catalogue) catalogue = catalogue_new(7);

    for (size_t i = 0; i < CATALOGUE_NETWORKS; i++) {
        const Operation *operation = source_search(source_named(f, NETWORKS[i].name));
        Question question = {.keywords = STR("manager"),
                             .page = 1,
                             .per_page = 20,
                             .user_ip = STR("203.0.113.9"),
                             .user_agent = STR("Mozilla/5.0")};
        CatalogueAsk ask = {.keywords = question.keywords, .country = i == ALDER ? STR("US") : STR_NONE};
        int64_t expected = catalogue_search(catalogue, (unsigned)i, &ask, NULL, NULL);
        g_auto(Harvest) harvest = {0};

        harvest_init(&harvest, "");
        if (operation == NULL)
            continue;
        harvest_all(f, operation, question, &harvest);
        g_assert_cmpint(harvest.status, <=, ANSWER_EMPTY);
        g_assert_cmpuint(g_hash_table_size(harvest.ids), ==, (guint)expected);
        g_assert_cmpuint(harvest.records, ==, (size_t)expected);
        g_assert_cmpint(harvest.total, ==, expected);
        g_assert_cmpuint(harvest.rejected, ==, 0);
    }
}

static void
both_feeds_are_read_whole(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Harvest) dogwood = {0};
    g_auto(Harvest) elm = {0};

    harvest_init(&dogwood, "");
    harvest_init(&elm, "");
    harvest_all(f, source_feed(source_named(f, "dogwood")), (Question){.part = 1}, &dogwood);
    harvest_all(f, source_feed(source_named(f, "elm")), (Question){.part = 1}, &elm);
    g_assert_cmpuint(dogwood.records, ==, 400);
    g_assert_cmpuint(g_hash_table_size(dogwood.ids), ==, 400);
    g_assert_cmpuint(elm.records, >, 500);
    g_assert_cmpuint(g_hash_table_size(elm.ids), ==, elm.records);
    g_assert_cmpuint(dogwood.rejected + elm.rejected, ==, 0);
}

static void
click_through_the_definition(Fixture *f, const Network *network, int count)
{
    const Source *source = source_named(f, network->name);

    for (int i = 0; i < count; i++) {
        g_autoptr(GString) url = g_string_new(NULL);
        g_autofree char *sub_id = g_strdup_printf("%06d", 100000 + i), *target = NULL;
        Question visitor = {0};

        network_append_click_url(network, f->url, (uint32_t)i * 5, url);
        target = str_dup(source_click_url(source, str_of_gstring(url), str_of(sub_id), &visitor, f->arena));
        g_auto(Answered) answered = ask_get(&f->running, target + strlen(f->url), "");
        g_assert_cmpint(answered.status, ==, 200);
    }
}

static int64_t
book_micros(Fixture *f, const char *network)
{
    g_auto(Answered) answered = ask_get(&f->running, "/control/books", "");
    yajl_val books = yajl_tree_parse(answered.body->str, NULL, 0);
    yajl_val micros = yajl_tree_get(books, (const char *[]){"networks", network, "micros", NULL}, yajl_t_string);
    int64_t value = 0;

    g_assert_true(micros != NULL && str_to_int64(str_of(micros->u.string), &value));
    yajl_tree_free(books);
    return value;
}

static void
every_report_says_what_the_books_say(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const int STAGES_S[] = {90, 60, 60, 300, 900};

    for (size_t i = 0; i < CATALOGUE_NETWORKS; i++)
        click_through_the_definition(f, &NETWORKS[i], 90);
    for (size_t stage = 0; stage < G_N_ELEMENTS(STAGES_S); stage++) {
        fake_clock_advance_us(&f->running.clock, STAGES_S[stage] * US_PER_SECOND);
        for (size_t i = 0; i < CATALOGUE_NETWORKS; i++) {
            int64_t now_us = clock_now_us(&f->running.clock.clock);
            Question window = {.page = 1, .since_us = now_us - 3 * US_PER_DAY, .until_us = now_us + US_PER_HOUR};
            g_auto(Harvest) harvest = {0};

            harvest_init(&harvest, NETWORKS[i].currency);
            harvest_all(f, source_report(source_named(f, NETWORKS[i].name), 0), window, &harvest);
            g_assert_cmpint(harvest.status, <=, ANSWER_EMPTY);
            g_assert_cmpuint(harvest.rejected, ==, 0);
            g_assert_cmpint(harvest.micros, ==, book_micros(f, NETWORKS[i].name));
            g_assert_cmpuint(harvest.sub_ids, ==, g_hash_table_size(harvest.amounts));
            g_assert_true(harvest.records > 0);
        }
    }
}

typedef struct {
    const char *fault;
    AnswerStatus status;
} Diagnosis;

static void
every_fault_is_recognised_for_what_it_is(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const Diagnosis DIAGNOSES[] = {
        {"500", ANSWER_TRANSIENT},  {"429", ANSWER_QUOTA},           {"garbage", ANSWER_MALFORMED},
        {"html", ANSWER_MALFORMED}, {"truncated", ANSWER_MALFORMED}, {"none", ANSWER_OK},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(DIAGNOSES); i++) {
        g_autofree char *target = g_strdup_printf("/control/faults/all?fault=%s", DIAGNOSES[i].fault);
        g_auto(Answered) G_GNUC_UNUSED answered = ask(&f->running, "POST", target, "", "", 20);

        for (size_t n = 0; n < CATALOGUE_NETWORKS; n++) {
            const Source *source = source_named(f, NETWORKS[n].name);
            Question question = {
                .page = 1, .part = 1, .per_page = 20, .user_ip = STR("203.0.113.9"), .user_agent = STR("Mozilla/5.0")};
            g_auto(Harvest) harvest = {0};

            harvest_init(&harvest, "");
            if (n == ELM && g_str_equal(DIAGNOSES[i].fault, "truncated"))
                continue; /* a CSV that is cut between two lines looks whole */
            harvest_page(f, source_search(source) != NULL ? source_search(source) : source_feed(source), &question,
                         &harvest);
            g_assert_cmpstr(answer_status_name(harvest.status), ==, answer_status_name(DIAGNOSES[i].status));
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(fn) g_test_add("/sandbox/" #fn, Fixture, NULL, setup, fn, teardown)
    ADD(every_definition_is_complete);
    ADD(every_search_reads_all_pages_and_misses_nothing);
    ADD(both_feeds_are_read_whole);
    ADD(every_fault_is_recognised_for_what_it_is);
    ADD(every_report_says_what_the_books_say);
    return g_test_run();
}
