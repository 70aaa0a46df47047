#include "warehouse/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PIECE_SIZE (64 * 1024)

bool
file_fail(GError **error, const char *what, const char *path)
{
    int code = errno;

    return weir_fail(error, code == ENOENT ? WEIR_ERROR_NOT_FOUND : WEIR_ERROR_UNAVAILABLE, "can't %s %s: %s", what,
                     path, g_strerror(code));
}

bool
file_sha256(const char *path, char to[SHA256_TEXT_SIZE], int64_t *ret_bytes, GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guint8 *piece = g_malloc(PIECE_SIZE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t total = 0;
    ssize_t size;

    if (fd < 0)
        return file_fail(error, "open", path);
    while ((size = read(fd, piece, PIECE_SIZE)) > 0) {
        g_checksum_update(checksum, piece, size);
        total += size;
    }
    if (size < 0) {
        file_fail(error, "read", path);
        close(fd);
        return false;
    }
    close(fd);
    g_strlcpy(to, g_checksum_get_string(checksum), SHA256_TEXT_SIZE);
    if (ret_bytes != NULL)
        *ret_bytes = total;
    return true;
}

bool
file_sync(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done;

    if (fd < 0)
        return file_fail(error, "open", path);
    done = fsync(fd) == 0 || file_fail(error, "sync", path);
    close(fd);
    return done;
}

bool
file_move(const char *from, const char *to, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(to);

    if (rename(from, to) != 0)
        return file_fail(error, "move to", to);
    return file_sync(folder, error);
}
