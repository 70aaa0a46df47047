/* One login on its way: what it gives goes to the session store, whoever waits for it by then. */
#include "exchange/exchanges.h"

typedef struct {
    Exchanges *exchanges;
    SourceSet *set;             /* may be NULL */
    const Operation *operation; /* that needs it */
    char *key;
    Answer *answer;
    GString *cookies;
    HttpCall *call;
} Login;

static const Question NOTHING = {.page = 1, .part = 1, .since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE};

static void
login_free(Login *login)
{
    answer_free(login->answer);
    g_string_free(login->cookies, TRUE);
    g_free(login->key);
    if (login->set != NULL)
        source_set_unref(login->set);
    g_free(login);
}

char *
login_key(const Operation *operation, GError **error)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GString) text = g_string_new(NULL);
    HttpRequest request;
    FakeClock stopped; /* so that a timestamp in it does not make it another login */

    fake_clock_init(&stopped, 0);
    if (!operation_request(operation_login(operation), &NOTHING, NULL, &stopped.clock, arena, &request, error))
        return NULL;
    g_string_append_printf(text, "%s\n%s\n", request.method, request.url);
    for (size_t i = 0; i < request.headers.count; i++)
        g_string_append_printf(text, "%.*s: %.*s\n", STR_FORMAT(request.headers.items[i].name),
                               STR_FORMAT(request.headers.items[i].value));
    str_append(text, request.body);
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text->str, text->len);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Login *login = data;

    answer_head(login->answer, status, headers);
    g_string_truncate(login->cookies, 0);
    session_take_cookies(headers, login->cookies);
}

static bool
on_body(void *data, Str bytes)
{
    return answer_push(((Login *)data)->answer, bytes);
}

/* The message of whoever waits says that it was the login which failed. */
static void
fail(Login *login, AnswerStatus status, Str message)
{
    g_autofree char *text = g_strdup_printf("login: %.*s", STR_FORMAT(message));

    session_fail(login->exchanges->shared->sessions, login->key, status, text, answer_retry_after_us(login->answer));
}

static void
finish(Login *login, const HttpResult *result)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Str message = STR_NONE;
    AnswerStatus status = answer_finish(login->answer, result->outcome == HTTP_OUTCOME_ANSWERED, &message);
    int64_t lifetime_us = 0;
    Session session;

    status = session_read(login->operation, login->answer, status, str_of_gstring(login->cookies), arena, &session,
                          &lifetime_us, &message);
    if (status == ANSWER_OK)
        session_put(login->exchanges->shared->sessions, login->key, session, lifetime_us);
    else
        fail(login, status, message);
}

static void
on_done(void *data, const HttpResult *result)
{
    Login *login = data;
    g_autofree char *reason = NULL;

    g_queue_remove(&login->exchanges->logins, login);
    if (result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED) {
        finish(login, result);
    } else {
        reason = g_strdup_printf("%s: %s", http_outcome_name(result->outcome), result->message);
        fail(login, result->outcome == HTTP_OUTCOME_REFUSED ? ANSWER_PERMANENT : ANSWER_TRANSIENT, str_of(reason));
    }
    login_free(login);
}

void
login_start(Exchanges *exchanges, SourceSet *set, const Operation *operation, const char *key)
{
    static const AnswerEvents NO_EVENTS = {0};
    static const HttpReceiver RECEIVER = {on_head, on_body, on_done};
    const Clock *clock = exchanges->loop->clock;
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    Login *login = g_new0(Login, 1);
    HttpRequest request;

    *login = (Login){.exchanges = exchanges,
                     .set = set != NULL ? source_set_ref(set) : NULL,
                     .operation = operation,
                     .key = g_strdup(key),
                     .answer = answer_new(operation_login(operation), &NOTHING, clock, &NO_EVENTS, login),
                     .cookies = g_string_new(NULL)};
    if (!operation_request(operation_login(operation), &NOTHING, NULL, clock, arena, &request, &error)) {
        fail(login, ANSWER_PERMANENT, str_of(error->message));
        login_free(login);
        return;
    }
    request.allow_private_hosts |= exchanges->allow_private_hosts;
    g_queue_push_tail(&exchanges->logins, login);
    login->call = http_client_send(exchanges->client, &request, &RECEIVER, login);
}

void
logins_stop(Exchanges *exchanges)
{
    Login *login;

    while ((login = g_queue_pop_head(&exchanges->logins)) != NULL) {
        http_client_cancel(exchanges->client, login->call);
        session_abandon(exchanges->shared->sessions, login->key);
        login_free(login);
    }
}
