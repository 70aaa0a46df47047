#include "golden.h"

#include "base/json_writer.h"

#define FOLDER "tests/sources"

Str
golden_text(const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_find(map, key);

    return node != NULL && node->kind == YAML_SCALAR ? node->text : STR_NONE;
}

int64_t
golden_number(const YamlNode *map, const char *key, int64_t otherwise)
{
    int64_t number;

    return str_to_int64(golden_text(map, key), &number) ? number : otherwise;
}

static double
golden_degrees(const YamlNode *map, const char *key)
{
    g_autofree char *text = str_dup(golden_text(map, key));

    return text != NULL ? g_ascii_strtod(text, NULL) : 0;
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

char *
golden_json(const YamlNode *node)
{
    GString *text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    write_json(&json, node);
    return g_string_free(text, FALSE);
}

static int64_t
golden_moment(const YamlNode *map, const char *key)
{
    int64_t us;

    return timestamp_parse(golden_text(map, key), NULL, &us, NULL) ? us : TIMESTAMP_NONE;
}

Question
golden_question(const YamlNode *node)
{
    return (Question){
        .keywords = golden_text(node, "keywords"),
        .location = golden_text(node, "location"),
        .country = golden_text(node, "country"),
        .has_position = golden_text(node, "latitude").at != NULL,
        .latitude = golden_degrees(node, "latitude"),
        .longitude = golden_degrees(node, "longitude"),
        .radius_km = golden_number(node, "radius_km", 0),
        .page = golden_number(node, "page", 1),
        .per_page = golden_number(node, "per_page", 0),
        .posted_within_days = golden_number(node, "posted_within_days", 0),
        .remote = str_is(golden_text(node, "remote"), "true"),
        .salary_min_micros = golden_number(node, "salary_min", 0) * MICROS_PER_UNIT,
        .employment_types = employment_type_parse(golden_text(node, "employment_type")),
        .user_ip = golden_text(node, "user_ip"),
        .user_agent = golden_text(node, "user_agent"),
        .page_url = golden_text(node, "page_url"),
        .since_us = golden_moment(node, "since"),
        .until_us = golden_moment(node, "until"),
        .part = golden_number(node, "part", 1),
        .cursor = golden_text(node, "cursor"),
        .item_id = golden_text(node, "item_id"),
        .item_title = golden_text(node, "item_title"),
        .item_url = golden_text(node, "item_url"),
        .ticket = golden_text(node, "ticket"),
        .result = golden_text(node, "result"),
    };
}

int64_t
golden_now(const YamlNode *root)
{
    int64_t us = golden_moment(root, "now");

    return us == TIMESTAMP_NONE ? COLLECTED_AT_US : us;
}

static HttpHeaders
golden_headers(const YamlNode *map, Arena *arena)
{
    HttpHeader *headers = ARENA_ARRAY(arena, HttpHeader, map != NULL ? map->count + 1 : 1);
    size_t count = map != NULL ? map->count : 0;

    for (size_t i = 0; i < count; i++)
        headers[i] = (HttpHeader){map->pairs[i].key->text, map->pairs[i].value->text};
    return (HttpHeaders){headers, count};
}

static GString *
golden_bytes(const YamlNode *answer, bool *ret_complete)
{
    const YamlNode *body = yaml_find(answer, "body");
    g_autofree char *json = body != NULL ? golden_json(body) : NULL;
    int64_t padding_mib = golden_number(answer, "padding_mib", 0), cut_at = golden_number(answer, "cut_at", -1);
    GString *bytes = g_string_new(NULL);

    str_append(bytes, json != NULL ? str_of(json) : golden_text(answer, "text"));
    for (int64_t i = 0; i < padding_mib; i++)
        g_string_append_printf(bytes, "%*s", 1024 * 1024, "");
    *ret_complete = cut_at < 0;
    if (cut_at >= 0) {
        g_assert_cmpint(cut_at, <, (int64_t)bytes->len);
        g_string_truncate(bytes, (gsize)cut_at);
    }
    return bytes;
}

/* What is asked beside an operation: its login, the detail of a listing, or what prepares it. */
static const struct {
    const char *name;
    const Operation *(*of)(const Operation *operation);
} BESIDE[] = {
    {"login", operation_login}, {"detail", operation_detail}, {"submit", operation_submit}, {"poll", operation_poll}};

static const Operation *
find_beside(const Source *source, Str name)
{
    for (size_t i = 0; i < source_report_count(source) + 2; i++) {
        const Operation *operation = i == 0   ? source_search(source)
                                     : i == 1 ? source_feed(source)
                                              : source_report(source, i - 2);

        for (size_t j = 0; operation != NULL && j < G_N_ELEMENTS(BESIDE); j++)
            if (str_is(name, BESIDE[j].name) && BESIDE[j].of(operation) != NULL)
                return BESIDE[j].of(operation);
    }
    return NULL;
}

const Operation *
golden_operation(const SourceSet *set, const Exchange *exchange, Str name)
{
    const Source *source = source_set_find(set, str_of(exchange->source));

    if (source == NULL)
        g_error("%s: there is no source %s", exchange->path, exchange->source);
    if (name.at == NULL || str_is(name, "search"))
        return source_search(source);
    for (size_t i = 0; i < G_N_ELEMENTS(BESIDE); i++)
        if (str_is(name, BESIDE[i].name))
            return find_beside(source, name);
    return str_is(name, "feed") ? source_feed(source) : source_report_find(source, name);
}

const YamlNode *
golden_load(const Exchange *exchange, Arena *arena)
{
    g_auto(YamlMistakes) mistakes;
    const YamlNode *root;

    yaml_mistakes_init(&mistakes);
    root = yaml_load(exchange->path, arena, &mistakes);
    if (root == NULL || mistakes.count > 0)
        g_error("%s", mistakes.text->str);
    return root;
}

Collected
golden_collect(const YamlNode *root, const Operation *operation, const Question *question)
{
    const YamlNode *answer = yaml_find(root, "answer");
    SeededRandom random; /* answers come in pieces */
    bool complete;
    g_autoptr(GString) bytes = golden_bytes(answer, &complete);
    g_autoptr(Arena) arena = arena_new(1024);

    seeded_random_init(&random, bytes->len);
    return collect_at(operation, question, golden_now(root), (int)golden_number(answer, "status", 200),
                      golden_headers(yaml_find(answer, "headers"), arena), str_of_gstring(bytes), complete, &random);
}

static void
exchange_free(gpointer data)
{
    Exchange *exchange = data;

    g_free(exchange->source);
    g_free(exchange->kind);
    g_free(exchange->path);
    g_free(exchange);
}

static void
add_exchanges(GPtrArray *to, const char *folder, const char *source, const char *kind)
{
    g_autofree char *path = g_build_filename(folder, source, kind, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *file;

    while (dir != NULL && (file = g_dir_read_name(dir)) != NULL) {
        Exchange *exchange;

        if (!g_str_has_suffix(file, ".json"))
            continue;
        exchange = g_new0(Exchange, 1);
        *exchange = (Exchange){g_strdup(source), g_strdup(kind), g_build_filename(path, file, NULL)};
        g_ptr_array_add(to, exchange);
    }
}

GPtrArray *
golden_list(void)
{
    g_autofree char *folder = g_build_filename(g_getenv("WEIR_ROOT"), FOLDER, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
    GPtrArray *exchanges = g_ptr_array_new_with_free_func(exchange_free);
    const char *source;

    g_assert_no_error(error);
    while ((source = g_dir_read_name(dir)) != NULL) {
        add_exchanges(exchanges, folder, source, "exemplary");
        add_exchanges(exchanges, folder, source, "supplemental");
    }
    g_assert_cmpuint(exchanges->len, >, 0);
    return exchanges;
}
