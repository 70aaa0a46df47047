#include "warehouse/export.h"

#include "warehouse/batch_file.h"
#include "warehouse/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct {
    const ExportSpec *spec;
    const WriterType *writer;
    Duck *duck; /* NULL: gzipped CSV */
    int lock;
    char *spill;
    Arena *arena;         /* of the batch at hand */
    bool *is_down;        /* by destination: not reached, so not asked again in this run */
    bool *is_stuck;       /* by destination: the table at hand does not go on */
    int64_t *complete_us; /* by table: up to when all is in files; TIMESTAMP_NONE: not all is */
    GError *failure;      /* the first that did not stop the run */
    ExportSummary summary;
} Export;

static void
export_clear(Export *run)
{
    duck_close(run->duck);
    g_free(run->spill);
    g_free(run->is_down);
    g_free(run->is_stuck);
    g_free(run->complete_us);
    g_clear_error(&run->failure);
    if (run->arena != NULL)
        arena_free(run->arena);
    if (run->lock >= 0)
        close(run->lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Export, export_clear)

/* The kernel lets go of the lock when the process dies, however it dies. */
static bool
export_lock(Export *run, GError **error)
{
    const char *folder = run->spec->folder;
    g_autofree char *path = g_build_filename(folder, "lock", NULL);

    if (g_mkdir_with_parents(folder, 0750) != 0)
        return file_fail(error, "make folder", folder);
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (run->lock < 0)
        return file_fail(error, "open", path);
    if (flock(run->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    return errno == EWOULDBLOCK ? weir_fail(error, WEIR_ERROR_CONFLICT, "another export runs in %s", folder)
                                : file_fail(error, "lock", path);
}

/* A library that is not there is a choice; one that can't be used is a mistake. */
static bool
export_choose_writer(Export *run, GError **error)
{
    g_autoptr(GError) failure = NULL;

    run->writer = &CSV_WRITER;
    if (run->spec->duckdb == NULL)
        return true;
    run->spill = g_build_filename(run->spec->folder, "spill", NULL);
    run->duck = duck_open(run->spec->duckdb, run->spill, &failure);
    if (run->duck != NULL) {
        run->writer = &PARQUET_WRITER;
        return true;
    }
    if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static bool
export_is_lost(const Export *run, GError **error)
{
    return run->spec->is_lost != NULL && run->spec->is_lost(run->spec->data) &&
           !weir_fail(error, WEIR_ERROR_CONFLICT, "the export was stopped; the next one goes on");
}

static void
export_tell_step(const Export *run, const Batch *batch, const char *destination)
{
    if (run->spec->on_step != NULL)
        run->spec->on_step(run->spec->data, batch, destination);
}

/* Records what goes wrong with one table on its way to one destination (NULL: into a file), and goes on. Takes failure.
 * False when that can't be recorded. */
static bool
export_note_failure(Export *run, const Table *table, const char *destination, GError *failure, GError **error)
{
    g_autoptr(GError) owned = failure;
    bool noted = delivery_note_failure(run->spec->db, table, destination, failure, run->spec->telling,
                                       clock_now_us(run->spec->clock), error);

    if (noted && run->failure == NULL) {
        weir_fail_within(&owned, "export of %s to %s", table->name, destination != NULL ? destination : "a file");
        run->failure = g_steal_pointer(&owned);
    }
    return noted;
}

/* ---- files ---- */

static char *
export_path(const Export *run, const Batch *batch)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT, run->spec->folder, batch->id);
}

/* Rows that were recorded must still be there; only one with versions may have gone on to a newer one. */
static bool
export_check_again(const Batch *before, const Batch *batch, GError **error)
{
    if (before->state == BATCH_PREPARED || batch->table->version != NULL ||
        (batch->rows == before->rows && str_equal(batch->sums, before->sums)))
        return true;
    return weir_fail(error, WEIR_ERROR_BROKEN,
                     "export %" G_GINT64_FORMAT " held %" G_GINT64_FORMAT
                     " rows with %.*s; its file was lost before it "
                     "was delivered, and the database now holds %" G_GINT64_FORMAT " with %.*s",
                     batch->id, before->rows, STR_FORMAT(before->sums), batch->rows, STR_FORMAT(batch->sums));
}

/* Writes the file of batch, maybe once more, and records it. */
static bool
export_write(Export *run, Batch *batch, GError **error)
{
    g_autofree char *path = export_path(run, batch);
    Batch before = *batch;

    return batch_write_file(run->spec->db, run->writer, run->duck, path, run->arena, batch, error) &&
           export_check_again(&before, batch, error) &&
           batch_save_written(run->spec->db, &before, batch, run->spec->clock, error);
}

/* Whether the file that was recorded is still at hand. It is not when another node, or a folder that was lost since,
 * held it, or when it was delivered elsewhere some time ago. */
static bool
file_is_at_hand(const char *path, const Batch *batch, bool *ret_is, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char sha256[SHA256_TEXT_SIZE];

    if (file_sha256(path, sha256, NULL, &failure)) {
        *ret_is = str_is(batch->sha256, sha256);
        return true;
    }
    if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND) {
        *ret_is = false;
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* From a store that has it; else from the database: normally the same bytes, and under another key when a newer DuckDB
 * writes others. */
static bool
export_fetch_file(Export *run, Batch *batch, const char *path, GError **error)
{
    g_autofree char *key = str_dup(batch->key), *sha256 = str_dup(batch->sha256);

    for (size_t i = 0; i < run->spec->destination_count; i++) {
        ObjectStore *store = run->spec->destinations[i].store;
        g_autoptr(GError) failure = NULL;

        if (store == NULL || run->is_down[i])
            continue;
        if (store->type->get(store, key, sha256, path, &failure))
            return true;
        if (weir_error_code(failure) != WEIR_ERROR_NOT_FOUND) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
    }
    return export_write(run, batch, error);
}

/* When a table is done, none of its files is on its way. */
static void
remove_files(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_ascii_isdigit(name[0]))
            unlink(path);
    }
}

/* Writes all batches of a table that have no file. *ret_blocked: one can't be written. */
static bool
export_write_prepared(Export *run, const Table *table, bool *ret_blocked, GError **error)
{
    const ExportSpec *spec = run->spec;

    *ret_blocked = false;
    for (;;) {
        g_autoptr(GError) failure = NULL;
        Batch batch;

        arena_reset(run->arena);
        if (export_is_lost(run, error))
            return false;
        if (!batch_find_prepared(spec->db, table, run->arena, &batch, &failure)) {
            if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
                return true;
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        if (!export_write(run, &batch, &failure)) {
            *ret_blocked = true;
            return export_note_failure(run, table, NULL, g_steal_pointer(&failure), error);
        }
        if (!delivery_note_written(spec->db, table, spec->telling, clock_now_us(spec->clock), error))
            return false;
        run->summary.files += batch.rows > 0;
        run->summary.rows += batch.rows;
        run->summary.bytes += batch.bytes;
        export_tell_step(run, &batch, NULL);
    }
}

/* ---- deliveries ---- */

static bool
export_store(Export *run, Batch *batch, ObjectStore *store, GError **error)
{
    g_autofree char *path = export_path(run, batch), *key = NULL, *sha256 = NULL;
    bool at_hand, added;

    if (!file_is_at_hand(path, batch, &at_hand, error) || (!at_hand && !export_fetch_file(run, batch, path, error)))
        return false;
    /* Writing it again may have left nothing. */
    if (batch->rows == 0)
        return true;
    key = str_dup(batch->key);
    sha256 = str_dup(batch->sha256);
    return store->type->put(store, key, path, sha256, &added, error);
}

static bool
export_load(Export *run, const Batch *batch, ExportLoader *loader, Delivery *delivery, GError **error)
{
    DeliveryAttempt attempt;

    return delivery_try(run->spec->db, delivery, batch->id, &attempt, error) &&
           loader->load(loader, batch, &attempt, error);
}

/* How far a destination may go: a warehouse reads from the store before it. */
static bool
export_find_until(Export *run, const Table *table, size_t i, int64_t *ret_until, GError **error)
{
    const ExportDestination *to = &run->spec->destinations[i];
    Delivery source;

    *ret_until = INT64_MAX;
    if (to->loader == NULL)
        return true;
    g_assert(i > 0 && to[-1].store != NULL);
    if (!delivery_open(run->spec->db, table, to[-1].name, to[-1].address, &source, error))
        return false;
    *ret_until = source.export_id;
    return true;
}

/* One file. *ret_more: false when none is left, or it could not be delivered. */
static bool
export_deliver_next(Export *run, size_t i, Delivery *delivery, int64_t until_id, bool *ret_more, GError **error)
{
    const ExportSpec *spec = run->spec;
    const ExportDestination *to = &spec->destinations[i];
    g_autoptr(GError) failure = NULL;
    Batch batch;

    *ret_more = false;
    arena_reset(run->arena);
    if (export_is_lost(run, error))
        return false;
    if (!batch_find_written(spec->db, delivery->table, delivery->export_id, until_id, run->arena, &batch, &failure)) {
        if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
            return true;
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (to->loader != NULL ? !export_load(run, &batch, to->loader, delivery, &failure)
                           : !export_store(run, &batch, to->store, &failure)) {
        run->is_stuck[i] = true;
        run->is_down[i] = !delivery_is_hopeless(failure);
        return export_note_failure(run, delivery->table, to->name, g_steal_pointer(&failure), error);
    }
    if (!delivery_advance(spec->db, delivery, &batch, spec->telling, clock_now_us(spec->clock), error))
        return false;
    run->summary.deliveries++;
    export_tell_step(run, &batch, to->name);
    *ret_more = true;
    return true;
}

static bool
export_deliver(Export *run, const Table *table, GError **error)
{
    for (size_t i = 0; i < run->spec->destination_count; i++) {
        const ExportDestination *to = &run->spec->destinations[i];
        bool more = !run->is_down[i] && !run->is_stuck[i];
        Delivery delivery;
        int64_t until_id;

        if (!delivery_open(run->spec->db, table, to->name, to->address, &delivery, error) ||
            !export_find_until(run, table, i, &until_id, error))
            return false;
        while (more)
            if (!export_deliver_next(run, i, &delivery, until_id, &more, error))
                return false;
    }
    return true;
}

/* Each file is delivered before the next is written: so one at a time is on the disk. */
static bool
export_table(Export *run, const Table *table, GError **error)
{
    const ExportSpec *spec = run->spec;
    bool blocked;
    int64_t id = 0;

    memset(run->is_stuck, 0, spec->destination_count * sizeof *run->is_stuck);
    do {
        int64_t until_us = clock_now_us(spec->clock) - spec->lag_us;

        if (!export_write_prepared(run, table, &blocked, error) || !export_deliver(run, table, error))
            return false;
        remove_files(spec->folder);
        if (blocked)
            return true;
        if (!batch_prepare(spec->db, table, until_us, spec->clock, &id, error))
            return false;
        if (id == 0)
            run->complete_us[table - TABLES] = until_us;
    } while (id != 0);
    return true;
}

static bool
export_note_complete(Export *run, GError **error)
{
    size_t count = run->spec->destination_count;
    g_autofree const char **names = g_new0(const char *, count);
    g_autoptr(DbTx) tx = db_begin(run->spec->db, DB_WRITE, error);

    for (size_t i = 0; i < count; i++)
        names[i] = run->spec->destinations[i].name;
    if (tx == NULL || !delivery_forget_others(tx, names, count, error))
        return false;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        for (size_t j = 0; j < count; j++)
            if (run->complete_us[i] != TIMESTAMP_NONE &&
                !delivery_note_complete(tx, &TABLES[i], names[j], run->complete_us[i], error))
                return false;
    return db_commit_auto(&tx, error);
}

bool
export_run(const ExportSpec *spec, ExportSummary *ret_summary, GError **error)
{
    g_auto(Export) run = {.spec = spec, .lock = -1};

    run.arena = arena_new(4096);
    run.is_down = g_new0(bool, spec->destination_count);
    run.is_stuck = g_new0(bool, spec->destination_count);
    run.complete_us = g_new(int64_t, TABLE_COUNT);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        run.complete_us[i] = TIMESTAMP_NONE;
    if (!export_lock(&run, error) || !export_choose_writer(&run, error))
        return false;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (!export_table(&run, &TABLES[i], error))
            return weir_fail_within(error, "export of %s", TABLES[i].name);
    if (!export_note_complete(&run, error))
        return false;
    *ret_summary = run.summary;
    if (run.failure == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&run.failure));
    return false;
}
