/*
 * S3 as an object store: see s3.h for what makes a put happen once.
 */
#pragma once

#include "warehouse/object_store.h"
#include "warehouse/s3.h"

/* Objects below prefix of the bucket ("weir", "a/b/"; NULL: none). config and cloud must outlive the store. */
ObjectStore *s3_store_new(const S3Config *config, const Cloud *cloud, const char *prefix);
