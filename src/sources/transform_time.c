/* Transforms that read moments. */
#include "sources/transform_type.h"

#include "base/clock.h"
#include "sources/moment.h"

static bool
read_usual(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    (void)context;
    return moment_parse(text, zone, ret_us);
}

static bool
read_epoch_s(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    (void)context;
    (void)zone;
    return moment_parse_epoch(text, US_PER_SECOND, ret_us);
}

static bool
read_epoch_ms(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    (void)context;
    (void)zone;
    return moment_parse_epoch(text, US_PER_MS, ret_us);
}

static bool
read_relative(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    return moment_parse_relative(text, context->now_us, zone, context->arena, ret_us);
}

static bool
read_age_days(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    return moment_parse_age(text, US_PER_DAY, context->now_us, zone, ret_us);
}

static bool
read_age_hours(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us)
{
    return moment_parse_age(text, US_PER_HOUR, context->now_us, zone, ret_us);
}

/* What may stand in time() beside patterns. */
static const struct {
    const char *name;
    TimeReader read;
} WRITINGS[] = {
    {"rfc3339", read_usual},       {"rfc1123", read_usual},     {"epoch_s", read_epoch_s},
    {"epoch_ms", read_epoch_ms},   {"relative", read_relative}, {"age_days", read_age_days},
    {"age_hours", read_age_hours},
};

static TimeReader
find_reader(Str writing)
{
    for (size_t i = 0; i < G_N_ELEMENTS(WRITINGS); i++) {
        if (str_is(writing, WRITINGS[i].name))
            return WRITINGS[i].read;
    }
    return NULL;
}

static bool
is_pattern(Str writing)
{
    return str_find_char(writing, '%') >= 0 && moment_pattern_is_valid(writing);
}

/* Zones are few and written in definitions only, so each is kept for the life of the process. */
static GTimeZone *
zone_of(Str name)
{
    g_autofree char *copy = str_dup(name);

    return str_find_char(name, '%') >= 0 ? NULL : g_time_zone_new_identifier(copy);
}

bool
transform_prepare_time(Transform *t, Arena *arena, GError **error)
{
    t->readers = ARENA_ARRAY(arena, TimeReader, t->count);
    for (size_t i = 0; i < t->count; i++) {
        Str writing = t->arguments[i].value;

        t->readers[i] = find_reader(writing);
        if (t->readers[i] != NULL || is_pattern(writing)) {
            t->writings++;
            continue;
        }
        if (i + 1 == t->count && (t->zone = zone_of(writing)) != NULL)
            return true;
        return weir_fail(
            error, WEIR_ERROR_INVALID,
            "time: \"%.*s\" is no pattern of %%Y %%y %%m %%b %%d %%H %%I %%p %%M %%S %%z %%a, none of rfc3339, "
            "rfc1123, epoch_s, epoch_ms, relative, age_days and age_hours, and no time zone at the end",
            STR_FORMAT(writing));
    }
    return true;
}

/* The first writing that fits. */
static bool
read_time(const Transform *t, TransformContext *context, Str in, int64_t *ret_us)
{
    GTimeZone *zone = t->zone != NULL ? t->zone : context->zone;

    if (t->writings == 0)
        return moment_parse(in, zone, ret_us);
    for (size_t i = 0; i < t->writings; i++) {
        TimeReader read = t->readers[i];

        if (read != NULL ? read(in, context, zone, ret_us)
                         : moment_parse_pattern(in, t->arguments[i].value, zone, ret_us))
            return true;
    }
    return false;
}

Str
transform_time(const Transform *t, TransformContext *context, Str in)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t us;

    if (!read_time(t, context, in, &us))
        return transform_fail(context, "time as expected", in);
    if (us == TIMESTAMP_NONE)
        return STR_NONE; /* "30+ days ago" is no mistake: it says no day */
    context->moment = arena_strdup(context->arena, str_of(timestamp_format(us, text)));
    context->moment_us = us;
    return str_of(context->moment);
}
