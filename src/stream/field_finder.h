/*
 * FieldFinder: the values of a record's fields, once it is complete; and, for a record that stands for several, the
 * items and the fields of each.
 *
 * A path that leads on from the items (docs: for_each) finds, for an item, only what is below that one; all other fields
 * are the same for each.
 */
#pragma once

#include "stream/ancestors.h"
#include "stream/keeper.h"

typedef struct {
    const ReaderSpec *spec;
    size_t values_limit;
    Keeper *record;
    const Keeper *document;
    Ancestors *ancestors; /* NULL: no path asks for any */
    const Want **wants;   /* of each field; NULL when its path must be evaluated */
    Values *fields;       /* what was found, one for each field */
    bool *of_item;        /* which fields are below an item */
    size_t *rests;        /* and from which step of their path on */
    GArray *matches;      /* of Value: of the path that is being evaluated */
    GPtrArray *items;     /* of Node: of the record at hand */
} FieldFinder;

/* Adds what the fields ask for to both keepers. */
void field_finder_init(FieldFinder *finder, const ReaderSpec *spec, const ReaderLimits *limits, Keeper *record,
                       Keeper *document);
void field_finder_clear(FieldFinder *finder);
/* The items of the record, and all its fields but those that are found of each item. *cut becomes true when a path found more than may be. */
void field_finder_find(FieldFinder *finder, bool *cut);
/* The fields that are below item i of finder->items. */
void field_finder_find_item(FieldFinder *finder, size_t i, bool *cut);
/* All that a path finds below root, in an arena. */
Values field_finder_eval(FieldFinder *finder, const Path *path, const Node *root, Arena *arena, bool *cut);
