/* Transforms that choose among values and read words of a fixed set. */
#include "sources/transform_type.h"

#include "listings/country.h"
#include "listings/fingerprint.h"
#include "listings/listing.h"
#include "listings/text.h"

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
transform_boolean(const Transform *t, TransformContext *context, Str in)
{
    static const char *const YES[] = {"true", "1", "yes", "y", "t", "on", "x", "ja", "oui", "si", "sim", "tak"};
    static const char *const NO[] = {"false", "0", "no", "n", "f", "off", "nein", "non", "nao", "nie"};
    Str word = text_fold(context->arena, in);

    (void)t;
    for (size_t i = 0; i < G_N_ELEMENTS(YES); i++)
        if (str_is(word, YES[i]))
            return STR("true");
    for (size_t i = 0; i < G_N_ELEMENTS(NO); i++)
        if (str_is(word, NO[i]))
            return STR("false");
    return transform_fail(context, "yes or no", in);
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
