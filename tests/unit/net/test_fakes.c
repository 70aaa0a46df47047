/* The fakes that other rooms' tests stand on keep the promises of loop.h and http_client.h. */
#include "support/fake_client.h"

typedef struct {
    FakeClock clock;
    FakeLoop *loop;
    FakeClient *client;
    GString *seen;
    HttpCall *call;
    char cancel_at; /* 'h' or 'b': cancels the call when that callback runs; 's': body() says stop */
} Fixture;

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_clock_init(&f->clock, 0);
    f->loop = fake_loop_new(&f->clock);
    f->client = fake_client_new(f->loop);
    f->seen = g_string_new(NULL);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_client_free(f->client);
    fake_loop_free(f->loop);
    g_string_free(f->seen, TRUE);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Fixture *f = data;

    g_string_append_printf(f->seen, "head %d %u ", status, (unsigned)headers.count);
    if (f->cancel_at == 'h')
        http_client_cancel(fake_client_base(f->client), f->call);
}

static bool
on_body(void *data, Str bytes)
{
    Fixture *f = data;

    g_string_append_printf(f->seen, "[%.*s]", STR_FORMAT(bytes));
    if (f->cancel_at == 'b')
        http_client_cancel(fake_client_base(f->client), f->call);
    return f->cancel_at != 's';
}

static void
on_done(void *data, const HttpResult *result)
{
    g_string_append_printf(((Fixture *)data)->seen, " done %d after %d us", (int)result->outcome,
                           (int)result->total_us);
}

static const HttpReceiver RECEIVER = {on_head, on_body, on_done};

static void
send_to(Fixture *f, const char *url)
{
    f->call = http_client_send(fake_client_base(f->client),
                               &(HttpRequest){.method = "GET", .url = url, .timeout_us = 1000}, &RECEIVER, f);
    g_assert_cmpstr(f->seen->str, ==, "");
}

static void
append_a(void *data)
{
    g_string_append_c(data, 'a');
}

static void
append_b(void *data)
{
    g_string_append_c(data, 'b');
}

static void
timers_fire_in_order_and_not_early(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    Loop *loop = fake_loop_base(f->loop);
    LoopTimer *stopped = loop_timer_start(loop, 5, append_a, f->seen);

    loop_timer_start(loop, 20, append_b, f->seen);
    loop_timer_start(loop, 10, append_a, f->seen);
    loop_timer_start(loop, 20, append_a, f->seen);
    loop_post(loop, append_b, f->seen);
    loop_timer_stop(loop, stopped);
    g_assert_cmpuint(fake_loop_timer_count(f->loop), ==, 3);
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "b");
    fake_loop_advance_us(f->loop, 19);
    g_assert_cmpstr(f->seen->str, ==, "ba");
    fake_loop_advance_us(f->loop, 1);
    g_assert_cmpstr(f->seen->str, ==, "baba");
}

static void
an_answer_comes_in_its_pieces_and_time(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const HttpHeader header = {STR("A"), STR("b")};

    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/", .status = 500});
    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/x",
                                                .headers = {&header, 1},
                                                .body = "abcde",
                                                .piece_size = 2,
                                                .delay_us = 100,
                                                .piece_gap_us = 10});
    send_to(f, "http://a/x?1");
    fake_loop_advance_us(f->loop, 99);
    g_assert_cmpstr(f->seen->str, ==, "");
    fake_loop_advance_us(f->loop, 1);
    g_assert_cmpstr(f->seen->str, ==, "head 200 1 [ab]");
    fake_loop_advance_us(f->loop, 100);
    g_assert_cmpstr(f->seen->str, ==, "head 200 1 [ab][cd][e] done 0 after 130 us");
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
    g_assert_cmpstr(fake_client_request(f->client, 0)->url, ==, "http://a/x?1");
}

static void
scripts_that_are_used_up_make_way(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/", .status = 503, .times = 1});
    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/", .status = 201, .times = 1});
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "head 503 0  done 0 after 0 us");
    g_string_truncate(f->seen, 0);
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "head 201 0  done 0 after 0 us");
    g_string_truncate(f->seen, 0);
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, " done 2 after 0 us");
}

static void
a_call_that_hangs_ends_at_its_timeout(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/", .outcome = HTTP_OUTCOME_TIMEOUT});
    send_to(f, "http://a/");
    fake_loop_advance_us(f->loop, 5000);
    g_assert_cmpstr(f->seen->str, ==, " done 1 after 1000 us");
}

static void
a_call_may_be_cancelled_from_its_callbacks(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_client_answer(f->client, &(FakeAnswer){.url = "http://a/", .body = "ab", .piece_size = 1});
    f->cancel_at = 'h';
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "head 200 0 ");
    g_string_truncate(f->seen, 0);
    f->cancel_at = 'b';
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "head 200 0 [a]");
    g_assert_true(fake_client_request(f->client, 1)->cancelled);
    g_string_truncate(f->seen, 0);
    f->cancel_at = 's';
    send_to(f, "http://a/");
    fake_loop_run(f->loop);
    g_assert_cmpstr(f->seen->str, ==, "head 200 0 [a] done 5 after 0 us");
}

#define ADD(name) g_test_add("/net/fakes/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(timers_fire_in_order_and_not_early);
    ADD(an_answer_comes_in_its_pieces_and_time);
    ADD(scripts_that_are_used_up_make_way);
    ADD(a_call_that_hangs_ends_at_its_timeout);
    ADD(a_call_may_be_cancelled_from_its_callbacks);
    return g_test_run();
}
