#include "support/peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000

int
peer_connect(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

void
peer_send(int fd, const char *bytes)
{
    size_t size = strlen(bytes);

    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent < 0)
            return; /* the other side has heard enough; what it answered is still to be read */
        bytes += sent;
        size -= (size_t)sent;
    }
}

bool
peer_read_some(int fd, GString *to)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    char bytes[16384];
    ssize_t size;

    g_assert_cmpint(poll(&waiting, 1, PATIENCE_MS), ==, 1);
    size = read(fd, bytes, sizeof(bytes));
    if (size <= 0)
        return false;
    g_string_append_len(to, bytes, size);
    return true;
}

GString *
peer_read_all(int fd)
{
    GString *text = g_string_new(NULL);

    while (peer_read_some(fd, text))
        ;
    return text;
}

GString *
peer_read_until(int fd, const char *until)
{
    GString *text = g_string_new(NULL);

    while (strstr(text->str, until) == NULL)
        if (!peer_read_some(fd, text))
            g_error("the other side closed after: %s", text->str);
    return text;
}

GString *
peer_ask(uint16_t port, const char *request)
{
    int fd = peer_connect(port);
    GString *answer;

    peer_send(fd, request);
    answer = peer_read_all(fd);
    close(fd);
    return answer;
}
