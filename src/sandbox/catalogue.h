/*
 * Catalogue: the open positions that the simulated partners offer, each a pure function of (seed, index).
 *
 * The first CATALOGUE_SIZE are shared out over the networks: every one has a home, a third of them a second network and
 * some a third, under the same title, company and place, so that de-duplication has work. Beyond them a bulk feed may
 * count on without end, since nothing is stored. Dates are relative to the day asked for, so that a catalogue never
 * grows old.
 */
#pragma once

#include "base/str.h"
#include "sandbox/words.h"

#define CATALOGUE_SIZE     4200
#define CATALOGUE_NETWORKS 7

typedef struct {
    uint32_t index;
    unsigned networks; /* set of network numbers that carry it */
    const Trade *trade;
    const City *city;
    const char *level, *company_name, *company_form;
    uint64_t hash;                  /* for details that need no name */
    int64_t salary_from, salary_to; /* whole units of the city's currency */
    bool hourly;                    /* per hour rather than per year */
    bool has_salary, predicted;
    bool remote, part_time;
    int64_t age_s;      /* posted that long before the end of yesterday */
    int64_t bid_micros; /* of the city's currency; often with a fraction of a cent */
} Posting;

/* splitmix64's finalizer over two words: the chance of the whole sandbox. */
uint64_t sandbox_hash(uint64_t a, uint64_t b);

Posting posting_make(uint64_t seed, uint32_t index);
int64_t posting_posted_at_us(const Posting *posting, int64_t now_us);
void posting_append_title(const Posting *posting, GString *to);
void posting_append_company(const Posting *posting, GString *to);
/* "Leeds, West Yorkshire", or "Remote" in words that differ. */
void posting_append_place(const Posting *posting, GString *to);
/* Dirty HTML of about 300 to 1,500 bytes; some with accents and emoji. */
void posting_append_description(const Posting *posting, GString *to);
/* The beginning of the description as engines show it, with <b> around some words. */
void posting_append_snippet(const Posting *posting, GString *to);

typedef struct Catalogue Catalogue;

Catalogue *catalogue_new(uint64_t seed);
void catalogue_free(Catalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Catalogue, catalogue_free)

/* What a network's search asks. Absent texts and zeros do not filter. */
typedef struct {
    Str keywords; /* every word must occur in title, company or category */
    Str location; /* the part before the first comma must occur in city, region, postcode or country */
    Str country;  /* ISO alpha-2 in any case */
    int64_t max_days;
    int64_t salary_min; /* a year, whole units */
    bool full_time, remote;
    int64_t skip, limit;
} CatalogueAsk;

/* Calls fn for the asked page in the network's order and returns how many match in all. fn may be NULL. */
int64_t catalogue_search(const Catalogue *catalogue, unsigned network, const CatalogueAsk *ask,
                         void (*fn)(void *data, const Posting *posting), void *data);
