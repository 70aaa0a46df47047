/*
 * Pay as partners write it: "$60k-$130k", "33,6k–50,4k €", "£12.50 per hour", "710,00 - 1 823,00 EUR".
 *
 * Nothing is guessed: a text without an amount that is clearly pay, or whose currency neither the text nor the country
 * tells, is not understood. Amounts are micros, exact.
 */
#pragma once

#include "listings/listing.h"

/* Reads text into the amounts, currency and period of *salary; text of *salary is left as it is. country (alpha-2, or
 * absent) tells which dollar or crown is meant, and the currency where none is written. False, and nothing changed, when
 * the text is not understood. */
bool salary_parse(Str text, Str country, Salary *salary);

/* What is implied: the country's currency where amounts have none, and "a year" where the amount can be nothing else
 * (at least 10,000 in a currency whose monthly wages are all below). What nothing tells stays unknown. */
void salary_complete(Salary *salary, Str country);

/* The amounts for a year: 2,080 hours (52 weeks of 40), 260 days, 52 weeks or 12 months. False when the period or both
 * amounts are unknown, or a year's does not fit. An amount that is absent gives that of the other. */
bool salary_annual(const Salary *salary, int64_t *ret_min_micros, int64_t *ret_max_micros);
