/* The table of transforms is in transform.c; their functions are in transform_text.c, transform_url.c,
 * transform_pattern.c, transform_number.c, transform_time.c, transform_json.c and transform_value.c. */
#pragma once

#include "sources/pattern.h"
#include "sources/transform.h"
#include "stream/path.h"

/* Pieces that one text is cut into. */
#define TRANSFORM_PIECES_LIMIT 1000

typedef struct {
    const char *name;
    size_t least, most; /* arguments */
    /* One value to one; absent drops it. Either this or all is set. */
    Str (*each)(const Transform *transform, TransformContext *context, Str in);
    Texts (*all)(const Transform *transform, TransformContext *context, Texts in);
    /* Checks and prepares the arguments; may be NULL. */
    bool (*prepare)(Transform *transform, Arena *arena, GError **error);
    bool makes_plain;
} TransformType;

/* How a moment may be written. */
typedef bool (*TimeReader)(Str text, const TransformContext *context, GTimeZone *zone, int64_t *ret_us);

struct Transform {
    const TransformType *type;
    const TransformArgument *arguments;
    size_t count;
    NumberStyle style; /* of number() */
    bool plain;        /* numbers arrive plainly */
    int64_t
        index; /* of split and path_segment; the group of regex; how often decode, how long truncate, how much times */
    size_t writings;     /* of time(): how many arguments say how it may be written */
    TimeReader *readers; /* of those; NULL: the argument is a pattern */
    GTimeZone *zone;     /* of time(); lives as long as the process */
    const Pattern *pattern;
    const Path *path; /* of json */
};

/* Item i of count, negative from the end; -1 when there is none. */
int64_t transform_resolve_index(int64_t i, size_t count);
/* Says why a value was lost; returns absent. */
Str transform_fail(TransformContext *context, const char *what, Str value);
/* The same with the style that was expected. */
Str transform_fail_number(TransformContext *context, const char *what, NumberStyle style, Str value);

Str transform_text(const Transform *t, TransformContext *context, Str in);
Str transform_html_text(const Transform *t, TransformContext *context, Str in);
Str transform_decode(const Transform *t, TransformContext *context, Str in);
Str transform_repair(const Transform *t, TransformContext *context, Str in);
Str transform_lower(const Transform *t, TransformContext *context, Str in);
Str transform_upper(const Transform *t, TransformContext *context, Str in);
Str transform_trim(const Transform *t, TransformContext *context, Str in);
Str transform_replace(const Transform *t, TransformContext *context, Str in);
Str transform_prefix(const Transform *t, TransformContext *context, Str in);
Str transform_suffix(const Transform *t, TransformContext *context, Str in);
Str transform_before(const Transform *t, TransformContext *context, Str in);
Str transform_after(const Transform *t, TransformContext *context, Str in);
Texts transform_split(const Transform *t, TransformContext *context, Texts in);
Texts transform_first(const Transform *t, TransformContext *context, Texts in);
Texts transform_last(const Transform *t, TransformContext *context, Texts in);
Texts transform_join(const Transform *t, TransformContext *context, Texts in);
Texts transform_count(const Transform *t, TransformContext *context, Texts in);
Str transform_url_param(const Transform *t, TransformContext *context, Str in);
Str transform_path_segment(const Transform *t, TransformContext *context, Str in);
Str transform_url_decode(const Transform *t, TransformContext *context, Str in);
Str transform_url_encode(const Transform *t, TransformContext *context, Str in);
Str transform_html_safe(const Transform *t, TransformContext *context, Str in);
Str transform_truncate(const Transform *t, TransformContext *context, Str in);
Texts transform_unique(const Transform *t, TransformContext *context, Texts in);
Str transform_base64(const Transform *t, TransformContext *context, Str in);
Str transform_base64_decode(const Transform *t, TransformContext *context, Str in);
Str transform_regex(const Transform *t, TransformContext *context, Str in);
Str transform_regex_replace(const Transform *t, TransformContext *context, Str in);
Texts transform_json(const Transform *t, TransformContext *context, Texts in);

Str transform_number(const Transform *t, TransformContext *context, Str in);
Str transform_cents(const Transform *t, TransformContext *context, Str in);
Str transform_positive(const Transform *t, TransformContext *context, Str in);
Str transform_times(const Transform *t, TransformContext *context, Str in);
Str transform_divide(const Transform *t, TransformContext *context, Str in);
Str transform_range_low(const Transform *t, TransformContext *context, Str in);
Str transform_range_high(const Transform *t, TransformContext *context, Str in);
Str transform_currency(const Transform *t, TransformContext *context, Str in);
Str transform_boolean(const Transform *t, TransformContext *context, Str in);
Str transform_time(const Transform *t, TransformContext *context, Str in);
Str transform_map(const Transform *t, TransformContext *context, Str in);
Str transform_is(const Transform *t, TransformContext *context, Str in);
Str transform_is_not(const Transform *t, TransformContext *context, Str in);
Str transform_contains(const Transform *t, TransformContext *context, Str in);
Str transform_country(const Transform *t, TransformContext *context, Str in);
Str transform_employment(const Transform *t, TransformContext *context, Str in);
Str transform_period(const Transform *t, TransformContext *context, Str in);
Str transform_remote(const Transform *t, TransformContext *context, Str in);
Str transform_hash(const Transform *t, TransformContext *context, Str in);

bool transform_prepare_index(Transform *t, Arena *arena, GError **error);
bool transform_prepare_count(Transform *t, Arena *arena, GError **error);
bool transform_prepare_currency(Transform *t, Arena *arena, GError **error);
bool transform_prepare_regex(Transform *t, Arena *arena, GError **error);
bool transform_prepare_regex_replace(Transform *t, Arena *arena, GError **error);
bool transform_prepare_json(Transform *t, Arena *arena, GError **error);
bool transform_prepare_number(Transform *t, Arena *arena, GError **error);
bool transform_prepare_time(Transform *t, Arena *arena, GError **error);
bool transform_prepare_map(Transform *t, Arena *arena, GError **error);
