/*
 * RecordMatch: decides, while the document passes, which of its nodes are records.
 *
 * The path is an automaton: each open node carries the set of positions in the path that it has reached. Selectors
 * that need to know the whole list (the last item, a filter in the middle) can't be decided so; they are refused.
 */
#pragma once

#include "stream/node.h"

typedef struct {
    NodeKind kind;
    uint32_t positions; /* bit i: this node stands behind i steps */
    uint64_t items;     /* seen so far, of a list */
    uint64_t matched;   /* members seen so far that took a step */
} RecordLevel;

/* WEIR_ERROR_INVALID when the path can't name records. path may be NULL. */
bool record_match_check(const Path *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The level of a child of parent (NULL for the root). */
RecordLevel record_match_enter(const Path *path, RecordLevel *parent, Str name, NodeKind kind, bool ignore_case);
/* Whether the node is a record. A list is one only when the path says so by ending in a selector: else its items are. */
bool record_match_accepts(const Path *path, const RecordLevel *level);
