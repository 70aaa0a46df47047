/* Loading one thing that can be asked: search, feed, report or totals. */
#include "sources/definition.h"

#include "base/clock.h"
#include "sources/number.h"

#define MIB ((uint64_t)1 << 20)

/* What says that there are no more pages, beside an empty one. */
static void
load_page_bounds(DefinitionLoader *loader, const YamlNode *pages, Operation *operation)
{
    Pages *bounds = &operation->pages;
    bool by_time = operation->kind == OPERATION_REPORT || operation->kind == OPERATION_TOTALS;

    bounds->max_offset = yaml_get_integer(pages, PAGES_KEYS, "max_offset");
    bounds->window_us = yaml_get_duration_us(pages, PAGES_KEYS, "window");
    bounds->complete = definition_load_path(loader, pages, "complete", &operation->document);
    bounds->total_pages = definition_load_path(loader, pages, "total_pages", &operation->document);
    bounds->next_header = arena_strdup(loader->arena, yaml_get_text(pages, PAGES_KEYS, "next_header"));
    bounds->total_header = arena_strdup(loader->arena, yaml_get_text(pages, PAGES_KEYS, "total_header"));
    if (bounds->window_us > 0 && !by_time)
        yaml_mistake(loader->mistakes, yaml_find(pages, "window"), "window", "only reports and totals ask for a time");
    if (bounds->window_us == 0 && bounds->by == PAGES_NONE && yaml_find(pages, "by") == NULL)
        yaml_mistake(loader->mistakes, pages, "by", "is missing");
    if (bounds->next_header != NULL && bounds->by != PAGES_NEXT_LINK && bounds->by != PAGES_CURSOR)
        yaml_mistake(loader->mistakes, yaml_find(pages, "next_header"), "next_header", "needs by: next_link or cursor");
}

static void
load_pages(DefinitionLoader *loader, const YamlNode *pages, Operation *operation)
{
    static const struct {
        const char *name;
        PageKind kind;
        int64_t first;
    } KINDS[] = {{"page", PAGES_PAGE, 1},
                 {"offset", PAGES_OFFSET, 0},
                 {"cursor", PAGES_CURSOR, 0},
                 {"next_link", PAGES_NEXT_LINK, 0},
                 {"part", PAGES_PART, 1}};
    Str by = yaml_get_text(pages, PAGES_KEYS, "by");

    operation->pages.size = yaml_get_integer(pages, PAGES_KEYS, "size");
    operation->pages.limit = yaml_get_integer(pages, PAGES_KEYS, "limit");
    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
        if (str_is(by, KINDS[i].name)) {
            operation->pages.by = KINDS[i].kind;
            operation->pages.first = KINDS[i].first;
        }
    }
    if (yaml_find(pages, "first") != NULL)
        operation->pages.first = yaml_get_integer(pages, PAGES_KEYS, "first");
    if (by.at != NULL && operation->pages.by == PAGES_NONE)
        yaml_mistake(loader->mistakes, pages, "by", "must be page, offset, cursor, next_link or part, not \"%.*s\"",
                     STR_FORMAT(by));
    if (operation->pages.by == PAGES_OFFSET && operation->pages.size == 0)
        yaml_mistake(loader->mistakes, pages, "size", "is missing: an offset needs it");
    load_page_bounds(loader, pages, operation);
}

static void
load_requires(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    const char *const *names = yaml_texts(node, loader->arena);
    size_t count = 0;
    int *required;

    while (names[count] != NULL)
        count++;
    required = ARENA_ARRAY(loader->arena, int, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (variable_find(str_of(names[i]), loader->scope.parameters, &required[operation->required_count]))
            operation->required_count++;
        else
            yaml_mistake(loader->mistakes, node, "requires", "\"%s\" is no placeholder", names[i]);
    }
    operation->required = required;
}

static void
load_unsupported(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    static const struct {
        const char *name;
        unsigned flag;
    } WORDS[] = {{"keywords", FILTER_KEYWORDS},
                 {"location", FILTER_LOCATION},
                 {"country", FILTER_COUNTRY},
                 {"remote", FILTER_REMOTE}};
    const char *const *names = yaml_texts(node, loader->arena);

    for (; *names != NULL; names++) {
        unsigned flag = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
            flag |= strcmp(*names, WORDS[i].name) == 0 ? WORDS[i].flag : 0;
        if (flag == 0)
            yaml_mistake(loader->mistakes, node, "unsupported",
                         "\"%s\" cannot be filtered; there are keywords, location, country, remote", *names);
        operation->filters |= flag;
    }
}

static void
load_mode(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    Str mode = yaml_get_text(node, OPERATION_KEYS, "mode");

    if (operation->kind != OPERATION_REPORT) {
        if (mode.at != NULL)
            yaml_mistake(loader->mistakes, node, "mode", "only reports have one");
        return;
    }
    if (str_is(mode, "mutable"))
        operation->mode = REPORT_MUTABLE;
    else if (str_is(mode, "append"))
        operation->mode = REPORT_APPEND;
    else if (str_is(mode, "aggregate"))
        operation->mode = REPORT_AGGREGATE;
    else
        yaml_mistake(loader->mistakes, yaml_find(node, "mode") != NULL ? yaml_find(node, "mode") : node, "mode",
                     "must be mutable, append or aggregate, not \"%.*s\"", STR_FORMAT(mode));
}

static void
load_bound(DefinitionLoader *loader, const YamlNode *tolerance, const char *key, int64_t *micros)
{
    Str text = yaml_get_text(tolerance, TOLERANCE_KEYS, key);

    if (!money_parse(text, NUMBER_STYLE_PLAIN, micros, NULL) || *micros < 0)
        yaml_mistake(loader->mistakes, yaml_find(tolerance, key), key,
                     "\"%.*s\" is no number such as 1.5, not negative", STR_FORMAT(text));
}

static void
load_totals(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    static const char *const KEYS[] = {"ask_by", "maturity", "tolerance", "total"};
    const YamlNode *tolerance = yaml_find(node, "tolerance");
    Str ask_by = yaml_get_text(node, OPERATION_KEYS, "ask_by");

    if (operation->kind != OPERATION_TOTALS) {
        for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
            if (yaml_find(node, KEYS[i]) != NULL)
                yaml_mistake(loader->mistakes, yaml_find(node, KEYS[i]), KEYS[i], "only totals have it");
        return;
    }
    if (yaml_get_boolean(node, OPERATION_KEYS, "upload"))
        yaml_mistake(loader->mistakes, yaml_find(node, "upload"), "upload", "only reports can be given by hand");
    operation->mode = REPORT_APPEND; /* sums have no key */
    operation->by_day = str_is(ask_by, "day");
    if (!operation->by_day && !str_is(ask_by, "window"))
        yaml_mistake(loader->mistakes, yaml_find(node, "ask_by"), "ask_by", "must be window or day");
    operation->tolerance.maturity_us = yaml_get_duration_us(node, OPERATION_KEYS, "maturity");
    load_bound(loader, tolerance, "amount", &operation->tolerance.absolute_micros);
    load_bound(loader, tolerance, "percent", &operation->tolerance.relative_percent_micros);
}

static void
load_locale(DefinitionLoader *loader, const YamlNode *node, Operation *operation)
{
    Str zone = yaml_get_text(node, OPERATION_KEYS, "zone"), numbers = yaml_get_text(node, OPERATION_KEYS, "numbers");

    if (zone.at != NULL) {
        operation->zone = g_time_zone_new_identifier(zone.at);
        if (operation->zone == NULL)
            yaml_mistake(loader->mistakes, node, "zone", "unknown time zone \"%.*s\"", STR_FORMAT(zone));
    }
    if (!number_style_parse(numbers, &operation->numbers))
        yaml_mistake(loader->mistakes, node, "numbers", "\"%.*s\" is no example of a number such as 1.234,56",
                     STR_FORMAT(numbers));
}

static void
load_limits(const YamlNode *node, Operation *operation)
{
    static const int64_t TIMEOUTS_US[] = {
        [OPERATION_SEARCH] = 10 * US_PER_SECOND,
        [OPERATION_FEED] = 30 * US_PER_MINUTE,
        [OPERATION_REPORT] = 5 * US_PER_MINUTE,
        [OPERATION_TOTALS] = US_PER_MINUTE,
    };
    int64_t size_mib = yaml_get_integer(node, OPERATION_KEYS, "size_limit_mib");
    int64_t timeout_us = yaml_get_duration_us(node, OPERATION_KEYS, "timeout");

    operation->timeout_us = timeout_us > 0 ? timeout_us : TIMEOUTS_US[operation->kind];
    if (size_mib == 0)
        size_mib = operation->kind == OPERATION_SEARCH || operation->kind == OPERATION_TOTALS ? 16 : 20480;
    operation->size_limit_bytes = (uint64_t)size_mib * MIB;
    operation->every_us = yaml_get_duration_us(node, OPERATION_KEYS, "every");
    operation->look_back_days = yaml_get_integer(node, OPERATION_KEYS, "look_back_days");
    operation->redirects = (unsigned)yaml_get_integer(node, OPERATION_KEYS, "redirects");
    operation->full = yaml_get_boolean(node, OPERATION_KEYS, "full");
}

void
definition_finish_reader(Operation *operation)
{
    operation->reader.records = operation->records;
    operation->reader.more_records = operation->more_records;
    operation->reader.columns = operation->columns;
    operation->reader.for_each = operation->for_each;
    operation->reader.fields = (const Path *const *)operation->fields.paths->pdata;
    operation->reader.field_count = operation->fields.paths->len;
    operation->reader.document = (const Path *const *)operation->document.paths->pdata;
    operation->reader.document_count = operation->document.paths->len;
    operation->reader.presence = (const Path *const *)operation->presence.paths->pdata;
    operation->reader.presence_count = operation->presence.paths->len;
    operation->reader.limits.input_bytes = operation->size_limit_bytes;
}

Operation *
definition_new_operation(DefinitionLoader *loader, OperationKind kind, const char *name)
{
    Operation *operation = ARENA_NEW(loader->arena, Operation);

    *operation = (Operation){.source = loader->source,
                             .name = name,
                             .kind = kind,
                             .total = -1,
                             .next = -1,
                             .given = -1,
                             .pages = {.complete = -1, .total_pages = -1}};
    field_set_init(&operation->fields);
    field_set_init(&operation->document);
    field_set_init(&operation->presence);
    return operation;
}

Operation *
definition_load_operation(DefinitionLoader *loader, const YamlNode *node, OperationKind kind, const char *name)
{
    Operation *operation = definition_new_operation(loader, kind, name);

    load_locale(loader, node, operation);
    load_mode(loader, node, operation);
    load_totals(loader, node, operation);
    load_limits(node, operation);
    if (yaml_find(node, "pages") != NULL)
        load_pages(loader, yaml_find(node, "pages"), operation);
    if (yaml_find(node, "requires") != NULL)
        load_requires(loader, yaml_find(node, "requires"), operation);
    if (yaml_find(node, "unsupported") != NULL)
        load_unsupported(loader, yaml_find(node, "unsupported"), operation);
    definition_load_detail(loader, node, operation);
    definition_load_order(loader, node, operation);
    definition_load_request(loader, node, operation);
    loader->scope.ticket = loader->scope.result = false;
    definition_load_answer(loader, node, operation);
    definition_load_fields(loader, node, operation);
    definition_finish_reader(operation);
    return operation;
}

void
operation_free(Operation *operation)
{
    if (operation == NULL)
        return;
    operation_free(operation->detail);
    if (operation->order != NULL) {
        operation_free(operation->order->submit);
        operation_free(operation->order->poll);
    }
    if (operation->auth.login != NULL)
        operation_free(operation->auth.login->operation);
    field_set_clear(&operation->fields);
    field_set_clear(&operation->document);
    field_set_clear(&operation->presence);
    g_clear_pointer(&operation->zone, g_time_zone_unref);
}
