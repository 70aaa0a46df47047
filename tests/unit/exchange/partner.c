#include "partner.h"

const Question ANY_QUESTION = {.page = 1, .part = 1, .since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};

void
partner_init(Partner *partner, const char *yaml)
{
    fake_clock_init(&partner->clock, 0);
    partner->loop = fake_loop_new(&partner->clock);
    partner->client = fake_client_new(partner->loop);
    partner->metrics = metrics_new();
    partner->shared = exchange_shared_new(&partner->clock.clock, partner->metrics);
    partner->exchanges =
        exchanges_new(fake_loop_base(partner->loop), fake_client_base(partner->client), partner->shared, false);
    partner->set = load_text("x", yaml);
}

void
partner_clear(Partner *partner)
{
    exchanges_free(partner->exchanges);
    fake_loop_run(partner->loop);
    g_assert_cmpuint(fake_client_open_count(partner->client), ==, 0);
    g_assert_cmpuint(fake_loop_timer_count(partner->loop), ==, 0);
    exchange_shared_free(partner->shared);
    metrics_free(partner->metrics);
    fake_client_free(partner->client);
    fake_loop_free(partner->loop);
    source_set_unref(partner->set);
}

void
partner_answers(Partner *partner, const char *url, unsigned times, int status, const char *body)
{
    fake_client_answer(
        partner->client,
        &(FakeAnswer){.url = url, .times = times, .status = status, .body = body, .delay_us = US_PER_MS});
}

static void
on_head(void *data, int status, HttpHeaders headers G_GNUC_UNUSED)
{
    Asked *asked = data;

    g_assert_cmpint(asked->status, ==, 0);
    asked->status = status;
}

static bool
on_body(void *data, Str bytes)
{
    str_append(((Asked *)data)->body, bytes);
    return true;
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Asked *asked = data;

    g_assert_false(asked->done);
    asked->done = true;
    asked->exchange = NULL;
    asked->message = g_strdup(result->message);
    asked->refusal = refusal != NULL ? refusal->status : ANSWER_OK;
}

bool
asked_start(Asked *asked, Partner *partner, const Operation *operation, const Question *question, int64_t patience_us,
            GError **error)
{
    static const ExchangeReceiver RECEIVER = {.head = on_head, .body = on_body, .done = on_done};
    const ExchangeSpec spec = {
        .set = partner->set, .operation = operation, .question = question, .patience_us = patience_us};

    *asked = (Asked){.body = g_string_new(NULL)};
    asked->exchange = exchange_start(partner->exchanges, &spec, &RECEIVER, asked, error);
    return asked->exchange != NULL;
}

void
asked_clear(Asked *asked)
{
    if (asked->body != NULL)
        g_string_free(asked->body, TRUE);
    g_free(asked->message);
}
