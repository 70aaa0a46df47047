/* Golden exchanges go as they are written down. */
#include "golden.h"

static SourceSet *the_sources;

static void
assert_same(const char *where, Str actual, Str expected)
{
    g_autofree char *a = str_dup(actual), *e = str_dup(expected);

    if (g_strcmp0(a, e) != 0)
        g_error("%s:\nexpected %s\n     got %s", where, e, a);
}

static void
check_request(const YamlNode *root, const Operation *operation, const Question *question)
{
    const YamlNode *expected = yaml_find(root, "request"), *headers = yaml_find(expected, "headers"),
                   *body = yaml_find(expected, "body"), *given = yaml_find(root, "session");
    const Session session = {golden_text(given, "token"), golden_text(given, "cookies")};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, golden_now(root));
    if (!operation_request(operation, question, given != NULL ? &session : NULL, &clock.clock, arena, &request,
                           &error)) {
        assert_same("error", str_of(error->message), golden_text(expected, "error"));
        return;
    }
    assert_same("method", str_of(request.method), golden_text(expected, "method"));
    assert_same("url", str_of(request.url), golden_text(expected, "url"));
    g_assert_cmpuint(request.headers.count, ==, headers != NULL ? headers->count : 0);
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        const char *name = headers->pairs[i].key->text.at;

        assert_same(name, http_header_find(request.headers, name), headers->pairs[i].value->text);
    }
    if (body != NULL && body->kind != YAML_SCALAR) {
        g_autofree char *json = golden_json(body);

        assert_same("body", request.body, str_of(json));
    } else {
        assert_same("body", request.body, body != NULL ? body->text : STR_NONE);
    }
}

/* ---- what came, as a map of texts that is compared with the one expected ---- */

static void
put(GHashTable *map, const char *key, Str value)
{
    if (value.at != NULL)
        g_hash_table_insert(map, g_strdup(key), str_dup(value));
}

static void
put_moment(GHashTable *map, const char *key, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (us != TIMESTAMP_NONE)
        put(map, key, str_of(timestamp_format(us, text)));
}

static void
put_micros(GHashTable *map, const char *key, int64_t micros)
{
    char text[MONEY_TEXT_SIZE];

    put(map, key, str_of(money_format(micros, text)));
}

static GHashTable *
map_of_listing(const Listing *listing)
{
    GHashTable *map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    char degrees[G_ASCII_DTOSTR_BUF_SIZE];
    const Salary *salary = &listing->salary;

    put(map, "id", listing->id);
    put(map, "title", listing->title);
    put(map, "company", listing->company);
    put(map, "location", listing->location);
    put(map, "country", listing->country);
    put(map, "snippet", listing->snippet);
    put(map, "description", listing->description);
    put(map, "category", listing->category);
    put(map, "language", listing->language);
    put(map, "url", listing->url);
    put(map, "remote", str_of(remote_name(listing->remote)));
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1) {
        if ((listing->employment_types & bit) != 0)
            put(map, "employment_type", str_of(employment_type_name((EmploymentType)bit)));
    }
    put_moment(map, "posted_at", listing->posted_at_us);
    put_moment(map, "expires_at", listing->expires_at_us);
    if (listing->has_position) {
        put(map, "latitude", str_of(g_ascii_dtostr(degrees, sizeof degrees, listing->latitude)));
        put(map, "longitude", str_of(g_ascii_dtostr(degrees, sizeof degrees, listing->longitude)));
    }
    if (salary->has_min)
        put_micros(map, "salary_min", salary->min_micros);
    if (salary->has_max)
        put_micros(map, "salary_max", salary->max_micros);
    put(map, "salary_text", salary->text);
    if (salary->has_min || salary->has_max) {
        put(map, "salary_currency", str_of(salary->currency.code));
        put(map, "salary_period", str_of(period_name(salary->period)));
    }
    if (listing->has_bid) {
        put_micros(map, "bid", listing->bid.micros);
        put(map, "bid_currency", str_of(listing->bid.currency.code));
    }
    return map;
}

static void
put_count(GHashTable *map, const char *key, int64_t count)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)count);

    if (count >= 0)
        put(map, key, str_of(text));
}

static GHashTable *
map_of_line(const ReportLine *line)
{
    GHashTable *map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    put(map, "key", line->key);
    put(map, "original_key", line->original_key);
    put(map, "sub_id", line->sub_id);
    put(map, "status", line->status);
    put(map, "description", line->description);
    put_micros(map, "amount", line->amount_micros);
    put(map, "currency", str_of(line->currency.code));
    put_moment(map, "event_at", line->event_at_us);
    put_moment(map, "click_at", line->click_at_us);
    put_moment(map, "validated_at", line->validated_at_us);
    put_moment(map, "version_at", line->version_at_us);
    put_count(map, "clicks", line->clicks);
    put_count(map, "impressions", line->impressions);
    return map;
}

static void
check_map(GHashTable *actual, const YamlNode *expected, size_t index)
{
    GHashTableIter i;
    gpointer key, value;

    g_hash_table_iter_init(&i, actual);
    while (g_hash_table_iter_next(&i, &key, &value)) {
        if (yaml_find(expected, key) == NULL)
            g_error("item %zu has %s = \"%s\", which is not expected", index, (char *)key, (char *)value);
    }
    for (size_t j = 0; j < expected->count; j++) {
        const char *name = expected->pairs[j].key->text.at;
        g_autofree char *where = g_strdup_printf("item %zu, %s", index, name);

        assert_same(where, str_of(g_hash_table_lookup(actual, name)), expected->pairs[j].value->text);
    }
}

static void
check_items(const YamlNode *expected, const Collected *collected, bool lines)
{
    size_t count = lines ? collected->lines->len : collected->listings->len;

    g_assert_cmpuint(count, ==, expected != NULL ? expected->count : 0);
    for (guint i = 0; i < count; i++) {
        g_autoptr(GHashTable) map = lines ? map_of_line(&g_array_index(collected->lines, ReportLine, i))
                                          : map_of_listing(&g_array_index(collected->listings, Listing, i));

        check_map(map, expected->items[i], i);
    }
}

static void
check_answer(const YamlNode *root, const Operation *operation, const Question *question)
{
    const YamlNode *next = yaml_find(root, "next");
    g_auto(Collected) c = golden_collect(root, operation, question);

    for (guint i = 0; i < c.rejected->len; i++)
        g_test_message("%s", (const char *)c.rejected->pdata[i]);
    assert_same("status", str_of(answer_status_name(c.status)), golden_text(root, "status"));
    if (golden_text(root, "message").at != NULL)
        assert_same("message", c.message, golden_text(root, "message"));
    g_assert_cmpuint(c.rejected->len, ==, (guint)golden_number(root, "rejected", 0));
    g_assert_cmpint(c.total, ==, golden_number(root, "total", -1));
    check_items(yaml_find(root, "listings"), &c, false);
    check_items(yaml_find(root, "lines"), &c, true);
    g_assert_cmpint(c.has_next, ==, next != NULL);
    if (next != NULL) {
        g_assert_cmpint(c.next.page, ==, golden_number(next, "page", c.next.page));
        g_assert_cmpint(c.next.part, ==, golden_number(next, "part", c.next.part));
        if (golden_text(next, "cursor").at != NULL)
            assert_same("cursor", c.next.cursor, golden_text(next, "cursor"));
    }
}

static void
an_exchange_goes_as_written(gconstpointer data)
{
    const Exchange *exchange = data;
    g_autoptr(Arena) arena = arena_new(16384);
    const YamlNode *root = golden_load(exchange, arena);
    const Operation *operation = golden_operation(the_sources, exchange, golden_text(root, "operation"));
    Question question = golden_question(yaml_find(root, "question"));

    g_assert_nonnull(operation);
    check_request(root, operation, &question);
    if (yaml_find(root, "answer") != NULL)
        check_answer(root, operation, &question);
}

int
main(int argc, char **argv)
{
    g_autoptr(GPtrArray) exchanges = golden_list();
    g_autoptr(GError) error = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    the_sources = load_project_sources(&error);
    g_assert_no_error(error);
    for (guint i = 0; i < exchanges->len; i++) {
        const Exchange *exchange = exchanges->pdata[i];
        g_autofree char *file = g_path_get_basename(exchange->path);
        g_autofree char *test = g_strdup_printf("/sources/golden/%s/%s/%s", exchange->source, exchange->kind, file);

        g_test_add_data_func(test, exchange, an_exchange_goes_as_written);
    }
    result = g_test_run();
    source_set_unref(the_sources);
    return result;
}
