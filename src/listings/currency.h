/*
 * Currencies as texts about pay name them: "25000 EUR", "CA$95k", "12 000 zł". All give ISO 4217 codes, which live as long
 * as the program; NULL when there is none.
 */
#pragma once

#include "base/str.h"

/* That of a country (ISO 3166-1 alpha-2) whose listings leave it out, or write "$" and "kr". */
const char *currency_of_country(Str country);
/* The first code that stands alone, of those currencies; written in capitals unless in_any_case. */
const char *currency_find_code(Str text, bool in_any_case);
/* That of the first sign of one currency only: "$" alone belongs to many countries. */
const char *currency_find_sign(Str text);
