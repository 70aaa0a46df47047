/*
 * The warehouse as the configuration says: where files go, and who reads them.
 */
#pragma once

#include "commands/deployment.h"
#include "warehouse/export.h"

typedef struct {
    void (*on_step)(void *data, const Batch *batch, const char *destination); /* as in ExportSpec; may be NULL */
    bool (*is_lost)(void *data);
    void *data;
} ExportWatcher;

/* Exports all there is. */
bool warehouse_export(Deployment *deployment, Db *db, const ExportWatcher *watcher, ExportSummary *ret_summary,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The folder of exported files, and one for what DuckDB can't hold in memory; freed with g_free(). */
char *warehouse_folder(const Deployment *deployment);
char *warehouse_spill(const Deployment *deployment);
