/*
 * Golden exchanges: each tests/sources/NAME/{exemplary,supplemental}/FILE.json says a question, the request that must come of it, the answer
 * given, and the listings that must come of that. JSON is read as the YAML it also is.
 */
#include "base/json_writer.h"
#include "base/yaml.h"
#include "support.h"

#define FOLDER "tests/sources"

static SourceSet *the_sources;

typedef struct {
    char *source, *path;
} Exchange;

static Str
text_of(const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_find(map, key);

    return node != NULL && node->kind == YAML_SCALAR ? node->text : STR_NONE;
}

static int64_t
number_of(const YamlNode *map, const char *key, int64_t otherwise)
{
    int64_t number;

    return str_to_int64(text_of(map, key), &number) ? number : otherwise;
}

/* The node as the JSON it was. */
static void
write_json(JsonWriter *json, const YamlNode *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        if (node->plain)
            json_raw(json, node->text.at != NULL ? node->text : STR("null"));
        else
            json_text(json, node->text);
        break;
    case YAML_SEQUENCE:
        json_begin_array(json);
        for (size_t i = 0; i < node->count; i++)
            write_json(json, node->items[i]);
        json_end_array(json);
        break;
    case YAML_MAPPING:
        json_begin_object(json);
        for (size_t i = 0; i < node->count; i++) {
            json_key(json, node->pairs[i].key->text.at);
            write_json(json, node->pairs[i].value);
        }
        json_end_object(json);
        break;
    }
}

static char *
json_of(const YamlNode *node)
{
    GString *text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    write_json(&json, node);
    return g_string_free(text, FALSE);
}

static int64_t
moment_of(const YamlNode *map, const char *key)
{
    int64_t us;

    return timestamp_parse(text_of(map, key), NULL, &us, NULL) ? us : TIMESTAMP_NONE;
}

static Question
read_question(const YamlNode *node)
{
    return (Question){
        .keywords = text_of(node, "keywords"),
        .location = text_of(node, "location"),
        .country = text_of(node, "country"),
        .radius_km = number_of(node, "radius_km", 0),
        .page = number_of(node, "page", 1),
        .per_page = number_of(node, "per_page", 0),
        .posted_within_days = number_of(node, "posted_within_days", 0),
        .remote = str_is(text_of(node, "remote"), "true"),
        .salary_min_micros = number_of(node, "salary_min", 0) * MICROS_PER_UNIT,
        .employment_types = employment_type_parse(text_of(node, "employment_type")),
        .user_ip = text_of(node, "user_ip"),
        .user_agent = text_of(node, "user_agent"),
        .page_url = text_of(node, "page_url"),
        .since_us = moment_of(node, "since"),
        .until_us = moment_of(node, "until"),
        .part = number_of(node, "part", 1),
        .cursor = text_of(node, "cursor"),
        .item_id = text_of(node, "item_id"),
        .item_title = text_of(node, "item_title"),
        .item_url = text_of(node, "item_url"),
    };
}

static void
assert_same(const char *where, Str actual, Str expected)
{
    g_autofree char *a = str_dup(actual), *e = str_dup(expected);

    if (g_strcmp0(a, e) != 0)
        g_error("%s:\nexpected %s\n     got %s", where, e, a);
}

/* The moment of the exchange. */
static int64_t
now_of(const YamlNode *root)
{
    int64_t us = moment_of(root, "now");

    return us == TIMESTAMP_NONE ? COLLECTED_AT_US : us;
}

static void
check_request(const YamlNode *root, const Operation *operation, const Question *question)
{
    const YamlNode *expected = yaml_find(root, "request"), *headers = yaml_find(expected, "headers"),
                   *body = yaml_find(expected, "body"), *given = yaml_find(root, "session");
    const Session session = {text_of(given, "token"), text_of(given, "cookies")};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, now_of(root));
    if (!operation_request(operation, question, given != NULL ? &session : NULL, &clock.clock, arena, &request,
                           &error)) {
        assert_same("error", str_of(error->message), text_of(expected, "error"));
        return;
    }
    assert_same("method", str_of(request.method), text_of(expected, "method"));
    assert_same("url", str_of(request.url), text_of(expected, "url"));
    g_assert_cmpuint(request.headers.count, ==, headers != NULL ? headers->count : 0);
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        const char *name = headers->pairs[i].key->text.at;

        assert_same(name, http_header_find(request.headers, name), headers->pairs[i].value->text);
    }
    if (body != NULL && body->kind != YAML_SCALAR) {
        g_autofree char *json = json_of(body);

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

static HttpHeaders
headers_of(const YamlNode *map, Arena *arena)
{
    HttpHeader *headers = ARENA_ARRAY(arena, HttpHeader, map != NULL ? map->count + 1 : 1);
    size_t count = map != NULL ? map->count : 0;

    for (size_t i = 0; i < count; i++)
        headers[i] = (HttpHeader){map->pairs[i].key->text, map->pairs[i].value->text};
    return (HttpHeaders){headers, count};
}

/* The bytes of the answer: its body or text, followed by so many MiB of blanks, and broken off after so many bytes. */
static GString *
bytes_of(const YamlNode *answer, bool *ret_complete)
{
    const YamlNode *body = yaml_find(answer, "body");
    g_autofree char *json = body != NULL ? json_of(body) : NULL;
    int64_t padding_mib = number_of(answer, "padding_mib", 0), cut_at = number_of(answer, "cut_at", -1);
    GString *bytes = g_string_new(NULL);

    str_append(bytes, json != NULL ? str_of(json) : text_of(answer, "text"));
    for (int64_t i = 0; i < padding_mib; i++)
        g_string_append_printf(bytes, "%*s", 1024 * 1024, "");
    *ret_complete = cut_at < 0;
    if (cut_at >= 0) {
        g_assert_cmpint(cut_at, <, (int64_t)bytes->len);
        g_string_truncate(bytes, (gsize)cut_at);
    }
    return bytes;
}

static void
check_answer(const YamlNode *root, const Operation *operation, const Question *question)
{
    const YamlNode *answer = yaml_find(root, "answer"), *next = yaml_find(root, "next");
    SeededRandom random; /* answers come in pieces */
    bool complete;
    g_autoptr(GString) bytes = bytes_of(answer, &complete);
    g_autoptr(Arena) arena = arena_new(1024);
    g_auto(Collected) c = {0};

    seeded_random_init(&random, bytes->len);
    c = collect_at(operation, question, now_of(root), (int)number_of(answer, "status", 200),
                   headers_of(yaml_find(answer, "headers"), arena), str_of_gstring(bytes), complete, &random);

    for (guint i = 0; i < c.rejected->len; i++)
        g_test_message("%s", (const char *)c.rejected->pdata[i]);
    assert_same("status", str_of(answer_status_name(c.status)), text_of(root, "status"));
    if (text_of(root, "message").at != NULL)
        assert_same("message", c.message, text_of(root, "message"));
    g_assert_cmpuint(c.rejected->len, ==, (guint)number_of(root, "rejected", 0));
    g_assert_cmpint(c.total, ==, number_of(root, "total", -1));
    check_items(yaml_find(root, "listings"), &c, false);
    check_items(yaml_find(root, "lines"), &c, true);
    g_assert_cmpint(c.has_next, ==, next != NULL);
    if (next != NULL) {
        g_assert_cmpint(c.next.page, ==, number_of(next, "page", c.next.page));
        g_assert_cmpint(c.next.part, ==, number_of(next, "part", c.next.part));
        if (text_of(next, "cursor").at != NULL)
            assert_same("cursor", c.next.cursor, text_of(next, "cursor"));
    }
}

/* What is asked beside an operation: its login, or the detail of a listing. */
static const Operation *
find_beside(const Source *source, Str name)
{
    const Operation *const operations[] = {source_search(source), source_feed(source),
                                           source_report_count(source) > 0 ? source_report(source, 0) : NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        const Operation *beside = operations[i] == NULL   ? NULL
                                  : str_is(name, "login") ? operation_login(operations[i])
                                                          : operation_detail(operations[i]);

        if (beside != NULL)
            return beside;
    }
    return NULL;
}

static const Operation *
find_operation(const Exchange *exchange, Str name)
{
    const Source *source = source_set_find(the_sources, str_of(exchange->source));

    if (source == NULL)
        g_error("%s: there is no source %s", exchange->path, exchange->source);
    if (name.at == NULL || str_is(name, "search"))
        return source_search(source);
    if (str_is(name, "login") || str_is(name, "detail"))
        return find_beside(source, name);
    return str_is(name, "feed") ? source_feed(source) : source_report_find(source, name);
}

static void
an_exchange_goes_as_written(gconstpointer data)
{
    const Exchange *exchange = data;
    g_autoptr(Arena) arena = arena_new(16384);
    g_auto(YamlMistakes) mistakes;
    const YamlNode *root;
    const Operation *operation;
    Question question;

    yaml_mistakes_init(&mistakes);
    root = yaml_load(exchange->path, arena, &mistakes);
    if (root == NULL || mistakes.count > 0)
        g_error("%s", mistakes.text->str);
    operation = find_operation(exchange, text_of(root, "operation"));
    g_assert_nonnull(operation);
    question = read_question(yaml_find(root, "question"));
    check_request(root, operation, &question);
    if (yaml_find(root, "answer") != NULL)
        check_answer(root, operation, &question);
}

static void
exchange_free(gpointer data)
{
    Exchange *exchange = data;

    g_free(exchange->source);
    g_free(exchange->path);
    g_free(exchange);
}

/* A folder is named as its source: lever-spotify for the instance spotify of lever. */
static unsigned
add_exchanges(const char *folder, const char *name, const char *kind)
{
    g_autofree char *path = g_build_filename(folder, name, kind, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *file;
    unsigned count = 0;

    while (dir != NULL && (file = g_dir_read_name(dir)) != NULL) {
        Exchange *exchange;
        g_autofree char *test = g_strdup_printf("/sources/golden/%s/%s/%s", name, kind, file);

        if (!g_str_has_suffix(file, ".json"))
            continue;
        exchange = g_new0(Exchange, 1);
        exchange->source = g_strdup(name);
        exchange->path = g_build_filename(path, file, NULL);
        g_test_add_data_func_full(test, exchange, an_exchange_goes_as_written, exchange_free);
        count++;
    }
    return count;
}

int
main(int argc, char **argv)
{
    g_autofree char *folder = g_build_filename(g_getenv("WEIR_ROOT"), FOLDER, NULL);
    g_autoptr(GDir) dir = NULL;
    g_autoptr(GError) error = NULL;
    const char *name;
    unsigned count = 0;
    int result;

    g_test_init(&argc, &argv, NULL);
    the_sources = load_project_sources(&error);
    g_assert_no_error(error);
    dir = g_dir_open(folder, 0, &error);
    g_assert_no_error(error);
    while ((name = g_dir_read_name(dir)) != NULL)
        count += add_exchanges(folder, name, "exemplary") + add_exchanges(folder, name, "supplemental");
    g_assert_cmpuint(count, >, 0);
    result = g_test_run();
    source_set_unref(the_sources);
    return result;
}
