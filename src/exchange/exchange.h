/*
 * Exchange: one question on its way to a partner and the answer on its way back, with all that the partner demands around
 * it: its limits are kept, those of the definition and those that its answers tell of (sources/rate_headers.h), a login is
 * made where there is none yet, and once more when its token is not taken any more; what must be prepared first is ordered
 * and waited for (order.h).
 *
 *     start ──> (order) ──> (limits) ──> (session) ──> sending ──> head ──> body* ──> done
 *                  │            │             └── 401 ──> session forgotten, once more
 *                  └────────────┴───────────────────────────────────> done with a refusal: it was not asked
 *
 * Searches, feeds, reports and totals all ask through this, and all share sessions and limits. What an answer means is
 * its receiver's business, who usually gives it to an Answer.
 */
#pragma once

#include "exchange/session_store.h"
#include "exchange/source_limits.h"
#include "net/http_client.h"
#include "ops/metrics.h"

/* What all exchanges of a process share. */
typedef struct {
    SessionStore *sessions;
    SourceLimits *limits;
    Metrics *metrics; /* may be NULL */
} ExchangeShared;
ExchangeShared *exchange_shared_new(const Clock *clock, Metrics *metrics);
void exchange_shared_free(ExchangeShared *shared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExchangeShared, exchange_shared_free)

/* The exchanges of one loop. */
typedef struct Exchanges Exchanges;
/* allow_private_hosts: whatever definitions say. All must outlive the exchanges. */
Exchanges *exchanges_new(Loop *loop, HttpClient *client, ExchangeShared *shared, bool allow_private_hosts);
Loop *exchanges_loop(const Exchanges *exchanges);
/* How long nobody may ask a source, as its answers said, whoever asked: an account's calls share its quota. */
int64_t exchanges_rest_us(const Exchanges *exchanges, const Source *source);
/* What is left of the tightest limit of a source, 0 to 1; 1 without limits. */
double exchanges_room(const Exchanges *exchanges, const Source *source);
/* Ends logins under way, on the loop's thread; another thread that waits for one makes it itself. */
void exchanges_stop(Exchanges *exchanges);
/* When none is under way. On the loop's thread, or after exchanges_stop(). */
void exchanges_free(Exchanges *exchanges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Exchanges, exchanges_free)

typedef struct Exchange Exchange;

/* The patience of what works in the background: longer than a window of a minute, shorter than one of an hour. */
#define EXCHANGE_PATIENCE_US (15 * US_PER_MINUTE)

typedef struct {
    SourceSet *set;             /* referenced while under way; NULL: the operation outlives it */
    const Operation *operation; /* of an enabled source */
    const Question *question;   /* must outlive the exchange */
    HttpHeaders more_headers;   /* besides those of the definition; must outlive the exchange */
    int64_t timeout_us;         /* of the answer; 0: as the definition says */
    uint64_t body_limit_bytes;  /* 0: as the definition says; else at most this */
    int64_t patience_us;        /* how long to wait for the source's limits; 0: not at all */
} ExchangeSpec;

/* Why it was not asked: as an answer that said so. */
typedef struct {
    AnswerStatus status;
    const char *message;
} ExchangeRefusal;

/* sending and head may be NULL. sending: told of each request before it goes out. body: false stops. refusal: NULL when
 * it was asked, whatever came of it. */
typedef struct {
    void (*sending)(void *data, const HttpRequest *request, const Session *session);
    void (*head)(void *data, int status, HttpHeaders headers);
    bool (*body)(void *data, Str bytes);
    void (*done)(void *data, const HttpResult *result, const ExchangeRefusal *refusal);
} ExchangeReceiver;

/* None of the receiver's functions is called before this returns, except sending; done is called once and the exchange
 * is gone. INVALID when the question lacks what the partner demands; LIMIT when its limits leave no room within the
 * patience. */
Exchange *exchange_start(Exchanges *exchanges, const ExchangeSpec *spec, const ExchangeReceiver *receiver, void *data,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it; nothing of its receiver is called any more. Not from within head and body. */
void exchange_cancel(Exchange *exchange);
