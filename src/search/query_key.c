/* What makes questions equal, and pages. */
#include "search/query.h"

#include "listings/text.h"

Str
search_query_key(const SearchQuery *query, Arena *arena)
{
    Str keywords = text_fold(arena, query->keywords), location = text_fold(arena, query->location);
    Str company = text_fold(arena, query->company);
    const Str texts[] = {keywords, location, query->country, company};
    const int64_t numbers[] = {query->radius_km,         query->remote,           query->posted_within_days,
                               query->salary_min_micros, query->employment_types, query->per_page};
    g_autoptr(GString) key = g_string_sized_new(256);

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        str_append(key, texts[i]);
        g_string_append_c(key, '\n');
    }
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        str_append_int(key, numbers[i]);
        g_string_append_c(key, '\n');
    }
    return arena_str(arena, str_of_gstring(key));
}

static void
append_names(GString *key, char sign, StrList names)
{
    for (size_t i = 0; i < names.count; i++) {
        g_string_append_c(key, '\n');
        g_string_append_c(key, sign);
        str_append(key, names.items[i]);
    }
}

Str
search_query_first_key(const SearchQuery *query, Str query_key, Arena *arena)
{
    g_autoptr(GString) key = NULL;

    if (query->sources.count + query->exclude.count == 0)
        return arena_str(arena, query_key);
    key = g_string_sized_new(512);
    str_append(key, query_key);
    append_names(key, '+', query->sources);
    append_names(key, '-', query->exclude);
    return arena_str(arena, str_of_gstring(key));
}

Str
search_query_visitor_key(const SearchQuery *query, Str first_key, Arena *arena)
{
    const Str parts[] = {first_key,
                         STR("\n"),
                         query->client,
                         STR("\n"),
                         query->visitor_ip,
                         STR("\n"),
                         query->visitor_agent,
                         STR("\n"),
                         str_of(search_mode_name((SearchMode)query->mode))};

    return arena_join(arena, parts, G_N_ELEMENTS(parts));
}
