/*
 * Plan: which sources a search asks, and why it does not ask the others.
 *
 * Pure but for a look at the sources' health. Which of those that may be asked are worth it is choose.h's. Every source
 * of the set has a row, so that an answer can say of each one what became of it.
 */
#pragma once

#include "search/health.h"
#include "search/pages.h"

typedef enum {
    PLAN_ASK,   /* its search */
    PLAN_INDEX, /* it has a feed and no search: the stored listings */
    PLAN_HELD,  /* not asked after failures, but an answer that is kept may be used */
    PLAN_SKIP,
} PlanWay;

typedef struct {
    const Source *source;
    PlanWay way;
    Str reason;        /* of PLAN_HELD and PLAN_SKIP */
    Question question; /* of PLAN_ASK and PLAN_HELD: the query's, with the page that this source is at */
} PlanRow;

typedef struct {
    PlanRow *rows;
    size_t count;
} Plan;

typedef struct {
    SourceSet *set;
    const SearchQuery *query;
    const Pages *pages; /* what was read before */
    SourceHealth *health;
    bool has_index;
    int64_t now_us; /* monotonic */
} PlanInput;

/* Rows in the set's order, in arena. */
Plan plan_make(const PlanInput *input, Arena *arena);
/* INVALID when the query names a source that does not exist, in `sources` or `exclude`. */
bool plan_check_names(const SourceSet *set, const SearchQuery *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
