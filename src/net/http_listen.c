#include "net/http_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024

static int
listen_on(const struct addrinfo *address, uint16_t *ret_port)
{
    int on = 1, off = 0, saved;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        (address->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)&bound, &size) == 0) {
        *ret_port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                      : ((struct sockaddr_in *)&bound)->sin_port);
        return fd;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

bool
http_listen(const char *host, uint16_t wanted_port, int *ret_fd, uint16_t *ret_port, GError **error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *addresses;
    char port[8];
    int failure, saved = 0, fd = -1;

    g_snprintf(port, sizeof(port), "%u", (unsigned)wanted_port);
    failure = getaddrinfo(host, port, &hints, &addresses);
    if (failure != 0)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "cannot listen on %s port %s: %s", host, port,
                         gai_strerror(failure));
    for (const struct addrinfo *at = addresses; at != NULL && fd < 0; at = at->ai_next) {
        fd = listen_on(at, ret_port);
        saved = errno;
    }
    freeaddrinfo(addresses);
    if (fd < 0)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "cannot listen on %s port %s: %s", host, port,
                         g_strerror(saved));
    *ret_fd = fd;
    return true;
}
