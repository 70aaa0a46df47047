/* Transforms by regular expressions. */
#include "sources/transform_type.h"

bool
transform_prepare_regex(Transform *t, Arena *arena, GError **error)
{
    t->pattern = pattern_new(t->arguments[0].value, arena, error);
    if (t->pattern == NULL)
        return false;
    t->index = pattern_group_count(t->pattern) > 0 ? 1 : 0;
    if (t->count == 1)
        return true;
    if (!str_to_int64(t->arguments[1].value, &t->index) || t->index < 0 ||
        (uint64_t)t->index > pattern_group_count(t->pattern))
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "regex: \"%.*s\" is no group of the pattern, which has %" G_GSIZE_FORMAT,
                         STR_FORMAT(t->arguments[1].value), pattern_group_count(t->pattern));
    return true;
}

bool
transform_prepare_regex_replace(Transform *t, Arena *arena, GError **error)
{
    t->pattern = pattern_new(t->arguments[0].value, arena, error);
    return t->pattern != NULL && pattern_check_replacement(t->pattern, t->arguments[1].value, error);
}

Str
transform_regex(const Transform *t, TransformContext *context, Str in)
{
    Str found;

    if (pattern_find(t->pattern, in, (size_t)t->index, &found) == PATTERN_GAVE_UP)
        return transform_fail(context, "text that the pattern can search within its bounds", in);
    return found;
}

Str
transform_regex_replace(const Transform *t, TransformContext *context, Str in)
{
    Str text = STR_NONE;

    if (pattern_replace(t->pattern, in, t->arguments[1].value, context->arena, &text) == PATTERN_GAVE_UP)
        return transform_fail(context, "text that the pattern can search within its bounds", in);
    return text;
}
