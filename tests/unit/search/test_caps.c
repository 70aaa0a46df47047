/* What a partner sends is bounded in every direction, and what was left out is counted. */
#include "engine_fixture.h"

#define FIVE                                                                                                           \
    "1|Nurse|Bolt|0,2|Night nurse|Bolt|0,3|Head nurse|Bolt|0,4|School nurse|Bolt|0,5|Nurse in the country|Bolt|0"

static const EngineParts FEW_LISTINGS = {.limits = {.listings_per_call = 3}};
static const EngineParts LITTLE_MEMORY = {.limits = {.memory_per_call = 1}};
static const EngineParts FEW_BYTES = {.limits = {.bytes_per_answer = 1000}};
static const EngineParts USUAL = {0};

/* Of five listings so many are taken, for that limit. */
static void
assert_cut(EngineFixture *f, size_t count, const char *limit)
{
    const Caught *caught;

    fixture_listings(f, "alpha", 0, FIVE, 10);
    caught = fixture_answer(f, "sources=alpha");
    assert_status(caught, "alpha", SOURCE_OK);
    g_assert_cmpuint(caught_source(caught, "alpha")->count, ==, count);
    g_assert_cmpint(metric_value(f->metrics, METRIC_SOURCE_CUT, "alpha", limit), ==, 1);
}

static void
listings_beyond_the_limit_are_not_read(EngineFixture *f, gconstpointer parts G_GNUC_UNUSED)
{
    assert_cut(f, 3, "listings");
}

static void
listings_that_take_too_much_memory_are_the_last(EngineFixture *f, gconstpointer parts G_GNUC_UNUSED)
{
    assert_cut(f, 1, "memory");
}

static void
no_more_bytes_are_taken_and_an_answer_with_more_is_counted(EngineFixture *f, gconstpointer parts G_GNUC_UNUSED)
{
    const Caught *caught;

    fixture_failure(f, "alpha", 0, HTTP_OUTCOME_TOO_LARGE, 10);
    caught = fixture_answer(f, "sources=alpha");
    assert_status(caught, "alpha", SOURCE_TOO_LARGE);
    g_assert_cmpuint(fake_client_request(f->client, 0)->body_limit_bytes, ==, 1000);
    g_assert_cmpint(metric_value(f->metrics, METRIC_SOURCE_CALLS, "alpha", "too_large"), ==, 1);
}

static void
a_source_has_the_time_that_its_definition_gives(EngineFixture *f, gconstpointer parts G_GNUC_UNUSED)
{
    const Caught *caught;

    fixture_failure(f, "beta", 0, HTTP_OUTCOME_TIMEOUT, 10);
    caught = fixture_answer(f, "mode=widest&sources=beta");
    assert_status(caught, "beta", SOURCE_TIMEOUT);
    g_assert_cmpint(fake_client_request(f->client, 0)->timeout_us, ==, 3 * US_PER_SECOND);
    g_assert_cmpint(metric_value(f->metrics, METRIC_SOURCE_CALLS, "beta", "timeout"), ==, 1);
}

/* A record that nests without end is left out; the others are good. */
static void
a_record_that_nests_too_deep_is_left_out(EngineFixture *f, gconstpointer parts G_GNUC_UNUSED)
{
    g_autoptr(GString) body = g_string_new("{\"results\":[{\"id\":\"1\",\"title\":\"Nurse\",\"deep\":");
    const Caught *caught;

    for (int i = 0; i < 900; i++)
        g_string_append_c(body, '[');
    for (int i = 0; i < 900; i++)
        g_string_append_c(body, ']');
    g_string_append(body,
                    ",\"url\":\"https://alpha.example/1\"},{\"id\":\"2\",\"title\":\"Nurse\",\"company\":\"Bolt\","
                    "\"bid\":0,\"url\":\"https://alpha.example/2\"}]}");
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/", .body = body->str, .delay_us = 10});
    caught = fixture_answer(f, "sources=alpha");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:2 ");
}

#define TEST(name, parts)                                                                                              \
    g_test_add("/search/caps/" #name, EngineFixture, &(parts), engine_fixture_set_up, name, engine_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(listings_beyond_the_limit_are_not_read, FEW_LISTINGS);
    TEST(listings_that_take_too_much_memory_are_the_last, LITTLE_MEMORY);
    TEST(no_more_bytes_are_taken_and_an_answer_with_more_is_counted, FEW_BYTES);
    TEST(a_source_has_the_time_that_its_definition_gives, USUAL);
    TEST(a_record_that_nests_too_deep_is_left_out, USUAL);
    return g_test_run();
}
