/* What the loader makes of a batch; snowflake_load's own tests hold the rest. */
#include "warehouse/snowflake_loader.h"

#include "warehouse/cloud_test.h"
#include "warehouse/snowflake_test.h"

#define BASE   "https://acme.snowflakecomputing.com/api/v2/statements"
#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static SnowflakeKey *key; /* made once: it takes a moment */

static Batch
batch_of(const char *table)
{
    return (Batch){.id = 1,
                   .table = table_find(str_of(table)),
                   .state = BATCH_WRITTEN,
                   .format = STR("parquet"),
                   .key = STR("v1/file.parquet"),
                   .sha256 = STR(SHA256),
                   .bytes = 10,
                   .rows = 3,
                   .sums = STR("{\"\":0,\"EUR\":-5,\"USD\":70}")};
}

static bool
load(CloudTest *test, const Batch *batch, const DeliveryAttempt *attempt, GError **error)
{
    const SnowflakeConfig config = {
        .account = "acme", .user = "loader", .database = "LAKE", .schema = "WEIR", .warehouse = "SMALL"};
    g_autoptr(Snowflake) client = snowflake_new(&config, key, &test->cloud, NULL);
    g_autofree ExportLoader *loader = snowflake_loader_new(client, "LAKE.WEIR.STAGE");

    return loader->load(loader, batch, attempt, error);
}

/* The tables are made, and the load is refused. */
static void
answer_until_load(CloudTest *test)
{
    cloud_test_answer(test, "POST", BASE, 200, "{\"statementHandle\":\"p\",\"statementHandles\":[\"t-0\",\"t-1\"]}");
    cloud_test_answer(test, "GET", BASE "/t-0", 200, "{\"resultSetMetaData\":{\"numRows\":0},\"data\":[]}");
    cloud_test_answer(test, "GET", BASE "/t-1", 200, "{\"resultSetMetaData\":{\"numRows\":0},\"data\":[]}");
    cloud_test_answer(test, "POST", BASE, 422, "{\"code\":\"1\",\"message\":\"no\"}");
}

static const char *
sent(CloudTest *test, size_t i)
{
    return fake_client_request(test->client, i)->body->str;
}

static void
a_batch_is_described_by_its_table(CloudTest *test)
{
    const Batch batch = batch_of("entries");
    const DeliveryAttempt first = {.number = 1};

    answer_until_load(test);
    g_assert_false(load(test, &batch, &first, NULL));
    g_assert_nonnull(strstr(sent(test, 0), "CREATE TABLE IF NOT EXISTS entries (id NUMBER(19,0) NOT NULL, txn_id "));
    g_assert_nonnull(strstr(sent(test, 0), "effective_at TIMESTAMP_TZ(6) NOT NULL"));
    g_assert_nonnull(strstr(sent(test, 3), "FROM @LAKE.WEIR.STAGE FILES = ('v1/file.parquet')"));
    g_assert_nonnull(strstr(sent(test, 3), "TYPE = PARQUET"));
    g_assert_nonnull(strstr(sent(test, 3), "COUNT(*) = 3 AND COALESCE(SUM(IFF(currency = '', amount_micros, 0)), 0) = "
                                           "0 AND COALESCE(SUM(IFF(currency = 'EUR', amount_micros, 0)), 0) = -5"));
    g_assert_nonnull(strstr(sent(test, 3), "ON t.id = s.id WHEN NOT MATCHED"));
}

static void
several_keys_versions_and_csv_are_passed_on(CloudTest *test)
{
    Batch batch = batch_of("rollups");
    const DeliveryAttempt first = {.number = 1};

    batch.format = STR("csv.gz");
    answer_until_load(test);
    g_assert_false(load(test, &batch, &first, NULL));
    g_assert_nonnull(strstr(sent(test, 3), "TYPE = CSV COMPRESSION = GZIP"));
    g_assert_nonnull(strstr(sent(test, 3), "ON t.hour = s.hour AND t.source = s.source AND t.currency = s.currency "
                                           "WHEN MATCHED AND s.run > t.run THEN UPDATE"));
}

static void
each_attempt_has_an_id_and_a_repeated_one_says_so(CloudTest *test)
{
    const Batch batch = batch_of("searches");
    const DeliveryAttempt attempts[] = {{.number = 1}, {.number = 1, .is_repeated = true}, {.number = 2}};
    const char *urls[G_N_ELEMENTS(attempts)];

    for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++) {
        answer_until_load(test);
        g_assert_false(load(test, &batch, &attempts[i], NULL));
        urls[i] = fake_client_request(test->client, i * 4 + 3)->url;
    }
    g_assert_true(g_str_has_prefix(urls[1], urls[0]));
    g_assert_true(g_str_has_suffix(urls[1], "&retry=true"));
    g_assert_cmpstr(urls[2], !=, urls[0]);
    g_assert_false(g_str_has_suffix(urls[2], "&retry=true"));
}

static void
sums_that_are_none_are_no_load(CloudTest *test)
{
    Batch batch = batch_of("entries");
    const DeliveryAttempt first = {.number = 1};
    g_autoptr(GError) error = NULL;

    batch.sums = STR("{\"USD\":\"x\"}");
    g_assert_false(load(test, &batch, &first, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 0);
}

#define ADD(name) cloud_test_add("/warehouse/loader/" #name, name)

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    key = snowflake_test_key();
    ADD(a_batch_is_described_by_its_table);
    ADD(several_keys_versions_and_csv_are_passed_on);
    ADD(each_attempt_has_an_id_and_a_repeated_one_says_so);
    ADD(sums_that_are_none_are_no_load);
    result = g_test_run();
    snowflake_key_free(key);
    return result;
}
