#include "base/yaml.h"

#include <yaml.h>

#define SIZE_LIMIT_BYTES ((gsize)1 << 20)
#define DEPTH_LIMIT      24 /* definitions are five or six levels deep; the rest is an attack on our stack */
#define MISTAKES_LIMIT   100

void
yaml_mistakes_init(YamlMistakes *mistakes)
{
    *mistakes = (YamlMistakes){.text = g_string_new(NULL)};
}

void
yaml_mistakes_clear(YamlMistakes *mistakes)
{
    if (mistakes->text != NULL)
        g_string_free(mistakes->text, TRUE);
    mistakes->text = NULL;
}

static void
add_mistake(YamlMistakes *mistakes, const char *file, unsigned line, const char *key, const char *message)
{
    if (mistakes->count++ >= MISTAKES_LIMIT)
        return;
    g_string_append_printf(mistakes->text, "%s%s:%u: ", mistakes->text->len > 0 ? "\n" : "", file, line);
    if (key != NULL)
        g_string_append_printf(mistakes->text, "%s: ", key);
    g_string_append(mistakes->text, message);
}

void
yaml_mistake(YamlMistakes *mistakes, const YamlNode *where, const char *key, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add_mistake(mistakes, where->file, where->line, key, message);
}

bool
yaml_mistakes_none(const YamlMistakes *mistakes, GError **error)
{
    if (mistakes->count == 0)
        return true;
    if (mistakes->count > MISTAKES_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s\nand %u more", mistakes->text->str,
                         mistakes->count - MISTAKES_LIMIT);
    return weir_fail(error, WEIR_ERROR_INVALID, "%s", mistakes->text->str);
}

/* ---- events of libyaml become nodes ---- */

typedef struct {
    yaml_parser_t parser;
    const char *file;
    Arena *arena;
    YamlMistakes *mistakes;
} Loader;

/* What usually is the matter, in words of somebody who writes an expression and has forgotten what YAML makes of its marks. */
static const char *
hint_of(const char *problem)
{
    static const struct {
        const char *problem, *hint;
    } HINTS[] = {
        {"mapping values are not allowed", "a text with \": \" in it must stand in quotes"},
        {"did not find expected key", "a text that begins with [, {, ' or \" must stand in quotes as a whole"},
        {"comment or line break", "a text that begins with [ or { must stand in quotes as a whole"},
        {"did not find expected ',' or", "within {} and [], a text with one of ,[]{} must stand in quotes"},
        {"cannot start any token", "a text that begins with @, % or ` must stand in quotes, and tabs are no blanks"},
    };

    for (size_t i = 0; problem != NULL && i < G_N_ELEMENTS(HINTS); i++) {
        if (strstr(problem, HINTS[i].problem) != NULL)
            return HINTS[i].hint;
    }
    return NULL;
}

/* Takes the next event; false, with a mistake, when the text is no YAML. */
static bool
next_event(Loader *loader, yaml_event_t *event)
{
    const char *problem, *context, *hint;
    g_autofree char *message = NULL, *where = NULL;
    size_t line, begin;

    if (yaml_parser_parse(&loader->parser, event))
        return true;
    problem = loader->parser.problem;
    context = loader->parser.context;
    hint = hint_of(problem);
    line = loader->parser.problem_mark.line;
    begin = context != NULL ? loader->parser.context_mark.line : line;
    /* A key without its colon is noticed in the next line. */
    if (context != NULL && strstr(context, "simple key") != NULL)
        line = begin;
    where = begin != line ? g_strdup_printf(" that begins in line %zu", begin + 1) : g_strdup("");
    message =
        g_strdup_printf("not YAML: %s%s%s%s%s%s", problem != NULL ? problem : "unreadable", context != NULL ? ", " : "",
                        context != NULL ? context : "", where, hint != NULL ? "; " : "", hint != NULL ? hint : "");
    add_mistake(loader->mistakes, loader->file, (unsigned)line + 1, NULL, message);
    return false;
}

static YamlNode *
new_node(Loader *loader, const yaml_event_t *event)
{
    YamlNode *node = ARENA_NEW(loader->arena, YamlNode);

    node->file = loader->file;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    return node;
}

static bool
is_null_word(Str text)
{
    return text.size == 0 || str_is(text, "~") || str_is(text, "null");
}

static const YamlNode *read_node(Loader *loader, yaml_event_t *event, unsigned depth);

static YamlNode *
read_scalar(Loader *loader, const yaml_event_t *event)
{
    YamlNode *node = new_node(loader, event);
    Str text = {(const char *)event->data.scalar.value, event->data.scalar.length};

    node->kind = YAML_SCALAR;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = node->plain && is_null_word(text) ? STR_NONE : arena_str(loader->arena, text);
    return node;
}

static const YamlNode *
read_sequence(Loader *loader, const yaml_event_t *start, unsigned depth)
{
    YamlNode *node = new_node(loader, start);
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    const YamlNode **copy;

    node->kind = YAML_SEQUENCE;
    for (;;) {
        yaml_event_t event;
        const YamlNode *item;

        if (!next_event(loader, &event))
            return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        item = read_node(loader, &event, depth + 1);
        if (item == NULL)
            return NULL;
        g_ptr_array_add(items, (gpointer)item);
    }
    copy = ARENA_ARRAY(loader->arena, const YamlNode *, items->len + 1);
    for (guint i = 0; i < items->len; i++)
        copy[i] = items->pdata[i];
    node->items = copy;
    node->count = items->len;
    return node;
}

static bool
has_key(const GArray *pairs, Str key)
{
    for (guint i = 0; i < pairs->len; i++) {
        if (str_equal(g_array_index(pairs, YamlPair, i).key->text, key))
            return true;
    }
    return false;
}

/* Reads one "key: value" of which event is the key. False when reading must stop. */
static bool
read_pair(Loader *loader, yaml_event_t *event, GArray *pairs, unsigned depth)
{
    YamlPair pair;
    yaml_event_t value;

    pair.key = read_node(loader, event, depth + 1);
    if (pair.key == NULL || !next_event(loader, &value))
        return false;
    pair.value = read_node(loader, &value, depth + 1);
    if (pair.value == NULL)
        return false;
    if (pair.key->kind != YAML_SCALAR || str_is_empty(pair.key->text))
        yaml_mistake(loader->mistakes, pair.key, NULL, "a key must be a plain text");
    else if (has_key(pairs, pair.key->text))
        yaml_mistake(loader->mistakes, pair.key, pair.key->text.at, "is given twice");
    else
        g_array_append_val(pairs, pair);
    return true;
}

static const YamlNode *
read_mapping(Loader *loader, const yaml_event_t *start, unsigned depth)
{
    YamlNode *node = new_node(loader, start);
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(YamlPair));

    node->kind = YAML_MAPPING;
    for (;;) {
        yaml_event_t event;

        if (!next_event(loader, &event))
            return NULL;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        if (!read_pair(loader, &event, pairs, depth))
            return NULL;
    }
    node->pairs = arena_items(loader->arena, pairs);
    node->count = pairs->len;
    return node;
}

static const char *
refusal_of(const yaml_event_t *event, unsigned depth)
{
    if (depth > DEPTH_LIMIT)
        return "is nested too deeply";
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return "aliases are not allowed";
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL ? "anchors are not allowed"
               : event->data.scalar.tag != NULL  ? "tags are not allowed"
                                                 : NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL ? "anchors are not allowed" : NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL ? "anchors are not allowed" : NULL;
    default:
        return "is no value";
    }
}

/* Reads the node that event begins, and deletes event. */
static const YamlNode *
read_node(Loader *loader, yaml_event_t *event, unsigned depth)
{
    const char *refusal = refusal_of(event, depth);
    const YamlNode *node = NULL;

    if (refusal != NULL)
        add_mistake(loader->mistakes, loader->file, (unsigned)event->start_mark.line + 1, NULL, refusal);
    else if (event->type == YAML_SCALAR_EVENT)
        node = read_scalar(loader, event);
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        node = read_sequence(loader, event, depth);
    else
        node = read_mapping(loader, event, depth);
    yaml_event_delete(event);
    return node;
}

static const YamlNode *
empty_mapping(Loader *loader, const yaml_event_t *event)
{
    YamlNode *node = new_node(loader, event);

    node->kind = YAML_MAPPING;
    return node;
}

/* The root of the only document; an empty mapping when there is none. */
static const YamlNode *
read_document(Loader *loader)
{
    const YamlNode *root = NULL;

    for (;;) {
        yaml_event_t event;
        yaml_event_type_t type;

        if (!next_event(loader, &event))
            return NULL;
        type = event.type;
        if (type == YAML_STREAM_END_EVENT && root == NULL)
            root = empty_mapping(loader, &event);
        if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT ||
            type == YAML_ALIAS_EVENT) {
            if (root != NULL) {
                yaml_mistake(loader->mistakes, root, NULL, "a second document follows; one is allowed");
                yaml_event_delete(&event);
                return NULL;
            }
            root = read_node(loader, &event, 0);
            if (root == NULL)
                return NULL;
            continue;
        }
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return root;
    }
}

const YamlNode *
yaml_parse(Str text, const char *file, Arena *arena, YamlMistakes *mistakes)
{
    Loader loader = {.file = arena_strdup(arena, str_of(file)), .arena = arena, .mistakes = mistakes};
    const YamlNode *root;

    if (text.size > SIZE_LIMIT_BYTES) {
        add_mistake(mistakes, file, 1, NULL, "is larger than 1 MiB");
        return NULL;
    }
    if (!yaml_parser_initialize(&loader.parser))
        g_error("yaml: out of memory");
    yaml_parser_set_input_string(&loader.parser, (const unsigned char *)(text.at != NULL ? text.at : ""), text.size);
    root = read_document(&loader);
    yaml_parser_delete(&loader.parser);
    return root;
}

const YamlNode *
yaml_load(const char *path, Arena *arena, YamlMistakes *mistakes)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, &error)) {
        add_mistake(mistakes, path, 0, NULL, error->message);
        return NULL;
    }
    return yaml_parse((Str){bytes, size}, path, arena, mistakes);
}

const YamlNode *
yaml_find(const YamlNode *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (str_is(map->pairs[i].key->text, key))
            return map->pairs[i].value;
    }
    return NULL;
}
