/*
 * Extractor: tree events in, records out. All tokenisers speak to it in the same words:
 *
 *     open(name, kind)  scalar(name, value)  text(of the innermost element)  close()
 *
 * name is absent for the root and for items of a list. Slices need live only for the call.
 */
#pragma once

#include "stream/node.h"

typedef struct Extractor Extractor;

/* spec, events and limits are those of the reader. */
Extractor *extractor_new(const ReaderSpec *spec, const ReaderLimits *limits, const ReaderEvents *events, void *data);
void extractor_free(Extractor *extractor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Extractor, extractor_free)
/* Where the tokeniser stands; asked for only when a record begins. */
void extractor_set_position(Extractor *extractor, uint64_t (*position)(void *data), void *data);
/* Where, in the bytes that the tokeniser was given, the event at hand begins and ends; asked for only when a record
 * begins, or its text is wanted. */
void extractor_set_span(Extractor *extractor, uint64_t (*begin)(void *data), uint64_t (*end)(void *data), void *data);
/* Whether the paths can be used at all; before the first event. */
bool extractor_check(const Extractor *extractor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* False when reading must stop; extractor_take_failure() says why. */
bool extractor_open(Extractor *extractor, Str name, NodeKind kind);
bool extractor_scalar(Extractor *extractor, Str name, Value value);
void extractor_text(Extractor *extractor, Str text);
bool extractor_close(Extractor *extractor);
GError *extractor_take_failure(Extractor *extractor);

/* Hints that save work: whether names and scalars at this place, or the text of the innermost element, are looked at. */
bool extractor_is_skipping(const Extractor *extractor);
bool extractor_wants_text(const Extractor *extractor);
/* Whether a column of that name is looked at; by its number only when some path names the number itself. */
bool extractor_wants_column(const Extractor *extractor, Str name, bool is_number);
/* Calls fn with the name of each column that paths name, in their order. */
void extractor_each_column(const Extractor *extractor, void (*fn)(void *data, Str name), void *data);

/* Gives up the record at hand; its remaining events are ignored. reason and detail as in ReaderEvents.rejected. */
void extractor_reject(Extractor *extractor, const char *reason, const char *detail);
/* Forgets what is open, after a piece of a document that breaks off: the next event belongs to a new root. A record
 * at hand, or the one that never began, is rejected. */
void extractor_break_off(Extractor *extractor, const char *reason, const char *detail);

/* Where the record that is open began; UINT64_MAX when there is none. */
uint64_t extractor_open_record_begin(const Extractor *extractor);
/* Where the record that is being given or rejected begins and ends; *ret_end is UINT64_MAX when it broke off. */
void extractor_record_span(const Extractor *extractor, uint64_t *ret_begin, uint64_t *ret_end);

Values extractor_document(Extractor *extractor, size_t i);
const Node *extractor_document_tree(const Extractor *extractor);
bool extractor_document_has(const Extractor *extractor, size_t i);
uint64_t extractor_record_count(const Extractor *extractor);
