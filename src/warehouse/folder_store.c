#include "warehouse/file.h"
#include "warehouse/object_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_SIZE (256 * 1024)

typedef struct {
    ObjectStore store;
    char *folder;
} FolderStore;

/* Makes the folders of path below top, each of which must be there after a crash. */
static bool
make_folders(const char *top, const char *folder, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(folder);

    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return true;
    if (strlen(folder) > strlen(top) && !make_folders(top, parent, error))
        return false;
    if (g_mkdir_with_parents(folder, 0750) != 0)
        return file_fail(error, "make folder", folder);
    return file_sync(parent, error);
}

static bool
copy_bytes(int from, int to, const char *path, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE_SIZE);
    ssize_t size;

    while ((size = read(from, piece, PIECE_SIZE)) > 0) {
        for (ssize_t at = 0; at < size;) {
            ssize_t written = write(to, piece + at, (size_t)(size - at));

            if (written < 0 && errno != EINTR)
                return file_fail(error, "write", path);
            at += MAX(written, 0);
        }
    }
    return size == 0 || file_fail(error, "read for", path);
}

/* To a file of its own name, whole and on the disk. Freed with g_free(). */
static char *
copy_beside(const char *from, const char *target, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX.tmp", target);
    int to = mkostemps(temporary, 4, O_CLOEXEC), source = open(from, O_RDONLY | O_CLOEXEC);
    bool done = false;

    if (source < 0)
        file_fail(error, "open", from);
    else if (to < 0)
        file_fail(error, "make", temporary);
    else
        done = copy_bytes(source, to, temporary, error) &&
               ((fchmod(to, 0640) == 0 && fsync(to) == 0) || file_fail(error, "sync", temporary));
    if (source >= 0)
        close(source);
    if (to >= 0)
        close(to);
    if (!done) {
        if (to >= 0)
            unlink(temporary);
        return NULL;
    }
    return g_steal_pointer(&temporary);
}

/* CONFLICT when there is something else. */
static bool
folder_has(ObjectStore *store, const char *key, const char *sha256, bool *ret_has, GError **error)
{
    g_autofree char *path = g_build_filename(((FolderStore *)store)->folder, key, NULL);
    g_autoptr(GError) failure = NULL;
    char found[SHA256_TEXT_SIZE];

    if (!file_sha256(path, found, NULL, &failure)) {
        if (weir_error_code(failure) != WEIR_ERROR_NOT_FOUND) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        *ret_has = false;
        return true;
    }
    if (strcmp(found, sha256) != 0)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "%s is there with SHA-256 %s instead of %s", path, found, sha256);
    *ret_has = true;
    return true;
}

/* link() is what makes "unless it is there" hold between processes. */
static bool
folder_put(ObjectStore *store, const char *key, const char *path, const char *sha256, bool *ret_added, GError **error)
{
    const char *top = ((FolderStore *)store)->folder;
    g_autofree char *target = g_build_filename(top, key, NULL);
    g_autofree char *folder = g_path_get_dirname(target);
    g_autofree char *temporary = NULL;
    bool there, linked, exists;

    if (!folder_has(store, key, sha256, &there, error))
        return false;
    if (!there) {
        if (!make_folders(top, folder, error) || (temporary = copy_beside(path, target, error)) == NULL)
            return false;
        linked = link(temporary, target) == 0;
        exists = !linked && errno == EEXIST;
        if (!linked && !exists)
            file_fail(error, "make", target);
        unlink(temporary);
        if (!linked && !exists)
            return false;
        if (exists && !folder_has(store, key, sha256, &there, error))
            return false;
        there = exists;
    }
    if (!file_sync(folder, error))
        return false;
    *ret_added = !there;
    return true;
}

/* Copied, not linked: who gets it may write to it. */
static bool
folder_get(ObjectStore *store, const char *key, const char *sha256, const char *path, GError **error)
{
    g_autofree char *source = g_build_filename(((FolderStore *)store)->folder, key, NULL), *copy = NULL;
    bool there;

    if (!folder_has(store, key, sha256, &there, error))
        return false;
    if (!there)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no %s", source);
    copy = copy_beside(source, path, error);
    return copy != NULL && file_move(copy, path, error);
}

static void
folder_free(ObjectStore *store)
{
    g_free(((FolderStore *)store)->folder);
    g_free(store);
}

static const ObjectStoreType FOLDER_STORE = {
    .name = "folder", .put = folder_put, .get = folder_get, .free = folder_free};

ObjectStore *
folder_store_new(const char *folder)
{
    FolderStore *store = g_new0(FolderStore, 1);

    store->store.type = &FOLDER_STORE;
    store->folder = g_canonicalize_filename(folder, NULL);
    return &store->store;
}
