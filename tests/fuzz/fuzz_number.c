/* The first byte chooses the style; the rest is an amount, and a text with amounts in it. */
#include "sources/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What was read is written so that it reads the same again. */
static void
check_amount(int64_t micros)
{
    char text[MONEY_TEXT_SIZE];
    int64_t again;

    g_assert(money_parse(str_of(money_format(micros, text)), NUMBER_STYLE_PLAIN, &again, NULL));
    g_assert(again == micros);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const NumberStyle STYLES[] = {{'.', '\0'}, {'.', ','}, {',', '.'}, {',', ' '}, {'.', '\''}};
    Str text = {(const char *)bytes + 1, size - 1}, rest;
    NumberRange range;
    NumberStyle style;
    int64_t micros;
    bool has_k;

    if (size == 0)
        return 0;
    style = STYLES[bytes[0] % G_N_ELEMENTS(STYLES)];
    if (money_parse(text, style, &micros, NULL))
        check_amount(micros);
    rest = text;
    for (size_t left = rest.size + 1; number_take(&rest, style, &micros, &has_k) == NUMBER_FOUND; left = rest.size) {
        g_assert(rest.size < left);
        check_amount(micros);
    }
    if (number_range_find(text, style, &range) && range.has_low && range.has_high)
        g_assert(range.low_micros <= range.high_micros);
    (void)number_style_parse(text, &style);
    return 0;
}
