/* Transforms that read and scale numbers. */
#include "sources/transform_type.h"

#include "sources/number.h"

bool
transform_prepare_number(Transform *t, Arena *arena, GError **error)
{
    (void)arena;
    if (t->count == 1 && !number_style_parse(t->arguments[0].value, &t->style))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no example of a number such as 1.234,56",
                         STR_FORMAT(t->arguments[0].value));
    return true;
}

Str
transform_number(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;
    bool has_k;
    NumberStyle style = t->count == 1 ? t->style : context->numbers;

    switch (number_take(&(Str){in.at, in.size}, style, &micros, &has_k)) {
    case NUMBER_FOUND:
        return number_text(context->arena, micros);
    case NUMBER_NONE:
        return STR_NONE; /* "Competitive" is no mistake: it says no number */
    case NUMBER_BAD:
        return transform_fail_number(context, "number", style, in);
    }
    g_assert_not_reached();
}

static bool
read_number(const Transform *t, const TransformContext *context, Str in, int64_t *ret_micros)
{
    return money_parse(str_trim(in), t->plain ? NUMBER_STYLE_PLAIN : context->numbers, ret_micros, NULL);
}

Str
transform_cents(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!read_number(t, context, in, &micros) || micros % 100 != 0)
        return transform_fail(context, "number of cents", in);
    return number_text(context->arena, micros / 100);
}

Str
transform_positive(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!read_number(t, context, in, &micros))
        return transform_fail(context, "number", in);
    return micros > 0 ? in : STR_NONE;
}

Str
transform_times(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!read_number(t, context, in, &micros) || __builtin_mul_overflow(micros, t->index, &micros))
        return transform_fail(context, "number that can be multiplied", in);
    return number_text(context->arena, micros);
}

/* Exactly, or not at all: what is left over would be money. */
Str
transform_divide(const Transform *t, TransformContext *context, Str in)
{
    int64_t micros;

    if (!read_number(t, context, in, &micros) || micros % t->index != 0)
        return transform_fail(context, "number that can be divided without a rest", in);
    return number_text(context->arena, micros / t->index);
}
