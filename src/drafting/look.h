/*
 * Looks: what the values of a leaf look like, whatever its name says.
 */
#pragma once

#include "drafting/leaf.h"

/* How a time may be written in a definition, the likeliest first; bits of Looks.times. */
#define LOOK_TIMES_MAX 32

/* Shares are of values, from 0 to 1. */
typedef struct {
    size_t values, distinct;
    double url, rooted; /* "/path" */
    double mail, html, entity, number, integer, boolean, country, currency, money, pair, employment, remote, period,
        language, zero;
    double text;  /* words of people: none of the others */
    double clock; /* some way of writing times fits, other than a bare number */
    double epoch_s, epoch_ms;
    double garbled;               /* UTF-8 that was read as Latin-1 and written again */
    double words, size;           /* of a value, on average; bytes */
    double low, high;             /* of numbers */
    bool is_unique;               /* no two records have the same */
    size_t times[LOOK_TIMES_MAX]; /* values that each way of writing reads */
} Looks;

/* Of each of the leaves, in their order; freed by g_free(). */
Looks *leaves_look(const Leaves *leaves);
/* The argument of time() for a way of writing: "" for time alone. NULL behind the last. */
const char *look_time_argument(size_t i);
/* The ways of writing that read all of a leaf's values, or nearly: "time", "time('%d/%m/%Y')", ...; in arena. */
const char *leaf_time_transform(const Leaf *leaf, const Looks *looks, Arena *arena);
/* Whether days and months may be the other way round as well. */
bool leaf_time_is_ambiguous(const Leaf *leaf, const Looks *looks);
/* Whether times say their zone. */
bool leaf_time_has_zone(const Leaf *leaf, const Looks *looks);
/* How its numbers are written: "" plainly, else the argument of number(); NULL: they are none. */
const char *leaf_number_style(const Leaf *leaf);
/* The same for texts that have amounts in them, "20,000 - 25,000 a year": the argument of range_low(). */
const char *leaf_range_style(const Leaf *leaf);
/* Whether amounts have a bare "$", which belongs to many countries. */
bool leaf_has_bare_dollar(const Leaf *leaf);
