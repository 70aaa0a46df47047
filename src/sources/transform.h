/*
 * Transforms: what is done to a value on its way into a field: "created | time", "price | cents". Each is a row of one
 * table, from which docs and errors come; the language is in docs/sources.md.
 */
#pragma once

#include "base/yaml.h"
#include "listings/listing.h"

/* One or several values on their way. */
typedef struct {
    Str *items;
    size_t count;
} Texts;

/* What transforms work with; mistake becomes a sentence when a value could not be read. */
typedef struct {
    Arena *arena;
    GTimeZone *zone;
    NumberStyle numbers;
    int64_t now_us; /* what "3 days ago" is counted from */
    const char *mistake;
    /* The text that time() wrote last, and what it says: a field of a time need not read it again. */
    const char *moment;
    int64_t moment_us;
} TransformContext;

typedef struct Transform Transform;

/* One argument: "a" has value only; "a: b" key and value. */
typedef struct {
    Str key, value;
} TransformArgument;

/* Finds the transform and checks its arguments. The texts of arguments must live as long as the transform. INVALID with
 * what is wrong. plain: numbers reaching it are already written plainly. */
Transform *transform_new(Str name, const TransformArgument *arguments, size_t count, bool plain, Arena *arena,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether numbers leave it written plainly ("1234.56"), whatever the partner's style. */
bool transform_makes_plain(const Transform *transform);
/* Applies it: values that come out absent are left out. */
Texts transform_apply(const Transform *transform, TransformContext *context, Texts in);
