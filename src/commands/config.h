/*
 * Configuration: one YAML file, every key with a default, so that none is needed on a laptop.
 *
 * The table of keys is in config.c; `weir check` tells every mistake with file and line, and `weir config` prints the
 * table. Flags win over the file.
 */
#pragma once

#include "api/api_key.h"
#include "commands/cache_config.h"
#include "commands/load_config.h"
#include "commands/ranking_config.h"
#include "commands/retention_config.h"
#include "commands/warehouse_config.h"
#include "ops/log.h"
#include "tracking/client_address.h"

typedef struct {
    Arena *arena; /* of all below */
    const char *listen_host;
    uint16_t listen_port;
    const char *work_listen_host; /* NULL: nowhere */
    uint16_t work_listen_port;
    const char *public_url; /* without '/' at the end; where click links point */
    const char *data;       /* folder of everything this process writes */
    const char *database_url;
    const char *sources;        /* folder of definitions */
    const YamlNode *instances;  /* source -> instance -> parameter -> value; NULL: none */
    const YamlNode *parameters; /* source -> parameter -> value; NULL: none */
    const char *secrets;        /* folder with one file a secret, beside the environment; NULL: none */
    int64_t node;               /* of ids */
    unsigned http_threads, search_threads, database_threads, work_threads;
    int64_t task_lease_us;
    int64_t token_lifetime_us;
    int64_t drain_us, stop_within_us;
    Retention retention;
    LogLevel log_level;
    AddressRange *trusted_proxies;
    size_t trusted_proxy_count;
    const char *robots_list; /* a file; NULL: none */
    bool allow_private_hosts;

    /* Where alerts are told, beside the log; NULL: not there. */
    const char *alert_webhook, *alert_smtp, *alert_mail_from, *alert_mail_to;

    const char *const *cors_origins; /* ends with NULL; NULL: none */
    unsigned key_scopes;             /* of ApiScope: where the API wants a key */
    RateLimit key_limit;             /* of keys without one of their own; count 0: none */
    AdmissionRule admission;
    SearchLimits search_limits; /* but for those of what is kept */
    RankRule ranking;
    CacheConfig cache;
    WarehouseConfig warehouse;

    bool sandbox; /* run the simulated partners and use their definitions */
    uint16_t sandbox_port;
    uint64_t sandbox_seed;
    int64_t sandbox_lag_us;
    const char *sandbox_url; /* where the definitions find them */
} Config;

/* What the command line says; NULL or false where it says nothing. */
typedef struct {
    char *file, *data, *listen, *sources;
    gboolean sandbox;
} ConfigFlags;

/* file NULL: the defaults alone. All mistakes come in one message. Free with config_free(). */
Config *config_load(const ConfigFlags *flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* The reference table of all keys, as Markdown. */
void config_write_reference(GString *to);
