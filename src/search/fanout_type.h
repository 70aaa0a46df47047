/*
 * What a search under way is made of: for what runs it (fanout.c), asks (fanout_ask.c) and ends it (fanout_end.c).
 */
#pragma once

#include "search/choose.h"
#include "search/fanout.h"
#include "search/gain.h"
#include "search/plan.h"
#include "search/present.h"
#include "search/stop_rule.h"

/* A source that may be asked, or the stored listings of several. */
typedef struct {
    FlightSpec question; /* key and all; source NULL: the stored listings */
    KeptAnswer kept;     /* when the search began; its reply is referenced */
    /* When it is still to be asked: what is expected of its answer. */
    Awaited awaited;
    AttemptPace pace;
    double weight; /* of each of its new listings */
} Candidate;

/* What a search has of a candidate. */
typedef struct {
    Search *search;
    const Candidate *candidate;
    Flight *flight;             /* NULL when it is over, or was never made */
    bool is_asked;              /* there is, or was, a flight */
    SourceReply *reply;         /* NULL: nothing yet */
    guint taken;                /* listings of the reply that were merged */
    double gain, weight;        /* what is expected of it, or was; of each of its new listings */
    size_t fresh;               /* of those taken, what no other source had brought before */
    int64_t value;              /* of those taken, the sum of what a click is expected to earn */
    const KeptAnswer *fallback; /* the candidate's, to be used when asking brings nothing; NULL: none */
    bool refresh;               /* a newer one should be fetched when this search is answered */
    CacheUse cache;
    int64_t ttl_us;
    bool collapsed;
    RowOutcome *outcome; /* NULL for the index, which has a row for each of its sources */
} SearchWait;

struct Search {
    SearchShard *shard;
    Arena *arena;
    SourceSet *set;
    SearchQuery query;
    SearchReceiver receiver;
    void *data;
    struct Watch *watch; /* NULL: only the answer is wanted */
    Id id;
    StopRule rule;
    int64_t started_us; /* monotonic */
    int64_t started_at_us;
    const TokenKeyRing *keys; /* the ring that held when it began: all its links are of one key */
    Str query_key, pages_key;
    Str first_key; /* what makes first pages equal: the question and the choice of sources */
    Pages *pages;
    const PageCursor *cursor; /* by which it asks for its page; NULL: by its number */
    bool rebuilt;             /* the cursor's pages were not there */
    bool continues;           /* there were earlier pages */
    bool from_pages;          /* the page was there already */
    bool asked_all;           /* not only kept answers */
    bool late_taken;          /* of from_pages: what came after earlier pages had ended is merged */
    Plan plan;
    RowOutcome *outcomes; /* one a row of the plan */
    size_t outcome_count;
    Merge *merge;
    SearchWait *waits;
    size_t wait_count;
    Candidate *candidates;   /* one a row of the plan, and then the index; NULL before the plan */
    const Awaited **awaited; /* scratch: of those that are waited for */
    int64_t plan_us;         /* gain.h; 0: nobody is asked */
    Progress progress;
    SearchEnd ends_for; /* why it will end soon */
    LoopTimer *deadline, *grace, *soon, *look;
    GList place; /* among the shard's running */
};

int64_t search_elapsed_us(const Search *search);
/* The plan asks the row that way, and nothing is known of it yet. */
bool search_row_is_open(const Search *search, size_t i, PlanWay way);
/* Looks at that reply from now on; what was merged of another stays, and the pages keep it. */
void search_wait_see(SearchWait *wait, SourceReply *reply);
/* Merges the listings of the reply that were not yet. */
void search_wait_take(SearchWait *wait);
/* The reply is complete, or is all that there will be: merges it, or the fallback in its place when it is no answer. Who
 * is waited for is told by progress afterwards. */
void search_wait_close(SearchWait *wait);
/* fanout_stop.c: something may be enough now. */
void search_consider_stop(Search *search);
/* fanout_stop.c */
void search_start_deadline(Search *search);
void search_stop_timers(Search *search);

/* fanout_end.c: puts a list into order, but for the first ones, which keep their places. */
void search_rank(Search *search, Merged *list, size_t fixed, size_t count);
/* fanout_end.c: what is known from the beginning. */
PresentInput search_present_input(const Search *search);
/* fanout_end.c: the search was answered. */
void search_forget(Search *search);
/* fanout_ask.c: takes what is kept. Rows that are still to be asked stay SOURCE_PENDING. */
void search_use_kept(Search *search);
/* fanout_ask.c: of sources that had not answered when earlier pages ended. */
void search_use_late(Search *search);
/* fanout_choose.c: which of the rows that are SOURCE_PENDING are worth asking; the others are skipped. */
void search_choose(Search *search);
/* fanout_choose.c: also the scores of those that were not to be chosen from. */
void search_explain(Search *search);
/* fanout_choose.c: what is expected of the rows that are SOURCE_PENDING, first in search->awaited; Progress is as if they had
 * been asked. */
Progress search_expect(Search *search);
/* fanout_ask.c: asks the rows that are SOURCE_PENDING. */
void search_ask_all(Search *search);
/* fanout_ask.c: fetches newer answers than those that were given stale. */
void search_refresh_stale(Search *search);
/* The source is not asked, for a reason. */
void search_outcome_skip(RowOutcome *outcome, Str reason);
