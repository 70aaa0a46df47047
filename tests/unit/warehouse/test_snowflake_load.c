#include "warehouse/snowflake_load.h"

#include "warehouse/cloud_test.h"
#include "warehouse/snowflake_test.h"

#define BASE   "https://acme.snowflakecomputing.com/api/v2/statements"
#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static SnowflakeKey *key; /* made once: it takes a moment */

static const char *const COLUMNS[] = {"id", "amount_micros", "currency"};
static const char *const KEYS[] = {"id"};
static const SnowflakeSum SUMS[] = {{"EUR", 1, -5}, {"USD", 2, 70}};
static const SnowflakeLoad LOAD = {
    .table = "entries",
    .definition = "id NUMBER(19,0) NOT NULL, amount_micros NUMBER(19,0) NOT NULL, currency VARCHAR NOT NULL",
    .columns = COLUMNS,
    .column_count = 3,
    .keys = KEYS,
    .key_count = 1,
    .money = "amount_micros",
    .currency = "currency",
    .stage = "WEIR_STAGE",
    .file = "entries/2026-11-24/1-9-2cf24dba.parquet",
    .sha256 = SHA256,
    .rows = 3,
    .sums = SUMS,
    .sum_count = 2,
    .attempt = 1,
};

static bool
load(CloudTest *test, const SnowflakeLoad *what, bool is_repeated, GError **error)
{
    SnowflakeConfig config = {
        .account = "acme", .user = "loader", .database = "LAKE", .schema = "WEIR", .warehouse = "SMALL"};
    g_autoptr(Snowflake) client = snowflake_new(&config, key, &test->cloud, error);

    g_assert_nonnull(client);
    return snowflake_load_run(client, what, is_repeated, error);
}

static void
assert_load_fails(CloudTest *test, const SnowflakeLoad *what, WeirError code, const char *says)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(load(test, what, false, &error));
    g_assert_error(error, WEIR_ERROR, (int)code);
    if (strstr(error->message, says) == NULL)
        g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, says));
}

/* The answers to one request, whose statements have handles that begin with name. */
static void
answer_statements(CloudTest *test, const char *name, int count)
{
    g_autoptr(GString) body = g_string_new("{\"statementHandle\":\"p\",\"statementHandles\":[");

    for (int i = 0; i < count; i++) {
        g_autofree char *url = g_strdup_printf(BASE "/%s-%d", name, i);

        g_string_append_printf(body, "%s\"%s-%d\"", i > 0 ? "," : "", name, i);
        cloud_test_answer(test, "GET", url, 200, "{\"resultSetMetaData\":{\"numRows\":0},\"data\":[]}");
    }
    g_string_append(body, "]}");
    cloud_test_answer(test, "POST", BASE, 200, body->str);
}

static void
answer_check(CloudTest *test, const char *rows)
{
    g_autofree char *body = g_strdup_printf("{\"statementHandle\":\"c\",\"resultSetMetaData\":{\"rowType\":[{\"name\":"
                                            "\"WHAT\"},{\"name\":\"N\"},{\"name\":\"MICROS\"}]},\"data\":[%s]}",
                                            rows);

    cloud_test_answer(test, "POST", BASE, 200, body);
}

#define GOOD "[\"loads\",\"1\",null],[\"rows\",\"3\",null],[\"EUR\",\"1\",\"-5\"],[\"USD\",\"2\",\"70\"]"

static void
a_load_is_one_request_of_seven_statements(void)
{
    g_autoptr(GString) sql = g_string_new("");

    g_assert_cmpint(snowflake_load_write_load(&LOAD, sql), ==, 7);
    g_assert_cmpstr(
        sql->str, ==,
        "CREATE OR REPLACE TEMPORARY TABLE entries_arriving (id NUMBER(19,0) NOT NULL, amount_micros NUMBER(19,0) NOT "
        "NULL, currency VARCHAR NOT NULL);\n"
        "BEGIN;\n"
        "COPY INTO entries_arriving FROM @WEIR_STAGE FILES = ('entries/2026-11-24/1-9-2cf24dba.parquet') FILE_FORMAT = "
        "(TYPE = PARQUET USE_LOGICAL_TYPE = TRUE USE_VECTORIZED_SCANNER = TRUE) MATCH_BY_COLUMN_NAME = "
        "CASE_INSENSITIVE ON_ERROR = ABORT_STATEMENT;\n"
        "SELECT 1 / IFF(COUNT(*) = 3 AND COALESCE(SUM(IFF(currency = 'EUR', amount_micros, 0)), 0) = -5 AND "
        "COALESCE(SUM(IFF(currency = 'USD', amount_micros, 0)), 0) = 70, 1, 0) AS agrees FROM entries_arriving;\n"
        "MERGE INTO entries t USING (SELECT * FROM entries_arriving QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER "
        "BY id) = 1) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, amount_micros, currency, _load) VALUES (s.id, "
        "s.amount_micros, s.currency, '" SHA256 "');\n"
        "INSERT INTO _WEIR_LOADS SELECT '" SHA256 "', 'entries', 'entries/2026-11-24/1-9-2cf24dba.parquet', 3, "
        "CURRENT_TIMESTAMP() WHERE NOT EXISTS (SELECT 1 FROM _WEIR_LOADS WHERE load_id = '" SHA256 "');\n"
        "COMMIT");
}

/* What changed is replaced by what is newer, and must then be there as it arrived, or newer still. */
static void
a_load_of_a_table_with_versions_replaces_older_rows(void)
{
    SnowflakeLoad versioned = LOAD;
    g_autoptr(GString) sql = g_string_new("");

    versioned.version = "run";
    g_assert_cmpint(snowflake_load_write_load(&versioned, sql), ==, 8);
    g_assert_nonnull(strstr(sql->str,
                            "QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY run DESC) = 1) s ON t.id = s.id "
                            "WHEN MATCHED AND s.run > t.run THEN UPDATE SET id = s.id, amount_micros = "
                            "s.amount_micros, currency = s.currency, _load = '" SHA256 "' WHEN NOT MATCHED THEN"));
    g_assert_nonnull(strstr(sql->str, "SELECT 1 / IFF(COUNT(*) = 3, 1, 0) AS arrived FROM entries_arriving s WHERE "
                                      "EXISTS (SELECT 1 FROM entries t WHERE t.id = s.id AND t.run >= s.run);\n"
                                      "INSERT INTO _WEIR_LOADS"));
}

static void
its_id_follows_from_the_content_and_the_attempt_alone(void)
{
    SnowflakeLoad other = LOAD;
    g_autofree char *id = snowflake_load_id(&LOAD);
    g_autofree char *same = snowflake_load_id(&other);
    g_autofree char *different = NULL;
    g_autofree char *later = NULL;

    other.attempt = 2;
    later = snowflake_load_id(&other);
    other = LOAD;
    other.table = "clicks";
    different = snowflake_load_id(&other);
    g_assert_cmpstr(id, !=, later);
    g_assert_true(g_uuid_string_is_valid(id));
    g_assert_cmpint(id[14], ==, '5');
    g_assert_cmpstr(id, ==, same);
    g_assert_cmpstr(id, !=, different);
}

static void
text_can_not_leave_its_quotes(void)
{
    SnowflakeLoad odd = LOAD;
    g_autoptr(GString) sql = g_string_new("");

    odd.file = "a'); DROP TABLE entries; --\\";
    snowflake_load_write_load(&odd, sql);
    g_assert_nonnull(strstr(sql->str, "FILES = ('a\\'); DROP TABLE entries; --\\\\')"));
}

static void
a_load_is_made_and_then_counted_and_summed(CloudTest *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = snowflake_load_id(&LOAD);
    g_autofree char *query = g_strdup_printf("requestId=%s&", id);
    bool is_done;

    answer_statements(test, "t", 2);
    answer_statements(test, "l", 7);
    answer_check(test, GOOD);
    is_done = load(test, &LOAD, false, &error);
    g_assert_no_error(error);
    g_assert_true(is_done);
    /* the tables and their two answers, then the load */
    g_assert_nonnull(strstr(fake_client_request(test->client, 3)->url, query));
    g_assert_nonnull(strstr(fake_client_request(test->client, 3)->body->str, "\"multi_statement_count\":7"));
}

static void
what_is_there_must_be_what_left(CloudTest *test)
{
    const struct {
        const char *rows, *says;
    } rows[] = {
        {"[\"loads\",\"1\",null],[\"rows\",\"2\",null]", "has 2 rows"},
        {"[\"loads\",\"0\",null],[\"rows\",\"3\",null]", "has 0 loads"},
        {"[\"loads\",\"1\",null],[\"rows\",\"3\",null],[\"EUR\",\"1\",\"-6\"]", "has 1 EUR, -6 micros"},
        {"[\"loads\",\"1\",null],[\"rows\",\"3\",null],[\"EUR\",\"1\",\"-5\"]", "has no USD"},
        {"[\"loads\",\"1\",null]", "has no rows"},
        {"[\"loads\",\"1\",null],[\"rows\",\"x\",null]", "counted \"x\""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        answer_statements(test, "t", 2);
        answer_statements(test, "l", 7);
        answer_check(test, rows[i].rows);
        assert_load_fails(test, &LOAD, WEIR_ERROR_BROKEN, rows[i].says);
    }
}

static void
a_file_that_disagrees_is_an_alert_and_not_a_retry(CloudTest *test)
{
    answer_statements(test, "t", 2);
    cloud_test_answer(test, "POST", BASE, 422,
                      "{\"code\":\"100051\",\"sqlState\":\"22012\",\"message\":\"Division by zero\"}");
    assert_load_fails(test, &LOAD, WEIR_ERROR_BROKEN, "loading entries/2026-11-24/1-9-2cf24dba.parquet into entries");
}

/* Whatever is lost, the next run sends the same id, and says that it may be known. */
static void
a_load_whose_answer_was_lost_is_sent_again_under_its_id(CloudTest *test)
{
    g_autoptr(GError) error = NULL;
    bool is_done;

    answer_statements(test, "t", 2);
    cloud_test_no_answer(test, "POST", BASE, HTTP_OUTCOME_BROKEN);
    assert_load_fails(test, &LOAD, WEIR_ERROR_UNAVAILABLE, "no whole answer");
    answer_statements(test, "t", 2);
    answer_statements(test, "l", 7);
    answer_check(test, GOOD);
    is_done = load(test, &LOAD, true, &error);
    g_assert_no_error(error);
    g_assert_true(is_done);
    g_assert_true(
        g_str_has_prefix(fake_client_request(test->client, 7)->url, fake_client_request(test->client, 3)->url));
    g_assert_true(g_str_has_suffix(fake_client_request(test->client, 7)->url, "&retry=true"));
}

static void
names_that_are_none_are_refused_before_anything_is_sent(CloudTest *test)
{
    SnowflakeLoad bad[] = {LOAD, LOAD, LOAD, LOAD, LOAD};
    const char *const odd[] = {"id", "x) --"};

    bad[0].table = "entries; DROP";
    bad[1].stage = "@x";
    bad[2].columns = odd;
    bad[2].column_count = 2;
    bad[3].key_count = 0;
    bad[4].sha256 = "short";
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_load_fails(test, &bad[i], WEIR_ERROR_INVALID, "");
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 0);
}

#define ADD(name) cloud_test_add("/warehouse/load/" #name, name)

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    key = snowflake_test_key();
    g_assert_nonnull(key);
    g_test_add_func("/warehouse/load/a_load_is_one_request_of_seven_statements",
                    a_load_is_one_request_of_seven_statements);
    g_test_add_func("/warehouse/load/a_load_of_a_table_with_versions_replaces_older_rows",
                    a_load_of_a_table_with_versions_replaces_older_rows);
    g_test_add_func("/warehouse/load/its_id_follows_from_the_content_and_the_attempt_alone",
                    its_id_follows_from_the_content_and_the_attempt_alone);
    g_test_add_func("/warehouse/load/text_can_not_leave_its_quotes", text_can_not_leave_its_quotes);
    ADD(a_load_is_made_and_then_counted_and_summed);
    ADD(what_is_there_must_be_what_left);
    ADD(a_file_that_disagrees_is_an_alert_and_not_a_retry);
    ADD(a_load_whose_answer_was_lost_is_sent_again_under_its_id);
    ADD(names_that_are_none_are_refused_before_anything_is_sent);
    result = g_test_run();
    snowflake_key_free(key);
    return result;
}
