/*
 * What a search under way is made of: for what asks (fanout.c) and what ends it (fanout_end.c).
 */
#pragma once

#include "search/fanout.h"
#include "search/index_call.h"
#include "search/plan.h"
#include "search/present.h"
#include "search/stop_rule.h"

/* What is waited for: one source's call, or the look into the index. */
typedef struct {
    Search *search;
    const Source *source; /* NULL: the index */
    SourceCall *call;     /* NULL when it is over, or was never made */
    SourceReply *reply;
    guint taken;         /* listings of the reply that were merged */
    RowOutcome *outcome; /* NULL for the index, which has a row for each of its sources */
} SearchWait;

struct Search {
    SearchShard *shard;
    Arena *arena;
    SourceSet *set;
    SearchQuery query;
    SearchDoneFn done;
    void *data;
    StopRule rule;
    int64_t started_us; /* monotonic */
    int64_t started_at_us;
    Str query_key, pages_key;
    Pages *pages;
    bool continues;  /* there were earlier pages */
    bool from_pages; /* the page was there already */
    bool asked_all;  /* not only kept replies */
    Plan plan;
    RowOutcome *outcomes; /* one a row of the plan */
    Merge *merge;
    SearchWait *waits;
    size_t wait_count;
    IndexCall *index;
    Progress progress;
    size_t cached; /* sources answered from the cache */
    LoopTimer *deadline, *grace, *soon;
    GList place; /* among the shard's running */
};

int64_t search_elapsed_us(const Search *search);
/* Merges the listings of the reply that were not yet. */
void search_wait_take(SearchWait *wait);
/* What became of a source that was asked. */
void search_outcome_write(RowOutcome *outcome, const SourceReply *reply, size_t count, int64_t took_us);
/* The source is not asked, for a reason. */
void search_outcome_skip(RowOutcome *outcome, Str reason);
