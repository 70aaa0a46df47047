/*
 * Files that must still be there, whole, after a crash.
 */
#pragma once

#include "base/error.h"

#define SHA256_TEXT_SIZE 65

/* 64 hexadecimal digits and a NUL of the file's bytes; its size in *ret_bytes (may be NULL). NOT_FOUND without it. */
bool file_sha256(const char *path, char to[SHA256_TEXT_SIZE], int64_t *ret_bytes,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forces what a file, or a folder's list of names, holds to the disk. */
bool file_sync(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Moves from to to, in one folder or between folders of one file system, so that it is there after a crash. */
bool file_move(const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Fails with UNAVAILABLE naming path and the reason in errno. */
bool file_fail(GError **error, const char *what, const char *path);
