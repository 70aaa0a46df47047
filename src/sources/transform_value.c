/* Transforms that read numbers, moments and words of a fixed set. */
#include "sources/transform_type.h"

#include "base/clock.h"
#include "listings/country.h"
#include "listings/fingerprint.h"
#include "listings/text.h"
#include "sources/moment.h"

#define THOUSAND 1000

/* The digits at the front of *rest, which moves on. */
static size_t
take_digits(Str *rest)
{
    size_t count = 0;

    while (count < rest->size && g_ascii_isdigit(rest->at[count]))
        count++;
    *rest = str_slice(*rest, count, rest->size);
    return count;
}

bool
number_style_parse(Str example, NumberStyle *ret_style)
{
    NumberStyle style = {.decimal_mark = '\0', .grouping = '\0'};
    Str rest = example;
    size_t digits = take_digits(&rest);

    if (digits == 1 && rest.size > 0) {
        style.grouping = rest.at[0];
        rest = str_slice(rest, 1, rest.size);
        if (take_digits(&rest) != 3)
            return false;
    } else if (digits != 4) {
        return false;
    }
    if (rest.size == 0)
        style.decimal_mark = style.grouping == '.' ? ',' : '.';
    else
        style.decimal_mark = rest.at[0];
    if ((style.decimal_mark != '.' && style.decimal_mark != ',') || style.decimal_mark == style.grouping)
        return false;
    if (style.grouping != '\0' && strchr(",. '", style.grouping) == NULL)
        return false;
    *ret_style = style;
    return true;
}

bool
transform_prepare_number(Transform *t, Arena *arena, GError **error)
{
    (void)arena;
    if (t->count == 1 && !number_style_parse(t->arguments[0].value, &t->style))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no example of a number such as 1.234,56",
                         STR_FORMAT(t->arguments[0].value));
    return true;
}

/* The first run of digits and marks in text, with a minus before it. */
static Str
number_within(Str text, Str *ret_after)
{
    size_t from = 0, to;

    while (from < text.size && !g_ascii_isdigit(text.at[from]))
        from++;
    for (to = from; to < text.size; to++) {
        bool mark = strchr(".,' ", text.at[to]) != NULL || text.at[to] == '\xC2' || text.at[to] == '\xA0';

        if (!g_ascii_isdigit(text.at[to]) && !(mark && to + 1 < text.size))
            break;
    }
    while (to > from && !g_ascii_isdigit(text.at[to - 1]))
        to--;
    *ret_after = str_trim(str_slice(text, to, text.size));
    if (from > 0 && to > from && text.at[from - 1] == '-')
        from--;
    return str_slice(text, from, to);
}

static Str
money_text(TransformContext *context, int64_t micros)
{
    char text[MONEY_TEXT_SIZE];

    return arena_str(context->arena, str_of(money_format(micros, text)));
}

Str
transform_number(const Transform *t, TransformContext *context, Str in)
{
    NumberStyle style = t->count == 1 ? t->style : context->numbers;
    Str after, digits = number_within(in, &after);
    int64_t micros;

    /* "Competitive" is no mistake: it says no number. */
    if (str_is_empty(digits))
        return STR_NONE;
    if (!money_parse(digits, style, &micros, NULL))
        return transform_fail(context, "number", in);
    if (after.size > 0 && (after.at[0] == 'k' || after.at[0] == 'K') &&
        !(after.size > 1 && g_ascii_isalpha(after.at[1]))) {
        if (micros > INT64_MAX / THOUSAND || micros < INT64_MIN / THOUSAND)
            return transform_fail(context, "number", in);
        micros *= THOUSAND;
    }
    return money_text(context, micros);
}

Str
transform_cents(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!money_parse(str_trim(in), t->plain ? NUMBER_STYLE_PLAIN : context->numbers, &micros, NULL) ||
        micros % 100 != 0)
        return transform_fail(context, "number of cents", in);
    return money_text(context, micros / 100);
}

Str
transform_positive(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!money_parse(str_trim(in), t->plain ? NUMBER_STYLE_PLAIN : context->numbers, &micros, NULL))
        return transform_fail(context, "number", in);
    return micros > 0 ? in : STR_NONE;
}

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

bool
transform_prepare_map(Transform *t, Arena *arena, GError **error)
{
    (void)arena;
    for (size_t i = 0; i < t->count; i++) {
        if (t->arguments[i].key.at == NULL)
            return weir_fail(error, WEIR_ERROR_INVALID, "map takes pairs such as a: x, not \"%.*s\"",
                             STR_FORMAT(t->arguments[i].value));
    }
    return true;
}

Str
transform_map(const Transform *t, TransformContext *context, Str in)
{
    Str otherwise = STR_NONE, value = str_trim(in);

    for (size_t i = 0; i < t->count; i++) {
        if (str_equal(t->arguments[i].key, value))
            return t->arguments[i].value;
        if (str_is(t->arguments[i].key, "else"))
            otherwise = t->arguments[i].value;
    }
    return otherwise.at != NULL ? otherwise : transform_fail(context, "value of the map", in);
}

static bool
is_any_of(const Transform *t, Str in)
{
    for (size_t i = 0; i < t->count; i++) {
        if (str_equal(t->arguments[i].value, str_trim(in)))
            return true;
    }
    return false;
}

Str
transform_is(const Transform *t, TransformContext *context, Str in)
{
    (void)context;
    return is_any_of(t, in) ? in : STR_NONE;
}

Str
transform_is_not(const Transform *t, TransformContext *context, Str in)
{
    (void)context;
    return is_any_of(t, in) ? STR_NONE : in;
}

Str
transform_contains(const Transform *t, TransformContext *context, Str in)
{
    (void)context;
    for (size_t i = 0; i < t->count; i++) {
        if (str_find(in, t->arguments[i].value) >= 0)
            return in;
    }
    return STR_NONE;
}

Str
transform_country(const Transform *t, TransformContext *context, Str in)
{
    char code[3];

    (void)t;
    return country_parse(in, code) ? arena_str(context->arena, str_of(code)) : transform_fail(context, "country", in);
}

Str
transform_employment(const Transform *t, TransformContext *context, Str in)
{
    unsigned types = employment_type_parse(in);
    g_autoptr(GString) names = g_string_new(NULL);

    (void)t;
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1) {
        if ((types & bit) != 0)
            g_string_append_printf(names, "%s%s", names->len > 0 ? "," : "", employment_type_name((EmploymentType)bit));
    }
    return names->len > 0 ? arena_str(context->arena, str_of_gstring(names)) : STR_NONE;
}

Str
transform_period(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    (void)context;
    return str_of(period_name(period_parse(in)));
}

Str
transform_remote(const Transform *t, TransformContext *context, Str in)
{
    (void)t;
    (void)context;
    return str_of(remote_name(remote_parse(in)));
}

Str
transform_hash(const Transform *t, TransformContext *context, Str in)
{
    char text[FINGERPRINT_TEXT_SIZE];

    (void)t;
    return arena_str(context->arena, str_of(fingerprint_format(fingerprint_of_id(STR_NONE, in), text)));
}
