/*
 * Answer template: what is written of an answer's listings and sources, with holes where answers to the same question differ:
 * the stamps of links, and how long what was kept is still fresh.
 *
 *     ..."url":"https://feed.example/c/{offer}[stamp]"},{"position":2, ... "cache":"hit","ttl_s":[seconds]}]
 *
 * The holes are those of the answer that it is made of, in the order of writing: one a listing, then one a source that has
 * a ttl_s. Made once, filled from any thread.
 */
#pragma once

#include "search/answer.h"

/* Where a value that is not the next answer's stands in a text. */
typedef struct {
    size_t at, size;
} TextHole;

typedef struct AnswerTemplate AnswerTemplate;

/* Of the memory that a template would take. */
size_t answer_template_bytes(Str text, const TextHole *holes, size_t count);
AnswerTemplate *answer_template_new(Str text, const TextHole *holes, size_t count);
void answer_template_free(void *template);
/* Appends the text with the values of another answer of the same listings and sources. */
void answer_template_fill(const AnswerTemplate *template, const SearchAnswer *answer, GString *to);
/* Whether a source says how long what it gave is fresh. */
bool answered_source_has_ttl(const AnsweredSource *source);
