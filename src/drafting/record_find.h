/*
 * Finding the records of a document: the repeated thing that looks most like listings.
 *
 * Every list of objects, every element of XML, and every list of rows beside a list of names is looked at, and the one
 * whose leaves fit the fields of a listing best is taken. A single object counts less than a list.
 */
#pragma once

#include "drafting/field_guess.h"
#include "drafting/sample.h"

typedef struct {
    const char *path;    /* as `answer` writes it: "results[*]", "rss.channel.item[*]" */
    const char *columns; /* of records that are lists: where their names stand; NULL: none */
    GPtrArray *nodes;    /* of const Node, at most LEAF_RECORDS_LIMIT */
    size_t count;        /* all of them */
    Columns names;
    double score;
} RecordGuess;

/* The best first, at most RECORD_GUESSES; *ret_count may be 0. Their memory is of arena, but for nodes: record_guesses_clear(). */
#define RECORD_GUESSES 4
typedef struct {
    RecordGuess items[RECORD_GUESSES];
    size_t count;
} RecordGuesses;

void records_find(const Sample *sample, Arena *arena, RecordGuesses *ret_guesses);
void record_guesses_clear(RecordGuesses *guesses);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RecordGuesses, record_guesses_clear)
