#include "warehouse/snowflake_answer.h"

#include "base/json_writer.h"

#define STATEMENTS       "/api/v2/statements"
#define USER_AGENT       "weir/0.1"
#define TOKEN_RENEWAL_US (55 * US_PER_MINUTE)
#define CALL_TIMEOUT_US  (90 * US_PER_SECOND) /* Snowflake answers 202 after 45 s */
#define ANSWER_LIMIT     (UINT64_C(32) << 20)
#define TIMEOUT_S        3600
#define GRACE_US         US_PER_MINUTE /* for Snowflake to end what took too long */
#define POLL_FIRST_US    (US_PER_SECOND / 4)
#define POLL_LAST_US     (10 * US_PER_SECOND)

struct Snowflake {
    SnowflakeConfig config;
    const SnowflakeKey *key;
    const Cloud *cloud;
    char *url;
    char *token; /* NULL: none yet */
    int64_t token_made_us;
    char *sql_state;
};

Snowflake *
snowflake_new(const SnowflakeConfig *config, const SnowflakeKey *key, const Cloud *cloud, GError **error)
{
    const struct {
        const char *name, *value;
    } needed[] = {{"account", config->account},
                  {"user", config->user},
                  {"database", config->database},
                  {"schema", config->schema},
                  {"warehouse", config->warehouse}};
    Snowflake *client;

    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (needed[i].value == NULL || *needed[i].value == '\0') {
            weir_fail(error, WEIR_ERROR_INVALID, "Snowflake needs its %s", needed[i].name);
            return NULL;
        }
    if (config->url != NULL && !g_str_has_prefix(config->url, "https://") &&
        !g_str_has_prefix(config->url, "http://")) {
        weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no address of Snowflake: https://HOST", config->url);
        return NULL;
    }
    client = g_new0(Snowflake, 1);
    client->config = *config;
    client->key = key;
    client->cloud = cloud;
    client->url = config->url != NULL ? g_strdup(config->url)
                                      : g_strdup_printf("https://%s.snowflakecomputing.com", config->account);
    client->sql_state = g_strdup("");
    return client;
}

void
snowflake_free(Snowflake *client)
{
    if (client == NULL)
        return;
    g_free(client->url);
    g_free(client->token);
    g_free(client->sql_state);
    g_free(client);
}

const char *
snowflake_sql_state(const Snowflake *client)
{
    return client->sql_state;
}

static bool
token_renew(Snowflake *client, bool is_refused, GError **error)
{
    int64_t now_us = clock_now_us(client->cloud->timers->clock);
    int64_t age_us = now_us - client->token_made_us;

    if (client->token != NULL && !is_refused && age_us >= 0 && age_us < TOKEN_RENEWAL_US)
        return true;
    g_clear_pointer(&client->token, g_free);
    client->token_made_us = now_us;
    return snowflake_token_make(client->key, client->config.account, client->config.user, now_us, &client->token,
                                error);
}

static bool
call_once(Snowflake *client, const char *method, const char *path, Str body, Arena *arena, CloudAnswer *ret_answer,
          GError **error)
{
    g_autofree char *url = g_strconcat(client->url, path, NULL);
    g_autofree char *authorization = g_strconcat("Bearer ", client->token, NULL);
    HttpHeader headers[] = {{STR("Authorization"), str_of(authorization)},
                            {STR("X-Snowflake-Authorization-Token-Type"), STR("KEYPAIR_JWT")},
                            {STR("User-Agent"), STR(USER_AGENT)},
                            {STR("Accept"), STR("application/json")},
                            {STR("Content-Type"), STR("application/json")}};
    HttpRequest request = {.method = method,
                           .sends_once = body.at != NULL, /* resending is for us to say: is_repeated */
                           .url = url,
                           .headers = {headers, body.at != NULL ? 5 : 4},
                           .body = body,
                           .timeout_us = CALL_TIMEOUT_US,
                           .body_limit_bytes = ANSWER_LIMIT};

    return cloud_call(client->cloud, "Snowflake", &request, NULL, arena, ret_answer, error);
}

/* One exchange; a token that is refused is made anew once. cells: where rows are added. */
static bool
ask(Snowflake *client, const char *method, const char *path, Str body, GArray *cells, Arena *arena,
    SnowflakeAnswer *ret_answer, GError **error)
{
    SnowflakeAnswer answer = {.cells = cells};

    for (int round = 0; round < 2; round++) {
        g_auto(CloudAnswer) got = {0};

        if (!token_renew(client, round > 0, error) || !call_once(client, method, path, body, arena, &got, error))
            return false;
        if (!snowflake_answer_read(&got, arena, &answer, error))
            return false;
        if (answer.status != 401)
            break;
    }
    if (!snowflake_answer_check(&answer, error)) {
        g_free(client->sql_state);
        client->sql_state = answer.sql_state.at != NULL ? str_dup(answer.sql_state) : g_strdup("");
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* Handles are put into paths: only what a UUID is made of may be in them. */
static bool
handle_check(Str handle, GError **error)
{
    bool good = handle.size > 0 && handle.size <= 64;

    for (size_t i = 0; i < handle.size && good; i++)
        good = g_ascii_isalnum(handle.at[i]) || handle.at[i] == '-';
    return good || weir_fail(error, WEIR_ERROR_BROKEN, "Snowflake gave \"%.*s\" as the handle of a statement",
                             STR_FORMAT(str_slice(handle, 0, 100)));
}

/* Asks until it is no longer "in progress". */
static bool
wait_for_end(Snowflake *client, int64_t deadline_us, GArray *cells, Arena *arena, SnowflakeAnswer *answer,
             GError **error)
{
    const Clock *clock = client->cloud->timers->clock;
    Str handle = answer->handle;

    for (int64_t wait_us = POLL_FIRST_US; answer->status == 202; wait_us = MIN(2 * wait_us, POLL_LAST_US)) {
        g_autofree char *path = NULL;

        if (!handle_check(handle, error))
            return false;
        if (clock_monotonic_us(clock) >= deadline_us)
            return weir_fail(error, WEIR_ERROR_TIMEOUT, "Snowflake has not ended statement %.*s in time",
                             STR_FORMAT(handle));
        cloud_wait(client->cloud, wait_us);
        path = g_strdup_printf(STATEMENTS "/%.*s", STR_FORMAT(handle));
        if (!ask(client, "GET", path, STR_NONE, cells, arena, answer, error))
            return false;
        answer->handle = handle;
    }
    return true;
}

/* The rows of one statement, of which first is the first partition. */
static bool
take_result(Snowflake *client, const SnowflakeAnswer *first, GArray *cells, Arena *arena, SnowflakeResult *ret_result,
            GError **error)
{
    size_t width = first->column_count, rows;

    for (size_t i = 1; i < first->partition_count; i++) {
        g_autofree char *path = g_strdup_printf(STATEMENTS "/%.*s?partition=%zu", STR_FORMAT(first->handle), i);
        SnowflakeAnswer next;

        if (!handle_check(first->handle, error) || !ask(client, "GET", path, STR_NONE, cells, arena, &next, error))
            return false;
        if (next.width != 0 && next.width != width)
            return weir_fail(error, WEIR_ERROR_BROKEN, "partition %zu of Snowflake's answer has %zu columns, not %zu",
                             i, next.width, width);
    }
    rows = width > 0 ? cells->len / width : 0;
    if ((first->width != 0 && first->width != width) || (first->row_count >= 0 && (int64_t)rows != first->row_count))
        return weir_fail(error, WEIR_ERROR_BROKEN, "Snowflake announced %" G_GINT64_FORMAT " rows and sent %zu",
                         first->row_count, rows);
    *ret_result = (SnowflakeResult){
        .columns = first->columns, .column_count = width, .cells = arena_items(arena, cells), .row_count = rows};
    return true;
}

/* The result behind a handle of one of several statements. */
static bool
fetch_result(Snowflake *client, Str handle, int64_t deadline_us, Arena *arena, SnowflakeResult *ret_result,
             GError **error)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(Str));
    SnowflakeAnswer answer = {.status = 202, .handle = handle};
    g_autofree char *path = NULL;

    if (!handle_check(handle, error))
        return false;
    path = g_strdup_printf(STATEMENTS "/%.*s", STR_FORMAT(handle));
    if (!ask(client, "GET", path, STR_NONE, cells, arena, &answer, error))
        return false;
    answer.handle = handle;
    return wait_for_end(client, deadline_us, cells, arena, &answer, error) &&
           take_result(client, &answer, cells, arena, ret_result, error);
}

static void
write_body(const Snowflake *client, const SnowflakeRequest *request, GString *to)
{
    JsonWriter json = json_writer(to);

    json_begin_object(&json);
    json_member_text(&json, "statement", str_of(request->sql));
    json_member_int(&json, "timeout", request->timeout_s > 0 ? request->timeout_s : TIMEOUT_S);
    json_member_text(&json, "database", str_of(client->config.database));
    json_member_text(&json, "schema", str_of(client->config.schema));
    json_member_text(&json, "warehouse", str_of(client->config.warehouse));
    json_member_text_if(&json, "role", str_of(client->config.role));
    json_key(&json, "parameters");
    json_begin_object(&json);
    json_member_text(&json, "timezone", STR("UTC"));
    json_member_text_if(&json, "query_tag", str_of(request->query_tag));
    if (request->count > 1)
        json_member_int(&json, "multi_statement_count", request->count);
    json_end_object(&json);
    json_end_object(&json);
}

bool
snowflake_run(Snowflake *client, const SnowflakeRequest *request, Arena *arena, const SnowflakeResult **ret_results,
              GError **error)
{
    int64_t timeout_s = request->timeout_s > 0 ? request->timeout_s : TIMEOUT_S;
    int64_t deadline_us = clock_monotonic_us(client->cloud->timers->clock) + timeout_s * US_PER_SECOND + GRACE_US;
    g_autofree char *path = g_strdup_printf(STATEMENTS "?requestId=%s&nullable=true%s", request->id,
                                            request->is_repeated ? "&retry=true" : "");
    SnowflakeResult *results = ARENA_ARRAY(arena, SnowflakeResult, (size_t)request->count);
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(Str));
    g_autoptr(GString) body = g_string_new("");
    SnowflakeAnswer answer;

    g_assert(request->count > 0 && g_uuid_string_is_valid(request->id));
    g_free(client->sql_state);
    client->sql_state = g_strdup("");
    write_body(client, request, body);
    if (!ask(client, "POST", path, str_of_gstring(body), cells, arena, &answer, error) ||
        !wait_for_end(client, deadline_us, cells, arena, &answer, error))
        return false;
    if (request->count == 1 && !take_result(client, &answer, cells, arena, results, error))
        return false;
    if (request->count > 1 && answer.handle_count != (size_t)request->count)
        return weir_fail(error, WEIR_ERROR_BROKEN, "Snowflake ran %zu statements of %" G_GINT64_FORMAT,
                         answer.handle_count, request->count);
    for (size_t i = 0; request->count > 1 && i < answer.handle_count; i++)
        if (!fetch_result(client, answer.handles[i], deadline_us, arena, &results[i], error))
            return false;
    *ret_results = results;
    return true;
}
