/*
 * Sub-ids: what of a click fits into the slot that a partner gives us, and comes back with the money.
 *
 *     letters and digits, 13 or more   the click id in base32
 *     digits only, and it fits         the click id in decimal (at most 19 digits)
 *     digits only, 15 or more          9 digits of seconds since 2020 and 6 of chance; kept with the click
 *     anything smaller                 none: the slot can't tell clicks apart
 */
#pragma once

#include "base/id.h"
#include "base/random.h"

#define SUB_ID_TEXT_SIZE 20

/* Writes the sub-id and NUL into to. False when the slot is too small for one. */
bool sub_id_make(bool digits_only, size_t length_limit, Id click_id, Random *random, char *to);
