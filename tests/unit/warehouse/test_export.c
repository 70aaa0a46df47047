/*
 * Exports on both engines: which rows leave, once each, whatever comes late, is killed or is lost.
 */
#include "store/migrate.h"
#include "support/db_test.h"
#include "warehouse/batch_file.h"
#include "warehouse/status.h"
#include "warehouse/warehouse_test.h"

#include "base/id.h"

#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOON_US INT64_C(1795521600000000) /* 2026-11-24T12:00:00Z */
#define LAG_US  US_PER_MINUTE

static const char *const NO_CHANNELS[] = {NULL};

typedef struct {
    DbTest *test;
    FakeClock clock;
    TestFolder *folder;
    char *objects, *work;
    const char *duckdb; /* NULL: gzipped CSV */
    ObjectStore *store;
    ExportDestination destinations[3];
    size_t destination_count;
    IdMint mint;
    AlertTelling telling;
    int64_t entries;
} World;

static void
world_open(World *world, DbTest *test)
{
    g_autoptr(GError) error = NULL;

    *world = (World){.test = test, .folder = warehouse_test_folder()};
    fake_clock_init(&world->clock, NOON_US);
    g_assert_true(migrate(test->db, &world->clock.clock, NULL, &error));
    g_assert_no_error(error);
    world->objects = g_build_filename(world->folder, "objects", NULL);
    world->work = g_build_filename(world->folder, "work", NULL);
    world->duckdb = warehouse_test_duckdb();
    world->store = folder_store_new(world->objects);
    world->destinations[0] = (ExportDestination){.name = "folder", .address = world->objects, .store = world->store};
    world->destination_count = 1;
    id_mint_init(&world->mint, &world->clock.clock, 1);
    world->telling = (AlertTelling){&world->mint, NO_CHANNELS};
}

static void
world_close(World *world)
{
    object_store_free(world->store);
    g_free(world->objects);
    g_free(world->work);
    warehouse_test_remove(world->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_close)

static ExportSpec
world_spec(World *world)
{
    return (ExportSpec){.db = world->test->db,
                        .clock = &world->clock.clock,
                        .folder = world->work,
                        .duckdb = world->duckdb,
                        .lag_us = LAG_US,
                        .destinations = world->destinations,
                        .destination_count = world->destination_count,
                        .telling = &world->telling};
}

static ExportSummary
export_ok(World *world)
{
    const ExportSpec spec = world_spec(world);
    g_autoptr(GError) error = NULL;
    ExportSummary summary = {0};

    g_assert_true(export_run(&spec, &summary, &error));
    g_assert_no_error(error);
    return summary;
}

static void
export_fails(World *world, WeirError code)
{
    const ExportSpec spec = world_spec(world);
    g_autoptr(GError) error = NULL;
    ExportSummary summary;

    g_assert_false(export_run(&spec, &summary, &error));
    g_assert_error(error, WEIR_ERROR, (int)code);
}

/* ---- rows ---- */

static void
run_script(World *world, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(world->test->db, DB_WRITE, &error);

    g_assert_true(tx != NULL && db_exec_script(tx, text, &error) && db_commit_auto(&tx, &error));
    g_assert_no_error(error);
}

#define SHOWN                                                                                                          \
    "'[{\"source\": \"acme\", \"listing_id\": \"A1\", \"title\": \"Cook\", \"bid\": {\"amount\": \"0.25\", "           \
    "\"currency\": \"USD\"}}, {\"source\": \"acme\", \"listing_id\": \"A2\", \"title\": \"It''s a \\\"chef\\\"\"}]'"

/* Every other one has what it showed in a page. */
static void
add_search(World *world, Id id)
{
    bool has_page = id % 2 == 0;
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO search (id, at_us, keywords, took_us, partial, shown_count, shown, page_id) "
                        "VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 'cook', 1200, 0, 2, %s, %s)",
                        id, id_time_us(id), has_page ? "'[]'" : SHOWN, has_page ? "77" : "NULL");

    run_script(world, "INSERT INTO search_page (id, made_at_us, shown, sources) VALUES (77, 1, " SHOWN
                      ", '[]') ON CONFLICT (id) DO NOTHING");
    run_script(world, sql);
}

static void
add_click(World *world, Id id)
{
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO click (id, at_us, search_id, position, source, bid_micros, bid_currency, flags) "
                        "VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 7, 1, 'acme', 250000, 'USD', %d)",
                        id, id_time_us(id), (int)(id % 2));

    run_script(world, sql);
}

/* A line that earns micros, with its report, revision and balanced entries. */
static void
add_line(World *world, int64_t micros, const char *currency)
{
    int64_t n = ++world->entries, at = NOON_US;
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO report (id, source, kind, line_kind, origin, received_at_us, sha256, bytes, parts, "
        "parser_version, lines, new_lines, changed_lines, same_lines, stale_lines, quarantined) "
        "VALUES (%1$" G_GINT64_FORMAT ", 'acme', 'r', 'r', 'pull', %2$" G_GINT64_FORMAT
        ", '', 0, 1, 1, 1, 1, 0, 0, 0, 0);"
        "INSERT INTO line (id, source, kind, line_key) VALUES (%1$" G_GINT64_FORMAT
        ", 'acme', 'r', 'id:%1$" G_GINT64_FORMAT "');"
        "INSERT INTO revision (id, line_id, rev, content_sha256, effective_at_us, amount_micros, earned_micros, "
        "currency, report_id, part, row_number, recorded_at_us) VALUES (%1$" G_GINT64_FORMAT ", %1$" G_GINT64_FORMAT
        ", 1, '', %2$" G_GINT64_FORMAT ", %3$" G_GINT64_FORMAT ", %3$" G_GINT64_FORMAT ", '%4$s', %1$" G_GINT64_FORMAT
        ", 1, 1, %2$" G_GINT64_FORMAT ");"
        "INSERT INTO entry (id, txn_id, account, source, line_id, amount_micros, currency, effective_at_us, rung) "
        "VALUES (%1$" G_GINT64_FORMAT " * 2 - 1, %1$" G_GINT64_FORMAT ", 'receivable', 'acme', %1$" G_GINT64_FORMAT
        ", %3$" G_GINT64_FORMAT ", '%4$s', %2$" G_GINT64_FORMAT ", ''), (%1$" G_GINT64_FORMAT
        " * 2, %1$" G_GINT64_FORMAT ", 'unattributed', 'acme', %1$" G_GINT64_FORMAT ", -(%3$" G_GINT64_FORMAT
        "), '%4$s', %2$" G_GINT64_FORMAT ", '');"
        "INSERT INTO txn (id, revision_id, reason, recorded_at_us) VALUES (%1$" G_GINT64_FORMAT ", %1$" G_GINT64_FORMAT
        ", 'test', %2$" G_GINT64_FORMAT ");",
        n, at, micros, currency);

    if (world->test->engine == DB_ENGINE_SQLITE) {
        g_auto(GStrv) pieces = g_strsplit(sql, " '',", -1);

        g_free(sql);
        sql = g_strjoinv(" x'',", pieces);
    }
    run_script(world, sql);
}

/* A few of everything, old enough to leave. */
static void
add_some(World *world, int count)
{
    Id first = id_floor(clock_now_us(&world->clock.clock));

    for (int i = 0; i < count; i++) {
        add_search(world, first + i);
        add_click(world, first + i);
        add_line(world, 1000 + i, i % 2 == 0 ? "USD" : "EUR");
    }
    world->clock.now += 2 * LAG_US;
}

/* ---- what must hold ---- */

static void
check_table(World *world, const char *view, const char *key, const char *count_sql)
{
    g_autofree char *all = g_strdup_printf("SELECT COUNT(*) FROM %s", view);
    g_autofree char *distinct = g_strdup_printf("SELECT COUNT(*) FROM (SELECT DISTINCT %s FROM %s)", key, view);
    int64_t expected = db_test_int(world->test->db, count_sql);

    g_assert_cmpint(warehouse_test_int(world->objects, all), ==, expected);
    g_assert_cmpint(warehouse_test_int(world->objects, distinct), ==, expected);
}

/* Every row of the database is in the files, and once. */
static void
check_every_row_once(World *world)
{
    const char *const currencies[] = {"USD", "EUR"};

    check_table(world, "searches", "id", "SELECT COUNT(*) FROM search");
    check_table(world, "impressions", "search_id, position",
                "SELECT COALESCE(CAST(SUM(shown_count) AS BIGINT), 0) FROM search");
    check_table(world, "clicks", "id", "SELECT COUNT(*) FROM click");
    check_table(world, "entries", "id", "SELECT COUNT(*) FROM entry");
    check_table(world, "revisions", "id", "SELECT COUNT(*) FROM revision");
    for (size_t i = 0; i < G_N_ELEMENTS(currencies); i++) {
        g_autofree char *ours = g_strdup_printf("SELECT COALESCE(CAST(SUM(amount_micros) AS BIGINT), 0) FROM entry "
                                                "WHERE account = 'receivable' AND currency = '%s'",
                                                currencies[i]);
        g_autofree char *theirs = g_strdup_printf("SELECT CAST(COALESCE(SUM(amount_micros), 0) AS BIGINT) FROM entries "
                                                  "WHERE account = 'receivable' AND currency = '%s'",
                                                  currencies[i]);

        g_assert_cmpint(db_test_int(world->test->db, ours), ==, warehouse_test_int(world->objects, theirs));
    }
}

/* The manifest and the store name the same files. */
static void
check_files_are_those_of_the_manifest(World *world)
{
    g_autoptr(GPtrArray) files = warehouse_test_files(world->objects, "");

    g_assert_cmpint(files->len, ==, db_test_int(world->test->db, "SELECT COUNT(*) FROM export WHERE row_count > 0"));
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *sql =
            g_strdup_printf("SELECT COUNT(*) FROM export WHERE object_key = '%s'", (char *)files->pdata[i]);

        g_assert_cmpint(db_test_int(world->test->db, sql), ==, 1);
    }
}

/* ---- tests ---- */

static void
everything_leaves_once_and_sums_stay_equal(DbTest *test)
{
    g_auto(World) world = {0};
    ExportSummary summary;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 5);
    summary = export_ok(&world);
    g_assert_cmpint(summary.files, ==, 5);
    g_assert_cmpint(summary.rows, ==, 5 + 10 + 5 + 10 + 5);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
    g_assert_cmpint(warehouse_test_int(world.objects, "SELECT SUM(bid_micros) FROM impressions"), ==, 5 * 250000);
    g_assert_cmpint(warehouse_test_int(world.objects, "SELECT COUNT(*) FROM impressions WHERE position = 2 AND title = "
                                                      "'It''s a \"chef\"' AND bid_micros IS NULL"),
                    ==, 5);
    summary = export_ok(&world);
    g_assert_cmpint(summary.files, ==, 0);
}

static void
rows_younger_than_the_lag_wait(DbTest *test)
{
    g_auto(World) world = {0};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_click(&world, id_floor(NOON_US - LAG_US / 2));
    add_click(&world, id_floor(NOON_US - LAG_US * 2));
    g_assert_cmpint(export_ok(&world).rows, ==, 1);
    world.clock.now += LAG_US;
    g_assert_cmpint(export_ok(&world).rows, ==, 1);
    check_every_row_once(&world);
}

static bool
has_passed(Db *db, int64_t before_us)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, &error);
    bool passed = false;

    if (!export_has_passed(tx, before_us, &passed, &error))
        g_assert_no_error(error);
    return passed;
}

static void
events_may_be_forgotten_once_they_are_in_a_file(DbTest *test)
{
    g_auto(World) world = {0};

    world_open(&world, test);
    add_search(&world, id_floor(NOON_US - US_PER_HOUR));
    g_assert_true(has_passed(test->db, NOON_US)); /* who exports nothing waits for nothing */
    export_ok(&world);
    g_assert_true(has_passed(test->db, NOON_US));
    add_click(&world, id_floor(NOON_US - US_PER_MINUTE * 30));
    g_assert_true(has_passed(test->db, NOON_US)); /* no click was ever exported */
    export_ok(&world);
    add_click(&world, id_floor(NOON_US - US_PER_MINUTE * 20));
    g_assert_false(has_passed(test->db, NOON_US));
    g_assert_true(has_passed(test->db, NOON_US - US_PER_MINUTE * 25));
    add_click(&world, id_floor(NOON_US - US_PER_MINUTE * 40)); /* late */
    g_assert_false(has_passed(test->db, NOON_US - US_PER_MINUTE * 25));
    export_ok(&world);
    g_assert_true(has_passed(test->db, NOON_US));
    db_test_exec(test->db, "UPDATE export SET state = 'prepared' WHERE table_name = 'clicks'");
    g_assert_false(has_passed(test->db, NOON_US));
}

static void
rows_that_arrive_late_leave_in_a_batch_of_their_own(DbTest *test)
{
    g_auto(World) world = {0};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 3);
    export_ok(&world);
    add_search(&world, id_floor(NOON_US - US_PER_DAY));
    add_click(&world, id_floor(NOON_US) - 5);
    g_assert_cmpint(export_ok(&world).files, ==, 3);
    check_every_row_once(&world);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export WHERE last_id = -1"), ==, 3);
    g_assert_cmpint(export_ok(&world).files, ==, 0);
}

/* Between preparing and writing, a late row falls into the range: the range must not take it. */
static void
a_late_row_does_not_join_the_batch_whose_range_it_falls_in(DbTest *test)
{
    g_auto(World) world = {0};
    g_autoptr(GError) error = NULL;
    int64_t id;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 3);
    g_assert_true(batch_prepare(test->db, table_find(STR("clicks")), clock_now_us(&world.clock.clock),
                                &world.clock.clock, &id, &error));
    g_assert_cmpint(id, ==, 1);
    add_click(&world, id_floor(NOON_US - 1));
    export_ok(&world);
    g_assert_cmpint(db_test_int(test->db, "SELECT row_count FROM export WHERE id = 1"), ==, 3);
    check_every_row_once(&world);
}

static void
any_order_and_any_split_lose_nothing(DbTest *test)
{
    g_auto(World) world = {0};
    SeededRandom random;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    seeded_random_init(&random, 20261124);
    for (int i = 0; i < 120; i++) {
        /* One in four is hours late. Ids differ by i. */
        int64_t back_us = random_below(&random.random, 4) == 0 ? 3 * US_PER_HOUR : 0;
        Id id = id_floor(clock_now_us(&world.clock.clock) - back_us) + i;

        switch (random_below(&random.random, 4)) {
        case 0:
            add_search(&world, id);
            break;
        case 1:
            add_click(&world, id);
            break;
        case 2:
            add_line(&world, (int64_t)random_below(&random.random, 5000000) + 1, i % 2 == 0 ? "USD" : "EUR");
            break;
        default:
            world.clock.now += (int64_t)random_below(&random.random, 90) * US_PER_SECOND;
            if (random_below(&random.random, 3) == 0)
                export_ok(&world);
        }
    }
    world.clock.now += 2 * LAG_US;
    export_ok(&world);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
}

/* ---- dying ---- */

/* Kills its own process at the moment that was chosen: a step, or a put before or after it was done. */
typedef struct {
    ObjectStore store;
    ObjectStore *real;
    int moments_left;
    ExportLoader *loader; /* the real one; NULL: none */
} Killer;

typedef struct {
    ExportLoader loader;
    Killer *killer;
} KillerLoader;

static void
killer_moment(Killer *killer)
{
    if (--killer->moments_left == 0)
        raise(SIGKILL);
}

static void
on_step(void *data, const Batch *batch, const char *destination)
{
    (void)batch;
    (void)destination;
    killer_moment(data);
}

static bool
killer_put(ObjectStore *store, const char *key, const char *path, const char *sha256, bool *ret_added, GError **error)
{
    Killer *killer = (Killer *)store;

    killer_moment(killer);
    if (!killer->real->type->put(killer->real, key, path, sha256, ret_added, error))
        return false;
    killer_moment(killer);
    return true;
}

static bool
killer_get(ObjectStore *store, const char *key, const char *sha256, const char *path, GError **error)
{
    Killer *killer = (Killer *)store;

    return killer->real->type->get(killer->real, key, sha256, path, error);
}

static bool
killer_load(ExportLoader *loader, const Batch *batch, const DeliveryAttempt *attempt, GError **error)
{
    Killer *killer = ((KillerLoader *)loader)->killer;

    killer_moment(killer);
    if (!killer->loader->load(killer->loader, batch, attempt, error))
        return false;
    killer_moment(killer);
    return true;
}

static const ObjectStoreType KILLER_STORE = {.name = "killer", .put = killer_put, .get = killer_get, .free = NULL};

/* In a process of its own. True when it came to its end. */
static bool
export_and_die_at(World *world, int moment)
{
    pid_t child = fork();
    int status;

    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        Killer killer = {{&KILLER_STORE}, world->store, moment, NULL};
        KillerLoader loader = {{killer_load}, &killer};
        ExportSpec spec = world_spec(world);
        ExportSummary summary;

        spec.db = db_test_open(world->test);
        killer.loader = world->destinations[2].loader;
        world->destinations[0].store = &killer.store;
        if (killer.loader != NULL)
            world->destinations[2].loader = &loader.loader;
        spec.on_step = on_step;
        spec.data = &killer;
        _exit(export_run(&spec, &summary, NULL) ? 0 : 1);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return !WIFSIGNALED(status);
}

/* Every batch, written once more from the database, makes the file that is in the store. */
static void
check_batch_again(World *world, const Batch *batch)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    g_autoptr(Duck) duck = duck_open(warehouse_test_duckdb(), world->folder, &error);
    g_autoptr(Db) db = db_test_open(world->test);
    g_autofree char *path = g_build_filename(world->folder, "again", NULL);
    Batch again = *batch;

    g_assert_true(batch_write_file(db, &PARQUET_WRITER, duck, path, arena, &again, &error));
    g_assert_no_error(error);
    g_assert_true(str_equal(again.key, batch->key));
    g_assert_true(str_equal(again.sha256, batch->sha256));
    g_assert_true(str_equal(again.sums, batch->sums));
}

static void
check_batches_again(World *world)
{
    g_autoptr(Arena) arena = arena_new(1024);

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        Batch batch = {0};

        while (TABLES[i].version == NULL &&
               batch_find_written(world->test->db, &TABLES[i], batch.id, INT64_MAX, arena, &batch, NULL))
            check_batch_again(world, &batch);
    }
}

static void
an_export_killed_at_any_moment_is_finished_by_the_next(DbTest *test)
{
    g_auto(World) world = {0};
    int moment = 1;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    /* Each child does a little more than the one before, and meets new rows. */
    do {
        add_some(&world, 2);
    } while (!export_and_die_at(&world, moment++));
    g_assert_cmpint(moment, >, 8);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
    check_batches_again(&world);
}

/* The smallest step over and over: always killed at the first moment, it still comes to its end. */
static void
an_export_killed_after_each_single_step_comes_to_its_end(DbTest *test)
{
    g_auto(World) world = {0};
    int runs = 0;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    while (!export_and_die_at(&world, 3))
        g_assert_cmpint(++runs, <, 100);
    g_assert_cmpint(runs, >=, 3);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
}

/* ---- other mishaps ---- */

static bool
put_never(ObjectStore *store, const char *key, const char *path, const char *sha256, bool *ret_added, GError **error)
{
    (void)store;
    (void)path;
    (void)sha256;
    (void)ret_added;
    return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "no way to put %s", key);
}

static const ObjectStoreType CLOSED_STORE = {.name = "closed", .put = put_never, .get = killer_get, .free = NULL};

/* Nothing can be put there, until the world's own store is its destination again. */
static void
world_close_store(World *world, Killer *closed)
{
    *closed = (Killer){{&CLOSED_STORE}, world->store, 0, NULL};
    world->destinations[0].store = &closed->store;
}

static void
a_file_that_was_lost_on_its_way_is_written_again(DbTest *test)
{
    g_auto(World) world = {0};
    Killer closed;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    world_close_store(&world, &closed);
    export_fails(&world, WEIR_ERROR_UNAVAILABLE);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export WHERE state = 'written'"), ==, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export_delivery WHERE error IS NOT NULL"), ==, 1);
    world.destinations[0].store = world.store;
    g_free(world.work);
    world.work = g_build_filename(world.folder, "elsewhere", NULL);
    export_ok(&world);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
}

static void
two_exports_do_not_share_a_folder(DbTest *test)
{
    g_auto(World) world = {0};
    pid_t child;
    int ready[2], status;
    char byte;

    world_open(&world, test);
    world.duckdb = NULL;
    add_some(&world, 1);
    g_assert_cmpint(pipe(ready), ==, 0);
    child = fork();
    if (child == 0) {
        g_autofree char *lock = g_build_filename(world.work, "lock", NULL);
        FILE *file;

        g_mkdir_with_parents(world.work, 0700);
        file = fopen(lock, "w");
        if (file == NULL || flock(fileno(file), LOCK_EX) != 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    export_fails(&world, WEIR_ERROR_CONFLICT);
    /* The lock dies with its holder. */
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    export_ok(&world);
}

static void
without_duckdb_files_are_gzipped_csv(DbTest *test)
{
    g_auto(World) world = {0};
    g_autoptr(GPtrArray) files = NULL;

    world_open(&world, test);
    add_some(&world, 3);
    world.duckdb = "/nowhere/libduckdb.so";
    g_assert_cmpint(export_ok(&world).rows, ==, 3 + 6 + 3 + 6 + 3);
    files = warehouse_test_files(world.objects, ".csv.gz");
    g_assert_cmpuint(files->len, ==, 5);
    check_files_are_those_of_the_manifest(&world);
    world.duckdb = warehouse_test_duckdb();
    if (g_file_test(world.duckdb, G_FILE_TEST_IS_REGULAR)) {
        add_some(&world, 3);
        export_ok(&world);
        check_every_row_once(&world);
    }
}

/* A file on its way could be lost, and would then have to be written again. */
static void
events_are_kept_until_some_destination_has_their_file(DbTest *test)
{
    g_auto(World) world = {0};
    Killer closed;

    world_open(&world, test);
    world.duckdb = NULL;
    world_close_store(&world, &closed);
    add_click(&world, id_floor(NOON_US - US_PER_HOUR));
    export_fails(&world, WEIR_ERROR_UNAVAILABLE);
    g_assert_false(has_passed(test->db, NOON_US));
    world.destinations[0].store = world.store;
    export_ok(&world);
    g_assert_true(has_passed(test->db, NOON_US));
}

/* ---- a warehouse ---- */

typedef struct {
    ExportLoader loader;
    int loaded, repeated, failures_left;
    int64_t attempts; /* the sum of their numbers */
    WeirError failure;
} FakeLoader;

static bool
fake_load(ExportLoader *loader, const Batch *batch, const DeliveryAttempt *attempt, GError **error)
{
    FakeLoader *fake = (FakeLoader *)loader;

    fake->repeated += attempt->is_repeated;
    fake->attempts += attempt->number;
    if (fake->failures_left-- > 0)
        return weir_fail(error, fake->failure, "no answer");
    g_assert_cmpint(batch->state, ==, BATCH_WRITTEN);
    fake->loaded++;
    return true;
}

static void
world_add_loader(World *world, FakeLoader *fake)
{
    fake->loader = (ExportLoader){fake_load};
    world->destinations[1] = (ExportDestination){.name = "fake", .address = "fake:", .loader = &fake->loader};
    world->destination_count = 2;
}

static void
what_is_in_the_store_is_loaded_once_a_warehouse_is_there(DbTest *test)
{
    g_auto(World) world = {0};
    FakeLoader fake = {.failures_left = 1, .failure = WEIR_ERROR_TIMEOUT};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    g_assert_cmpint(export_ok(&world).deliveries, ==, 5);
    world_add_loader(&world, &fake);
    /* Not reached for the first table, it is not asked for the others. */
    export_fails(&world, WEIR_ERROR_TIMEOUT);
    g_assert_cmpint(fake.loaded, ==, 0);
    g_assert_cmpint(export_ok(&world).deliveries, ==, 5);
    g_assert_cmpint(fake.loaded, ==, 5);
    g_assert_cmpint(fake.repeated, ==, 1);
    g_assert_cmpint(fake.attempts, ==, 6);
    export_ok(&world);
    g_assert_cmpint(fake.loaded, ==, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export_delivery WHERE destination = 'fake' AND "
                                          "files = 1 AND error IS NULL AND complete_at_us IS NOT NULL"),
                    ==, 5);
    /* What is not configured any more is not told of. */
    world.destination_count = 1;
    export_ok(&world);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export_delivery WHERE destination = 'fake'"), ==, 0);
}

static void
a_table_that_disagrees_is_an_alert_and_holds_up_no_other(DbTest *test)
{
    g_auto(World) world = {0};
    FakeLoader fake = {.failures_left = 1, .failure = WEIR_ERROR_BROKEN};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    world_add_loader(&world, &fake);
    export_fails(&world, WEIR_ERROR_BROKEN);
    g_assert_cmpint(fake.loaded, ==, 4);
    g_assert_cmpint(db_test_int(test->db, "SELECT export_id FROM export_delivery WHERE destination = 'fake' AND "
                                          "table_name = 'searches'"),
                    ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE key = 'export:searches:fake' AND state = "
                                          "'open'"),
                    ==, 1);
    export_ok(&world);
    g_assert_cmpint(fake.loaded, ==, 5);
    /* What was refused is another attempt. */
    g_assert_cmpint(fake.repeated, ==, 0);
    g_assert_cmpint(fake.attempts, ==, 1 + 4 + 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'resolved'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert"), ==, 1);
}

/* Files are taken from the store that has them, though the rows may be gone meanwhile. */
static void
a_second_store_gets_all_files_from_the_first(DbTest *test)
{
    g_auto(World) world = {0};
    g_autofree char *other = NULL;
    g_autoptr(ObjectStore) second = NULL;
    g_autoptr(GPtrArray) ours = NULL, theirs = NULL;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    export_ok(&world);
    run_script(&world, "DELETE FROM click");
    other = g_build_filename(world.folder, "other", NULL);
    second = folder_store_new(other);
    world.destinations[1] = (ExportDestination){.name = "second", .address = other, .store = second};
    world.destination_count = 2;
    add_some(&world, 1);
    g_assert_cmpint(export_ok(&world).deliveries, ==, 15);
    ours = warehouse_test_files(world.objects, "");
    theirs = warehouse_test_files(other, "");
    g_assert_cmpuint(ours->len, ==, 10);
    g_assert_cmpuint(theirs->len, ==, ours->len);
    for (guint i = 0; i < ours->len; i++)
        g_assert_cmpstr(ours->pdata[i], ==, theirs->pdata[i]);
}

static void
a_destination_at_another_address_begins_anew(DbTest *test)
{
    g_auto(World) world = {0};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 2);
    export_ok(&world);
    object_store_free(world.store);
    g_free(world.objects);
    world.objects = g_build_filename(world.folder, "moved", NULL);
    world.store = folder_store_new(world.objects);
    world.destinations[0].store = world.store;
    world.destinations[0].address = world.objects;
    g_assert_cmpint(export_ok(&world).deliveries, ==, 5);
    check_every_row_once(&world);
    check_files_are_those_of_the_manifest(&world);
}

static void
rows_that_are_gone_before_their_file_was_delivered_are_told(DbTest *test)
{
    g_auto(World) world = {0};
    Killer closed;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    world_close_store(&world, &closed);
    add_some(&world, 2);
    export_fails(&world, WEIR_ERROR_UNAVAILABLE);
    run_script(&world, "DELETE FROM click WHERE flags = 0");
    world.destinations[0].store = world.store;
    export_fails(&world, WEIR_ERROR_BROKEN);
    export_fails(&world, WEIR_ERROR_BROKEN);
    g_assert_cmpint(db_test_int(test->db, "SELECT row_count FROM export WHERE table_name = 'clicks'"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE key = 'export:clicks:folder'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM export_delivery WHERE files = 1"), ==, 4);
}

/* A warehouse that is a folder: it loads a file by noting its name, once. */
typedef struct {
    ExportLoader loader;
    const char *folder;
} FolderLoader;

static bool
folder_load(ExportLoader *loader, const Batch *batch, const DeliveryAttempt *attempt, GError **error)
{
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT, batch->id);
    g_autofree char *path = g_build_filename(((FolderLoader *)loader)->folder, name, NULL);

    (void)attempt;
    return g_file_set_contents(path, batch->key.at, (gssize)batch->key.size, error);
}

static void
killed_between_folder_bucket_and_warehouse_each_file_reaches_all(DbTest *test)
{
    g_auto(World) world = {0};
    g_autofree char *bucket = NULL, *loaded = NULL;
    g_autoptr(ObjectStore) second = NULL;
    g_autoptr(GPtrArray) ours = NULL, theirs = NULL, loads = NULL;
    FolderLoader loader = {.loader = {folder_load}};
    int moment = 1;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    bucket = g_build_filename(world.folder, "bucket", NULL);
    loaded = g_build_filename(world.folder, "loaded", NULL);
    g_assert_cmpint(g_mkdir_with_parents(loaded, 0700), ==, 0);
    loader.folder = loaded;
    second = folder_store_new(bucket);
    world.destinations[1] = (ExportDestination){.name = "bucket", .address = bucket, .store = second};
    world.destinations[2] = (ExportDestination){.name = "loads", .address = loaded, .loader = &loader.loader};
    world.destination_count = 3;
    do {
        add_click(&world, id_floor(clock_now_us(&world.clock.clock)));
        world.clock.now += 2 * LAG_US;
    } while (!export_and_die_at(&world, moment++));
    g_assert_cmpint(moment, >, 7);
    check_every_row_once(&world);
    ours = warehouse_test_files(world.objects, "");
    theirs = warehouse_test_files(bucket, "");
    loads = warehouse_test_files(loaded, "");
    g_assert_cmpuint(theirs->len, ==, ours->len);
    g_assert_cmpuint(loads->len, ==, ours->len);
    for (guint i = 0; i < ours->len; i++)
        g_assert_cmpstr(ours->pdata[i], ==, theirs->pdata[i]);
}

/* ---- rows that change ---- */

static void
put_rollup(World *world, int64_t hour, const char *currency, int64_t micros, int64_t run)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO rollup (hour_us, source, currency, impressions, clicks, counted_clicks, attributed_micros, "
        "unattributed_micros, run, changed_at_us) VALUES (%" G_GINT64_FORMAT
        ", 'acme', '%s', 0, 0, 0, %" G_GINT64_FORMAT ", 5, %" G_GINT64_FORMAT
        ", 0) ON CONFLICT (hour_us, source, currency) DO UPDATE SET attributed_micros = "
        "excluded.attributed_micros, run = excluded.run",
        hour * US_PER_HOUR, currency, micros, run);

    run_script(world, sql);
}

static void
complete_run(World *world, int64_t run)
{
    g_autofree char *sql = g_strdup_printf(
        "UPDATE rollup_state SET run = %" G_GINT64_FORMAT ", complete_run = %" G_GINT64_FORMAT, run, run);

    run_script(world, sql);
}

static void
check_rollups(World *world)
{
    const char *const sums[] = {"COUNT(*)", "COALESCE(SUM(attributed_micros), 0)",
                                "COALESCE(SUM(hour_us / 3600000000 * attributed_micros), 0)"};
    const char *const theirs[] = {"COUNT(*)", "COALESCE(SUM(attributed_micros), 0)::BIGINT",
                                  "COALESCE(SUM(epoch_us(hour) // 3600000000 * attributed_micros), 0)::BIGINT"};

    for (size_t i = 0; i < G_N_ELEMENTS(sums); i++) {
        g_autofree char *our_sql = g_strdup_printf("SELECT CAST(%s AS BIGINT) FROM rollup WHERE run <= (SELECT "
                                                   "complete_run FROM rollup_state)",
                                                   sums[i]);
        g_autofree char *their_sql = g_strdup_printf("SELECT %s FROM rollups", theirs[i]);

        g_assert_cmpint(warehouse_test_int(world->objects, their_sql), ==, db_test_int(world->test->db, our_sql));
    }
}

static void
of_a_rollup_that_changes_the_newest_counts(DbTest *test)
{
    g_auto(World) world = {0};

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    put_rollup(&world, 1, "USD", 100, 1);
    put_rollup(&world, 2, "USD", 200, 1);
    complete_run(&world, 1);
    g_assert_cmpint(export_ok(&world).rows, ==, 2);
    check_rollups(&world);
    put_rollup(&world, 1, "USD", 150, 2);
    put_rollup(&world, 3, "EUR", 7, 2);
    /* Nothing of a run leaves before all of it is there. */
    g_assert_cmpint(export_ok(&world).rows, ==, 0);
    complete_run(&world, 2);
    g_assert_cmpint(export_ok(&world).rows, ==, 2);
    check_rollups(&world);
    g_assert_cmpint(warehouse_test_int(world.objects, "SELECT SUM(earned_micros) FROM rollups"), ==,
                    150 + 200 + 7 + 3 * 5);
}

/* Between preparing and writing, a row goes on to a later run: it leaves with that. */
static void
a_rollup_that_changes_on_its_way_leaves_with_the_later_run(DbTest *test)
{
    g_auto(World) world = {0};
    g_autoptr(GError) error = NULL;
    int64_t id;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    put_rollup(&world, 1, "USD", 100, 1);
    put_rollup(&world, 2, "USD", 200, 1);
    complete_run(&world, 1);
    g_assert_true(batch_prepare(test->db, table_find(STR("rollups")), clock_now_us(&world.clock.clock),
                                &world.clock.clock, &id, &error));
    put_rollup(&world, 1, "USD", 101, 2);
    g_assert_cmpint(export_ok(&world).rows, ==, 1);
    complete_run(&world, 2);
    g_assert_cmpint(export_ok(&world).rows, ==, 1);
    check_rollups(&world);
}

/* ---- commits out of order: only PostgreSQL has several writers ---- */

static gpointer
commit_when_somebody_waits(gpointer data)
{
    DbTx *tx = data;
    g_autoptr(GError) error = NULL;
    int64_t waiting = 0;

    for (int i = 0; i < 100000 && waiting == 0; i++)
        g_assert_true(db_query_int(tx,
                                   SQL("SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = "
                                       "'click'::regclass"),
                                   DB_NO_ARGS, &waiting, &error));
    g_assert_cmpint(waiting, >, 0);
    g_assert_true(db_commit(tx, &error));
    g_assert_no_error(error);
    return NULL;
}

static void
a_row_that_is_being_committed_is_waited_for(DbTest *test)
{
    g_auto(World) world = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) other = NULL;
    g_autofree char *sql = NULL;
    GThread *thread;
    DbTx *tx;

    if (!warehouse_test_needs_duckdb())
        return;
    world_open(&world, test);
    add_some(&world, 3);
    other = db_test_open(test);
    tx = db_begin(other, DB_WRITE, &error);
    sql = g_strdup_printf("INSERT INTO click (id, at_us, search_id, position, source, bid_micros, bid_currency, "
                          "flags) VALUES (%" G_GINT64_FORMAT ", 1, 7, 1, 'acme', 0, 'USD', 0)",
                          id_floor(NOON_US - 1));
    g_assert_true(tx != NULL && db_exec(tx, SQL(sql), DB_NO_ARGS, NULL, &error));
    thread = g_thread_new("commit", commit_when_somebody_waits, tx);
    export_ok(&world);
    g_thread_join(thread);
    export_ok(&world);
    check_every_row_once(&world);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("warehouse", everything_leaves_once_and_sums_stay_equal);
    DB_TEST("warehouse", rows_younger_than_the_lag_wait);
    DB_TEST("warehouse", events_may_be_forgotten_once_they_are_in_a_file);
    DB_TEST("warehouse", rows_that_arrive_late_leave_in_a_batch_of_their_own);
    DB_TEST("warehouse", a_late_row_does_not_join_the_batch_whose_range_it_falls_in);
    DB_TEST("warehouse", any_order_and_any_split_lose_nothing);
    DB_TEST("warehouse", an_export_killed_at_any_moment_is_finished_by_the_next);
    DB_TEST("warehouse", an_export_killed_after_each_single_step_comes_to_its_end);
    DB_TEST("warehouse", a_file_that_was_lost_on_its_way_is_written_again);
    DB_TEST("warehouse", two_exports_do_not_share_a_folder);
    DB_TEST("warehouse", without_duckdb_files_are_gzipped_csv);
    DB_TEST("warehouse", what_is_in_the_store_is_loaded_once_a_warehouse_is_there);
    DB_TEST("warehouse", events_are_kept_until_some_destination_has_their_file);
    DB_TEST("warehouse", a_table_that_disagrees_is_an_alert_and_holds_up_no_other);
    DB_TEST("warehouse", a_second_store_gets_all_files_from_the_first);
    DB_TEST("warehouse", a_destination_at_another_address_begins_anew);
    DB_TEST("warehouse", rows_that_are_gone_before_their_file_was_delivered_are_told);
    DB_TEST("warehouse", killed_between_folder_bucket_and_warehouse_each_file_reaches_all);
    DB_TEST("warehouse", of_a_rollup_that_changes_the_newest_counts);
    DB_TEST("warehouse", a_rollup_that_changes_on_its_way_leaves_with_the_later_run);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "warehouse", a_row_that_is_being_committed_is_waited_for);
    return db_test_run();
}
