/*
 * Template filters: what is done to a value behind a bar, "{location|before ','|upper}". Each is a row of one table; the
 * language is in docs/sources.md, "Placeholders".
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "sources/transform.h"

typedef struct TemplateFilterType TemplateFilterType;

/* A filter with its arguments. Texts are slices of the template. */
typedef struct {
    const TemplateFilterType *type;
    Str text, second;
    int64_t number;         /* of plus, minus, at_most, ...; microseconds where a duration was written */
    bool is_duration;       /* number is one */
    const int64_t *numbers; /* of steps, rising */
    size_t count;
} TemplateFilter;

/* Reads one filter, such as "before ','". INVALID with what is wrong, naming what there is. */
bool template_filter_parse(Str text, Arena *arena, TemplateFilter *ret_filter,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Applies it to all values. What comes out absent is left out; "or" puts a value where there is none. */
Texts template_filter_apply(const TemplateFilter *filter, Texts values, Arena *arena);

/* Whether it writes a moment as text: "date", "epoch_ms", ... */
bool template_filter_writes_moment(const TemplateFilter *filter);
/* Whether it moves a moment: "plus 1d". */
bool template_filter_moves_moment(const TemplateFilter *filter);
/* The moment moved by it. */
int64_t template_filter_move(const TemplateFilter *filter, int64_t us);
Str template_filter_write_moment(const TemplateFilter *filter, int64_t us, GTimeZone *zone, Arena *arena);
/* "number": JSON writes the value without quotes. */
bool template_filter_is_number(const TemplateFilter *filter);
/* split makes several of one, join one of several. */
bool template_filter_splits(const TemplateFilter *filter);
bool template_filter_joins(const TemplateFilter *filter);

/* All texts with the separator between them; absent when there are none. */
Str texts_join(Texts texts, Str separator, Arena *arena);
Str text_base64(Str bytes, Arena *arena);
/* RFC 4648, section 5, without padding. */
Str text_base64url(Str bytes, Arena *arena);
