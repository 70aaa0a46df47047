/*
 * API: the HTTP face of Weir. A route parses, calls one function of the domain, and renders.
 *
 *     threads of the server       searches and clicks: never wait for the database
 *     database workers            everything that reads it: revenue, traces, listings
 */
#pragma once

#include "api/admission.h"
#include "api/key_book.h"
#include "net/http_server.h"
#include "search/engine.h"
#include "store/db_workers.h"
#include "tracking/click_quality.h"
#include "tracking/client_address.h"
#include "tracking/spool.h"
#include "tracking/token.h"
#include "tracking/visitor.h"

typedef struct {
    const char *host;
    uint16_t port; /* 0: any free one */
    unsigned threads;
    const Clock *clock;
    Random *random;
    IdMint *mint;
    Metrics *metrics;
    /* NULL: no visitors come here, only who supervises the process; then there are /livez, /readyz, /healthz and /metrics
     * alone, and what follows up to the database is not needed. */
    SearchEngine *engine;
    Spool *spool;
    const TokenKeyRing *ring; /* or a newer one */
    int64_t token_lifetime_us;
    const char *base_url; /* of the links in the feed */
    uint8_t visitor_secret[VISITOR_SECRET_BYTES];
    const AgentList *robots; /* a list of robots besides our own, which ignores case; NULL: none */
    const AddressRange *trusted_proxies;
    size_t trusted_proxy_count;
    const char *database_url;
    unsigned database_threads;
    AdmissionRule admission;         /* not needed without engine */
    const char *const *cors_origins; /* whose pages may read answers, ends with NULL; NULL: nobody's */
    unsigned key_scopes;             /* of ApiScope: where a key is needed */
    KeyBook *keys;                   /* not needed without key_scopes */
    /* The secret agreed with a source for its postbacks; NULL when none is. */
    const char *(*postback_secret)(void *data, const char *source);
    void *postback_data;
} ApiSpec;

typedef struct Api Api;

/* Opens the port and answers. spec's pointers must outlive the api. */
Api *api_start(const ApiSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint16_t api_port(const Api *api);
/* /readyz answers 503 from now on, so that a load balancer sends its requests elsewhere. */
void api_drain(Api *api);
/* Takes no new connections, and lets open requests end for grace_us: those that come on open connections are answered
 * as ever, so all that the routes need must still be there. */
void api_quiesce(Api *api, int64_t grace_us);
/* Takes no new connections, lets open requests end for grace_us, frees. */
void api_stop(Api *api, int64_t grace_us);
