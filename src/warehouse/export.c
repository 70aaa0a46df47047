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
    BatchState goal;
    int lock;
    char *spill;
    Arena *arena; /* of the batch at hand */
    ExportSummary summary;
} Export;

static void
export_clear(Export *run)
{
    duck_close(run->duck);
    g_free(run->spill);
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

/* Records a step that is done. */
static bool
export_advance(Export *run, Batch *batch, BatchState to, GError **error)
{
    BatchState from = batch->state;

    batch->state = to;
    if (!batch_save(run->spec->db, batch, from, run->spec->clock, error))
        return false;
    if (to == run->goal && batch->rows > 0) {
        run->summary.files++;
        run->summary.rows += batch->rows;
        run->summary.bytes += batch->bytes;
    }
    if (run->spec->on_step != NULL)
        run->spec->on_step(run->spec->data, batch);
    return true;
}

static char *
export_path(const Export *run, const Batch *batch)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT, run->spec->folder, batch->id);
}

static bool
export_write(Export *run, Batch *batch, GError **error)
{
    g_autofree char *path = export_path(run, batch);

    if (!batch_write_file(run->spec->db, run->writer, run->duck, path, run->arena, batch, error))
        return false;
    return export_advance(run, batch, batch->rows > 0 ? BATCH_WRITTEN : BATCH_LOADED, error);
}

/* Whether the file that was recorded is still at hand. It is not when another node, or a folder that was lost since,
 * held it. */
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

/* A file that is gone may have reached the store. If not, it is written again: normally to the same bytes, and under
 * another key when a newer DuckDB writes others. */
static bool
export_store(Export *run, Batch *batch, GError **error)
{
    ObjectStore *store = run->spec->store;
    g_autofree char *path = export_path(run, batch);
    g_autofree char *key = str_dup(batch->key), *sha256 = str_dup(batch->sha256);
    bool at_hand, there = false;

    if (!file_is_at_hand(path, batch, &at_hand, error))
        return false;
    if (!at_hand && !store->type->has(store, key, sha256, &there, error))
        return false;
    if (!at_hand && !there)
        return export_write(run, batch, error);
    if (at_hand && !store->type->put(store, key, path, sha256, &there, error))
        return false;
    return export_advance(run, batch, BATCH_STORED, error);
}

static bool
export_load(Export *run, Batch *batch, GError **error)
{
    return run->spec->loader->load(run->spec->loader, batch, error) && export_advance(run, batch, BATCH_LOADED, error);
}

static bool
export_step(Export *run, Batch *batch, GError **error)
{
    bool (*const steps[])(Export *, Batch *, GError **) = {
        [BATCH_PREPARED] = export_write, [BATCH_WRITTEN] = export_store, [BATCH_STORED] = export_load};

    if (run->spec->is_lost != NULL && run->spec->is_lost(run->spec->data))
        return weir_fail(error, WEIR_ERROR_CONFLICT, "the export was stopped; the next one goes on");
    return steps[batch->state](run, batch, error) ||
           weir_fail_within(error, "export %" G_GINT64_FORMAT " of %s", batch->id, batch->table->name);
}

/* Brings all batches as far as they go; the oldest first. */
static bool
export_finish_pending(Export *run, GError **error)
{
    for (;;) {
        g_autoptr(GError) failure = NULL;
        Batch batch;

        arena_reset(run->arena);
        if (!batch_find_pending(run->spec->db, run->goal, run->arena, &batch, &failure)) {
            if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
                return true;
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        while (batch.state < run->goal)
            if (!export_step(run, &batch, error))
                return false;
    }
}

static bool
export_prepare(Export *run, bool *ret_any, GError **error)
{
    const ExportSpec *spec = run->spec;
    int64_t before_us = clock_now_us(spec->clock) - spec->lag_us;

    *ret_any = false;
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        int64_t id;

        if (!batch_prepare(spec->db, &TABLES[i], before_us, spec->clock, &id, error))
            return weir_fail_within(error, "export of %s", TABLES[i].name);
        *ret_any |= id != 0;
    }
    return true;
}

/* When nothing is pending, no file is on its way. */
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

bool
export_run(const ExportSpec *spec, ExportSummary *ret_summary, GError **error)
{
    g_auto(Export) run = {.spec = spec, .lock = -1, .goal = spec->loader != NULL ? BATCH_LOADED : BATCH_STORED};
    bool any;

    run.arena = arena_new(4096);
    if (!export_lock(&run, error) || !export_choose_writer(&run, error))
        return false;
    do {
        if (!export_finish_pending(&run, error))
            return false;
        remove_files(spec->folder);
        if (!export_prepare(&run, &any, error))
            return false;
    } while (any);
    *ret_summary = run.summary;
    return true;
}
