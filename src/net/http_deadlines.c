#include "net/http_deadlines.h"

#include "base/clock.h"
#include "ops/periodic.h"

#include <poll.h>
#include <sys/socket.h>

/* How late a deadline may be noticed. */
#define LOOK_EVERY_US_MAX US_PER_SECOND
/* How many connections the kernel is asked about at once. */
#define ASK_AT_ONCE 256

struct HttpDeadlines {
    int64_t limit_us;
    Metrics *metrics;
    Periodic *looks;
    GMutex lock; /* of what follows */
    GQueue open; /* of HttpDeadline */
};

struct HttpDeadline {
    HttpDeadlines *deadlines;
    GList link;
    int fd;
    int64_t since_us; /* of g_get_monotonic_time(); atomic */
    int phase;        /* atomic */
};

static const char *
phase_name(HttpPhase phase)
{
    return phase == HTTP_PHASE_SENDING ? "sending" : "receiving";
}

/* Within the lock, so that the connection can't go away and its number become another's. */
static void
look_at(HttpDeadline *deadline, int64_t now_us)
{
    HttpPhase phase = (HttpPhase)__atomic_load_n(&deadline->phase, __ATOMIC_ACQUIRE);
    int64_t since_us = __atomic_load_n(&deadline->since_us, __ATOMIC_RELAXED);

    if (phase == HTTP_PHASE_AT_EASE || now_us - since_us <= deadline->deadlines->limit_us)
        return;
    metric_add(deadline->deadlines->metrics, METRIC_HTTP_CUT, phase_name(phase), NULL, 1);
    shutdown(deadline->fd, SHUT_RDWR);
    __atomic_store_n(&deadline->phase, HTTP_PHASE_AT_EASE, __ATOMIC_RELEASE); /* once is enough */
}

/* Wakes the server for those whose peer has said that it sends no more. libmicrohttpd asks the kernel for changes only
 * (edge triggered), and a read that fills less than its buffer ends its interest: an end that came together with the
 * last bytes is then never seen. Shutting down the side that the peer has ended changes nothing but that it is told
 * again. Bytes that are still to be read stay, so it may be said at any time, and more than once: the server may be
 * busy, and take this together with what came before. */
static void
tell_ends_again(struct pollfd *receiving, nfds_t count)
{
    if (poll(receiving, count, 0) <= 0)
        return;
    for (nfds_t i = 0; i < count; i++)
        if ((receiving[i].revents & POLLRDHUP) != 0)
            shutdown(receiving[i].fd, SHUT_RD);
}

/* Within the lock, as look_at(). */
static void
look_for_ends(const HttpDeadlines *deadlines)
{
    struct pollfd receiving[ASK_AT_ONCE];
    nfds_t count = 0;

    for (const GList *at = deadlines->open.head; at != NULL; at = at->next) {
        const HttpDeadline *deadline = at->data;

        if (__atomic_load_n(&deadline->phase, __ATOMIC_RELAXED) == HTTP_PHASE_RECEIVING)
            receiving[count++] = (struct pollfd){.fd = deadline->fd, .events = POLLRDHUP};
        if (count == ASK_AT_ONCE) {
            tell_ends_again(receiving, count);
            count = 0;
        }
    }
    tell_ends_again(receiving, count);
}

/* Says how long to wait, in microseconds, before the next look. */
static int64_t
look_at_all(void *data)
{
    HttpDeadlines *deadlines = data;
    int64_t now_us;

    g_mutex_lock(&deadlines->lock);
    now_us = g_get_monotonic_time();
    for (GList *at = deadlines->open.head; at != NULL; at = at->next)
        look_at(at->data, now_us);
    look_for_ends(deadlines);
    g_mutex_unlock(&deadlines->lock);
    return MIN(deadlines->limit_us / 8, LOOK_EVERY_US_MAX);
}

HttpDeadlines *
http_deadlines_start(int64_t limit_us, Metrics *metrics)
{
    HttpDeadlines *deadlines = g_new0(HttpDeadlines, 1);

    deadlines->limit_us = limit_us;
    deadlines->metrics = metrics;
    g_mutex_init(&deadlines->lock);
    g_queue_init(&deadlines->open);
    deadlines->looks = periodic_start("deadlines", 0, look_at_all, deadlines);
    return deadlines;
}

void
http_deadlines_stop(HttpDeadlines *deadlines)
{
    if (deadlines == NULL)
        return;
    periodic_stop(deadlines->looks);
    g_assert(deadlines->open.length == 0);
    g_mutex_clear(&deadlines->lock);
    g_free(deadlines);
}

HttpDeadline *
http_deadline_new(HttpDeadlines *deadlines, int fd)
{
    HttpDeadline *deadline = g_new0(HttpDeadline, 1);

    deadline->deadlines = deadlines;
    deadline->fd = fd;
    deadline->link.data = deadline;
    http_deadline_enter(deadline, HTTP_PHASE_RECEIVING);
    g_mutex_lock(&deadlines->lock);
    g_queue_push_tail_link(&deadlines->open, &deadline->link);
    g_mutex_unlock(&deadlines->lock);
    return deadline;
}

void
http_deadline_free(HttpDeadline *deadline)
{
    HttpDeadlines *deadlines = deadline->deadlines;

    g_mutex_lock(&deadlines->lock);
    g_queue_unlink(&deadlines->open, &deadline->link);
    g_mutex_unlock(&deadlines->lock);
    g_free(deadline);
}

void
http_deadline_enter(HttpDeadline *deadline, HttpPhase phase)
{
    /* The time first: who sees the new phase with it sees it no earlier. */
    __atomic_store_n(&deadline->since_us, g_get_monotonic_time(), __ATOMIC_RELAXED);
    __atomic_store_n(&deadline->phase, phase, __ATOMIC_RELEASE);
}
