#include "commands/source_record.h"

#include "commands/answer_file.h"
#include "commands/command.h"
#include "commands/fetching.h"
#include "commands/golden_exchange.h"
#include "sources/definition.h"

#define BODY_LIMIT_BYTES ((gsize)4 * 1024 * 1024)
/* An escape of JSON is no part of a word: masking into one would break the text. */
#define ESCAPE "\\\\(?:u[0-9a-fA-F]{4}|.)(*SKIP)(*FAIL)|"

typedef struct {
    const Operation *operation;
    GString *body;
    GArray *kept;       /* of HttpHeader: the answer's, masked */
    Str token, cookies; /* of the real login */
    Arena *arena;
    int status;
    bool done, complete, too_large, with_session;
    char *refusal;
} Recording;

/* ---- hiding ---- */

static void
mask_match(GString *text, int start, int end, bool digits)
{
    for (int i = start; i < end; i++) {
        char c = text->str[i];

        if (digits ? g_ascii_isdigit(c) : g_ascii_isalnum(c))
            text->str[i] = digits ? '0' : 'x';
    }
}

static void
mask_pattern(GString *text, const char *pattern, bool digits)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
    g_autofree char *before = g_strndup(text->str, text->len);
    g_autoptr(GMatchInfo) match = NULL;
    int start, end;

    g_regex_match_full(regex, before, (gssize)text->len, 0, 0, &match, NULL);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        if (g_match_info_fetch_pos(match, 0, &start, &end))
            mask_match(text, start, end, digits);
    }
}

/* A number is a telephone's when it begins with + or 0 and is written in groups: ids, dates and amounts are not. */
static void
mask_personal_data(GString *text)
{
    mask_pattern(text, ESCAPE "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,8}", false);
    mask_pattern(text, ESCAPE "(?<![\\w.+-])\\+[0-9](?:[ ().\\/-]{0,2}[0-9]){6,14}(?![\\w])", true);
    mask_pattern(text,
                 ESCAPE "(?<![\\w.+-])(?!0[0-9][ -][0-9]{2}[ -][0-9]{4}(?![0-9]))\\(?0[0-9]{1,4}\\)?[ \\/-][0-9](?:[ "
                        "-]?[0-9]){4,10}(?![\\w:-])",
                 true);
    mask_pattern(text, ESCAPE "(?<![\\w.+-])(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[-.])[0-9]{3}[-.][0-9]{4}(?![\\w-])",
                 true);
}

static Str
hide(const Recording *recording, Str text)
{
    text = operation_redact(recording->operation, text, recording->arena);
    text = secret_hide(text, recording->token, recording->arena);
    return secret_hide(text, recording->cookies, recording->arena);
}

/* ---- asking ---- */

static void
on_sending(void *data, const HttpRequest *request, const Session *session)
{
    Recording *recording = data;

    (void)request;
    recording->token = arena_str(recording->arena, session->token);
    recording->cookies = arena_str(recording->arena, session->cookies);
    recording->with_session = session->token.at != NULL || session->cookies.at != NULL;
}

/* Only headers that say what the answer is or where it goes on: others are of the connection, or name a visitor. */
static bool
is_kept(Str name)
{
    static const char *const KEPT[] = {"Content-Type", "Link", "Content-Range", "Retry-After", "X-Total-Count"};

    for (size_t i = 0; i < G_N_ELEMENTS(KEPT); i++)
        if (str_equal_ignoring_case(name, str_of(KEPT[i])))
            return true;
    return false;
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Recording *recording = data;

    recording->status = status;
    for (size_t i = 0; i < headers.count; i++) {
        HttpHeader header = headers.items[i];

        if (!is_kept(header.name))
            continue;
        header.name = arena_str(recording->arena, header.name);
        header.value = arena_str(recording->arena, hide(recording, header.value));
        g_array_append_val(recording->kept, header);
    }
}

static bool
on_body(void *data, Str bytes)
{
    Recording *recording = data;

    recording->too_large = recording->body->len + bytes.size > BODY_LIMIT_BYTES;
    if (!recording->too_large)
        str_append(recording->body, bytes);
    return !recording->too_large;
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Recording *recording = data;

    recording->complete = result->outcome == HTTP_OUTCOME_ANSWERED;
    if (!recording->complete)
        recording->refusal = g_strdup(refusal != NULL ? refusal->message : result->message);
    recording->done = true;
}

/* ---- writing down ---- */

static bool
write_file(const char *folder, const GString *text, int64_t now_us, GError **error)
{
    char moment[TIMESTAMP_TEXT_SIZE];
    g_autofree char *name = g_strdup_printf("%.10s-%.2s%.2s%.2s.json", timestamp_format(now_us, moment), moment + 11,
                                            moment + 14, moment + 17);
    g_autofree char *path = g_build_filename(folder, name, NULL);

    if (g_mkdir_with_parents(folder, 0755) != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s can't be made", folder);
    if (!g_file_set_contents(path, text->str, (gssize)text->len, error))
        return false;
    command_print("%s\n", path);
    return true;
}

static bool
recording_check(const Recording *recording, Str source, GError **error)
{
    if (recording->too_large)
        return weir_fail(error, WEIR_ERROR_LIMIT, "%.*s answered with more than 4 MiB: ask for fewer listings",
                         STR_FORMAT(source));
    if (!recording->complete)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%.*s gave no whole answer: %s", STR_FORMAT(source),
                         recording->refusal);
    if (!g_utf8_validate_len(recording->body->str, recording->body->len, NULL))
        return weir_fail(error, WEIR_ERROR_INVALID, "the answer of %.*s is no UTF-8 text: a JSON file can't hold it",
                         STR_FORMAT(source));
    return true;
}

/* Masks what came, and writes it down with what it means. */
static bool
keep(const Deployment *deployment, Recording *recording, const Question *question, const char *folder, int64_t now_us,
     GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Operation *operation = recording->operation;
    GoldenExchange golden;
    Str hidden = hide(recording, arena_str(recording->arena, str_of_gstring(recording->body)));

    g_string_truncate(recording->body, 0);
    str_append(recording->body, hidden);
    mask_personal_data(recording->body);
    golden = (GoldenExchange){.operation = operation_name(operation),
                              .question = question,
                              .status = recording->status,
                              .headers = {(const HttpHeader *)(void *)recording->kept->data, recording->kept->len},
                              .body = str_of_gstring(recording->body),
                              .with_session = recording->with_session};
    return golden_exchange_write(&golden, deployment->config->sources, str_of(source_name(operation_source(operation))),
                                 now_us, text, error) &&
           write_file(folder, text, now_us, error);
}

static int64_t
whole_second(const Deployment *deployment)
{
    return clock_now_us(deployment->clock) / US_PER_SECOND * US_PER_SECOND;
}

bool
source_record(Deployment *deployment, const Source *source, const Question *question, const char *folder,
              GError **error)
{
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    g_autofree char *refusal = NULL;
    Recording recording = {.operation = source_search(source), .body = body, .kept = kept, .arena = arena};
    int64_t now_us = whole_second(deployment);

    if (!fetching_ask(deployment, recording.operation, question, &RECEIVER, &recording, &recording.done, error))
        return false;
    refusal = recording.refusal;
    return recording_check(&recording, str_of(source_name(source)), error) &&
           keep(deployment, &recording, question, folder, now_us, error);
}

bool
source_record_file(Deployment *deployment, const Source *source, const Question *question, const char *file,
                   const char *folder, GError **error)
{
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    const Operation *operation = source_search(source) != NULL ? source_search(source) : source_feed(source);
    Recording recording = {
        .operation = operation, .body = body, .kept = kept, .arena = arena, .status = 200, .complete = true};

    if (operation == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s has neither search nor feed", source_name(source));
    recording.with_session = operation_login(operation) != NULL;
    return answer_file_each(file, on_body, &recording, error) &&
           recording_check(&recording, str_of(source_name(source)), error) &&
           keep(deployment, &recording, question, folder, whole_second(deployment), error);
}
