#include "commands/filter_flags.h"

void
filter_flags_clear(FilterFlags *filter)
{
    char *const texts[] = {filter->location,   filter->radius, filter->country, filter->company,
                           filter->employment, filter->salary, filter->within};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(filter->sources);
}

bool
filter_flags_apply(const FilterFlags *filter, bool (*set)(void *data, Str name, Str value, GError **error), void *data,
                   GError **error)
{
    g_autofree char *sources = filter->sources == NULL ? NULL : g_strjoinv(",", filter->sources);
    const char *const given[][2] = {
        {"location", filter->location},
        {"radius_km", filter->radius},
        {"country", filter->country},
        {"company", filter->company},
        {"remote", filter->remote ? "true" : NULL},
        {"employment_type", filter->employment},
        {"salary_min", filter->salary},
        {"posted_within_days", filter->within},
        {"sources", sources},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
        if (given[i][1] != NULL && !set(data, str_of(given[i][0]), str_of(given[i][1]), error))
            return false;
    return true;
}
