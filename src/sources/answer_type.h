/*
 * What an answer is made of: for what reads it (answer.c) and what finds out what it means (answer_meaning.c).
 */
#pragma once

#include "sources/definition.h"
#include "sources/explain.h"
#include "sources/row_merger.h"

#define ANSWER_BEGINNING_BYTES 4096 /* of the body, for rules by text and for messages */

/* Which record is explained, and to whom (explain.h). */
typedef struct {
    uint64_t number;
    const ExplainEvents *events; /* NULL: none is */
    void *data;
} AnswerExplain;

struct Answer {
    const Operation *operation;
    const Question *question;
    const Clock *clock;
    const AnswerEvents *events;
    void *data;
    Ask ask;
    Reader *reader;
    RowMerger *merger;   /* NULL: each record is a listing */
    Arena *record_arena; /* reset for each record */
    Arena *arena;        /* of the message */
    GString *beginning;
    MappingTally *tally;
    GError *error;            /* why reading ended */
    bool has_unknown_charset; /* so says its head */
    bool stopped;             /* by a callback, which is no error */
    int status;               /* 0: not by HTTP */
    HttpHeader *headers;      /* that rules look at */
    size_t header_count;
    int64_t retry_after_us;
    AnswerStatus result;
    uint64_t fingerprint; /* of its records, in their order; 0: none */
    AnswerExplain explain;
    Session hidden; /* not to be shown, beside the source's secrets */
};

/* What HTTP itself says of a status; ANSWER_OK for success, and for 0, which is none. */
AnswerStatus answer_meaning_of_status(int status);
/* Explains the record when it is the one that was asked about. */
void answer_explain_record(Answer *answer, const Record *record, bool is_skipped);
/* Tells what came of it. */
void answer_explain_listing(Answer *answer, const Record *record, const Listing *listing, bool is_kept);
/* A record that was given: for answer_repeats(). */
void answer_note_record(Answer *answer, Str text);
/* What is wrong with the text as a whole; reason is one word. */
void answer_lose_text(Answer *answer, const char *reason, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The value of a header that rules or paging look at; absent when there is none. */
Str answer_header(const Answer *answer, const char *name);
/* Hides the session that answer_hide() told of. */
Str answer_hide_session(const Answer *answer, Str text, Arena *arena);
/* The first match of a document path (-1: none) that is not null. *ret_there tells whether there was one. */
Str answer_document_text(const Answer *answer, ptrdiff_t path, bool *ret_there);
