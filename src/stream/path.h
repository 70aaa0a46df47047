/*
 * Paths: where a value stands in a document, the same words for JSON, XML and CSV.
 *
 *     results[*]                 every item              company.display_name    a member of a member
 *     locations[0], [-1]         the first, the last     "0-legal-notice"        a key with odd characters, quoted
 *     item@id, @id               an XML attribute        media:content           an XML name with its prefix
 *     jobDescription[name='Tasks'].value                 the item whose member has that text
 *     **.title                   at any depth            $.company               from the document's root, not the record
 *     ^.name, ^@id, ^^.country   from the object or element that encloses the record, or the one around that
 *     .                          the record itself       columns named by number in CSV: 0, 1, ...
 *
 * In the middle and at the end of a path a list stands for each of its items, so that a partner who sends one object
 * where others send a list is read alike. In XML, child elements are members, repeated elements are lists, attributes
 * are members named @name, and an element's text is its value.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct Path Path;

/* Compiles a path. WEIR_ERROR_INVALID with the column of the mistake. */
Path *path_parse(Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void path_free(Path *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Path, path_free)
/* The same path, living as long as the arena. */
Path *path_copy(const Path *path, Arena *arena);
/* How many objects or elements around the record it begins; 0: in the record, or at the document's root. */
unsigned path_up(const Path *path);
/* Whether path leads on from what items finds, or finds the same: "places[*].city" does from "places". "[*]" makes no
 * difference. ret_step (may be NULL): by which step. */
bool path_leads_on(const Path *path, const Path *items, size_t *ret_step);
/* Whether it begins in the record and is not the record itself. */
bool path_is_within_record(const Path *path);
/* Whether it is made of names only. */
bool path_has_names_only(const Path *path);
/* The text it was compiled from. */
Str path_text(const Path *path);
