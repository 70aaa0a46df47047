/*
 * The channel that posts alerts as JSON. "text" is what chat systems show of it.
 */
#include "revenue/alert_channel.h"

#include "base/json_writer.h"

#define WEBHOOK_TIMEOUT_US        (20 * US_PER_SECOND)
#define WEBHOOK_ANSWER_SIZE_LIMIT (64 * 1024)

typedef struct {
    bool done;
    HttpOutcome outcome;
    int status;
    char message[160];
} Post;

static bool
on_body(void *data G_GNUC_UNUSED, Str bytes G_GNUC_UNUSED)
{
    return true;
}

static void
on_done(void *data, const HttpResult *result)
{
    Post *post = data;

    post->outcome = result->outcome;
    post->status = result->status;
    g_strlcpy(post->message, result->message, sizeof post->message);
    post->done = true;
}

static void
write_notice(JsonWriter *json, const AlertSender *sender, const AlertNotice *notice)
{
    const Alert *alert = &notice->alert;

    json_begin_object(json);
    json_member_text(json, "notice", str_of(notice->id));
    json_member_text(json, "event", str_of(notice->event));
    json_member_text(json, "text", str_of(notice->message));
    json_member_id(json, "alert_id", alert->id);
    json_member_text(json, "kind", alert->kind);
    json_member_text(json, "key", alert->key);
    json_member_text_if(json, "source", alert->source);
    json_member_text_if(json, "day", alert->day);
    json_member_text(json, "state", alert->state);
    json_member_time(json, "opened_at", alert->opened_at_us);
    json_member_time(json, "resolved_at", alert->resolved_at_us);
    json_key(json, "details");
    json_raw(json, alert->details);
    if (sender->routes->base_url != NULL) {
        g_autofree char *link = g_strdup_printf("%s/dashboard", sender->routes->base_url);

        json_member_text(json, "dashboard", str_of(link));
    }
    json_end_object(json);
}

static bool
check(const Post *post, GError **error)
{
    if (post->outcome != HTTP_OUTCOME_ANSWERED)
        return weir_fail(error,
                         post->outcome == HTTP_OUTCOME_REFUSED   ? WEIR_ERROR_INVALID
                         : post->outcome == HTTP_OUTCOME_TIMEOUT ? WEIR_ERROR_TIMEOUT
                                                                 : WEIR_ERROR_UNAVAILABLE,
                         "the webhook: %s: %s", http_outcome_name(post->outcome), post->message);
    if (post->status >= 200 && post->status < 300)
        return true;
    return weir_fail(error,
                     post->status >= 500 || post->status == 408 || post->status == 429 ? WEIR_ERROR_UNAVAILABLE
                                                                                       : WEIR_ERROR_INVALID,
                     "the webhook answers HTTP %d", post->status);
}

static bool
webhook_send(const AlertSender *sender, const AlertNotice *notice, GError **error)
{
    static const HttpReceiver RECEIVER = {.body = on_body, .done = on_done};
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    const HttpHeader headers[] = {{STR("Content-Type"), STR("application/json")},
                                  {STR("Idempotency-Key"), str_of(notice->id)}};
    Post post = {0};
    HttpRequest request = {.method = "POST",
                           .url = sender->routes->webhook,
                           .headers = {headers, G_N_ELEMENTS(headers)},
                           .timeout_us = WEBHOOK_TIMEOUT_US,
                           .body_limit_bytes = WEBHOOK_ANSWER_SIZE_LIMIT,
                           /* Our own operator chose the address: it may well be in the house. */
                           .allow_private_hosts = true};

    write_notice(&json, sender, notice);
    request.body = str_of_gstring(text);
    http_client_send(sender->client, &request, &RECEIVER, &post);
    sender->run_until(sender->loop, &post.done);
    return check(&post, error);
}

static bool
webhook_is_configured(const AlertRoutes *routes)
{
    return routes->webhook != NULL;
}

const AlertChannel ALERT_CHANNEL_WEBHOOK = {"webhook", webhook_is_configured, webhook_send};
