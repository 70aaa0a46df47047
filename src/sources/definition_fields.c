/* Loading the fields of a listing, a line or a total. */
#include "sources/definition.h"

/* Where the expression of a key goes. */
typedef struct {
    const char *key;
    const Expression **to;
    bool required;
} FieldSlot;

static const FieldSlot *
find_slot(const FieldSlot *slots, size_t count, Str key)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(key, slots[i].key))
            return &slots[i];
    }
    return NULL;
}

/* What a map of fields may have beside expressions. */
#define PARTS_MAX 3
static const char *const LISTING_PARTS[] = {"salary", "bid", "skip_if", NULL};
static const char *const LINE_PARTS[] = {"skip_if", NULL};
static const char *const NO_PARTS[] = {NULL};

static void
add_unknown(DefinitionLoader *loader, const YamlNode *key, const FieldSlot *slots, size_t count,
            const char *const *parts)
{
    g_autofree const char **names = g_new0(const char *, count + PARTS_MAX + 1);
    g_autofree char *suggestion = NULL;

    for (size_t i = 0; i < count; i++)
        names[i] = slots[i].key;
    for (size_t i = 0; parts[i] != NULL; i++)
        names[count + i] = parts[i];
    suggestion = yaml_suggestion(key->text, names);
    yaml_mistake(loader->mistakes, key, key->text.at, "unknown field%s", suggestion);
}

static const Expression *
load_expression(DefinitionLoader *loader, const YamlNode *node, const char *key, Operation *operation)
{
    return expression_of_node(node, key, &loader->scope, &operation->fields, loader->arena, loader->mistakes);
}

static void
load_skips(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;

    operation->skips = ARENA_ARRAY(loader->arena, const Expression *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const YamlNode *item = node->kind == YAML_SEQUENCE ? node->items[i] : node;
        const Expression *skip = load_expression(loader, item, "skip_if", operation);

        if (skip != NULL)
            operation->skips[operation->skip_count++] = skip;
    }
}

/* Fills the slots from a map; keys of nested maps (salary, bid) come through nested(). */
static void
load_slots(DefinitionLoader *loader, const YamlNode *map, Operation *operation, const FieldSlot *slots, size_t count,
           const char *const *parts,
           bool (*nested)(DefinitionLoader *loader, const YamlPair *pair, Operation *operation))
{
    for (size_t i = 0; i < map->count; i++) {
        const YamlPair *pair = &map->pairs[i];
        const FieldSlot *slot = find_slot(slots, count, pair->key->text);

        if (slot != NULL)
            *slot->to = load_expression(loader, pair->value, slot->key, operation);
        else if (nested == NULL || !nested(loader, pair, operation))
            add_unknown(loader, pair->key, slots, count, parts);
    }
    for (size_t i = 0; i < count; i++) {
        if (slots[i].required && yaml_find(map, slots[i].key) == NULL)
            yaml_mistake(loader->mistakes, map, slots[i].key, "is missing");
    }
}

static void
load_nested_slots(DefinitionLoader *loader, const YamlPair *pair, Operation *operation, const FieldSlot *slots,
                  size_t count)
{
    if (pair->value->kind == YAML_MAPPING)
        load_slots(loader, pair->value, operation, slots, count, NO_PARTS, NULL);
    else
        yaml_mistake(loader->mistakes, pair->value, pair->key->text.at, "must be a map of fields, such as {%s: ...}",
                     slots[0].key);
}

static bool
load_listing_part(DefinitionLoader *loader, const YamlPair *pair, Operation *operation)
{
    ListingMap *map = &operation->listing;
    FieldSlot salary[] = {
        {"min", &map->salary_min, false},
        {"max", &map->salary_max, false},
        {"currency", &map->salary_currency, false},
        {"period", &map->salary_period, false},
        {"predicted", &map->salary_predicted, false},
        {"text", &map->salary_text, false},
    };
    FieldSlot bid[] = {{"amount", &map->bid_amount, true}, {"currency", &map->bid_currency, true}};

    if (str_is(pair->key->text, "salary"))
        load_nested_slots(loader, pair, operation, salary, G_N_ELEMENTS(salary));
    else if (str_is(pair->key->text, "bid"))
        load_nested_slots(loader, pair, operation, bid, G_N_ELEMENTS(bid));
    else if (str_is(pair->key->text, "skip_if"))
        load_skips(loader, pair->value, operation);
    else
        return false;
    return true;
}

static bool
load_line_part(DefinitionLoader *loader, const YamlPair *pair, Operation *operation)
{
    if (!str_is(pair->key->text, "skip_if"))
        return false;
    load_skips(loader, pair->value, operation);
    return true;
}

/* What a detail does not say itself stays as the first step said it; a listing cannot do without these two. */
static void
keep_title_and_url(DefinitionLoader *loader, const YamlNode *map, Operation *detail)
{
    const YamlNode title = {.kind = YAML_SCALAR, .text = STR("= {item_title}")};
    const YamlNode url = {.kind = YAML_SCALAR, .text = STR("= {item_url}")};

    if (yaml_find(map, "title") == NULL)
        detail->listing.title = load_expression(loader, &title, "title", detail);
    if (yaml_find(map, "url") == NULL)
        detail->listing.url = load_expression(loader, &url, "url", detail);
}

static void
load_listing(DefinitionLoader *loader, const YamlNode *map, Operation *operation)
{
    bool is_detail = operation->kind == OPERATION_DETAIL;
    ListingMap *to = &operation->listing;
    FieldSlot slots[] = {
        {"id", &to->id, false},
        {"title", &to->title, !is_detail},
        {"company", &to->company, false},
        {"location", &to->location, false},
        {"country", &to->country, false},
        {"latitude", &to->latitude, false},
        {"longitude", &to->longitude, false},
        {"remote", &to->remote, false},
        {"employment_type", &to->employment_type, false},
        {"posted_at", &to->posted_at, false},
        {"expires_at", &to->expires_at, false},
        {"snippet", &to->snippet, false},
        {"description", &to->description, false},
        {"category", &to->category, false},
        {"language", &to->language, false},
        {"url", &to->url, !is_detail},
    };

    load_slots(loader, map, operation, slots, G_N_ELEMENTS(slots), LISTING_PARTS, load_listing_part);
    if (is_detail)
        keep_title_and_url(loader, map, operation);
    operation->mapped = listing_map_fields(to);
}

/* What a map makes of the partner's words for a line's state is known before any line comes. */
static void
check_statuses(DefinitionLoader *loader, const YamlNode *status)
{
    for (size_t i = 0; yaml_find(status, "by") != NULL && i < status->count; i++) {
        const YamlNode *value = status->pairs[i].value;

        if (str_is(status->pairs[i].key->text, "by") || value->kind != YAML_SCALAR || value->text.at == NULL ||
            str_find_char(value->text, '{') >= 0 || report_status_find(value->text) != NULL)
            continue;
        yaml_mistake(loader->mistakes, value, "status", "\"%s\" is none of " REPORT_STATUSES, value->text.at);
    }
}

static void
load_line(DefinitionLoader *loader, const YamlNode *map, Operation *operation)
{
    LineMap *to = &operation->line;
    FieldSlot slots[] = {
        {"key", &to->key, false},
        {"original_key", &to->original_key, false},
        {"sub_id", &to->sub_id, false},
        {"status", &to->status, false},
        {"amount", &to->amount, true},
        {"currency", &to->currency, true},
        {"event_at", &to->event_at, false},
        {"click_at", &to->click_at, false},
        {"validated_at", &to->validated_at, false},
        {"version_at", &to->version_at, false},
        {"clicks", &to->clicks, false},
        {"impressions", &to->impressions, false},
        {"description", &to->description, false},
    };

    load_slots(loader, map, operation, slots, G_N_ELEMENTS(slots), LINE_PARTS, load_line_part);
    check_statuses(loader, yaml_find(map, "status"));
    if (operation->mode != REPORT_APPEND && to->key == NULL)
        yaml_mistake(loader->mistakes, map, "key", "is missing: lines that may change are found again by it");
}

static void
load_total(DefinitionLoader *loader, const YamlNode *map, Operation *operation)
{
    LineMap *to = &operation->line;
    FieldSlot slots[] = {
        {"day", &to->event_at, true},
        {"amount", &to->amount, true},
        {"currency", &to->currency, true},
        {"clicks", &to->clicks, false},
    };

    load_slots(loader, map, operation, slots, G_N_ELEMENTS(slots), LINE_PARTS, load_line_part);
}

/* Rows and lines stand alone: what a path with ^ asks for is never there. */
static void
check_ancestors(DefinitionLoader *loader, const YamlNode *map, const char *key, const Operation *operation)
{
    for (guint i = 0; operation->reader.format == STREAM_CSV && i < operation->fields.paths->len; i++) {
        const Path *path = operation->fields.paths->pdata[i];

        if (path_up(path) > 0)
            yaml_mistake(loader->mistakes, map, key, "\"%.*s\": nothing encloses a row of CSV",
                         STR_FORMAT(path_text(path)));
    }
}

/* Whether a path of the expression, the id of a listing or the key of a line, leads into the items of for_each. */
static bool
is_of_item(const Operation *operation, const Expression *expression)
{
    for (guint i = 0; operation->for_each != NULL && i < operation->fields.paths->len; i++) {
        if (path_leads_on(operation->fields.paths->pdata[i], operation->for_each, NULL) &&
            expression_uses_field(expression, i))
            return true;
    }
    return false;
}

/* The id of a listing is made distinct by itself, the key of a line is not: money is found again by it. */
static void
check_items(DefinitionLoader *loader, const YamlNode *map, Operation *operation)
{
    operation->id_is_of_item =
        is_of_item(operation, operation->listing.id) || is_of_item(operation, operation->line.key);
    if (operation->for_each != NULL && operation->line.key != NULL && !operation->id_is_of_item)
        yaml_mistake(loader->mistakes, yaml_find(map, "key"), "key",
                     "is the same for each of %.*s; write [..., %.*s...] | join('/')",
                     STR_FORMAT(path_text(operation->for_each)), STR_FORMAT(path_text(operation->for_each)));
}

void
definition_load_fields(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    static const struct {
        const char *key;
        void (*load)(DefinitionLoader *loader, const YamlNode *map, Operation *operation);
    } MAPS[] = {
        [OPERATION_SEARCH] = {"listing", load_listing}, [OPERATION_FEED] = {"listing", load_listing},
        [OPERATION_REPORT] = {"line", load_line},       [OPERATION_TOTALS] = {"total", load_total},
        [OPERATION_DETAIL] = {"listing", load_listing},
    };
    bool own = operation->kind == OPERATION_DETAIL; /* the file's are of the first step */
    bool listings = own || operation->kind == OPERATION_SEARCH || operation->kind == OPERATION_FEED;
    const char *key = MAPS[operation->kind].key;
    const YamlNode *map = yaml_find(node, key);

    if (!listings && yaml_find(node, "listing") != NULL)
        yaml_mistake(loader->mistakes, yaml_find(node, "listing"), "listing", "has no meaning here; write %s", key);
    if (operation->kind != OPERATION_REPORT && yaml_find(node, "line") != NULL)
        yaml_mistake(loader->mistakes, yaml_find(node, "line"), "line", "has no meaning here; write %s", key);
    if (map == NULL && listings && !own)
        map = yaml_find(loader->root, "listing");
    if (map == NULL)
        yaml_mistake(loader->mistakes, node, key, "is missing");
    else if (map->kind != YAML_MAPPING)
        yaml_mistake(loader->mistakes, map, key, "must be a map of fields");
    else
        MAPS[operation->kind].load(loader, map, operation);
    check_ancestors(loader, map, key, operation);
    check_items(loader, map, operation);
    if (operation->merge_within > 0 && (own || operation->listing.id == NULL))
        yaml_mistake(loader->mistakes, map, "merge_within",
                     "needs the id of a listing, by which rows are known to be one");
}
