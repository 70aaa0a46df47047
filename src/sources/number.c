#include "sources/number.h"

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

const char *
number_style_example(NumberStyle style, Arena *arena)
{
    char group[2] = {style.grouping, '\0'};

    return arena_printf(arena, "1%s234%c56", group, style.decimal_mark).at;
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

static bool
begins_with_k(Str text)
{
    return text.size > 0 && (text.at[0] == 'k' || text.at[0] == 'K') && !(text.size > 1 && g_ascii_isalpha(text.at[1]));
}

static bool
thousandfold(int64_t *micros)
{
    return !__builtin_mul_overflow(*micros, (int64_t)THOUSAND, micros);
}

NumberResult
number_take(Str *rest, NumberStyle style, int64_t *ret_micros, bool *ret_has_k)
{
    Str digits = number_within(*rest, rest);

    *ret_has_k = begins_with_k(*rest);
    if (str_is_empty(digits))
        return NUMBER_NONE;
    if (!money_parse(digits, style, ret_micros, NULL) || (*ret_has_k && !thousandfold(ret_micros)))
        return NUMBER_BAD;
    return NUMBER_FOUND;
}

Str
number_text(Arena *arena, int64_t micros)
{
    char text[MONEY_TEXT_SIZE];

    return arena_str(arena, str_of(money_format(micros, text)));
}

/* Whether what stands up to the next digit leads from one end of a range to the other: "£12 an hour, 37.5 hours" is no
 * range, "£12 an hour to £14" is. */
static bool
leads_to_other_end(Str text)
{
    static const char *const MARKS[] = {"-", "–", "—", "~", "/"};
    static const char *const WORDS[] = {"to", "and", "bis", "a", "à", "au", "y", "hasta", "do", "until", "till", "e"};
    size_t size = 0;
    Str rest;

    while (size < text.size && !g_ascii_isdigit(text.at[size]))
        size++;
    text = rest = str_slice(text, 0, size);
    for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
        if (str_find(text, str_of(MARKS[i])) >= 0)
            return true;
    while (rest.at != NULL) {
        Str word = str_trim(str_cut(&rest, ' '));

        for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
            if (str_equal_ignoring_case(word, str_of(WORDS[i])))
                return true;
    }
    return false;
}

bool
number_range_find(Str text, NumberStyle style, NumberRange *ret_range)
{
    NumberRange range = {0};
    Str rest = text;
    bool low_k, high_k = false;
    NumberResult low = number_take(&rest, style, &range.low_micros, &low_k), high = NUMBER_NONE;

    *ret_range = (NumberRange){0};
    if (low == NUMBER_NONE)
        return true;
    if (low == NUMBER_BAD)
        return false;
    range.is_open = str_starts_with(low_k ? str_slice(rest, 1, rest.size) : rest, STR("+"));
    if (leads_to_other_end(rest))
        high = number_take(&rest, style, &range.high_micros, &high_k);
    if (high == NUMBER_BAD)
        return false;
    range.has_low = range.has_high = true;
    range.is_single = high == NUMBER_NONE;
    if (range.is_single) {
        range.high_micros = range.low_micros;
    } else {
        /* A dash is no minus here. */
        range.high_micros = ABS(range.high_micros);
        if (high_k && !low_k && range.low_micros < THOUSAND * MICROS_PER_UNIT && !thousandfold(&range.low_micros))
            return false;
    }
    if (range.low_micros > range.high_micros) {
        int64_t swap = range.low_micros;

        range.low_micros = range.high_micros;
        range.high_micros = swap;
    }
    *ret_range = range;
    return true;
}
