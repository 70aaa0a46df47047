#include "warehouse/cloud_test.h"

static void
run_until(void *runner, const bool *done)
{
    g_assert_true(fake_loop_run_until(runner, done, US_PER_DAY));
}

typedef struct {
    void (*test)(CloudTest *test);
} Case;

static void
case_run(gconstpointer data)
{
    CloudTest test;

    fake_clock_init(&test.clock, CLOUD_TEST_NOW_US);
    test.loop = fake_loop_new(&test.clock);
    test.client = fake_client_new(test.loop);
    test.cloud = (Cloud){.client = fake_client_base(test.client),
                         .timers = fake_loop_base(test.loop),
                         .run_until = run_until,
                         .runner = test.loop};
    ((const Case *)data)->test(&test);
    g_assert_cmpuint(fake_client_open_count(test.client), ==, 0);
    fake_client_free(test.client);
    fake_loop_free(test.loop);
}

void
cloud_test_add(const char *path, void (*test)(CloudTest *test))
{
    Case *run = g_new(Case, 1);

    run->test = test;
    g_test_add_data_func_full(path, run, case_run, g_free);
}

void
cloud_test_answer_with(CloudTest *test, const char *method, const char *url, int status, HttpHeaders headers,
                       const char *body)
{
    fake_client_answer(test->client, &(FakeAnswer){.url = url,
                                                   .method = method,
                                                   .status = status,
                                                   .headers = headers,
                                                   .body = body,
                                                   .piece_size = 7,
                                                   .times = 1});
}

void
cloud_test_answer(CloudTest *test, const char *method, const char *url, int status, const char *body)
{
    cloud_test_answer_with(test, method, url, status, (HttpHeaders){0}, body);
}

void
cloud_test_no_answer(CloudTest *test, const char *method, const char *url, HttpOutcome outcome)
{
    fake_client_answer(test->client,
                       &(FakeAnswer){.url = url, .method = method, .outcome = outcome, .status = 200, .times = 1});
}

void
assert_asked(const CloudTest *test, size_t i, const char *method_and_url)
{
    const FakeRequest *request = fake_client_request(test->client, i);
    g_autofree char *asked = g_strconcat(request->method, " ", request->url, NULL);

    g_assert_cmpstr(asked, ==, method_and_url);
}

bool
has_header(const CloudTest *test, size_t i, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(fake_client_request(test->client, i)->headers->str, "\n", -1);

    for (char **at = lines; *at != NULL; at++)
        if (g_str_has_prefix(*at, line))
            return true;
    return false;
}
