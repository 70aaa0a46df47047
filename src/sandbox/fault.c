#include "sandbox/fault.h"

#define HANG_US           (2 * US_PER_MINUTE)
#define DRIP_PAUSE_US     20000
#define ENDLESS_PIECE     16384
#define ENDLESS_BYTES_MAX (UINT64_C(1) << 34)
#define GARBAGE_BYTES     20000

static const char *const NAMES[] = {"none", "500",     "429",     "hang", "reset",
                                    "drip", "endless", "garbage", "html", "truncated"};

typedef struct {
    Fault fault;
    int64_t until_us; /* monotonic; 0: for good */
    int64_t latency_us;
} Condition;

struct Faults {
    GMutex lock;
    Condition conditions[CATALOGUE_NETWORKS];
};

bool
fault_parse(Str name, Fault *ret_fault)
{
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (str_is(name, NAMES[i])) {
            *ret_fault = (Fault)i;
            return true;
        }
    }
    return false;
}

Faults *
faults_new(void)
{
    Faults *faults = g_new0(Faults, 1);

    g_mutex_init(&faults->lock);
    return faults;
}

void
faults_free(Faults *faults)
{
    if (faults == NULL)
        return;
    g_mutex_clear(&faults->lock);
    g_free(faults);
}

void
faults_set(Faults *faults, const Network *network, Fault fault, int64_t for_us)
{
    Condition *condition = &faults->conditions[network_number(network)];

    g_mutex_lock(&faults->lock);
    condition->fault = fault;
    condition->until_us = for_us > 0 ? g_get_monotonic_time() + for_us : 0;
    g_mutex_unlock(&faults->lock);
}

void
faults_set_latency(Faults *faults, const Network *network, int64_t latency_us)
{
    g_mutex_lock(&faults->lock);
    faults->conditions[network_number(network)].latency_us = latency_us;
    g_mutex_unlock(&faults->lock);
}

Fault
faults_get(Faults *faults, const Network *network)
{
    Condition *condition = &faults->conditions[network_number(network)];
    Fault fault;

    g_mutex_lock(&faults->lock);
    if (condition->until_us != 0 && condition->until_us <= g_get_monotonic_time())
        condition->fault = FAULT_NONE;
    fault = condition->fault;
    g_mutex_unlock(&faults->lock);
    return fault;
}

int64_t
faults_latency_us(Faults *faults, const Network *network)
{
    int64_t latency_us;

    g_mutex_lock(&faults->lock);
    latency_us = faults->conditions[network_number(network)].latency_us;
    g_mutex_unlock(&faults->lock);
    return latency_us;
}

/* ---- sending ---- */

typedef struct {
    GString *body; /* what is dripped, or repeated without end */
    size_t sent;
    uint64_t total;
} Trickle;

static void
trickle_free(void *data)
{
    Trickle *trickle = data;

    g_string_free(trickle->body, TRUE);
    g_free(trickle);
}

/* Short naps: whoever shares the server's thread waits no longer than one of them. */
static bool
drip_next(void *data, GString *to)
{
    Trickle *trickle = data;

    g_usleep(DRIP_PAUSE_US);
    if (trickle->sent < trickle->body->len)
        g_string_append_c(to, trickle->body->str[trickle->sent++]);
    return trickle->sent < trickle->body->len;
}

/* The beginning of the right answer, then white space: a reader has nothing to complain of but the length. */
static bool
endless_next(void *data, GString *to)
{
    Trickle *trickle = data;

    if (trickle->total == 0)
        g_string_append_len(to, trickle->body->str, (gssize)(trickle->body->len / 2));
    for (int i = 0; i < ENDLESS_PIECE; i++)
        g_string_append_c(to, ' ');
    trickle->total += to->len;
    return trickle->total < ENDLESS_BYTES_MAX;
}

/* Runs a streamed reply to its end, so that it can be damaged like any other. */
static void
reply_collect(Reply *reply)
{
    if (reply->next == NULL)
        return;
    while (reply->next(reply->data, reply->body))
        ;
    reply->end(reply->data);
    reply->next = NULL;
}

static void
reply_replace(Reply *reply, int status, const char *content_type, const char *text)
{
    reply_collect(reply);
    g_string_truncate(reply->body, 0);
    reply_text(reply, status, content_type, text);
}

static void
reply_garbage(Reply *reply)
{
    reply_replace(reply, 200, reply->content_type, "");
    for (uint64_t i = 0; i < GARBAGE_BYTES; i++)
        g_string_append_c(reply->body, (char)(sandbox_hash(i, 0) & 0xff));
}

static void
reply_deform(Reply *reply, Fault fault)
{
    if (fault == FAULT_500) {
        reply_replace(reply, 500, "text/html", "<html><body><h1>500 Internal Server Error</h1></body></html>");
    } else if (fault == FAULT_429) {
        reply_replace(reply, 429, "application/json", "{\"message\":\"Too Many Requests\"}");
        reply->header = "Retry-After";
        reply->header_value = "2";
    } else if (fault == FAULT_HANG) {
        reply_replace(reply, 504, "text/plain", "Gateway Timeout");
    } else if (fault == FAULT_GARBAGE) {
        reply_garbage(reply);
    } else if (fault == FAULT_HTML) {
        reply_replace(reply, 200, "text/html",
                      "<!DOCTYPE html><html><head><title>We'll be back</title></head><body>"
                      "<p>Scheduled maintenance &mdash; sorry!<br></body></html>");
    } else if (fault != FAULT_NONE) {
        reply_collect(reply);
        if (fault == FAULT_TRUNCATED || fault == FAULT_RESET)
            g_string_truncate(reply->body, reply->body->len / 2);
    }
}

typedef struct {
    Fault fault;
    HttpExchange *exchange;
    Reply reply;
} Sending;

static void
send_now(void *data)
{
    Sending *sending = data;
    Reply *reply = &sending->reply;

    if (reply->header != NULL)
        http_exchange_set_header(sending->exchange, reply->header, reply->header_value);
    if (sending->fault == FAULT_DRIP || sending->fault == FAULT_ENDLESS) {
        Trickle *trickle = g_new0(Trickle, 1);

        trickle->body = reply->body;
        http_exchange_respond_stream(sending->exchange, reply->status, reply->content_type,
                                     sending->fault == FAULT_DRIP ? drip_next : endless_next, trickle_free, trickle);
    } else if (sending->fault == FAULT_RESET) {
        http_exchange_break_off(sending->exchange, reply->status, reply->content_type, reply->body);
    } else if (reply->next != NULL) {
        g_string_free(reply->body, TRUE);
        http_exchange_respond_stream(sending->exchange, reply->status, reply->content_type, reply->next, reply->end,
                                     reply->data);
    } else {
        http_exchange_respond(sending->exchange, reply->status, reply->content_type, reply->body);
    }
    g_free(sending);
}

void
fault_send(Fault fault, int64_t latency_us, Pacer *pacer, HttpExchange *exchange, Reply *reply)
{
    Sending *sending = g_new(Sending, 1);
    int64_t wait_us = latency_us + (fault == FAULT_HANG ? HANG_US : 0);

    reply_deform(reply, fault);
    *sending = (Sending){fault, exchange, *reply};
    if (wait_us > 0)
        pacer_call_after(pacer, wait_us, send_now, sending);
    else
        send_now(sending);
}
