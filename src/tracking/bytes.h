/*
 * Bytes: the small binary language of tokens and events: varints and counted texts, read with every bound checked.
 *
 * A reader never fails on the spot: after the first piece that is not there it is `failed`, and everything read from it
 * is zero or absent. So a format is read in a straight line and judged once, by bytes_reader_finish().
 */
#pragma once

#include "base/money.h"

/* LEB128: 7 bits a byte, lowest first; at most ten bytes. */
void bytes_put_unsigned(GString *to, uint64_t value);
/* Zigzag, so that small negatives stay small. */
void bytes_put_signed(GString *to, int64_t value);
/* Absent text stays absent. */
void bytes_put_text(GString *to, Str text);
void bytes_put_money(GString *to, Money money);

typedef struct {
    Str rest;
    bool failed;
} BytesReader;

uint64_t bytes_get_unsigned(BytesReader *reader);
int64_t bytes_get_signed(BytesReader *reader);
/* Points into what is read. */
Str bytes_get_text(BytesReader *reader);
Money bytes_get_money(BytesReader *reader);
/* True when all was there and nothing is left over. */
bool bytes_reader_finish(const BytesReader *reader);
