/* Transforms that read pay: "£20k - £25k pa" is two numbers, a currency and a period. */
#include "sources/transform_type.h"

#include "listings/currency.h"
#include "listings/text.h"
#include "sources/number.h"

bool
transform_prepare_currency(Transform *t, Arena *arena, GError **error)
{
    Currency currency;

    (void)arena;
    if (t->count == 1 && !currency_parse(t->arguments[0].value, &currency))
        return weir_fail(error, WEIR_ERROR_INVALID, "currency: \"%.*s\" is no currency such as USD",
                         STR_FORMAT(t->arguments[0].value));
    return true;
}

/* words end in NULL */
static bool
has_any_word(Str folded, const char *const *words)
{
    for (; *words != NULL; words++)
        if (text_has_word(folded, str_of(*words)))
            return true;
    return false;
}

/* Where only one number stands, the words around it say which end of the range it is. */
static void
place_single(TransformContext *context, Str text, NumberRange *range)
{
    static const char *const UPPER[] = {"to",    "max",    "maximum", "under", "bis",
                                        "jusqu", "jusque", "hasta",   "fino",  NULL};
    static const char *const LOWER[] = {"from",       "min",   "minimum", "over", "starting", "ab",
                                        "mindestens", "desde", "partir",  "da",   NULL};
    Str folded = text_fold(context->arena, text);

    if (range->is_open || has_any_word(folded, LOWER))
        range->has_high = false;
    else if (has_any_word(folded, UPPER))
        range->has_low = false;
}

static Str
end_of_range(const Transform *t, TransformContext *context, Str in, bool high)
{
    NumberStyle style = t->count == 1 ? t->style : context->numbers;
    NumberRange range;

    if (!number_range_find(in, style, &range))
        return transform_fail_number(context, "number or range of numbers", style, in);
    if (range.is_single)
        place_single(context, in, &range);
    if (high)
        return range.has_high ? number_text(context->arena, range.high_micros) : STR_NONE;
    return range.has_low ? number_text(context->arena, range.low_micros) : STR_NONE;
}

Str
transform_range_low(const Transform *t, TransformContext *context, Str in)
{
    return end_of_range(t, context, in, false);
}

Str
transform_range_high(const Transform *t, TransformContext *context, Str in)
{
    return end_of_range(t, context, in, true);
}

/* A bare $ belongs to many countries: the definition says whose it is. */
Str
transform_currency(const Transform *t, TransformContext *context, Str in)
{
    const char *code = currency_find_code(in, true);

    (void)context;
    if (code == NULL)
        code = currency_find_sign(in);
    if (code != NULL)
        return str_of(code);
    return t->count == 1 && str_find_char(in, '$') >= 0 ? t->arguments[0].value : STR_NONE;
}
