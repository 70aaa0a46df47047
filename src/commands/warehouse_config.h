/*
 * The part of the configuration that says where exports go.
 */
#pragma once

#include "base/yaml.h"

typedef struct {
    bool no_folder;     /* files go to the bucket only */
    const char *folder; /* of exported files; NULL: warehouse in the data folder */
    const char *duckdb; /* path of DuckDB's library, which need not be there; NULL: the default */
    int64_t lag_us;     /* rows younger than this are not exported yet */

    /* S3; bucket NULL: none */
    const char *s3_bucket, *s3_prefix, *s3_region;
    const char *s3_endpoint; /* NULL: AWS's */
    bool s3_path_style;

    /* Snowflake; account NULL: none */
    const char *snowflake_account, *snowflake_user, *snowflake_key; /* path of the private key */
    const char *snowflake_database, *snowflake_schema, *snowflake_warehouse, *snowflake_stage;
    const char *snowflake_role; /* NULL: the user's own */
    const char *snowflake_url;  /* NULL: the account's */
} WarehouseConfig;

extern const YamlKey WAREHOUSE_KEYS[];

/* From the mapping, which may be NULL; texts are in the arena. */
void warehouse_config_take(WarehouseConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes);
