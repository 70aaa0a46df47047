/* A pipe that nobody reads: the byte that the signal handler writes stays in it and wakes everyone who polls. */
#include "ops/stopper.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int stop_pipe[2] = {-1, -1};
static int stopping;        /* atomic */
static int reload_is_asked; /* atomic */

void
stopper_ask(void)
{
    int saved = errno;
    ssize_t written;

    if (__atomic_exchange_n(&stopping, 1, __ATOMIC_SEQ_CST) == 0)
        do
            written = write(stop_pipe[1], "", 1);
        while (written < 0 && errno == EINTR);
    errno = saved;
}

/* Only what is safe in a signal handler. */
static void
on_signal(int number G_GNUC_UNUSED)
{
    if (stopper_is_stopping())
        _exit(1);
    stopper_ask();
}

static void
on_reload_signal(int number G_GNUC_UNUSED)
{
    __atomic_store_n(&reload_is_asked, 1, __ATOMIC_SEQ_CST);
}

void
stopper_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction reload = {.sa_handler = on_reload_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    g_autoptr(GError) error = NULL;

    g_assert(stop_pipe[0] < 0);
    if (!g_unix_open_pipe(stop_pipe, FD_CLOEXEC, &error))
        g_error("no pipe for signals: %s", error->message);
    sigemptyset(&action.sa_mask);
    sigemptyset(&reload.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &reload, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

bool
stopper_wait_for(int64_t wait_us)
{
    struct pollfd fd = {.fd = stop_pipe[0], .events = POLLIN};

    g_assert(stop_pipe[0] >= 0);
    if (!stopper_is_stopping())
        poll(&fd, 1, (int)(wait_us / 1000));
    return stopper_is_stopping();
}

bool
stopper_take_reload(void)
{
    return __atomic_exchange_n(&reload_is_asked, 0, __ATOMIC_SEQ_CST) != 0;
}

bool
stopper_is_stopping(void)
{
    return __atomic_load_n(&stopping, __ATOMIC_SEQ_CST) != 0;
}
