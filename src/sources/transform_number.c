/* Transforms that read and scale numbers. */
#include "sources/transform_type.h"

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
