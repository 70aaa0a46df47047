/* Loading how an answer is read: format, records and rules. */
#include "sources/definition.h"

/* What is looked up once in an answer has nothing around it. */
static bool
check_no_record(DefinitionLoader *loader, const YamlNode *node, const char *key, const Path *path)
{
    if (path_up(path) > 0)
        yaml_mistake(loader->mistakes, node, key, "^ has a meaning only in the fields of a record");
    return path_up(path) == 0;
}

ptrdiff_t
definition_load_path(DefinitionLoader *loader, const YamlNode *map, const char *key, FieldSet *paths)
{
    const YamlNode *node = yaml_find(map, key);
    g_autoptr(GError) error = NULL;
    ptrdiff_t index;

    if (node == NULL || node->kind != YAML_SCALAR)
        return -1;
    index = field_set_add(paths, node->text, &error);
    if (index < 0)
        yaml_mistake(loader->mistakes, node, key, "%s", error->message);
    return index >= 0 && check_no_record(loader, node, key, paths->paths->pdata[index]) ? index : -1;
}

/* A path that lives as long as the definition; NULL with a mistake when it is none. */
static const Path *
load_path(DefinitionLoader *loader, const YamlNode *node, const char *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Path) path = NULL;

    if (node->kind != YAML_SCALAR) {
        yaml_mistake(loader->mistakes, node, key, "must be a path");
        return NULL;
    }
    path = path_parse(node->text, &error);
    if (path == NULL)
        yaml_mistake(loader->mistakes, node, key, "%s", error->message);
    return path != NULL && check_no_record(loader, node, key, path) ? path_copy(path, loader->arena) : NULL;
}

/* One path, or several for a partner who names its list in several ways; "." alone is the whole document. */
static void
load_records(DefinitionLoader *loader, const YamlNode *node, const char *key, Operation *operation)
{
    bool is_list = node->kind == YAML_SEQUENCE;

    if (node->kind == YAML_SCALAR && str_is(node->text, "."))
        return;
    if (is_list && (node->count == 0 || node->count > 1 + READER_MORE_RECORDS)) {
        yaml_mistake(loader->mistakes, node, key, "must be a path, or up to %d of them", 1 + READER_MORE_RECORDS);
        return;
    }
    operation->records = load_path(loader, is_list ? node->items[0] : node, key);
    for (size_t i = 1; is_list && i < node->count; i++) {
        const Path *path = load_path(loader, node->items[i], key);

        if (path != NULL)
            operation->more_records[operation->reader.more_record_count++] = path;
    }
}

static char
load_character(DefinitionLoader *loader, const YamlNode *csv, const char *key)
{
    Str text = yaml_get_text(csv, CSV_KEYS, key);

    if (str_is(text, "tab") || str_is(text, "\\t"))
        return '\t';
    if (text.size != 1)
        yaml_mistake(loader->mistakes, csv, key, "must be one character, not \"%.*s\"", STR_FORMAT(text));
    return text.size == 1 ? text.at[0] : '\0';
}

static void
load_csv(DefinitionLoader *loader, const YamlNode *csv, Operation *operation)
{
    CsvDialect *dialect = &operation->reader.csv;

    dialect->delimiter = load_character(loader, csv, "delimiter");
    dialect->quote = load_character(loader, csv, "quote");
    dialect->no_header = !yaml_get_boolean(csv, CSV_KEYS, "header");
    dialect->skip_lines = (unsigned)yaml_get_integer(csv, CSV_KEYS, "skip_lines");
    dialect->skip_to = arena_strdup(loader->arena, yaml_get_text(csv, CSV_KEYS, "skip_to"));
}

static void
load_format(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    static const struct {
        const char *key;
        StreamFormat format;
    } FORMATS[] = {{"json", STREAM_JSON}, {"ndjson", STREAM_NDJSON}, {"xml", STREAM_XML}, {"csv", STREAM_CSV}};
    unsigned count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        const YamlNode *node = yaml_find(answer, FORMATS[i].key);

        if (node == NULL)
            continue;
        count++;
        operation->reader.format = FORMATS[i].format;
        if (FORMATS[i].format == STREAM_CSV && node->kind == YAML_MAPPING)
            load_csv(loader, node, operation);
        else
            load_records(loader, node, FORMATS[i].key, operation);
    }
    if (count != 1)
        yaml_mistake(loader->mistakes, answer, "answer", "must say one of json, ndjson, xml and csv");
}

static void
load_compression(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    static const char *const NAMES[] = {[STREAM_COMPRESSION_AUTO] = "auto",
                                        [STREAM_COMPRESSION_NONE] = "none",
                                        [STREAM_COMPRESSION_GZIP] = "gzip",
                                        [STREAM_COMPRESSION_ZIP] = "zip"};
    Str text = yaml_get_text(answer, ANSWER_KEYS, "compression");
    size_t i = 0;

    while (i < G_N_ELEMENTS(NAMES) && !str_is(text, NAMES[i]))
        i++;
    if (i == G_N_ELEMENTS(NAMES))
        yaml_mistake(loader->mistakes, answer, "compression", "must be auto, none, gzip or zip, not \"%.*s\"",
                     STR_FORMAT(text));
    else
        operation->reader.compression = (StreamCompression)i;
}

static void
load_zip(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    StreamCompression compression = operation->reader.compression;
    Str text = yaml_get_text(answer, ANSWER_KEYS, "zip");

    if (text.at == NULL)
        return;
    operation->reader.zip_member = arena_strdup(loader->arena, text);
    if (compression == STREAM_COMPRESSION_NONE || compression == STREAM_COMPRESSION_GZIP)
        yaml_mistake(loader->mistakes, answer, "zip", "has no meaning: compression says it is no zip archive");
}

/* A charset that iconv knows. */
static void
load_charset(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    Str text = yaml_get_text(answer, ANSWER_KEYS, "charset");
    GIConv converter;

    if (text.at == NULL)
        return;
    operation->reader.charset = arena_strdup(loader->arena, text);
    converter = g_iconv_open("UTF-8", operation->reader.charset);
    if (converter == (GIConv)-1)
        yaml_mistake(loader->mistakes, answer, "charset", "unknown charset \"%.*s\"", STR_FORMAT(text));
    else
        g_iconv_close(converter);
}

static void
load_embedded(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    const YamlNode *node = yaml_find(answer, "embedded");
    Str after = yaml_get_text(node, EMBEDDED_KEYS, "after"), as = yaml_get_text(node, EMBEDDED_KEYS, "as");

    if (operation->reader.format != STREAM_JSON && operation->reader.format != STREAM_NDJSON)
        yaml_mistake(loader->mistakes, node, "embedded", "only json and ndjson can stand in a page");
    if (str_is_empty(after))
        yaml_mistake(loader->mistakes, node, "after", "must be a text of the page");
    else
        operation->reader.embedded_after = arena_strdup(loader->arena, after);
    if (str_is(as, "entities"))
        operation->reader.embedded_as = EMBEDDED_AS_ENTITIES;
    else if (str_is(as, "string"))
        operation->reader.embedded_as = EMBEDDED_AS_STRING;
    else if (as.at != NULL)
        yaml_mistake(loader->mistakes, node, "as", "must be entities or string, not \"%.*s\"", STR_FORMAT(as));
}

static void
load_columns(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    const YamlNode *node = yaml_find(answer, "columns");

    if (operation->reader.format != STREAM_JSON)
        yaml_mistake(loader->mistakes, node, "columns", "only JSON needs it");
    operation->columns = load_path(loader, node, "columns");
}

static void
load_for_each(DefinitionLoader *loader, const YamlNode *answer, Operation *operation)
{
    const YamlNode *node = yaml_find(answer, "for_each");

    if (operation->kind >= OPERATION_LOGIN)
        yaml_mistake(loader->mistakes, node, "for_each", "has no meaning here: only one record is read");
    if (operation->reader.format == STREAM_CSV)
        yaml_mistake(loader->mistakes, node, "for_each", "a row of CSV has nothing within");
    operation->for_each = load_path(loader, node, "for_each");
    if (operation->for_each != NULL && !path_is_within_record(operation->for_each))
        yaml_mistake(loader->mistakes, node, "for_each", "must be a path within the record");
}

void
definition_load_answer(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const YamlNode *answer = yaml_find(node, "answer");

    if (answer == NULL && operation->kind != OPERATION_REPORT)
        answer = yaml_find(loader->root, "answer");
    if (answer == NULL) {
        yaml_mistake(loader->mistakes, node, "answer", "is missing");
        return;
    }
    load_format(loader, answer, operation);
    load_compression(loader, answer, operation);
    load_zip(loader, answer, operation);
    load_charset(loader, answer, operation);
    operation->reader.xml_ignore_case = yaml_get_boolean(answer, ANSWER_KEYS, "ignore_case");
    operation->reader.xml_ignore_prefix = yaml_get_boolean(answer, ANSWER_KEYS, "ignore_prefix");
    if (yaml_find(answer, "embedded") != NULL)
        load_embedded(loader, answer, operation);
    if (yaml_find(answer, "columns") != NULL)
        load_columns(loader, answer, operation);
    if (yaml_find(answer, "for_each") != NULL)
        load_for_each(loader, answer, operation);
    operation->merge_within = (unsigned)yaml_get_integer(answer, ANSWER_KEYS, "merge_within");
    operation->total = definition_load_path(loader, answer, "total", &operation->document);
    operation->next = definition_load_path(loader, answer, "next", &operation->document);
    definition_load_rules(loader, yaml_find(answer, "errors"), operation);
    if ((operation->pages.by == PAGES_CURSOR || operation->pages.by == PAGES_NEXT_LINK) && operation->next < 0 &&
        operation->pages.next_header == NULL)
        yaml_mistake(loader->mistakes, answer, "next", "is missing: pages go by cursor or next_link");
}

void
definition_load_small_answer(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    if (yaml_find(node, "answer") == NULL)
        node = yaml_parse(STR("answer: {json: .}"), operation->name, loader->arena, loader->mistakes);
    definition_load_answer(loader, node, operation);
}
