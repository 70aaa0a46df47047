/*
 * What a merge under way is made of: for what joins listings by their keys (merge.c), and what finds those that are nearly
 * the same (merge_near.c).
 */
#pragma once

#include "listings/near.h"
#include "search/merge.h"

/* Of a listing: of source and id, of the position, of the address. */
#define MERGE_KEYS 3

/* Listings that may be nearly the same: those of one bucket of near.h that are the best of all their keys, and some that no
 * longer are. */
typedef struct {
    uint64_t hash;
    struct MergeMember *first;
    guint count;
    guint fresh; /* how many have come, or ceased to be the best, since it was gone through */
    bool mixed;  /* they are of several sources: else none is compared */
} MergeBucket;

/* One listing that came. */
typedef struct MergeMember {
    Merged merged;
    int completeness;
    SeenKey *keys[MERGE_KEYS]; /* in the order in which they count; NULL: it has none of that kind */
    MergeBucket *bucket;       /* NULL: it is like no other, or was never the best of all its keys */
    struct MergeMember *next;  /* of the bucket */
    NearSketch sketch;         /* of one that was the best of all its keys */
    struct MergeMember *near;  /* of the best of all its keys: the survivor that it is nearly the same as */
    /* Scratch of merge_so_far(); the last two are of survivors: */
    struct MergeMember *survivor;
    GPtrArray *others; /* names of other sources, as const Str * */
    bool dropped;      /* a member of the group was there before */
} MergeMember;

struct Merge {
    Arena *arena;
    GPtrArray *members; /* of MergeMember, as they came */
    SeenKeys *before, *now;
    GHashTable *buckets;  /* of MergeBucket, by its hash, which is its first member */
    GPtrArray *unsettled; /* of MergeBucket: those with something fresh */
    GPtrArray *scratch;   /* of MergeMember */
    size_t count;
};

/* merge.c: best first. Total: listings that compare equal are alike in all that is shown, so that it does not matter
 * which one is taken. */
int merge_compare(const MergeMember *a, const MergeMember *b);
/* merge.c: the same for sorting a GPtrArray. */
gint merge_compare_places(gconstpointer a, gconstpointer b);
/* merge.c: the better one that it joins by a key; NULL when it is the best of all its keys. */
MergeMember *merge_better_by_key(const MergeMember *member);
/* merge_near.c: a member, of that normalised company, that is the best of all its keys is to be compared with the others of its bucket. */
void merge_near_join(Merge *merge, MergeMember *member, Str company);
/* merge_near.c: it is about to be the best of all its keys no more. */
void merge_near_leave(Merge *merge, MergeMember *member);
/* merge_near.c: all, or only what has come to be worth it. */
void merge_near_settle(Merge *merge, bool all);
