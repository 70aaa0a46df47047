#include "commands/source_networks.h"

#include "base/json_writer.h"
#include "commands/command.h"

static void
add(GStrvBuilder *words, bool holds, const char *word)
{
    if (holds)
        g_strv_builder_add(words, word);
}

static GStrv
offers_of(const Source *source)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    add(words, source_search(source) != NULL, "search");
    add(words, source_feed(source) != NULL, "feed");
    add(words, source_report_count(source) > 0, "reports");
    add(words, source_totals(source) != NULL, "totals");
    return g_strv_builder_end(words);
}

static GStrv
auth_of(const Source *source, Arena *arena)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    const char *const *names = source_auth(source, arena);

    add(words, names[0] == NULL, "none");
    for (const char *const *name = names; *name != NULL; name++)
        add(words, true, *name);
    return g_strv_builder_end(words);
}

/* In the largest unit of which it is a whole number. */
static const char *
cache_text(int64_t us, Arena *arena)
{
    static const struct {
        int64_t us;
        const char *name;
    } UNITS[] = {{US_PER_HOUR, "h"}, {US_PER_MINUTE, "min"}, {US_PER_SECOND, "s"}};
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(UNITS) && us % UNITS[i].us != 0)
        i++;
    return arena_printf(arena, "kept for %" G_GINT64_FORMAT " %s", us / UNITS[i].us, UNITS[i].name).at;
}

static GStrv
terms_of(const Source *source, Arena *arena)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    const char *attribution = source_attribution(source), *url = source_attribution_url(source);

    if (attribution != NULL)
        add(words, true,
            arena_printf(arena, "\"%s\"%s%s", attribution, url != NULL ? " to " : "", url != NULL ? url : "").at);
    add(words, source_wants_follow(source), "links must be followed");
    add(words, source_forbids_robots(source), "no search engines");
    if (source_search(source) != NULL && source_cache_terms(source).fresh_us > 0)
        add(words, true, cache_text(source_cache_terms(source).fresh_us, arena));
    add(words, !source_may_store(source), "not stored");
    add(words, !source_may_syndicate_to(source, STR_NONE), "not passed on");
    for (const char *const *name = source_not_to(source); *name != NULL; name++)
        add(words, true, arena_printf(arena, "not to %s", *name).at);
    return g_strv_builder_end(words);
}

static void
write_words(JsonWriter *json, const char *key, GStrv words)
{
    json_key(json, key);
    json_begin_array(json);
    for (; *words != NULL; words++)
        json_text(json, str_of(*words));
    json_end_array(json);
}

static void
write_network(JsonWriter *json, const Source *source, Arena *arena)
{
    g_auto(GStrv) offers = offers_of(source), auth = auth_of(source, arena), terms = terms_of(source, arena);

    json_begin_object(json);
    json_member_text(json, "network", str_of(source_definition(source)));
    json_member_text(json, "partner", str_of(source_partner(source)));
    json_member_text_if(json, "docs", str_of(source_docs(source)));
    write_words(json, "offers", offers);
    write_words(json, "auth", auth);
    json_member_text_if(json, "status", str_of(source_status(source)));
    write_words(json, "terms", terms);
    json_end_object(json);
}

static void
add_cell(TextTable *table, GStrv words)
{
    g_autofree char *text = g_strjoinv(", ", words);

    text_table_add(table, str_of(text));
}

static void
add_row(TextTable *table, const Source *source, Arena *arena)
{
    g_auto(GStrv) offers = offers_of(source), auth = auth_of(source, arena), terms = terms_of(source, arena);
    const char *status = source_status(source);

    text_table_add(table, str_of(source_definition(source)));
    text_table_add(table, str_of(source_partner(source)));
    add_cell(table, offers);
    add_cell(table, auth);
    text_table_add(table, str_of(status != NULL ? status : "-"));
    add_cell(table, terms);
}

static void
write_json(const SourceSet *sources, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    json_key(&json, "networks");
    json_begin_array(&json);
    for (size_t i = 0; i < source_set_count(sources); i++) {
        if (source_set_is_first_of_definition(sources, i))
            write_network(&json, source_set_at(sources, i), arena);
    }
    json_end_array(&json);
    json_end_object(&json);
    g_print("%s\n", text->str);
}

void
source_networks(const SourceSet *sources, bool as_json)
{
    static const char *const HEADS[] = {"NETWORK", "PARTNER", "OFFERS", "AUTH", "STATUS", "TERMS", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);
    g_autoptr(Arena) arena = arena_new(16384);

    if (as_json) {
        write_json(sources, arena);
        return;
    }
    for (size_t i = 0; i < source_set_count(sources); i++) {
        if (source_set_is_first_of_definition(sources, i))
            add_row(table, source_set_at(sources, i), arena);
    }
    command_print_table(table, "no networks; --sources names the folder of their definitions");
}
