/*
 * Snowflake as the warehouse that loads what is in an S3 store: each batch by one SnowflakeLoad.
 */
#pragma once

#include "warehouse/export.h"
#include "warehouse/snowflake_load.h"

/* stage: a stage of Snowflake's on the prefix of the bucket that the store before it puts into. client must outlive the
 * loader. Freed with g_free(). */
ExportLoader *snowflake_loader_new(Snowflake *client, const char *stage);
