#include "warehouse/cloud_test.h"
#include "warehouse/snowflake_test.h"

#define BASE "https://acme-weir.snowflakecomputing.com/api/v2/statements"
#define ID   "0192e4a0-7c5d-5f3e-8a7b-1c2d3e4f5a6b"
#define POST BASE "?requestId=" ID "&nullable=true"

static SnowflakeKey *key; /* made once: it takes a moment */

static const SnowflakeConfig CONFIG = {.account = "acme-weir",
                                       .user = "loader",
                                       .database = "LAKE",
                                       .schema = "WEIR",
                                       .warehouse = "SMALL",
                                       .role = "LOADER"};
static const SnowflakeRequest ONE = {.sql = "SELECT 1", .count = 1, .id = ID};
static const SnowflakeRequest TWO = {.sql = "SELECT 1;\nSELECT 2", .count = 2, .id = ID};

static Snowflake *
client_of(CloudTest *test)
{
    g_autoptr(GError) error = NULL;
    Snowflake *client = snowflake_new(&CONFIG, key, &test->cloud, &error);

    g_assert_no_error(error);
    return client;
}

static const SnowflakeResult *
run_ok(Snowflake *client, const SnowflakeRequest *request, Arena *arena)
{
    g_autoptr(GError) error = NULL;
    const SnowflakeResult *results = NULL;
    bool is_done = snowflake_run(client, request, arena, &results, &error);

    g_assert_no_error(error);
    g_assert_true(is_done);
    return results;
}

static void
assert_run_fails(CloudTest *test, const SnowflakeRequest *request, WeirError code, const char *says)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    const SnowflakeResult *results;

    g_assert_false(snowflake_run(client, request, arena, &results, &error));
    g_assert_error(error, WEIR_ERROR, (int)code);
    if (strstr(error->message, says) == NULL)
        g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, says));
}

#define META(rows, partitions)                                                                                         \
    "\"resultSetMetaData\":{\"numRows\":" rows ",\"rowType\":[{\"name\":\"A\"},{\"name\":\"B\"}],"                     \
    "\"partitionInfo\":[" partitions "]}"
#define ROWS_2                                                                                                         \
    "{\"code\":\"090001\",\"statementHandle\":\"h-1\"," META(                                                          \
        "2", "{\"rowCount\":2}") ",\"data\":[[\"1\",null],[\"\",\"x\"]]}"

static void
a_statement_is_sent_with_all_that_the_api_asks_for(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    const SnowflakeResult *result;

    cloud_test_answer(test, "POST", BASE, 200, ROWS_2);
    result = run_ok(client, &ONE, arena);
    assert_asked(test, 0, "POST " POST);
    g_assert_true(has_header(test, 0, "Authorization: Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."));
    g_assert_true(has_header(test, 0, "X-Snowflake-Authorization-Token-Type: KEYPAIR_JWT"));
    g_assert_true(has_header(test, 0, "User-Agent: weir/"));
    g_assert_true(has_header(test, 0, "Accept: application/json"));
    g_assert_true(has_header(test, 0, "Content-Type: application/json"));
    g_assert_cmpstr(fake_client_request(test->client, 0)->body->str, ==,
                    "{\"statement\":\"SELECT 1\",\"timeout\":3600,\"database\":\"LAKE\",\"schema\":\"WEIR\","
                    "\"warehouse\":\"SMALL\",\"role\":\"LOADER\",\"parameters\":{\"timezone\":\"UTC\"}}");
    g_assert_cmpuint(result->row_count, ==, 2);
    g_assert_cmpuint(result->column_count, ==, 2);
    g_assert_true(str_is(result->columns[1], "B"));
    g_assert_true(str_is(result->cells[0], "1"));
    g_assert_null(result->cells[1].at);
    g_assert_nonnull(result->cells[2].at);
    g_assert_true(str_is(result->cells[3], "x"));
}

static void
a_repeated_request_keeps_its_id_and_says_so(CloudTest *test)
{
    SnowflakeRequest again = ONE;
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);

    again.is_repeated = true;
    cloud_test_answer(test, "POST", BASE, 200, ROWS_2);
    run_ok(client, &again, arena);
    assert_asked(test, 0, "POST " POST "&retry=true");
}

static void
several_statements_are_announced_and_each_is_asked_for_its_rows(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    const SnowflakeResult *results;

    cloud_test_answer(test, "POST", BASE, 200, "{\"statementHandle\":\"p\",\"statementHandles\":[\"h-1\",\"h-2\"]}");
    cloud_test_answer(test, "GET", BASE "/h-1", 200, "{\"code\":\"0\"," META("0", "") ",\"data\":[]}");
    cloud_test_answer(test, "GET", BASE "/h-2", 200, ROWS_2);
    results = run_ok(client, &TWO, arena);
    g_assert_nonnull(strstr(fake_client_request(test->client, 0)->body->str, "\"multi_statement_count\":2"));
    g_assert_cmpuint(results[0].row_count, ==, 0);
    g_assert_cmpuint(results[1].row_count, ==, 2);
}

static void
what_takes_long_is_asked_for_until_it_ends(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    int64_t sent_us[3];

    cloud_test_answer(test, "POST", BASE, 202, "{\"code\":\"333334\",\"statementHandle\":\"h-1\"}");
    cloud_test_answer(test, "GET", BASE "/h-1", 202, "{\"code\":\"333334\",\"statementHandle\":\"h-1\"}");
    cloud_test_answer(test, "GET", BASE "/h-1", 200, ROWS_2);
    g_assert_cmpuint(run_ok(client, &ONE, arena)->row_count, ==, 2);
    /* a quarter of a second, then half of one */
    for (size_t i = 0; i < 3; i++)
        sent_us[i] = fake_client_request(test->client, i)->sent_at_us;
    g_assert_cmpint(sent_us[1] - sent_us[0], ==, US_PER_SECOND / 4);
    g_assert_cmpint(sent_us[2] - sent_us[1], ==, US_PER_SECOND / 2);
}

static void
what_never_ends_is_given_up(CloudTest *test)
{
    SnowflakeRequest brief = ONE;

    brief.timeout_s = 30;
    fake_client_answer(test->client,
                       &(FakeAnswer){.url = BASE, .status = 202, .body = "{\"statementHandle\":\"h-1\"}"});
    assert_run_fails(test, &brief, WEIR_ERROR_TIMEOUT, "has not ended statement h-1 in time");
    g_assert_cmpint(test->clock.now - CLOUD_TEST_NOW_US, >=, 90 * US_PER_SECOND);
    g_assert_cmpint(test->clock.now - CLOUD_TEST_NOW_US, <, 110 * US_PER_SECOND);
}

static void
all_partitions_are_read_and_counted(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    const SnowflakeResult *result;
    const char *first =
        "{\"statementHandle\":\"h-1\"," META("3", "{\"rowCount\":1},{\"rowCount\":2}") ",\"data\":[[\"1\",\"a\"]]}";

    cloud_test_answer(test, "POST", BASE, 200, first);
    cloud_test_answer(test, "GET", BASE "/h-1?partition=1", 200, "{\"data\":[[\"2\",\"b\"],[\"3\",\"c\"]]}");
    result = run_ok(client, &ONE, arena);
    g_assert_cmpuint(result->row_count, ==, 3);
    g_assert_true(str_is(result->cells[5], "c"));
    cloud_test_answer(test, "POST", BASE, 200, first);
    cloud_test_answer(test, "GET", BASE "/h-1?partition=1", 200, "{\"data\":[[\"2\",\"b\"]]}");
    assert_run_fails(test, &ONE, WEIR_ERROR_BROKEN, "announced 3 rows and sent 2");
}

static void
a_token_that_is_refused_is_made_anew_once(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);

    cloud_test_answer(test, "POST", BASE, 401, "{\"code\":\"390318\",\"message\":\"expired\"}");
    cloud_test_answer(test, "POST", BASE, 200, ROWS_2);
    run_ok(client, &ONE, arena);
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 2);
    for (int i = 0; i < 2; i++)
        cloud_test_answer(test, "POST", BASE, 401, "{\"code\":\"390144\",\"message\":\"JWT token is invalid.\"}");
    assert_run_fails(test, &ONE, WEIR_ERROR_INVALID, "401 390144: JWT token is invalid.; check the account");
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 4);
}

static void
a_token_is_used_for_55_minutes(CloudTest *test)
{
    g_autoptr(Snowflake) client = client_of(test);
    g_autoptr(Arena) arena = arena_new(4096);
    const GString *first, *second, *third;

    fake_client_answer(test->client, &(FakeAnswer){.url = BASE, .body = ROWS_2});
    run_ok(client, &ONE, arena);
    fake_loop_advance_us(test->loop, 54 * US_PER_MINUTE);
    run_ok(client, &ONE, arena);
    fake_loop_advance_us(test->loop, 2 * US_PER_MINUTE);
    run_ok(client, &ONE, arena);
    first = fake_client_request(test->client, 0)->headers;
    second = fake_client_request(test->client, 1)->headers;
    third = fake_client_request(test->client, 2)->headers;
    g_assert_true(g_string_equal(first, second));
    g_assert_false(g_string_equal(second, third));
}

static void
the_code_of_an_error_says_whether_to_try_again(CloudTest *test)
{
    const struct {
        int status;
        const char *body;
        WeirError code;
        const char *says;
    } rows[] = {
        {408, "{\"message\":\"timed out\"}", WEIR_ERROR_TIMEOUT, "none of them stays"},
        {422, "{\"code\":\"001003\",\"sqlState\":\"42000\",\"message\":\"SQL compilation error\"}", WEIR_ERROR_INVALID,
         "422 001003: SQL compilation error"},
        {422, "{\"code\":\"000008\",\"message\":\"count\"}", WEIR_ERROR_INVALID, "not what was announced"},
        {422, "{\"code\":\"391908\",\"message\":\"large\"}", WEIR_ERROR_LIMIT, "too large"},
        {429, "", WEIR_ERROR_UNAVAILABLE, "429"},
        {500, "{\"message\":\"no\"}", WEIR_ERROR_TIMEOUT, "500: no; the statements may have been executed"},
        {503, "<html>", WEIR_ERROR_UNAVAILABLE, "503"},
        {504, "", WEIR_ERROR_UNAVAILABLE, "504"},
        {403, "", WEIR_ERROR_INVALID, "does not allow it"},
        {400, "{\"code\":\"391903\",\"message\":\"agent\"}", WEIR_ERROR_INVALID, "User-Agent"},
        {200, "<html>", WEIR_ERROR_BROKEN, "can't be read"},
        {200, "{\"data\":[[\"1\"]", WEIR_ERROR_BROKEN, "can't be read"},
        {202, "{\"statementHandle\":\"../../etc\"}", WEIR_ERROR_BROKEN, "as the handle"},
        {200, "{" META("2", "") ",\"data\":[[\"1\",\"2\"],[\"3\"]]}", WEIR_ERROR_LIMIT, "different numbers of cells"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        cloud_test_answer(test, "POST", BASE, rows[i].status, rows[i].body);
        assert_run_fails(test, &ONE, rows[i].code, rows[i].says);
    }
    cloud_test_no_answer(test, "POST", BASE, HTTP_OUTCOME_TIMEOUT);
    assert_run_fails(test, &ONE, WEIR_ERROR_TIMEOUT, "no whole answer");
    cloud_test_no_answer(test, "POST", BASE, HTTP_OUTCOME_CONNECT);
    assert_run_fails(test, &ONE, WEIR_ERROR_UNAVAILABLE, "no whole answer");
    cloud_test_answer(test, "POST", BASE, 200, "{\"statementHandles\":[\"h-1\"]}");
    assert_run_fails(test, &TWO, WEIR_ERROR_BROKEN, "ran 1 statements of 2");
}

static void
what_is_not_configured_is_named(CloudTest *test)
{
    SnowflakeConfig config = CONFIG;
    g_autoptr(GError) error = NULL;

    config.warehouse = "";
    g_assert_null(snowflake_new(&config, key, &test->cloud, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "warehouse"));
    g_clear_error(&error);
    config = CONFIG;
    config.url = "acme.example";
    g_assert_null(snowflake_new(&config, key, &test->cloud, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

#define ADD(name) cloud_test_add("/warehouse/snowflake/" #name, name)

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    key = snowflake_test_key();
    g_assert_nonnull(key);
    ADD(a_statement_is_sent_with_all_that_the_api_asks_for);
    ADD(a_repeated_request_keeps_its_id_and_says_so);
    ADD(several_statements_are_announced_and_each_is_asked_for_its_rows);
    ADD(what_takes_long_is_asked_for_until_it_ends);
    ADD(what_never_ends_is_given_up);
    ADD(all_partitions_are_read_and_counted);
    ADD(a_token_that_is_refused_is_made_anew_once);
    ADD(a_token_is_used_for_55_minutes);
    ADD(the_code_of_an_error_says_whether_to_try_again);
    ADD(what_is_not_configured_is_named);
    result = g_test_run();
    snowflake_key_free(key);
    return result;
}
