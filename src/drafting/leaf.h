/*
 * Leaves: all places in records where a value stands, each with what stands there in all of them.
 *
 *     {"title": "Nurse", "places": [{"city": "Ulm"}]}   ->   title, places.city
 *
 * A list stands for its items, as in the paths of a definition. A text that is JSON itself is looked into: its leaves are
 * reached as `text | json('path')`. Bounded by the limits below; what is beyond is not looked at.
 */
#pragma once

#include "stream/node.h"

#define LEAF_RECORDS_LIMIT 300 /* records that are looked at */
#define LEAF_COUNT_LIMIT   600 /* places */
#define LEAF_VALUES_LIMIT  600 /* values of one place */
#define LEAF_DEPTH_LIMIT   12

typedef struct {
    const char *path;         /* as a definition writes it */
    const char *key, *parent; /* its name and that of what holds it, small letters and digits only; "" when none */
    unsigned depth;           /* 1: a member of the record */
    size_t filled;            /* records with a value */
    size_t most;              /* values in one record */
    GArray *values;           /* of Str: not empty; in document order */
    GArray *firsts;           /* of Str: the first value of each record that has one */
    size_t record;            /* while collecting: the record at hand, from 1 */
    size_t in_record;
} Leaf;

typedef struct {
    Arena *arena;
    GPtrArray *items; /* of Leaf, in order of first sight */
    GHashTable *by_path;
    size_t records;
} Leaves;

/* Names of columns for records that are lists; count 0: none. */
typedef struct {
    const Str *names;
    size_t count;
} Columns;

/* root must outlive it: values are slices of its texts. skip: nodes that are left out; NULL: none. */
void leaves_init(Leaves *leaves, Arena *arena);
void leaves_clear(Leaves *leaves);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Leaves, leaves_clear)
void leaves_add_record(Leaves *leaves, const Node *record, Columns columns, const GPtrArray *skip);

/* Appends a member's name to a path as a definition writes it. False when it can't be written. */
bool path_add_member(GString *path, Str name);
/* Small letters and digits of a name, without accents: "Job-Title" is "jobtitle". */
const char *name_fold(Str name, Arena *arena);
