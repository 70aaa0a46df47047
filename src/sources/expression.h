/*
 * Expressions: where a field's value stands in a record and what is done to it, compiled once. See docs/sources.md,
 * "Fields".
 */
#pragma once

#include "base/yaml.h"
#include "sources/template.h"
#include "sources/transform.h"
#include "stream/reader.h"

/* The paths that the expressions of one operation ask a record for; each path once. */
typedef struct {
    GPtrArray *paths;      /* of Path */
    size_t constant_count; /* expressions without any */
} FieldSet;

void field_set_init(FieldSet *fields);
void field_set_clear(FieldSet *fields);
/* Index of a path, which is added when new. -1 with error when it is no path. */
ptrdiff_t field_set_add(FieldSet *fields, Str path, GError **error);

typedef struct Expression Expression;

/* Compiles the scalar, or the map with "by" or "format", of a field; its paths go to fields. NULL with a mistake added. */
const Expression *expression_of_node(const YamlNode *node, const char *key, const TemplateScope *scope,
                                     FieldSet *fields, Arena *arena, YamlMistakes *mistakes);
/* Where the expressions without paths keep what they came to: all records of an answer have the same. Lives as long as
 * arena; goes to Ask.constants. */
Constants *constants_new(const FieldSet *fields, Arena *arena);
/* All values for a record. */
Texts expression_texts(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context);
/* The first value, or absent. */
Str expression_text(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context);
/* Whether the field of that number is asked for; expression may be NULL. */
bool expression_uses_field(const Expression *expression, size_t field);
/* Whether its numbers come out plainly written, because a transform read them. */
bool expression_is_plain(const Expression *expression);
