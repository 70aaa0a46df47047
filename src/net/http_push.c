#include "net/http_push.h"

/* Two hold a push: who pushes, until the end; and, once it is answered with, the stream. Others may beside them. */
struct HttpPush {
    int holders; /* atomic */
    size_t limit_bytes;
    void (*over)(void *data);
    void *data;
    GMutex lock; /* of what follows; streams are spoken to without it, for they speak to us */
    GString *waiting;
    size_t units_waiting, units_sent;
    HttpStream *wants; /* has nothing left to send; NULL: is sending, or there is none yet */
    bool is_ended, is_over, is_cut;
};

HttpPush *
http_push_new(size_t limit_bytes, void (*over)(void *data), void *data)
{
    HttpPush *push = g_new0(HttpPush, 1);

    push->holders = 1;
    push->limit_bytes = limit_bytes;
    push->over = over;
    push->data = data;
    g_mutex_init(&push->lock);
    push->waiting = g_string_new(NULL);
    return push;
}

HttpPush *
http_push_ref(HttpPush *push)
{
    __atomic_add_fetch(&push->holders, 1, __ATOMIC_ACQ_REL);
    return push;
}

void
http_push_unref(HttpPush *push)
{
    if (__atomic_sub_fetch(&push->holders, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (push->over != NULL)
        push->over(push->data);
    g_string_free(push->waiting, TRUE);
    g_mutex_clear(&push->lock);
    g_free(push);
}

/* What is to be given to a stream, decided within the lock and done without it. */
typedef struct {
    HttpStream *stream; /* NULL: nothing is */
    GString *piece;     /* NULL: it is broken off */
    bool is_last;
} Gift;

/* Within the lock. */
static Gift
take_gift(HttpPush *push)
{
    Gift gift = {.stream = push->wants, .is_last = push->is_ended || push->is_cut};

    if (push->wants == NULL || (push->waiting->len == 0 && !gift.is_last))
        return (Gift){0};
    push->wants = NULL;
    if (push->is_cut)
        return gift;
    gift.piece = push->waiting;
    push->waiting = g_string_new(NULL);
    push->units_sent += push->units_waiting;
    push->units_waiting = 0;
    return gift;
}

static void
give(Gift gift)
{
    if (gift.stream != NULL)
        http_stream_give(gift.stream, gift.piece, gift.is_last);
}

static void
on_want(void *data, HttpStream *stream)
{
    HttpPush *push = data;
    Gift gift;

    g_mutex_lock(&push->lock);
    push->wants = stream;
    gift = take_gift(push);
    g_mutex_unlock(&push->lock);
    give(gift);
}

static void
on_end(void *data)
{
    HttpPush *push = data;

    g_mutex_lock(&push->lock);
    push->is_over = true;
    g_mutex_unlock(&push->lock);
    http_push_unref(push);
}

static const HttpStreamMaker MAKER = {on_want, on_end};

void
http_exchange_respond_pushed(HttpExchange *exchange, int status, const char *content_type, HttpPush *push,
                             int64_t limit_us)
{
    http_exchange_respond_made(exchange, status, content_type, &MAKER, http_push_ref(push), limit_us);
}

/* Within the lock: the peer is not to get any more. */
static void
cut(HttpPush *push)
{
    push->is_cut = true;
    g_string_free(push->waiting, TRUE);
    push->waiting = g_string_new(NULL);
}

HttpPushResult
http_push(HttpPush *push, Str bytes, size_t units)
{
    HttpPushResult result = HTTP_PUSH_TAKEN;
    Gift gift;

    g_mutex_lock(&push->lock);
    g_assert(!push->is_ended);
    if (push->is_over || (push->wants != NULL && http_stream_is_over(push->wants)))
        result = HTTP_PUSH_GONE;
    else if (push->is_cut || push->waiting->len > push->limit_bytes)
        result = HTTP_PUSH_CUT;
    if (result == HTTP_PUSH_TAKEN) {
        str_append(push->waiting, bytes);
        push->units_waiting += units;
    } else {
        cut(push);
    }
    gift = take_gift(push);
    g_mutex_unlock(&push->lock);
    give(gift);
    return result;
}

size_t
http_push_units_sent(HttpPush *push)
{
    size_t units;

    g_mutex_lock(&push->lock);
    units = push->units_sent;
    g_mutex_unlock(&push->lock);
    return units;
}

void
http_push_end(HttpPush *push)
{
    Gift gift;

    g_mutex_lock(&push->lock);
    push->is_ended = true;
    gift = take_gift(push);
    g_mutex_unlock(&push->lock);
    give(gift);
    http_push_unref(push);
}
