/*
 * Field: one value of a record on its way into a listing or line, and the reports of what could not be read.
 */
#pragma once

#include "sources/definition.h"

typedef struct {
    const Operation *operation;
    const Ask *ask;
    const Record *record;
    const AnswerEvents *events;
    void *data;
    TransformContext context;
} FieldReader;

FieldReader field_reader(const Operation *operation, const Ask *ask, const Record *record, Arena *arena,
                         const AnswerEvents *events, void *data);
/* Reports that a field (or with dropped the whole record) was lost. Returns false. */
bool field_reject(FieldReader *reader, bool dropped, const char *field, const char *reason, const char *format, ...)
    G_GNUC_PRINTF(5, 6);
/* The value of an expression, absent for NULL. A transform that failed is reported. */
Str field_text(FieldReader *reader, const Expression *expression, const char *field);
/* The same, cleaned of blanks and of words that say nothing. */
Str field_clean(FieldReader *reader, const Expression *expression, const char *field);
/* TIMESTAMP_NONE when absent or unreadable (then reported). */
int64_t field_moment(FieldReader *reader, const Expression *expression, const char *field);
/* False when absent or unreadable. An unreadable one is reported, and *ret_bad (may be NULL) becomes true. */
bool field_money(FieldReader *reader, const Expression *expression, const char *field, int64_t *ret_micros,
                 bool *ret_bad);
/* "" when absent or unreadable. Reads ISO codes, and the signs that belong to one currency only. */
Currency field_currency(FieldReader *reader, const Expression *expression, const char *field);
