#include "commands/feed_export.h"

#include "api/feed_out.h"
#include "commands/node.h"
#include "tracking/key_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

void
feed_export_flags_clear(FeedExportFlags *flags)
{
    filter_flags_clear(&flags->filter);
    g_free(flags->format);
    g_free(flags->consumer);
    g_free(flags->channel);
    g_free(flags->keywords);
    g_free(flags->output);
}

static bool
set(void *data, Str name, Str value, GError **error)
{
    return feed_ask_set(data, name, value, error);
}

static bool
ask_of(const FeedExportFlags *flags, FeedAsk *ask, GError **error)
{
    const char *const given[][2] = {{"q", flags->keywords}, {"consumer", flags->consumer}, {"channel", flags->channel}};

    if (flags->format != NULL && !feed_format_parse(str_of(flags->format), &ask->format))
        return weir_fail(error, WEIR_ERROR_INVALID, "--format: \"%s\" is none of ndjson, xml, csv", flags->format);
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
        if (given[i][1] != NULL && !feed_ask_set(ask, str_of(given[i][0]), str_of(given[i][1]), error))
            return false;
    ask->gzip = flags->gzip;
    return filter_flags_apply(&flags->filter, set, ask, error);
}

static bool
write_all(int fd, Str bytes, const char *path, GError **error)
{
    while (bytes.size > 0) {
        ssize_t done = write(fd, bytes.at, bytes.size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
        bytes = str_slice(bytes, (size_t)done, bytes.size);
    }
    return true;
}

static bool
write_feed(FeedOut *feed, Db *db, int fd, const char *path, GError **error)
{
    g_autoptr(GString) piece = g_string_new(NULL);
    bool last = false;

    while (!last) {
        g_string_truncate(piece, 0);
        if (!feed_out_next(feed, db, piece, &last, error) || !write_all(fd, str_of_gstring(piece), path, error))
            return false;
    }
    return true;
}

static bool
write_file(FeedOut *feed, Db *db, const char *path, GError **error)
{
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool done;

    if (fd < 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", part, g_strerror(errno));
    done = write_feed(feed, db, fd, part, error);
    if (done && fsync(fd) != 0)
        done = weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s: %s", part, g_strerror(errno));
    if (close(fd) != 0 && done)
        done = weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s: %s", part, g_strerror(errno));
    if (done && g_rename(part, path) != 0)
        done = weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
    if (!done)
        g_unlink(part);
    return done;
}

bool
feed_export(Deployment *deployment, const FeedExportFlags *flags, GError **error)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(Db) db = NULL;
    g_autoptr(FeedOut) feed = NULL;
    TokenKeyRing ring;
    FeedAsk ask;

    feed_ask_init(&ask, arena);
    if (!ask_of(flags, &ask, error) || (db = deployment_db(deployment, error)) == NULL ||
        !node_take(deployment, error) || !key_ring_load(db, deployment->random, &ring, error))
        return false;
    ring = key_ring_at(&ring, clock_now_us(deployment->clock));
    feed = feed_out_new(&(FeedOutSpec){.sources = deployment->sources,
                                       .ring = &ring,
                                       .random = deployment->random,
                                       .mint = &deployment->mint,
                                       .clock = deployment->clock,
                                       .base_url = deployment->config->public_url,
                                       .token_lifetime_us = deployment->config->token_lifetime_us},
                        &ask, error);
    if (feed == NULL)
        return false;
    if (flags->output == NULL)
        return write_feed(feed, db, STDOUT_FILENO, "standard output", error);
    if (!write_file(feed, db, flags->output, error))
        return false;
    g_printerr("%s: %" G_GINT64_FORMAT " listings\n", flags->output, feed_out_count(feed));
    return true;
}
