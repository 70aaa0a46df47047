#include "sandbox/asking.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOON_US (INT64_C(1795521600) * US_PER_SECOND) /* 2026-11-24T12:00:00Z */

void
running_start(Running *running)
{
    GError *error = NULL;
    SandboxSpec spec = {.seed = 7, .clock = &running->clock.clock, .lag_us = US_PER_MINUTE};

    fake_clock_init(&running->clock, NOON_US);
    running->sandbox = sandbox_start(&spec, &error);
    g_assert_no_error(error);
    running->port = sandbox_port(running->sandbox);
}

void
running_stop(Running *running)
{
    sandbox_stop(running->sandbox);
}

static int
connect_to(uint16_t port, int wait_s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval wait = {.tv_sec = wait_s};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), ==, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

static void
send_all(int fd, const GString *text)
{
    size_t sent = 0;

    while (sent < text->len) {
        ssize_t n = send(fd, text->str + sent, text->len - sent, MSG_NOSIGNAL);

        g_assert_cmpint(n, >, 0);
        sent += (size_t)n;
    }
}

Answered
ask(const Running *running, const char *method, const char *target, const char *headers, const char *body, int wait_s)
{
    Answered answered = {.body = g_string_new(NULL)};
    g_autoptr(GString) request = g_string_new(NULL);
    int fd = connect_to(running->port, wait_s);
    char piece[65536], *end;
    ssize_t n;

    g_string_append_printf(request, "%s %s HTTP/1.0\r\nHost: 127.0.0.1:%u\r\n%s", method, target, running->port,
                           headers);
    if (body != NULL)
        g_string_append_printf(request, "Content-Length: %zu\r\n", strlen(body));
    g_string_append_printf(request, "\r\n%s", body != NULL ? body : "");
    send_all(fd, request);
    while (answered.body->len < 64u << 20 && (n = recv(fd, piece, sizeof piece, 0)) > 0)
        g_string_append_len(answered.body, piece, n);
    close(fd);
    end = g_strstr_len(answered.body->str, (gssize)answered.body->len, "\r\n\r\n");
    if (end == NULL)
        return answered;
    answered.head = g_strndup(answered.body->str, (size_t)(end - answered.body->str));
    g_string_erase(answered.body, 0, end + 4 - answered.body->str);
    answered.status = (int)g_ascii_strtoll(answered.head + strlen("HTTP/1.x "), NULL, 10);
    return answered;
}

Answered
ask_get(const Running *running, const char *target, const char *headers)
{
    return ask(running, "GET", target, headers, NULL, 20);
}

void
answered_clear(Answered *answered)
{
    g_clear_pointer(&answered->head, g_free);
    if (answered->body != NULL)
        g_string_free(answered->body, TRUE);
    answered->body = NULL;
}
