#include "warehouse/file.h"
#include "warehouse/warehouse_test.h"
#include "warehouse/writer.h"

#define MOMENT_US INT64_C(1795478400123456) /* 2026-11-24T00:00:00.123456Z */

/* Texts that a format could trip over. */
static const char *const TEXTS[] = {"plain", "", "comma, quote \" and\nline", "ünïcödé", "'", "\\N", "NULL"};

static Cell
number(int64_t value)
{
    return (Cell){.number = value};
}

static Cell
text(const char *value)
{
    return value == NULL ? (Cell){.is_null = true} : (Cell){.text = str_of(value)};
}

/* A row of clicks, whose listing_id is the text at hand. */
static bool
add_click(Writer *writer, int64_t id, const char *listing_id, int64_t bid_micros, const char *currency, GError **error)
{
    const Cell cells[] = {number(id),       number(MOMENT_US + id), number(7),      number(1),      text("acme"),
                          text(listing_id), number(bid_micros),     text(currency), number(id % 2), number(0),
                          text(NULL)};

    g_assert_cmpuint(G_N_ELEMENTS(cells), ==, table_find(STR("clicks"))->column_count);
    return writer->type->add(writer, cells, error);
}

static void
write_clicks(const WriterType *type, Duck *duck, const char *path, Tally *tally)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Writer) writer = type->open(table_find(STR("clicks")), duck, path, &error);

    g_assert_no_error(error);
    for (int64_t id = 1; id <= 1000; id++) {
        bool null = id % 10 == 0;
        const char *currency = id % 3 == 0 ? "EUR" : "USD";

        g_assert_true(
            add_click(writer, id, null ? NULL : TEXTS[id % G_N_ELEMENTS(TEXTS)], id * 1001, currency, &error));
        tally->rows++;
        g_assert_true(tally_add(tally, str_of(currency), id * 1001, &error));
    }
    g_assert_true(type->finish(writer, &error));
    g_assert_no_error(error);
}

static Duck *
duck_for(const WriterType *type, const char *folder)
{
    g_autoptr(GError) error = NULL;
    Duck *duck = type == &CSV_WRITER ? NULL : duck_open(warehouse_test_duckdb(), folder, &error);

    g_assert_no_error(error);
    return duck;
}

static void
what_is_read_again_is_what_was_written(gconstpointer data)
{
    const WriterType *type = data;
    g_autoptr(TestFolder) folder = warehouse_test_folder();
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Duck) duck = NULL;
    g_auto(Tally) ours = {0}, theirs = {0};

    tally_init(&ours);
    tally_init(&theirs);
    if (type == &PARQUET_WRITER && !warehouse_test_needs_duckdb())
        return;
    duck = duck_for(type, folder);
    write_clicks(type, duck, path, &ours);
    g_assert_true(type->count(table_find(STR("clicks")), duck, path, &theirs, &error));
    g_assert_no_error(error);
    g_assert_cmpint(theirs.rows, ==, 1000);
    g_assert_true(tally_check(&ours, &theirs, path, &error));
    g_assert_no_error(error);
}

static void
the_same_rows_make_the_same_bytes(gconstpointer data)
{
    const WriterType *type = data;
    char first[SHA256_TEXT_SIZE] = "", second[SHA256_TEXT_SIZE];

    if (type == &PARQUET_WRITER && !warehouse_test_needs_duckdb())
        return;
    for (int round = 0; round < 3; round++) {
        g_autoptr(TestFolder) folder = warehouse_test_folder();
        g_autofree char *path = g_build_filename(folder, "file", NULL);
        g_autoptr(Duck) duck = duck_for(type, folder);
        g_auto(Tally) tally = {0};

        tally_init(&tally);
        write_clicks(type, duck, path, &tally);
        g_assert_true(file_sha256(path, second, NULL, NULL));
        if (round > 0)
            g_assert_cmpstr(first, ==, second);
        memcpy(first, second, sizeof first);
    }
}

static void
a_damaged_file_is_noticed(gconstpointer data)
{
    const WriterType *type = data;
    g_autoptr(TestFolder) folder = warehouse_test_folder();
    g_autofree char *path = g_build_filename(folder, "file", NULL), *bytes = NULL;
    g_autoptr(Duck) duck = NULL;
    g_auto(Tally) ours = {0}, theirs = {0};
    gsize size;

    tally_init(&ours);
    tally_init(&theirs);
    if (type == &PARQUET_WRITER && !warehouse_test_needs_duckdb())
        return;
    duck = duck_for(type, folder);
    write_clicks(type, duck, path, &ours);
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    for (gsize keep = 1; keep < size; keep += size / 7) {
        g_autoptr(GError) error = NULL;

        g_assert_true(g_file_set_contents(path, bytes, (gssize)keep, NULL));
        g_assert_false(type->count(table_find(STR("clicks")), duck, path, &theirs, &error));
        g_assert_nonnull(error);
    }
}

/* Every text as it was, NULL apart from "", moments to the microsecond in UTC. */
static void
both_formats_read_alike_in_a_query(void)
{
    g_autoptr(TestFolder) folder = warehouse_test_folder();
    const WriterType *const types[] = {&PARQUET_WRITER, &CSV_WRITER};

    if (!warehouse_test_needs_duckdb())
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *day = g_strdup_printf("%s/v1/clicks/day=2026-11-2%zu", folder, i);
        g_autofree char *path = g_strdup_printf("%s/file.%s", day, types[i]->format);
        g_autoptr(Duck) duck = duck_for(types[i], folder);
        g_auto(Tally) tally = {0};

        tally_init(&tally);
        g_assert_cmpint(g_mkdir_with_parents(day, 0700), ==, 0);
        write_clicks(types[i], duck, path, &tally);
    }
    g_assert_cmpint(warehouse_test_int(folder, "SELECT COUNT(*) FROM clicks"), ==, 2000);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT COUNT(*) FROM (SELECT DISTINCT * FROM clicks)"), ==, 1000);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT COUNT(*) FROM clicks WHERE listing_id IS NULL"), ==, 200);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT COUNT(*) FROM clicks WHERE listing_id = ''"), ==, 2 * 129);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT epoch_us(clicked_at) - id FROM clicks LIMIT 1"), ==, MOMENT_US);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT SUM(bid_micros) FROM clicks"), ==, 2 * INT64_C(1001) * 500500);
    g_assert_cmpint(warehouse_test_int(folder, "SELECT COUNT(*) FROM searches"), ==, 0);
}

static void
a_library_that_is_missing_or_wrong_is_told_apart(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(duck_open("/nowhere/libduckdb.so", "/tmp", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(duck_open("/proc/self/exe", "/tmp", &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/warehouse/csv/what is read again is what was written", &CSV_WRITER,
                         what_is_read_again_is_what_was_written);
    g_test_add_data_func("/warehouse/parquet/what is read again is what was written", &PARQUET_WRITER,
                         what_is_read_again_is_what_was_written);
    g_test_add_data_func("/warehouse/csv/the same rows make the same bytes", &CSV_WRITER,
                         the_same_rows_make_the_same_bytes);
    g_test_add_data_func("/warehouse/parquet/the same rows make the same bytes", &PARQUET_WRITER,
                         the_same_rows_make_the_same_bytes);
    g_test_add_data_func("/warehouse/csv/a damaged file is noticed", &CSV_WRITER, a_damaged_file_is_noticed);
    g_test_add_data_func("/warehouse/parquet/a damaged file is noticed", &PARQUET_WRITER, a_damaged_file_is_noticed);
    g_test_add_func("/warehouse/both formats read alike in a query", both_formats_read_alike_in_a_query);
    g_test_add_func("/warehouse/a library that is missing or wrong is told apart",
                    a_library_that_is_missing_or_wrong_is_told_apart);
    return g_test_run();
}
