#include "commands/warehousing.h"

#include "commands/fetching.h"
#include "commands/reconciling.h"
#include "warehouse/s3_store.h"
#include "warehouse/snowflake_loader.h"
#include "warehouse/status.h"

char *
warehouse_folder(const Deployment *deployment)
{
    return deployment->config->warehouse.folder != NULL ? g_strdup(deployment->config->warehouse.folder)
                                                        : deployment_path(deployment, "warehouse");
}

char *
warehouse_spill(const Deployment *deployment)
{
    return deployment_path(deployment, "export/spill");
}

/* What the configuration names, opened; in the order in which files pass through them. */
typedef struct {
    char *folder, *bucket, *schema; /* addresses */
    UvLoop *loop;
    Cloud cloud;
    S3Config s3;
    SnowflakeKey *key;
    Snowflake *snowflake;
    ObjectStore *folder_store, *s3_store;
    ExportLoader *loader;
    ExportDestination items[3];
    size_t count;
} Destinations;

static void
destinations_clear(Destinations *to)
{
    g_free(to->loader);
    snowflake_free(to->snowflake);
    snowflake_key_free(to->key);
    object_store_free(to->s3_store);
    object_store_free(to->folder_store);
    if (to->loop != NULL)
        uv_loop_wrapper_free(to->loop);
    g_free(to->folder);
    g_free(to->bucket);
    g_free(to->schema);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Destinations, destinations_clear)

static void
add_folder(Destinations *to, const Deployment *deployment)
{
    to->folder = warehouse_folder(deployment);
    to->folder_store = folder_store_new(to->folder);
    to->items[to->count++] = (ExportDestination){.name = "folder", .address = to->folder, .store = to->folder_store};
}

/* The addresses come from the configuration alone, so they may be private: of a store in one's own network. */
static void
open_cloud(Destinations *to, const Deployment *deployment)
{
    to->loop = fetching_loop_new(deployment);
    to->cloud = (Cloud){.client = uv_loop_client(to->loop),
                        .timers = uv_loop_base(to->loop),
                        .run_until = uv_loop_runner,
                        .runner = to->loop,
                        .allow_private_hosts = true};
}

static bool
add_s3(Destinations *to, Deployment *deployment, GError **error)
{
    const WarehouseConfig *config = &deployment->config->warehouse;

    to->s3 = (S3Config){.endpoint = config->s3_endpoint,
                        .region = config->s3_region,
                        .bucket = config->s3_bucket,
                        .path_style = config->s3_path_style,
                        .access_key = deployment_secret(deployment, "WEIR_S3_ACCESS_KEY"),
                        .secret_key = deployment_secret(deployment, "WEIR_S3_SECRET_KEY"),
                        .session_token = deployment_secret(deployment, "WEIR_S3_SESSION_TOKEN")};
    if (!s3_config_check(&to->s3, error))
        return weir_fail_within(error, "warehouse.s3, with the secrets WEIR_S3_ACCESS_KEY and WEIR_S3_SECRET_KEY");
    to->bucket = g_strdup_printf("%s%ss3://%s/%s", config->s3_endpoint != NULL ? config->s3_endpoint : "",
                                 config->s3_endpoint != NULL ? " " : "", config->s3_bucket,
                                 config->s3_prefix != NULL ? config->s3_prefix : "");
    to->s3_store = s3_store_new(&to->s3, &to->cloud, config->s3_prefix);
    to->items[to->count++] = (ExportDestination){.name = "s3", .address = to->bucket, .store = to->s3_store};
    return true;
}

static bool
add_snowflake(Destinations *to, Deployment *deployment, GError **error)
{
    const WarehouseConfig *config = &deployment->config->warehouse;
    const SnowflakeConfig snowflake = {.url = config->snowflake_url,
                                       .account = config->snowflake_account,
                                       .user = config->snowflake_user,
                                       .database = config->snowflake_database,
                                       .schema = config->snowflake_schema,
                                       .warehouse = config->snowflake_warehouse,
                                       .role = config->snowflake_role};

    to->key =
        snowflake_key_load(config->snowflake_key, deployment_secret(deployment, "WEIR_SNOWFLAKE_PASSPHRASE"), error);
    if (to->key == NULL)
        return weir_fail_within(error, "warehouse.snowflake.private_key");
    to->snowflake = snowflake_new(&snowflake, to->key, &to->cloud, error);
    if (to->snowflake == NULL)
        return weir_fail_within(error, "warehouse.snowflake");
    to->schema = g_strdup_printf("snowflake://%s/%s.%s", config->snowflake_account, config->snowflake_database,
                                 config->snowflake_schema);
    to->loader = snowflake_loader_new(to->snowflake, config->snowflake_stage);
    to->items[to->count++] = (ExportDestination){.name = "snowflake", .address = to->schema, .loader = to->loader};
    return true;
}

static bool
destinations_open(Destinations *to, Deployment *deployment, GError **error)
{
    const WarehouseConfig *config = &deployment->config->warehouse;

    if (!config->no_folder)
        add_folder(to, deployment);
    if (config->s3_bucket == NULL)
        return true;
    open_cloud(to, deployment);
    return add_s3(to, deployment, error) && (config->snowflake_account == NULL || add_snowflake(to, deployment, error));
}

/* Counts what passes, for whoever watches. */
typedef struct {
    const ExportWatcher *watcher;
    Metrics *metrics;
} Counter;

static void
on_step(void *data, const Batch *batch, const char *destination)
{
    const Counter *counter = data;

    if (destination != NULL) {
        metric_add(counter->metrics, METRIC_EXPORT_ROWS, batch->table->name, destination, batch->rows);
        metric_add(counter->metrics, METRIC_EXPORT_BYTES, batch->table->name, destination, batch->bytes);
    }
    if (counter->watcher->on_step != NULL)
        counter->watcher->on_step(counter->watcher->data, batch, destination);
}

static bool
is_lost(void *data)
{
    const Counter *counter = data;

    return counter->watcher->is_lost != NULL && counter->watcher->is_lost(counter->watcher->data);
}

static void
set_gauges(void *metrics, const TableStatus *status)
{
    for (size_t i = 0; i < status->delivery_count; i++) {
        const DeliveryStatus *to = &status->deliveries[i];
        g_autofree char *destination = str_dup(to->destination);

        metric_set(metrics, METRIC_EXPORT_FAILING, status->table->name, destination, to->state == DELIVERY_FAILING);
        if (to->complete_at_us != TIMESTAMP_NONE)
            metric_set(metrics, METRIC_EXPORT_COMPLETE_AT, status->table->name, destination,
                       to->complete_at_us / US_PER_SECOND);
    }
}

/* After an export, however it ended. Without an answer of the database, they stay as they are until the next. */
static void
tell_gauges(Db *db, Metrics *metrics)
{
    g_autoptr(GError) unknown = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, &unknown);

    (void)(tx != NULL && export_status(tx, set_gauges, metrics, &unknown));
}

bool
warehouse_export(Deployment *deployment, Db *db, const ExportWatcher *watcher, ExportSummary *ret_summary,
                 GError **error)
{
    g_autofree char *work = deployment_path(deployment, "export");
    g_autofree const char **channels = deployment_alert_channels(deployment);
    const AlertTelling telling = {&deployment->mint, channels};
    g_auto(Destinations) to = {0};
    Counter counter = {watcher, deployment->metrics};
    bool done;
    ExportSpec spec = {.db = db,
                       .clock = deployment->clock,
                       .folder = work,
                       .duckdb = deployment->config->warehouse.duckdb,
                       .lag_us = deployment->config->warehouse.lag_us,
                       .destinations = to.items,
                       .telling = &telling,
                       .on_step = on_step,
                       .is_lost = is_lost,
                       .data = &counter};

    if (!destinations_open(&to, deployment, error))
        return false;
    spec.destination_count = to.count;
    done = export_run(&spec, ret_summary, error);
    tell_gauges(db, deployment->metrics);
    return done;
}
