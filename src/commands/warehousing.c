#include "commands/warehousing.h"

#include "commands/reconciling.h"

char *
warehouse_folder(const Deployment *deployment)
{
    return deployment->config->warehouse_folder != NULL ? g_strdup(deployment->config->warehouse_folder)
                                                        : deployment_path(deployment, "warehouse");
}

char *
warehouse_spill(const Deployment *deployment)
{
    return deployment_path(deployment, "export/spill");
}

bool
warehouse_export(Deployment *deployment, Db *db, const ExportWatcher *watcher, ExportSummary *ret_summary,
                 GError **error)
{
    g_autofree char *folder = warehouse_folder(deployment), *work = deployment_path(deployment, "export");
    g_autoptr(ObjectStore) store = folder_store_new(folder);
    const ExportDestination destinations[] = {{.name = "folder", .address = folder, .store = store}};
    g_autofree const char **channels = deployment_alert_channels(deployment);
    const AlertTelling telling = {&deployment->mint, channels};
    const ExportSpec spec = {.db = db,
                             .clock = deployment->clock,
                             .folder = work,
                             .duckdb = deployment->config->warehouse_duckdb,
                             .lag_us = deployment->config->warehouse_lag_us,
                             .destinations = destinations,
                             .destination_count = G_N_ELEMENTS(destinations),
                             .telling = &telling,
                             .on_step = watcher->on_step,
                             .is_lost = watcher->is_lost,
                             .data = watcher->data};

    return export_run(&spec, ret_summary, error);
}
