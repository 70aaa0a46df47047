/*
 * Want: all paths merged into one trie of names, so that a member nobody asks for is known by one look.
 *
 * Selectors make no level of their own: the items of a list share the want of the list. Below a ** everything may be
 * asked for, but only texts of members that are named behind it are kept.
 */
#pragma once

#include "base/arena.h"
#include "stream/node.h"
#include "stream/path.h"

typedef struct Want Want;
struct Want {
    Str name;
    Want *children, *next;
    Want *recent;         /* where the last search ended: objects of a feed repeat the order of their members */
    bool value;           /* its text is asked for */
    bool everything;      /* whatever is below may be asked for */
    uint64_t items_limit; /* items of a list that can be asked for */
    /* What the keeper kept for it, in document order, in the tree that has this number. */
    Node *kept, *kept_last;
    size_t kept_count;
    uint64_t kept_tree;
};

typedef struct {
    Arena *arena;
    Want *root;
    bool ignore_case;
    GPtrArray *deep_names; /* of Str *: members asked for at any depth */
    bool deep_all;         /* a path ends in ** */
    Want deep_value, deep_container;
} WantTrie;

void want_trie_init(WantTrie *trie, bool ignore_case);
void want_trie_clear(WantTrie *trie);
/* Returns the want that gets all the path finds and nothing else, when the path has but names; else NULL. */
Want *want_trie_add(WantTrie *trie, const Path *path);
/* Adds a path of which only the node itself is kept: of a list none of its items. */
void want_trie_add_presence(WantTrie *trie, const Path *path);
/* Adds only the member that a filter compares. */
void want_trie_add_member(WantTrie *trie, Str name);
/* After the last path was added. */
void want_trie_complete(WantTrie *trie);
bool want_trie_is_empty(const WantTrie *trie);
/* Whether a path names that member, not counting those that ask for it at any depth. */
bool want_has_child(const WantTrie *trie, const Want *parent, Str name);
/* NULL when nobody asks for that member. */
Want *want_find(WantTrie *trie, Want *parent, Str name);
