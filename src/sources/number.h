/*
 * Numbers within the texts that people write: "Up to $75,000/year", "20-25k", "1.234,50 EUR".
 */
#pragma once

#include "base/arena.h"
#include "base/money.h"

/* How numbers are written, from an example such as "1.234,56"; false when that is none. */
bool number_style_parse(Str example, NumberStyle *ret_style);
/* The example: "1.234,56". */
const char *number_style_example(NumberStyle style, Arena *arena);

typedef enum {
    NUMBER_FOUND,
    NUMBER_NONE, /* the text holds no digit */
    NUMBER_BAD,  /* what is there is not written in this style, or too large */
} NumberResult;

/* The first number of *rest, which moves behind it; a K behind it multiplies by 1000, which ret_has_k
 * tells. */
NumberResult number_take(Str *rest, NumberStyle style, int64_t *ret_micros, bool *ret_has_k);
/* Plainly, as money_parse() reads it. */
Str number_text(Arena *arena, int64_t micros);

typedef struct {
    bool has_low, has_high;
    bool is_single; /* one number stood there: low and high are the same */
    bool is_open;   /* "30,000+" */
    int64_t low_micros, high_micros;
} NumberRange;

/* The first two numbers that a dash or a word such as "to" joins, the smaller first; "20-25k" means thousands twice. Without any number both are absent. False
 * when a number is not of the style. */
bool number_range_find(Str text, NumberStyle style, NumberRange *ret_range);
