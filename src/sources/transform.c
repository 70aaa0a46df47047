#include "sources/transform_type.h"

#include "sources/number.h"

#define ANY_NUMBER 1000

static const TransformType TYPES[] = {
    {.name = "text", .each = transform_text},
    {.name = "html_text", .each = transform_html_text},
    {.name = "html_safe", .each = transform_html_safe},
    {.name = "decode", .most = 1, .each = transform_decode, .prepare = transform_prepare_count},
    {.name = "repair", .each = transform_repair},
    {.name = "lower", .each = transform_lower},
    {.name = "upper", .each = transform_upper},
    {.name = "trim", .each = transform_trim},
    {.name = "truncate", .least = 1, .most = 2, .each = transform_truncate, .prepare = transform_prepare_count},
    {.name = "regex", .least = 1, .most = 2, .each = transform_regex, .prepare = transform_prepare_regex},
    {.name = "regex_replace",
     .least = 2,
     .most = 2,
     .each = transform_regex_replace,
     .prepare = transform_prepare_regex_replace},
    {.name = "replace", .least = 2, .most = 2, .each = transform_replace},
    {.name = "prefix", .least = 1, .most = 1, .each = transform_prefix},
    {.name = "suffix", .least = 1, .most = 1, .each = transform_suffix},
    {.name = "before", .least = 1, .most = 1, .each = transform_before},
    {.name = "after", .least = 1, .most = 1, .each = transform_after},
    {.name = "split", .least = 1, .most = 2, .all = transform_split, .prepare = transform_prepare_index},
    {.name = "first", .all = transform_first},
    {.name = "last", .all = transform_last},
    {.name = "join", .least = 1, .most = 1, .all = transform_join},
    {.name = "count", .all = transform_count, .makes_plain = true},
    {.name = "unique", .all = transform_unique},
    {.name = "json", .least = 1, .most = 1, .all = transform_json, .prepare = transform_prepare_json},
    {.name = "url_param", .least = 1, .most = 1, .each = transform_url_param},
    {.name = "path_segment", .least = 1, .most = 1, .each = transform_path_segment, .prepare = transform_prepare_index},
    {.name = "url_decode", .each = transform_url_decode},
    {.name = "url_encode", .each = transform_url_encode},
    {.name = "base64", .each = transform_base64},
    {.name = "base64_decode", .each = transform_base64_decode},
    {.name = "number", .most = 1, .each = transform_number, .prepare = transform_prepare_number, .makes_plain = true},
    {.name = "cents", .each = transform_cents, .makes_plain = true},
    {.name = "positive", .each = transform_positive},
    {.name = "times",
     .least = 1,
     .most = 1,
     .each = transform_times,
     .prepare = transform_prepare_count,
     .makes_plain = true},
    {.name = "divide",
     .least = 1,
     .most = 1,
     .each = transform_divide,
     .prepare = transform_prepare_count,
     .makes_plain = true},
    {.name = "range_low",
     .most = 1,
     .each = transform_range_low,
     .prepare = transform_prepare_number,
     .makes_plain = true},
    {.name = "range_high",
     .most = 1,
     .each = transform_range_high,
     .prepare = transform_prepare_number,
     .makes_plain = true},
    {.name = "currency", .most = 1, .each = transform_currency, .prepare = transform_prepare_currency},
    {.name = "time", .most = 12, .each = transform_time, .prepare = transform_prepare_time},
    {.name = "map", .least = 1, .most = ANY_NUMBER, .each = transform_map, .prepare = transform_prepare_map},
    {.name = "is", .least = 1, .most = ANY_NUMBER, .each = transform_is},
    {.name = "is_not", .least = 1, .most = ANY_NUMBER, .each = transform_is_not},
    {.name = "contains", .least = 1, .most = ANY_NUMBER, .each = transform_contains},
    {.name = "boolean", .each = transform_boolean},
    {.name = "country", .each = transform_country},
    {.name = "employment", .each = transform_employment},
    {.name = "period", .each = transform_period},
    {.name = "remote", .each = transform_remote},
    {.name = "hash", .each = transform_hash},
};

static bool
fail_unknown(Str name, GError **error)
{
    const char *names[G_N_ELEMENTS(TYPES) + 1] = {NULL};
    g_autofree char *suggestion = NULL;

    if (str_is_empty(name))
        return weir_fail(error, WEIR_ERROR_INVALID, "a transform is missing behind \"|\"");
    for (size_t i = 0; i < G_N_ELEMENTS(TYPES); i++)
        names[i] = TYPES[i].name;
    suggestion = yaml_suggestion(name, names);
    return weir_fail(error, WEIR_ERROR_INVALID, "unknown transform \"%.*s\"%s", STR_FORMAT(name), suggestion);
}

static void
fail_count(const TransformType *type, size_t count, GError **error)
{
    g_autofree char *allowed = type->most == 0            ? g_strdup("no arguments")
                               : type->most >= ANY_NUMBER ? g_strdup_printf("%zu arguments or more", type->least)
                               : type->least == type->most
                                   ? g_strdup_printf("%zu argument%s", type->most, type->most == 1 ? "" : "s")
                                   : g_strdup_printf("%zu to %zu arguments", type->least, type->most);

    weir_fail(error, WEIR_ERROR_INVALID, "%s takes %s, not %zu", type->name, allowed, count);
}

static const TransformType *
find_type(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(TYPES); i++) {
        if (str_is(name, TYPES[i].name))
            return &TYPES[i];
    }
    return NULL;
}

Transform *
transform_new(Str name, const TransformArgument *arguments, size_t count, bool plain, Arena *arena, GError **error)
{
    const TransformType *type = find_type(name);
    Transform *transform;

    if (type == NULL) {
        fail_unknown(name, error);
        return NULL;
    }
    if (count < type->least || count > type->most) {
        fail_count(type, count, error);
        return NULL;
    }
    transform = ARENA_NEW(arena, Transform);
    *transform = (Transform){.type = type, .arguments = arguments, .count = count, .plain = plain};
    if (type->prepare != NULL && !type->prepare(transform, arena, error))
        return NULL;
    return transform;
}

bool
transform_makes_plain(const Transform *transform)
{
    return transform->type->makes_plain;
}

Texts
transform_apply(const Transform *transform, TransformContext *context, Texts in)
{
    Texts out = {.items = in.items};

    if (transform->type->all != NULL)
        return transform->type->all(transform, context, in);
    /* In place: what comes out is never more than what went in. */
    for (size_t i = 0; i < in.count; i++) {
        Str value = transform->type->each(transform, context, in.items[i]);

        if (!str_is_empty(value))
            out.items[out.count++] = value;
    }
    return out;
}

Str
transform_fail(TransformContext *context, const char *what, Str value)
{
    if (context->mistake == NULL)
        context->mistake =
            arena_printf(context->arena, "\"%.*s\" is no %s", STR_FORMAT(str_slice(value, 0, 80)), what).at;
    return STR_NONE;
}

Str
transform_fail_number(TransformContext *context, const char *what, NumberStyle style, Str value)
{
    const char *example = number_style_example(style, context->arena);

    return transform_fail(context, arena_printf(context->arena, "%s written as %s", what, example).at, value);
}
