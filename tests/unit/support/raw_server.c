#include "support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

struct RawServer {
    int fd;
    uint16_t port;
    Str answer, more;
    RawEnding ending;
    int count; /* atomic */
    GThread *thread;
};

static bool
send_all(int fd, Str bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)sent, bytes.size);
    }
    return true;
}

static void
read_head(int fd)
{
    g_autoptr(GString) head = g_string_new(NULL);
    char bytes[4096];
    ssize_t size;

    while (strstr(head->str, "\r\n\r\n") == NULL && (size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        g_string_append_len(head, bytes, size);
}

static void
wait_for_leave(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), 0) > 0)
        ;
}

static void
serve(RawServer *server, int fd)
{
    struct linger at_once = {1, 0};
    int on = 1;

    read_head(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    switch (server->ending) {
    case RAW_CLOSE:
        send_all(fd, server->answer);
        break;
    case RAW_RESET:
        send_all(fd, server->answer);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        break;
    case RAW_HANG:
        send_all(fd, server->answer);
        wait_for_leave(fd);
        break;
    case RAW_ENDLESS:
        send_all(fd, server->answer);
        while (send_all(fd, server->more))
            ;
        break;
    case RAW_DRIP:
        for (size_t i = 0; i < server->answer.size; i++)
            if (!send_all(fd, str_slice(server->answer, i, i + 1)))
                break;
        break;
    }
    close(fd);
}

static gpointer
run(gpointer data)
{
    RawServer *server = data;
    int fd;

    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        __atomic_add_fetch(&server->count, 1, __ATOMIC_SEQ_CST);
        serve(server, fd);
    }
    return NULL;
}

RawServer *
raw_server_new(Str answer, RawEnding ending, Str more)
{
    RawServer *server = g_new0(RawServer, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(server->fd, >=, 0);
    g_assert_cmpint(bind(server->fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(listen(server->fd, 64), ==, 0);
    g_assert_cmpint(getsockname(server->fd, (struct sockaddr *)&address, &size), ==, 0);
    server->port = ntohs(address.sin_port);
    server->answer = answer;
    server->ending = ending;
    server->more = more;
    server->thread = g_thread_new("raw", run, server);
    return server;
}

uint16_t
raw_server_port(const RawServer *server)
{
    return server->port;
}

int
raw_server_count(const RawServer *server)
{
    return __atomic_load_n(&server->count, __ATOMIC_SEQ_CST);
}

void
raw_server_free(RawServer *server)
{
    if (server == NULL)
        return;
    shutdown(server->fd, SHUT_RDWR);
    g_thread_join(server->thread);
    close(server->fd);
    g_free(server);
}
