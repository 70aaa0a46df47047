/*
 * Keeper: takes tree events and keeps, in an arena, what a trie of wants asks for. What nobody asks for is skipped by
 * counting its depth.
 *
 * There is one for the record at hand, reset after each, and one for the document, which only grows, up to its limit.
 */
#pragma once

#include "stream/node.h"
#include "stream/want.h"

typedef struct {
    Node *node;
    Want *want;
    uint64_t items, items_limit;
} KeeperLevel;

typedef struct {
    WantTrie wants;
    Arena *arena;
    Node *root;    /* NULL until something came */
    uint64_t tree; /* number of the tree at hand */
    size_t bytes_limit, text_limit;
    KeeperLevel *levels; /* as many as the limit of nesting */
    unsigned depth, depth_limit;
    unsigned skipped; /* levels open below the one that nobody asks for */
    bool truncated;   /* a text was cut */
    bool is_full;     /* bytes_limit was reached: nothing more is kept */
} Keeper;

void keeper_init(Keeper *keeper, bool ignore_case, size_t bytes_limit, size_t text_limit, unsigned depth_limit);
void keeper_clear(Keeper *keeper);
/* Forgets the tree, also in its middle. */
void keeper_reset(Keeper *keeper);

void keeper_open(Keeper *keeper, Str name, NodeKind kind);
void keeper_scalar(Keeper *keeper, Str name, Value value);
/* The text of the innermost open element. */
void keeper_text(Keeper *keeper, Str text);
void keeper_close(Keeper *keeper);
/* What was kept for a want, at most limit values, in document order; until the next reset. *cut becomes true when there
 * were more. */
Values keeper_values(Keeper *keeper, const Want *want, size_t limit, bool *cut);
/* Whether keeper_text() for the innermost open element would keep anything. */
bool keeper_wants_text(const Keeper *keeper);
