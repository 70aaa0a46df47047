/*
 * A key for Snowflake, made anew.
 */
#pragma once

#include "warehouse/snowflake.h"

SnowflakeKey *snowflake_test_key(void);
/* The same, and its public half in PEM at path. */
SnowflakeKey *snowflake_test_key_published(const char *path);
