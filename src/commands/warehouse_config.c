#include "commands/warehouse_config.h"

static const YamlKey S3_KEYS[] = {
    {.name = "bucket", .type = YAML_TEXT, .required = true, .help = "Name of the bucket, which must be there."},
    {.name = "region", .type = YAML_TEXT, .required = true, .help = "Of the bucket: eu-central-1."},
    {.name = "prefix", .type = YAML_TEXT, .help = "What keys begin with: weir/. Default: nothing."},
    {.name = "endpoint",
     .type = YAML_TEXT,
     .help = "http(s)://HOST[:PORT] of another service that speaks S3. Default: AWS's for the region."},
    {.name = "path_style",
     .type = YAML_BOOLEAN,
     .default_text = "false",
     .help = "The bucket stands in the path, not in the host's name; MinIO and others want that."},
    {.name = NULL},
};

static const YamlKey SNOWFLAKE_KEYS[] = {
    {.name = "account", .type = YAML_TEXT, .required = true, .help = "ORGANISATION-ACCOUNT, or LOCATOR.REGION."},
    {.name = "user", .type = YAML_TEXT, .required = true, .help = "A service user with an RSA public key."},
    {.name = "private_key",
     .type = YAML_TEXT,
     .required = true,
     .help = "Path of its private key in PEM; the secret WEIR_SNOWFLAKE_PASSPHRASE opens it if it is encrypted."},
    {.name = "database", .type = YAML_TEXT, .required = true, .help = "Database of the tables; case matters."},
    {.name = "schema", .type = YAML_TEXT, .required = true, .help = "Schema of the tables; case matters."},
    {.name = "warehouse", .type = YAML_TEXT, .required = true, .help = "Warehouse that loads; XSMALL is enough."},
    {.name = "role", .type = YAML_TEXT, .help = "Role of the user. Default: its own default role."},
    {.name = "stage",
     .type = YAML_TEXT,
     .default_text = "WEIR_STAGE",
     .help = "External stage on the bucket and prefix of warehouse.s3."},
    {.name = "url",
     .type = YAML_TEXT,
     .help = "Where the SQL API is. Default: https://ACCOUNT.snowflakecomputing.com."},
    {.name = NULL},
};

const YamlKey WAREHOUSE_KEYS[] = {
    {.name = "folder",
     .type = YAML_TEXT,
     .help =
         "Folder of exported files; none: they go to the bucket only. Several weir work must share it, or say none. "
         "Default: warehouse in the data folder."},
    {.name = "duckdb",
     .type = YAML_TEXT,
     .help = "Path of libduckdb.so, which writes Parquet and answers weir query; without it, exports are gzipped CSV. "
             "Default: that of the npm package @duckdb/node-bindings-linux-x64 in web/node_modules."},
    {.name = "lag",
     .type = YAML_DURATION,
     .default_text = "1m",
     .help = "Rows younger than this wait for the next export: they may still be on their way to the database."},
    {.name = "s3",
     .type = YAML_RECORD,
     .nested = S3_KEYS,
     .help = "A bucket that gets all files, too. The secrets WEIR_S3_ACCESS_KEY and WEIR_S3_SECRET_KEY are its keys, "
             "WEIR_S3_SESSION_TOKEN a token where there is one."},
    {.name = "snowflake", .type = YAML_RECORD, .nested = SNOWFLAKE_KEYS, .help = "Loads what is in the bucket."},
    {.name = NULL},
};

static const char *
take_text(const YamlNode *map, const YamlKey *keys, const char *name, Arena *arena)
{
    return arena_strdup(arena, yaml_get_text(map, keys, name));
}

static void
check_url(const YamlNode *map, const char *name, const char *text, YamlMistakes *mistakes)
{
    if (text != NULL && !g_str_has_prefix(text, "https://") && !g_str_has_prefix(text, "http://"))
        yaml_mistake(mistakes, yaml_find(map, name), name, "must begin with https:// or http://");
}

static void
take_s3(WarehouseConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes)
{
    config->s3_bucket = take_text(map, S3_KEYS, "bucket", arena);
    config->s3_region = take_text(map, S3_KEYS, "region", arena);
    config->s3_prefix = take_text(map, S3_KEYS, "prefix", arena);
    config->s3_endpoint = take_text(map, S3_KEYS, "endpoint", arena);
    config->s3_path_style = yaml_get_boolean(map, S3_KEYS, "path_style");
    check_url(map, "endpoint", config->s3_endpoint, mistakes);
}

static void
take_snowflake(WarehouseConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes)
{
    config->snowflake_account = take_text(map, SNOWFLAKE_KEYS, "account", arena);
    config->snowflake_user = take_text(map, SNOWFLAKE_KEYS, "user", arena);
    config->snowflake_key = take_text(map, SNOWFLAKE_KEYS, "private_key", arena);
    config->snowflake_database = take_text(map, SNOWFLAKE_KEYS, "database", arena);
    config->snowflake_schema = take_text(map, SNOWFLAKE_KEYS, "schema", arena);
    config->snowflake_warehouse = take_text(map, SNOWFLAKE_KEYS, "warehouse", arena);
    config->snowflake_role = take_text(map, SNOWFLAKE_KEYS, "role", arena);
    config->snowflake_stage = take_text(map, SNOWFLAKE_KEYS, "stage", arena);
    config->snowflake_url = take_text(map, SNOWFLAKE_KEYS, "url", arena);
    check_url(map, "url", config->snowflake_url, mistakes);
}

void
warehouse_config_take(WarehouseConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes)
{
    const YamlNode *s3 = yaml_find(map, "s3"), *snowflake = yaml_find(map, "snowflake");

    config->folder = take_text(map, WAREHOUSE_KEYS, "folder", arena);
    config->no_folder = g_strcmp0(config->folder, "none") == 0;
    config->duckdb = take_text(map, WAREHOUSE_KEYS, "duckdb", arena);
    config->lag_us = yaml_get_duration_us(map, WAREHOUSE_KEYS, "lag");
    if (s3 != NULL)
        take_s3(config, s3, arena, mistakes);
    if (snowflake != NULL)
        take_snowflake(config, snowflake, arena, mistakes);
    if (config->no_folder && s3 == NULL)
        yaml_mistake(mistakes, yaml_find(map, "folder"), "folder", "may be none only with warehouse.s3");
    if (snowflake != NULL && s3 == NULL)
        yaml_mistake(mistakes, snowflake, "snowflake", "loads from a bucket: warehouse.s3 must be there, too");
}
