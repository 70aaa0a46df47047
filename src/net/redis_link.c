#include "net/redis_link.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#define WORDS_LIMIT 8

/* Lives until the last of what the loop has of it is gone: the look-up of the name, and the watch of the socket. */
struct RedisLink {
    const RedisLinkEvents *events; /* NULL: closed */
    void *data;
    uint16_t port;
    redisAsyncContext *context; /* NULL: not yet, or no more */
    uv_getaddrinfo_t lookup;
    uv_poll_t poll;
    int watched; /* UV_READABLE, UV_WRITABLE */
    unsigned holders;
};

typedef struct {
    RedisAnswerFn answered;
    void *data;
} Command;

static void
link_release(RedisLink *link)
{
    if (--link->holders == 0)
        g_free(link);
}

static void
tell_lost(RedisLink *link)
{
    if (link->events != NULL)
        link->events->lost(link->data);
}

/* ---- hiredis on libuv ---- */

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    RedisLink *link = poll->data;

    /* An error of the socket shows when it is read. */
    if (link->context != NULL && (status < 0 || (events & UV_READABLE) != 0))
        redisAsyncHandleRead(link->context);
    if (link->context != NULL && (events & UV_WRITABLE) != 0)
        redisAsyncHandleWrite(link->context);
}

static void
watch(RedisLink *link, int watched)
{
    if (watched == link->watched)
        return;
    link->watched = watched;
    if (watched == 0)
        uv_poll_stop(&link->poll);
    else
        uv_poll_start(&link->poll, watched, on_poll);
}

static void
add_read(void *link)
{
    watch(link, ((RedisLink *)link)->watched | UV_READABLE);
}

static void
remove_read(void *link)
{
    watch(link, ((RedisLink *)link)->watched & ~UV_READABLE);
}

static void
add_write(void *link)
{
    watch(link, ((RedisLink *)link)->watched | UV_WRITABLE);
}

static void
remove_write(void *link)
{
    watch(link, ((RedisLink *)link)->watched & ~UV_WRITABLE);
}

static void
on_poll_closed(uv_handle_t *handle)
{
    link_release(handle->data);
}

/* The context is about to be freed, whatever the reason. */
static void
clean_up(void *data)
{
    RedisLink *link = data;

    link->context = NULL;
    watch(link, 0);
    uv_close((uv_handle_t *)&link->poll, on_poll_closed);
    tell_lost(link);
}

/* ---- connecting ---- */

/* False when there is not even a socket. */
static bool
connect_to(RedisLink *link, const struct sockaddr *address)
{
    char ip[INET6_ADDRSTRLEN];
    redisAsyncContext *context;

    if (uv_ip_name(address, ip, sizeof ip) != 0)
        return false;
    context = redisAsyncConnect(ip, link->port);
    if (context == NULL)
        return false;
    if (context->err != 0 || uv_poll_init(link->lookup.loop, &link->poll, context->c.fd) != 0) {
        redisAsyncFree(context);
        return false;
    }
    link->holders++;
    link->poll.data = link;
    link->context = context;
    context->ev.data = link;
    context->ev.addRead = add_read;
    context->ev.delRead = remove_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = remove_write;
    context->ev.cleanup = clean_up;
    add_write(link); /* which it becomes when it is connected */
    return true;
}

static void
on_address(uv_getaddrinfo_t *lookup, int status, struct addrinfo *addresses)
{
    RedisLink *link = lookup->data;

    if (link->events != NULL) {
        if (status == 0 && connect_to(link, addresses->ai_addr))
            link->events->opened(link->data);
        else
            tell_lost(link);
    }
    uv_freeaddrinfo(addresses);
    link_release(link);
}

RedisLink *
redis_link_open(uv_loop_t *uv, const char *host, uint16_t port, const RedisLinkEvents *events, void *data)
{
    static const struct addrinfo WANTED = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    RedisLink *link = g_new0(RedisLink, 1);
    int failure;

    *link = (RedisLink){.events = events, .data = data, .port = port, .holders = 2};
    link->lookup.data = link;
    failure = uv_getaddrinfo(uv, &link->lookup, on_address, host, NULL, &WANTED);
    g_assert(failure == 0); /* all it may complain of is its arguments */
    return link;
}

void
redis_link_close(RedisLink *link)
{
    if (link == NULL)
        return;
    link->events = NULL;
    uv_cancel((uv_req_t *)&link->lookup);
    if (link->context != NULL)
        redisAsyncFree(link->context);
    link_release(link);
}

/* ---- commands ---- */

static void
on_reply(redisAsyncContext *context G_GNUC_UNUSED, void *data, void *command_data)
{
    const redisReply *reply = data;
    g_autofree Command *command = command_data;
    Str text = STR_NONE;
    RedisAnswer answer = REDIS_LOST;

    if (reply != NULL) {
        bool is_text = reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;

        answer = is_text || reply->type == REDIS_REPLY_NIL ? REDIS_TEXT : REDIS_REFUSED;
        text = is_text ? (Str){reply->str, reply->len} : STR("");
    }
    if (command->answered != NULL)
        command->answered(command->data, answer, text);
}

bool
redis_link_send(RedisLink *link, const Str *words, size_t count, RedisAnswerFn answered, void *data)
{
    const char *at[WORDS_LIMIT];
    size_t sizes[WORDS_LIMIT];
    Command *command;

    g_assert(count <= WORDS_LIMIT);
    if (link->context == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        at[i] = words[i].at;
        sizes[i] = words[i].size;
    }
    command = g_new(Command, 1);
    *command = (Command){answered, data};
    if (redisAsyncCommandArgv(link->context, on_reply, command, (int)count, at, sizes) == REDIS_OK)
        return true;
    g_free(command);
    return false;
}
