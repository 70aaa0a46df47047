/*
 * Ancestors: what paths with ^ ask of the objects and elements around a record.
 *
 * Each one that is open outside of records, and may lead to some, has a keeper of its own that ends with it, so that
 * nothing of one company is told of the next. Only what stands before a record is known when the record is given.
 */
#pragma once

#include "stream/node.h"

typedef struct Ancestors Ancestors;

/* Each object around a record keeps at most this part of ReaderLimits.record_bytes, so that all of them together stay
 * within a few times of it however deeply they are nested. */
#define ANCESTOR_SHARE 16

Ancestors *ancestors_new(const ReaderLimits *limits, bool ignore_case);
void ancestors_free(Ancestors *ancestors);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ancestors, ancestors_free)
/* Before the first event; the path must outlive it. */
void ancestors_add(Ancestors *ancestors, const Path *path);

/* The events outside of records, as the extractor takes them. leads: whether records may stand within. */
void ancestors_open(Ancestors *ancestors, Str name, NodeKind kind, bool leads);
void ancestors_scalar(Ancestors *ancestors, Str name, Value value);
void ancestors_text(Ancestors *ancestors, Str text);
void ancestors_close(Ancestors *ancestors);
bool ancestors_wants_text(const Ancestors *ancestors);
/* Forgets what is open. */
void ancestors_reset(Ancestors *ancestors);

/* False when one holds more than it may. */
bool ancestors_check(const Ancestors *ancestors, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What was kept of the object or element that encloses the next record, up = 1, or the one around that, up = 2, and so
 * on; NULL when there is none. *truncated becomes true when a text of it was cut. */
const Node *ancestors_root(const Ancestors *ancestors, unsigned up, bool *truncated);
