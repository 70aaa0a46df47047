/*
 * An engine on a fake loop and client, with the definitions beside this file, for the tests of search/.
 */
#pragma once

#include "search/engine.h"
#include "support/fake_client.h"

#define START_US (INT64_C(1795500000) * US_PER_SECOND)

/* What an answer said, kept beyond the call. */
typedef struct {
    bool done;
    int64_t done_us; /* monotonic, from the start of the search */
    int64_t started_us;
    struct EngineFixture *fixture;
    Arena *arena;
    SearchAnswer answer; /* listings and sources are copied; query is not */
    GString *ids;        /* "alpha:1 beta:2 ", in order */
    GString *shown;      /* the same of what was shown, in the order of positions */
    /* Of a watched search: */
    GString *news;    /* "10 ms: alpha:1@2 -beta:3 alpha=ok/1\n": position, what it replaces, rows; a line each time */
    GArray *told;     /* of Fingerprint, in that order */
    unsigned listens; /* so often it is told that somebody listens still */
    size_t taken;
} Caught;

typedef struct EngineFixture {
    FakeClock clock;
    FakeLoop *loop;
    FakeClient *client;
    SourceSet *sources;
    ExchangeShared *exchange;
    SeededRandom random;
    IdMint mint;
    TokenKeyRing keys;
    Metrics *metrics;
    Arena *arena;
    SearchEngine *engine;
    GPtrArray *caught;
    const char *visitor_ip; /* of the searches that follow; NULL: unknown */
} EngineFixture;

/* What a test gives its engine; all may be left out. */
typedef struct {
    SearchLimits limits;
    Spool *spool;
    DbWorkers *index;
    CacheRule cache;
    BackgroundLimits background;
    SharedStore *shared;
} EngineParts;

/* parts: an EngineParts; for g_test_add(). */
void engine_fixture_set_up(EngineFixture *f, gconstpointer parts);
void engine_fixture_tear_down(EngineFixture *f, gconstpointer parts);
/* The definitions beside this file. */
SourceSet *fixture_load_definitions(void);

/* A query for "nurse" with 5 listings a page; text is "name=value&name=value". */
SearchQuery fixture_query(EngineFixture *f, const char *text);
/* Starts a search; its answer will be in what is returned, which the fixture owns. */
Caught *fixture_search(EngineFixture *f, const char *text);
/* The same, watched: whoever listens hears it so often, and has taken so many listings when it does no more. */
Caught *fixture_watch(EngineFixture *f, const char *text, unsigned listens, size_t taken);
void fixture_run(EngineFixture *f, const Caught *caught);
/* fixture_search(), and runs the loop until it is answered. */
Caught *fixture_answer(EngineFixture *f, const char *text);

/* A source answers every page with these listings: "id|title|company|bid,...", after delay. */
void fixture_listings(EngineFixture *f, const char *source, int page, const char *listings, int64_t delay_ms);
/* Or it fails, with a status (0: the outcome). */
void fixture_failure(EngineFixture *f, const char *source, int status, HttpOutcome outcome, int64_t delay_ms);
/* The body that fixture_listings() would give. In the fixture's arena. */
const char *fixture_body(EngineFixture *f, const char *source, const char *listings);

/* What the link of an answered listing says. */
ClickToken fixture_open(EngineFixture *f, const AnsweredListing *listing);

const AnsweredSource *caught_source(const Caught *caught, const char *source);
void assert_status(const Caught *caught, const char *source, SourceStatus status);
