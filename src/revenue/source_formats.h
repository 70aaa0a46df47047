/*
 * The line formats of the configured sources: each report as its definition describes it, and postbacks.
 */
#pragma once

#include "revenue/line_format.h"

typedef struct {
    LineFormats formats; /* first member */
    SourceSet *set;
    const Clock *clock;
} SourceFormats;

/* Keeps a reference to set. */
void source_formats_init(SourceFormats *formats, SourceSet *set, const Clock *clock);
void source_formats_clear(SourceFormats *formats);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SourceFormats, source_formats_clear)

/* The error that a status of an answer is, with message: CREDENTIAL, PERMANENT and MALFORMED are INVALID, QUOTA is
 * LIMIT, TRANSIENT is UNAVAILABLE. True for OK and EMPTY. */
bool answer_status_check(AnswerStatus status, Str message, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The report that lists the transactions of a source, to which its postbacks belong; NULL when it has none. */
const char *source_formats_line_kind(const SourceFormats *formats, const char *source);
