/*
 * Ids: 63-bit, time-ordered numbers that any node mints alone, shown in Crockford base32.
 *
 *     bit 62            21      13           0
 *      | milliseconds   | node  | sequence  |      41 bits of ms since 2020-01-01 (until 2089), 9 of node, 13 of
 *                                                   sequence: 8,192 ids a millisecond and node
 *
 * Text is 13 characters of 0-9 A-Z without I L O U; reading ignores case and takes O for 0, I and L for 1.
 */
#pragma once

#include "base/clock.h"
#include "base/str.h"

typedef int64_t Id;

#define ID_NONE      ((Id)0)
#define ID_TEXT_SIZE 14
#define ID_NODES     512

typedef struct {
    const Clock *clock;
    unsigned node;
    gint64 last; /* the last id given; moved by compare-and-exchange, so that any thread may mint */
} IdMint;

/* node: 0 to ID_NODES - 1, different on each process that shares a database. */
void id_mint_init(IdMint *mint, const Clock *clock, unsigned node);
/* From now on mints under another number; ids go on rising. */
void id_mint_move(IdMint *mint, unsigned node);
/* Always larger than the one before, even when the clock steps back. From any thread. */
Id id_mint(IdMint *mint);

/* The moment an id was minted, to the millisecond. */
int64_t id_time_us(Id id);
/* The smallest id that could have been minted at the moment: for ranges of time. */
Id id_floor(int64_t us);

/* The digits of Crockford's base32, and the value of one as people type it: case does not count, O is 0, I and L are
 * 1. -1 for what is no digit. */
#define BASE32_DIGITS "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
int base32_value(char c);

const char *id_format(Id id, char *to);
/* False when text is not 13 characters of the alphabet or exceeds 63 bits. */
bool id_parse(Str text, Id *ret_id);
