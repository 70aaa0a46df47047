/*
 * Answer files: answers that are kept in a file, read instead of asking.
 */
#pragma once

#include "base/str.h"

/* Gives the file's bytes to take, piece by piece, until that says false. INVALID when it cannot be read. */
bool answer_file_each(const char *path, bool (*take)(void *data, Str bytes), void *data,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Appends at most limit bytes of its beginning. ret_is_cut: there are more. */
bool answer_file_beginning(const char *path, size_t limit, GString *to, bool *ret_is_cut,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
