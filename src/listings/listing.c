#include "listings/listing.h"

const char *
employment_type_name(EmploymentType type)
{
    switch (type) {
    case EMPLOYMENT_FULL_TIME:
        return "FULL_TIME";
    case EMPLOYMENT_PART_TIME:
        return "PART_TIME";
    case EMPLOYMENT_CONTRACTOR:
        return "CONTRACTOR";
    case EMPLOYMENT_TEMPORARY:
        return "TEMPORARY";
    case EMPLOYMENT_INTERN:
        return "INTERN";
    case EMPLOYMENT_VOLUNTEER:
        return "VOLUNTEER";
    case EMPLOYMENT_PER_DIEM:
        return "PER_DIEM";
    case EMPLOYMENT_OTHER:
        return "OTHER";
    }
    return NULL;
}

const char *
period_name(Period period)
{
    static const char *const NAMES[] = {NULL, "HOUR", "DAY", "WEEK", "MONTH", "YEAR"};

    return (size_t)period < G_N_ELEMENTS(NAMES) ? NAMES[period] : NULL;
}

const char *
remote_name(Remote remote)
{
    static const char *const NAMES[] = {NULL, "on_site", "hybrid", "remote"};

    return (size_t)remote < G_N_ELEMENTS(NAMES) ? NAMES[remote] : NULL;
}

Listing
listing_copy(Arena *arena, const Listing *listing)
{
    Listing copy = *listing;
    Str *texts[] = {&copy.source,      &copy.id,          &copy.title,   &copy.company, &copy.location,
                    &copy.country,     &copy.salary.text, &copy.snippet, &copy.url,     &copy.category,
                    &copy.description, &copy.city,        &copy.region,  &copy.language};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = arena_str(arena, *texts[i]);
    return copy;
}
