/*
 * What S3 answers: errors, the description of an object, a page of keys. No I/O.
 */
#pragma once

#include "warehouse/s3.h"

/* The value of x-amz-checksum-sha256: the digest in base64. */
Str s3_checksum_of_hex(const char *sha256, Arena *arena);

/* Fails unless the status is 200, with the code that s3.h promises, and S3's own words for it. */
bool s3_answer_check(const CloudAnswer *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Size and digest from the headers; the digest of its metadata, which our PUT writes, where S3 has none. */
bool s3_answer_object(const CloudAnswer *answer, S3Object *ret_object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* *ret_next: the token of the next page, freed with g_free(); NULL after the last, or when each said no. */
bool s3_answer_list(const CloudAnswer *answer, S3ListFn each, void *data, char **ret_next,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
