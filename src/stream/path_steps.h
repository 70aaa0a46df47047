/*
 * PathStep: what a path is after parsing. Only the files that walk paths look at this.
 *
 *     locations[0].city  ->  MEMBER locations, INDEX 0, MEMBER city
 *
 * ANY is every member of an object, or every item of a list. INDEX, EACH and FILTER select among the items that the step before them found.
 */
#pragma once

#include "stream/path.h"

typedef enum { STEP_MEMBER, STEP_ANY, STEP_INDEX, STEP_EACH, STEP_FILTER, STEP_DEEP } PathStepKind;

typedef struct {
    PathStepKind kind;
    Str name;      /* MEMBER: the member; FILTER: the member that is compared */
    Str text;      /* FILTER: what it must be */
    int64_t index; /* INDEX: from 0; negative counts from the end */
} PathStep;

/* A path has few steps, so that a set of positions in it fits a word. */
#define PATH_STEPS_MAX 30
#define PATH_BYTES_MAX 1024
#define PATH_UP_MAX    8

struct Path {
    char *text;
    char *names; /* what the slices of the steps point into */
    size_t names_size;
    bool from_document;
    unsigned up; /* how many objects or elements around the record; 0: from the record itself */
    size_t step_count;
    PathStep steps[PATH_STEPS_MAX];
};

static inline bool
path_step_selects(const PathStep *step)
{
    return step->kind == STEP_INDEX || step->kind == STEP_EACH || step->kind == STEP_FILTER;
}

static inline bool
path_name_equal(Str a, Str b, bool ignore_case)
{
    return ignore_case ? str_equal_ignoring_case(a, b) : str_equal(a, b);
}

/* Whether the step leads into a member of that name; * leads into all but attributes. */
static inline bool
path_step_names(const PathStep *step, Str name, bool ignore_case)
{
    if (step->kind == STEP_ANY)
        return !str_starts_with(name, STR("@"));
    return step->kind == STEP_MEMBER && path_name_equal(step->name, name, ignore_case);
}
