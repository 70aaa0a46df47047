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
