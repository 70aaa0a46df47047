/*
 * Names of months and weekdays as partners write them in dates, in the languages that place names and pay are read in too.
 */
#pragma once

#include "base/str.h"

/* The name of a month at the front of *rest, whole or shortened ("November", "nov.", "août"), which moves behind it. Month from 1. */
bool month_name_take(Str *rest, int *ret_month);
/* Any word at the front of *rest, such as a weekday's name. */
bool date_word_take(Str *rest);
/* The letters behind a day's number: "24th", "1er", "1º". */
void ordinal_skip(Str *rest);
