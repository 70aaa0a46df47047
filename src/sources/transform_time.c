/* Transforms that read moments. */
#include "sources/transform_type.h"

#include "base/clock.h"
#include "sources/moment.h"

static bool
is_named_time(Str how)
{
    return str_is(how, "epoch_s") || str_is(how, "epoch_ms") || str_is(how, "rfc3339") || str_is(how, "rfc1123");
}

/* Zones are few and written in definitions only, so each is kept for the life of the process. */
static GTimeZone *
zone_of(Str name)
{
    g_autofree char *copy = str_dup(name);

    return g_time_zone_new_identifier(copy);
}

bool
transform_prepare_time(Transform *t, Arena *arena, GError **error)
{
    (void)arena;
    if (t->count >= 1 && !is_named_time(t->arguments[0].value) && !moment_pattern_is_valid(t->arguments[0].value))
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "\"%.*s\" is no pattern of time; letters are %%Y %%y %%m %%b %%d %%H %%I %%p %%M %%S %%z %%a",
                         STR_FORMAT(t->arguments[0].value));
    if (t->count == 2 && (t->zone = zone_of(t->arguments[1].value)) == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "unknown time zone \"%.*s\"", STR_FORMAT(t->arguments[1].value));
    return true;
}

static bool
read_time(const Transform *t, TransformContext *context, Str in, int64_t *ret_us)
{
    GTimeZone *zone = t->zone != NULL ? t->zone : context->zone;
    Str how = t->count > 0 ? t->arguments[0].value : STR_NONE;

    if (str_is(how, "epoch_s"))
        return moment_parse_epoch(in, US_PER_SECOND, ret_us);
    if (str_is(how, "epoch_ms"))
        return moment_parse_epoch(in, US_PER_MS, ret_us);
    if (how.at == NULL || is_named_time(how))
        return moment_parse(in, zone, ret_us);
    return moment_parse_pattern(in, how, zone, ret_us);
}

Str
transform_time(const Transform *t, TransformContext *context, Str in)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t us;

    if (!read_time(t, context, in, &us))
        return transform_fail(context, "time as expected", in);
    return arena_str(context->arena, str_of(timestamp_format(us, text)));
}
