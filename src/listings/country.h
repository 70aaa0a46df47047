/*
 * Countries as partners write them: codes of two or three letters, and names in the languages of our partners.
 */
#pragma once

#include "base/str.h"

/* Reads "GB", "gbr", "UK", "United Kingdom", "Deutschland", ... into ISO 3166-1 alpha-2 capitals in to (3 bytes).
 * False when the words are no country that we know; two letters that are no code are not accepted. */
bool country_parse(Str text, char *to);
