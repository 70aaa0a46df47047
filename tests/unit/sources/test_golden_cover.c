/*
 * Golden exchanges show all that a definition says: whatever can be asked of a source of sources/ is asked in one of them, and each
 * field that it maps has a value in a listing of one.
 */
#include "golden.h"

/* Of one operation of a definition, over all its exchanges. */
typedef struct {
    int64_t seen[FIELD_COUNT], filled[FIELD_COUNT];
} Cover;

static SourceSet *the_sources;
static GHashTable *covers; /* "lever/search" -> Cover */

static Cover *
find_cover(const Source *source, Str operation)
{
    g_autofree char *key = g_strdup_printf("%s/%.*s", source_definition(source), STR_FORMAT(operation));

    return g_hash_table_lookup(covers, key);
}

static Cover *
make_cover(const Source *source, Str operation)
{
    Cover *cover = find_cover(source, operation);

    if (cover == NULL) {
        cover = g_new0(Cover, 1);
        g_hash_table_insert(covers, g_strdup_printf("%s/%.*s", source_definition(source), STR_FORMAT(operation)),
                            cover);
    }
    return cover;
}

static void
cover_exchange(const Exchange *exchange)
{
    g_autoptr(Arena) arena = arena_new(16384);
    const YamlNode *root = golden_load(exchange, arena);
    Str name = golden_text(root, "operation");
    const Operation *operation = golden_operation(the_sources, exchange, name);
    Question question = golden_question(yaml_find(root, "question"));
    g_auto(Collected) c = {0};
    Cover *cover;

    if (yaml_find(root, "answer") == NULL)
        return;
    c = golden_collect(root, operation, &question);
    cover = make_cover(operation_source(operation), name.at != NULL ? name : STR("search"));
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        cover->seen[field] += c.seen[field];
        cover->filled[field] += c.filled[field];
    }
}

static void
check_asked(const Source *source, const Operation *operation, const char *name, GString *missing)
{
    if (operation != NULL && operation_can_be_asked(operation) && find_cover(source, str_of(name)) == NULL)
        g_string_append_printf(missing, "\nsources/%s.yaml: no exchange of tests/sources/%s/exemplary asks its %s",
                               source_definition(source), source_name(source), name);
}

/* Search and feed may have the fields in common, so that it is enough that one of them shows each. */
static void
check_fields(const Source *source, const char *const *names, GString *missing)
{
    for (unsigned field = FIELD_TITLE; field < FIELD_COUNT; field++) {
        int64_t seen = 0, filled = 0;

        for (size_t i = 0; names[i] != NULL; i++) {
            const Cover *cover = find_cover(source, str_of(names[i]));

            seen += cover != NULL ? cover->seen[field] : 0;
            filled += cover != NULL ? cover->filled[field] : 0;
        }
        if (seen > 0 && filled == 0)
            g_string_append_printf(missing, "\nsources/%s.yaml: no listing in tests/sources/%s/exemplary has its %s",
                                   source_definition(source), source_name(source),
                                   listing_field_name((ListingField)field));
    }
}

static void
check_source(const Source *source, GString *missing)
{
    static const char *const LISTS[] = {"search", "feed", NULL}, *const DETAIL[] = {"detail", NULL};
    const Operation *const asked[] = {source_search(source), source_feed(source)};

    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        if (asked[i] == NULL)
            continue;
        check_asked(source, asked[i], operation_name(asked[i]), missing);
        check_asked(source, operation_detail(asked[i]), "detail", missing);
        check_asked(source, operation_login(asked[i]), "login", missing);
        check_asked(source, operation_submit(asked[i]), "submit", missing);
        check_asked(source, operation_poll(asked[i]), "poll", missing);
    }
    for (size_t i = 0; i < source_report_count(source); i++) {
        const Operation *report = source_report(source, i);

        check_asked(source, report, operation_name(report), missing);
        check_asked(source, operation_submit(report), "submit", missing);
        check_asked(source, operation_poll(report), "poll", missing);
    }
    check_fields(source, LISTS, missing);
    check_fields(source, DETAIL, missing);
}

static void
every_definition_is_shown_by_its_exchanges(void)
{
    g_autoptr(GPtrArray) exchanges = golden_list();
    g_autoptr(GString) missing = g_string_new(NULL);

    covers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < exchanges->len; i++) {
        const Exchange *exchange = exchanges->pdata[i];

        if (strcmp(exchange->kind, "exemplary") == 0)
            cover_exchange(exchange);
    }
    /* Instances of one definition are covered by the exchanges of any of them. */
    for (size_t i = 0; i < source_set_count(the_sources); i++) {
        if (source_set_is_first_of_definition(the_sources, i))
            check_source(source_set_at(the_sources, i), missing);
    }
    g_hash_table_unref(covers);
    if (missing->len > 0)
        g_error("%s", missing->str);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    the_sources = load_project_sources(&error);
    g_assert_no_error(error);
    g_test_add_func("/sources/every_definition_is_shown_by_its_exchanges", every_definition_is_shown_by_its_exchanges);
    result = g_test_run();
    source_set_unref(the_sources);
    return result;
}
