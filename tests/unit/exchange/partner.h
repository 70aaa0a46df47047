/* What the tests of exchanges share: a partner that is played, and all that asks it. */
#pragma once

#include "exchange/exchange.h"
#include "sources/support.h"
#include "support/fake_client.h"

typedef struct {
    FakeClock clock;
    FakeLoop *loop;
    FakeClient *client;
    ExchangeShared *shared;
    Metrics *metrics;
    Exchanges *exchanges;
    SourceSet *set;
} Partner;

/* yaml: the definition of source x. */
void partner_init(Partner *partner, const char *yaml);
/* Ends the test when something is left behind. */
void partner_clear(Partner *partner);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Partner, partner_clear)
/* The next requests for URLs that begin so are answered after a millisecond; times: 0 for ever. */
void partner_answers(Partner *partner, const char *url, unsigned times, int status, const char *body);

extern const Question ANY_QUESTION;

/* One exchange as its receiver saw it. */
typedef struct {
    Exchange *exchange; /* NULL: it is over, or was never started */
    bool done;
    int status;
    GString *body;
    AnswerStatus refusal;
    char *message;
} Asked;

/* Errors as of exchange_start(). */
bool asked_start(Asked *asked, Partner *partner, const Operation *operation, const Question *question,
                 int64_t patience_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void asked_clear(Asked *asked);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)
