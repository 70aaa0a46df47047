#include "sources/month_name.h"

/* What names of the month begin with, in small letters: English first, then German, French, Spanish, Italian, Portuguese,
 * Dutch, Danish, Swedish and Polish where they differ. None is the beginning of another month's name. */
static const char *const BEGINNINGS[12][8] = {
    {"jan", "jän", "ene", "gen", "sty"},
    {"feb", "fév", "fev", "lut"},
    {"mar", "mär", "mrt", "maa"},
    {"apr", "avr", "abr", "kwi"},
    {"may", "mai", "mei", "mag", "maj"},
    {"jun", "juin", "giu", "cze"},
    {"jul", "juil", "lug", "lip"},
    {"aug", "aoû", "aou", "ago", "sie"},
    {"sep", "set", "wrz"},
    {"oct", "okt", "ott", "out", "paź"},
    {"nov", "lis"},
    {"dec", "déc", "dez", "dic", "gru"},
};

/* Letters and the dot of a short form. */
static Str
take_word(Str *rest)
{
    size_t size = 0;
    Str word;

    while (size < rest->size) {
        gunichar c = g_utf8_get_char_validated(rest->at + size, (gssize)(rest->size - size));

        if (c == (gunichar)-1 || c == (gunichar)-2 || (c != '.' && !g_unichar_isalpha(c)))
            break;
        size += (size_t)g_unichar_to_utf8(c, NULL);
    }
    word = str_slice(*rest, 0, size);
    *rest = str_slice(*rest, size, rest->size);
    return word;
}

bool
month_name_take(Str *rest, int *ret_month)
{
    Str word = take_word(rest);
    g_autofree char *small = g_utf8_strdown(word.size > 0 ? word.at : "", (gssize)word.size);

    for (int month = 0; month < 12; month++) {
        for (const char *const *beginning = BEGINNINGS[month]; *beginning != NULL; beginning++) {
            if (g_str_has_prefix(small, *beginning)) {
                *ret_month = month + 1;
                return true;
            }
        }
    }
    return false;
}

bool
date_word_take(Str *rest)
{
    return take_word(rest).size > 0;
}

void
ordinal_skip(Str *rest)
{
    static const char *const ENDINGS[] = {"st", "nd", "rd", "th", "er", "ère", "º", "ª"};
    Str behind = *rest;
    Str word = take_word(&behind);

    for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++) {
        if (str_equal_ignoring_case(word, str_of(ENDINGS[i])))
            *rest = behind;
    }
}
