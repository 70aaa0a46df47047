/*
 * weir listing search WORDS..., weir listing show ID
 */
#include "api/listing_json.h"
#include "commands/command.h"
#include "commands/filter_flags.h"
#include "feeds/index.h"
#include "listings/fingerprint.h"
#include "search/query.h"

static void
print_listing(const Listing *l)
{
    char id[FINGERPRINT_TEXT_SIZE], posted[TIMESTAMP_TEXT_SIZE];

    timestamp_format(l->posted_at_us == TIMESTAMP_NONE ? 0 : l->posted_at_us, posted);
    command_print(
        "%s  %-10.10s  %.*s%s%.*s%s%.*s  [%.*s]\n", fingerprint_format(fingerprint_of_id(l->source, l->id), id),
        l->posted_at_us == TIMESTAMP_NONE ? "" : posted, STR_FORMAT(l->title), str_is_empty(l->company) ? "" : ", ",
        STR_FORMAT(l->company), str_is_empty(l->location) ? "" : ", ", STR_FORMAT(l->location), STR_FORMAT(l->source));
}

static void
print_json(const Listing *listing, bool with_description)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    json_listing_members(&json, listing, with_description);
    json_end_object(&json);
    g_print("%s\n", text->str);
}

static bool
set(void *query, Str name, Str value, GError **error)
{
    return search_query_set(query, name, value, error);
}

static bool
query_of(const FilterFlags *filter, const char *words, const char *page, const char *limit, SearchQuery *query,
         GError **error)
{
    const char *const given[][2] = {{"q", words}, {"page", page}, {"per_page", limit}};

    for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
        if (given[i][1] != NULL && !search_query_set(query, str_of(given[i][0]), str_of(given[i][1]), error))
            return false;
    return filter_flags_apply(filter, set, query, error);
}

static const char *const *
names_of(const SearchQuery *query)
{
    const char **names = ARENA_ARRAY(query->arena, const char *, query->sources.count + 1);

    for (size_t i = 0; i < query->sources.count; i++)
        names[i] = arena_strdup(query->arena, query->sources.items[i]);
    return names;
}

static bool
search(Deployment *deployment, const SearchQuery *query, bool as_json, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    Question question = search_query_question(query);
    Listing *listings;
    size_t count;
    Str cursor;

    if (db == NULL || !index_search(db, &question, names_of(query), (size_t)query->per_page,
                                    clock_now_us(deployment->clock), query->arena, &listings, &count, &cursor, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (as_json)
            print_json(&listings[i], false);
        else
            print_listing(&listings[i]);
    }
    if (!as_json && question.radius_km > 0 && !question.has_position)
        command_print("no city of that name is known for certain: it was looked for by name, not around it\n");
    if (!as_json && count == 0)
        command_print("no stored listing matches\n");
    else if (!as_json && cursor.at != NULL)
        command_print("there are more: --page %" G_GINT64_FORMAT "\n", query->page + 1);
    return true;
}

static bool
show(Deployment *deployment, const char *id, bool as_json, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    Listing listing;

    if (db == NULL || !index_find(db, str_of(id), arena, &listing, error))
        return false;
    if (as_json) {
        print_json(&listing, true);
        return true;
    }
    print_listing(&listing);
    command_print("%.*s\n\n%.*s\n", STR_FORMAT(listing.url),
                  STR_FORMAT(listing.description.at != NULL ? listing.description : listing.snippet));
    return true;
}

/* What stands behind "search", as one text. */
static char *
words_of(int argc, char **argv)
{
    return argc < 3 ? NULL : g_strjoinv(" ", argv + 2);
}

int
command_listing(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_auto(FilterFlags) filter = {0};
    g_autofree char *page = NULL, *limit = NULL;
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Arena) arena = arena_new(64 * 1024);
    g_autofree char *words = NULL;
    gboolean as_json = FALSE;
    SearchQuery query;
    bool is_search;
    const GOptionEntry own[] = {
        FILTER_FLAG_ENTRIES(filter),
        {"page", 0, 0, G_OPTION_ARG_STRING, &page, "Which page (1)", "N"},
        {"limit", 'n', 0, G_OPTION_ARG_STRING, &limit, "How many make a page (20)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, one listing a line", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "search [WORDS...] | show ID", "Looks into the stored listings of bulk feeds.", own,
                    &flags))
        return EXIT_USAGE;
    is_search = argc >= 2 && strcmp(argv[1], "search") == 0;
    if (!is_search && (argc != 3 || strcmp(argv[1], "show") != 0))
        return command_usage("say: weir listing search WORDS, or weir listing show ID");
    words = words_of(argc, argv);
    search_query_init(&query, arena);
    if (is_search && !query_of(&filter, words, page, limit, &query, &error))
        return command_usage("%s", error->message);
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    return (is_search ? search(deployment, &query, as_json, &error) : show(deployment, argv[2], as_json, &error))
               ? EXIT_DONE
               : command_fail(error);
}
