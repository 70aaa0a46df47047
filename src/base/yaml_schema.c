/* Tables of keys: what a YAML file may say, checked and described from one place. */
#include "base/yaml.h"

#include "base/clock.h"

static const char *const TYPE_NAMES[] = {
    [YAML_TEXT] = "text",
    [YAML_INTEGER] = "whole number",
    [YAML_BOOLEAN] = "true or false",
    [YAML_DURATION] = "duration such as 30s, 15m, 6h or 1d",
    [YAML_TEXTS] = "list of texts",
    [YAML_RECORD] = "map",
    [YAML_RECORDS] = "list of maps",
    [YAML_NAMED] = "map of names",
    [YAML_ANY] = "value",
};

bool
yaml_duration_parse(Str text, int64_t *ret_us)
{
    static const struct {
        const char *suffix;
        int64_t us;
    } UNITS[] = {{"ms", US_PER_MS}, {"s", US_PER_SECOND}, {"m", US_PER_MINUTE}, {"h", US_PER_HOUR}, {"d", US_PER_DAY}};
    int64_t number;

    for (size_t i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        Str suffix = str_of(UNITS[i].suffix);

        if (!str_ends_with(text, suffix) || !str_to_int64(str_slice(text, 0, text.size - suffix.size), &number))
            continue;
        if (number < 0 || number > INT64_MAX / 4 / UNITS[i].us)
            return false;
        *ret_us = number * UNITS[i].us;
        return true;
    }
    return false;
}

#define DISTANCE_BYTES 64

/* Whether the letters before i and j are the same two, the other way round. */
static bool
is_swapped(Str a, size_t i, Str b, size_t j)
{
    return i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1];
}

/* Letters to add, drop, change or swap with their neighbour; given up past 63 bytes: no key is that long. */
static size_t
distance(Str a, Str b)
{
    size_t rows[3][DISTANCE_BYTES];

    if (a.size >= DISTANCE_BYTES || b.size >= DISTANCE_BYTES)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        const size_t *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        size_t *row = rows[i % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (a.at[i - 1] != b.at[j - 1]));
            if (is_swapped(a, i, b, j))
                row[j] = MIN(row[j], before[j - 2] + 1);
        }
    }
    return rows[a.size % 3][b.size];
}

const char *
yaml_nearest(Str name, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = MAX((size_t)1, (name.size + 1) / 3) + 1;

    for (size_t i = 0; names[i] != NULL; i++) {
        size_t d = distance(name, str_of(names[i]));

        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

static const YamlKey *
find_key(const YamlKey *keys, Str name)
{
    for (; keys->name != NULL; keys++) {
        if (str_is(name, keys->name))
            return keys;
    }
    return NULL;
}

char *
yaml_suggestion(Str name, const char *const *names)
{
    const char *nearest = yaml_nearest(name, names);
    g_autofree char *all = NULL;

    if (nearest != NULL)
        return g_strdup_printf("; did you mean %s?", nearest);
    all = g_strjoinv(", ", (char **)(uintptr_t)names);
    return g_strdup_printf("; there are %s", all);
}

static void
check_unknown(const YamlPair *pair, const YamlKey *keys, YamlMistakes *mistakes)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *suggestion = NULL;

    for (; keys->name != NULL; keys++)
        g_ptr_array_add(names, (gpointer)keys->name);
    g_ptr_array_add(names, NULL);
    suggestion = yaml_suggestion(pair->key->text, (const char *const *)names->pdata);
    yaml_mistake(mistakes, pair->key, pair->key->text.at, "unknown key%s", suggestion);
}

static bool
is_scalar(const YamlNode *node)
{
    return node->kind == YAML_SCALAR && node->text.at != NULL;
}

static bool
is_texts(const YamlNode *node)
{
    if (node->kind != YAML_SEQUENCE)
        return is_scalar(node);
    for (size_t i = 0; i < node->count; i++) {
        if (!is_scalar(node->items[i]))
            return false;
    }
    return true;
}

/* Whether the shape is right; what is inside records is checked by check_inside(). */
static bool
has_type(const YamlNode *node, YamlType type)
{
    int64_t number;

    switch (type) {
    case YAML_TEXT:
        return is_scalar(node);
    case YAML_INTEGER:
        return is_scalar(node) && str_to_int64(node->text, &number);
    case YAML_BOOLEAN:
        return is_scalar(node) && (str_is(node->text, "true") || str_is(node->text, "false"));
    case YAML_DURATION:
        return is_scalar(node) && yaml_duration_parse(node->text, &number);
    case YAML_TEXTS:
        return is_texts(node);
    case YAML_RECORD:
    case YAML_NAMED:
        return node->kind == YAML_MAPPING;
    case YAML_RECORDS:
        return node->kind == YAML_SEQUENCE;
    case YAML_ANY:
        break;
    }
    return true;
}

static void
check_inside(const YamlNode *node, const YamlKey *key, YamlMistakes *mistakes)
{
    int64_t number;

    if (key->type == YAML_INTEGER && key->min != key->max && str_to_int64(node->text, &number) &&
        (number < key->min || number > key->max))
        yaml_mistake(mistakes, node, key->name,
                     "must be between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, key->min,
                     key->max, number);
    else if (key->type == YAML_RECORD && key->nested != NULL)
        yaml_check(node, key->nested, mistakes);
    else if (key->type == YAML_RECORDS) {
        for (size_t i = 0; i < node->count; i++) {
            if (node->items[i]->kind != YAML_MAPPING)
                yaml_mistake(mistakes, node->items[i], key->name, "each item must be a map");
            else
                yaml_check(node->items[i], key->nested, mistakes);
        }
    } else if (key->type == YAML_NAMED) {
        for (size_t i = 0; i < node->count; i++) {
            const YamlPair *pair = &node->pairs[i];

            if (key->nested == NULL && !is_scalar(pair->value))
                yaml_mistake(mistakes, pair->value, pair->key->text.at, "must be a text");
            else if (key->nested != NULL && pair->value->kind != YAML_MAPPING)
                yaml_mistake(mistakes, pair->value, pair->key->text.at, "must be a map");
            else if (key->nested != NULL)
                yaml_check(pair->value, key->nested, mistakes);
        }
    }
}

static void
check_value(const YamlNode *node, const YamlKey *key, YamlMistakes *mistakes)
{
    if (has_type(node, key->type))
        check_inside(node, key, mistakes);
    else if (node->kind == YAML_SCALAR && node->text.at == NULL)
        yaml_mistake(mistakes, node, key->name, "has no value; it must be a %s", TYPE_NAMES[key->type]);
    else if (node->kind == YAML_SCALAR)
        yaml_mistake(mistakes, node, key->name, "must be a %s, not \"%.*s\"", TYPE_NAMES[key->type],
                     STR_FORMAT(str_slice(node->text, 0, 80)));
    else
        yaml_mistake(mistakes, node, key->name, "must be a %s, not a %s", TYPE_NAMES[key->type],
                     node->kind == YAML_SEQUENCE ? "list" : "map");
}

void
yaml_check(const YamlNode *map, const YamlKey *keys, YamlMistakes *mistakes)
{
    if (map->kind != YAML_MAPPING) {
        yaml_mistake(mistakes, map, NULL, "must be a map of keys");
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const YamlKey *key = find_key(keys, map->pairs[i].key->text);

        if (key == NULL)
            check_unknown(&map->pairs[i], keys, mistakes);
        else
            check_value(map->pairs[i].value, key, mistakes);
    }
    for (; keys->name != NULL; keys++) {
        if (keys->required && yaml_find(map, keys->name) == NULL)
            yaml_mistake(mistakes, map, keys->name, "is missing");
    }
}

Str
yaml_get_text(const YamlNode *map, const YamlKey *keys, const char *key)
{
    const YamlKey *found = find_key(keys, str_of(key));
    const YamlNode *node = yaml_find(map, key);

    g_assert(found != NULL);
    return node != NULL && is_scalar(node) ? node->text : str_of(found->default_text);
}

int64_t
yaml_get_integer(const YamlNode *map, const YamlKey *keys, const char *key)
{
    int64_t value = 0;

    return str_to_int64(yaml_get_text(map, keys, key), &value) ? value : 0;
}

bool
yaml_get_boolean(const YamlNode *map, const YamlKey *keys, const char *key)
{
    return str_is(yaml_get_text(map, keys, key), "true");
}

int64_t
yaml_get_duration_us(const YamlNode *map, const YamlKey *keys, const char *key)
{
    int64_t us = 0;

    return yaml_duration_parse(yaml_get_text(map, keys, key), &us) ? us : 0;
}

const char *const *
yaml_texts(const YamlNode *node, Arena *arena)
{
    size_t count = node == NULL ? 0 : node->kind == YAML_SEQUENCE ? node->count : is_scalar(node) ? 1 : 0;
    const char **texts = ARENA_ARRAY(arena, const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        texts[i] = arena_strdup(arena, node->kind == YAML_SEQUENCE ? node->items[i]->text : node->text);
    return texts;
}

static void
write_markdown(const YamlKey *keys, const char *prefix, GString *to)
{
    for (; keys->name != NULL; keys++) {
        g_string_append_printf(to, "| `%s%s` | %s%s | %s%s%s | %s |\n", prefix, keys->name, TYPE_NAMES[keys->type],
                               keys->required ? ", required" : "", keys->default_text != NULL ? "`" : "",
                               keys->default_text != NULL ? keys->default_text : "",
                               keys->default_text != NULL ? "`" : "", keys->help != NULL ? keys->help : "");
        if (keys->nested != NULL) {
            g_autofree char *inner =
                g_strdup_printf("%s%s%s.", prefix, keys->name, keys->type == YAML_NAMED ? ".NAME" : "");

            write_markdown(keys->nested, inner, to);
        }
    }
}

void
yaml_schema_write_markdown(const YamlKey *keys, GString *to)
{
    g_string_append(to, "| key | type | default | what |\n|---|---|---|---|\n");
    write_markdown(keys, "", to);
}
