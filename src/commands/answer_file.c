#include "commands/answer_file.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>

#define PIECE_BYTES ((size_t)64 * 1024)

bool
answer_file_each(const char *path, bool (*take)(void *data, Str bytes), void *data, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    FILE *file = fopen(path, "rb");
    size_t size;
    bool failed;

    if (file == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", path, g_strerror(errno));
    while ((size = fread(piece, 1, PIECE_BYTES, file)) > 0)
        if (!take(data, (Str){piece, size}))
            break;
    failed = ferror(file) != 0;
    fclose(file);
    return !failed || weir_fail(error, WEIR_ERROR_INVALID, "%s can't be read", path);
}

typedef struct {
    GString *to;
    size_t room;
    bool is_cut;
} Beginning;

static bool
take_beginning(void *data, Str bytes)
{
    Beginning *beginning = data;
    size_t size = MIN(bytes.size, beginning->room);

    str_append(beginning->to, str_slice(bytes, 0, size));
    beginning->room -= size;
    beginning->is_cut = size < bytes.size;
    return !beginning->is_cut;
}

bool
answer_file_beginning(const char *path, size_t limit, GString *to, bool *ret_is_cut, GError **error)
{
    Beginning beginning = {.to = to, .room = limit};

    if (!answer_file_each(path, take_beginning, &beginning, error))
        return false;
    *ret_is_cut = beginning.is_cut;
    return true;
}
