/*
 * A body that is made elsewhere while it is sent; see http_server.h.
 *
 *     SENDING ──nothing left──> ASKED (connection sleeps, a piece is being made) ──give──> SENDING ... ──> OVER
 *
 * Three hold a stream: the response, the exchange, and whoever makes a piece. The connection is touched only while it
 * sleeps, when it cannot go away.
 */
#include "net/http_exchange.h"

#include <poll.h>

#define BLOCK_BYTES 32768

struct HttpStream {
    int holders; /* atomic */
    GMutex lock;
    struct MHD_Connection *connection;
    const HttpStreamMaker *maker;
    void *data;
    const Clock *clock;
    int64_t deadline_us; /* monotonic */
    GString *made;
    size_t sent; /* of made */
    bool is_asked, sleeps, is_last, is_broken, is_over;
};

void
http_stream_unref(HttpStream *stream)
{
    if (stream == NULL || __atomic_sub_fetch(&stream->holders, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    stream->maker->end(stream->data);
    g_string_free(stream->made, TRUE);
    g_mutex_clear(&stream->lock);
    g_free(stream);
}

/* Within the lock. */
static void
wake(HttpStream *stream)
{
    if (!stream->sleeps)
        return;
    stream->sleeps = false;
    MHD_resume_connection(stream->connection);
}

/* Within the lock. Whether want() is to be called. */
static bool
fall_asleep(HttpStream *stream)
{
    bool wants = !stream->is_asked;

    if (wants)
        __atomic_add_fetch(&stream->holders, 1, __ATOMIC_ACQ_REL);
    stream->is_asked = true;
    stream->sleeps = true;
    MHD_suspend_connection(stream->connection);
    return wants;
}

static ssize_t
take_made(HttpStream *stream, char *to, size_t limit)
{
    size_t size = MIN(limit, stream->made->len - stream->sent);

    memcpy(to, stream->made->str + stream->sent, size);
    stream->sent += size;
    return (ssize_t)size;
}

static ssize_t
stream_read(void *data, uint64_t position G_GNUC_UNUSED, char *to, size_t limit)
{
    HttpStream *stream = data;
    ssize_t result = 0;
    bool wants = false;

    g_mutex_lock(&stream->lock);
    if (stream->is_broken || clock_monotonic_us(stream->clock) > stream->deadline_us)
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    else if (stream->sent < stream->made->len)
        result = take_made(stream, to, limit);
    else if (stream->is_last)
        result = MHD_CONTENT_READER_END_OF_STREAM;
    else
        wants = fall_asleep(stream);
    g_mutex_unlock(&stream->lock);
    if (wants)
        stream->maker->want(stream->data, stream);
    return result;
}

/* The response is over: the peer has all, or has gone. */
static void
stream_end(void *data)
{
    HttpStream *stream = data;

    g_mutex_lock(&stream->lock);
    stream->is_over = true;
    g_mutex_unlock(&stream->lock);
    http_stream_unref(stream);
}

HttpStream *
http_stream_new(struct MHD_Connection *connection, const HttpStreamMaker *maker, void *data, const Clock *clock,
                int64_t limit_us, struct MHD_Response **ret_response)
{
    HttpStream *stream = g_new0(HttpStream, 1);

    stream->holders = 2;
    g_mutex_init(&stream->lock);
    stream->connection = connection;
    stream->maker = maker;
    stream->data = data;
    stream->clock = clock;
    stream->deadline_us = clock_monotonic_us(clock) + limit_us;
    stream->made = g_string_new(NULL);
    *ret_response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read, stream, stream_end);
    return stream;
}

void
http_stream_give(HttpStream *stream, GString *piece, bool last)
{
    g_mutex_lock(&stream->lock);
    g_assert(stream->is_asked && !stream->is_last);
    if (piece != NULL) {
        g_string_free(stream->made, TRUE);
        stream->made = piece;
        stream->sent = 0;
    }
    stream->is_broken = stream->is_broken || piece == NULL;
    stream->is_last = last;
    stream->is_asked = false;
    wake(stream);
    g_mutex_unlock(&stream->lock);
    http_stream_unref(stream);
}

void
http_stream_abandon(HttpStream *stream)
{
    g_mutex_lock(&stream->lock);
    stream->is_broken = true;
    wake(stream);
    g_mutex_unlock(&stream->lock);
}

/* Within the lock. While the connection sleeps, the server does not look whether the peer is there. One that has closed
 * is known when it was sent something since; one that will send no more, but reads, is there. */
static bool
has_hung_up(const HttpStream *stream)
{
    const union MHD_ConnectionInfo *info;
    struct pollfd peer = {0};

    if (!stream->sleeps)
        return false;
    info = MHD_get_connection_info(stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == NULL)
        return false;
    peer.fd = info->connect_fd;
    return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLERR | POLLHUP)) != 0;
}

bool
http_stream_is_over(HttpStream *stream)
{
    bool is_over;

    g_mutex_lock(&stream->lock);
    is_over = stream->is_over || stream->is_broken || has_hung_up(stream);
    g_mutex_unlock(&stream->lock);
    return is_over;
}
