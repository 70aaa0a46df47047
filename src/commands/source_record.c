#include "commands/source_record.h"

#include "base/json_writer.h"
#include "commands/command.h"
#include "commands/fetching.h"
#include "sources/definition.h"

#define BODY_LIMIT_BYTES ((gsize)4 * 1024 * 1024)
/* An escape of JSON is no part of a word: masking into one would break the text. */
#define ESCAPE          "\\\\(?:u[0-9a-fA-F]{4}|.)(*SKIP)(*FAIL)|"
#define SESSION_TOKEN   "SESSION-TOKEN"
#define SESSION_COOKIES "session=SESSION-COOKIE"

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

static const char *
placeholder(void *data, const char *name)
{
    g_autofree char *value = g_strconcat("SECRET-", name, NULL);

    (void)data;
    return g_intern_string(value);
}

static void
write_money(JsonWriter *json, const char *key, int64_t micros)
{
    char text[MONEY_TEXT_SIZE];

    json_member_text(json, key, str_of(money_format(micros, text)));
}

static void
write_moment(JsonWriter *json, const char *key, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (us != TIMESTAMP_NONE)
        json_member_text(json, key, str_of(timestamp_format(us, text)));
}

static void
write_text(JsonWriter *json, const char *key, Str text)
{
    if (text.at != NULL)
        json_member_text(json, key, text);
}

static void
write_degrees(JsonWriter *json, const char *key, double degrees)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    json_member_text(json, key, str_of(g_ascii_dtostr(text, sizeof text, degrees)));
}

static void
write_salary(JsonWriter *json, const Salary *salary)
{
    if (salary->has_min)
        write_money(json, "salary_min", salary->min_micros);
    if (salary->has_max)
        write_money(json, "salary_max", salary->max_micros);
    write_text(json, "salary_text", salary->text);
    if (!salary->has_min && !salary->has_max)
        return;
    write_text(json, "salary_currency", str_of(salary->currency.code));
    write_text(json, "salary_period", str_of(period_name(salary->period)));
}

/* The last of several types is what the replay compares. */
static void
write_kinds(JsonWriter *json, const Listing *l)
{
    const char *type = NULL;

    write_text(json, "remote", str_of(remote_name(l->remote)));
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1)
        if ((l->employment_types & bit) != 0)
            type = employment_type_name((EmploymentType)bit);
    write_text(json, "employment_type", str_of(type));
    if (!l->has_position)
        return;
    write_degrees(json, "latitude", l->latitude);
    write_degrees(json, "longitude", l->longitude);
}

typedef struct {
    JsonWriter json; /* the listings */
    int64_t rejected;
} Reading;

static bool
on_listing(void *data, const Listing *l)
{
    JsonWriter *json = &((Reading *)data)->json;

    json_begin_object(json);
    write_text(json, "id", l->id);
    write_text(json, "title", l->title);
    write_text(json, "company", l->company);
    write_text(json, "location", l->location);
    write_text(json, "country", l->country);
    write_text(json, "snippet", l->snippet);
    write_text(json, "description", l->description);
    write_text(json, "category", l->category);
    write_text(json, "url", l->url);
    write_kinds(json, l);
    write_moment(json, "posted_at", l->posted_at_us);
    write_moment(json, "expires_at", l->expires_at_us);
    write_salary(json, &l->salary);
    if (l->has_bid) {
        write_money(json, "bid", l->bid.micros);
        write_text(json, "bid_currency", str_of(l->bid.currency.code));
    }
    json_end_object(json);
    return true;
}

static void
on_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    (void)row, (void)dropped, (void)field, (void)reason, (void)text;
    ((Reading *)data)->rejected++;
}

static void
write_question(JsonWriter *json, const Question *question)
{
    json_key(json, "question");
    json_begin_object(json);
    write_text(json, "keywords", question->keywords);
    write_text(json, "location", question->location);
    write_text(json, "country", question->country);
    json_member_int(json, "page", question->page);
    json_member_int(json, "per_page", question->per_page);
    write_text(json, "user_ip", question->user_ip);
    write_text(json, "user_agent", question->user_agent);
    write_text(json, "page_url", question->page_url);
    json_end_object(json);
}

static void
write_request(JsonWriter *json, const HttpRequest *request)
{
    json_key(json, "request");
    json_begin_object(json);
    json_member_text(json, "method", str_of(request->method));
    json_member_text(json, "url", str_of(request->url));
    json_key(json, "headers");
    json_begin_object(json);
    for (size_t i = 0; i < request->headers.count; i++) {
        g_autofree char *name = str_dup(request->headers.items[i].name);

        json_member_text(json, name, request->headers.items[i].value);
    }
    json_end_object(json);
    write_text(json, "body", request->body);
    json_end_object(json);
}

static void
write_answer(JsonWriter *json, const Recording *recording)
{
    json_key(json, "answer");
    json_begin_object(json);
    json_member_int(json, "status", recording->status);
    json_key(json, "headers");
    json_begin_object(json);
    for (guint i = 0; i < recording->kept->len; i++) {
        const HttpHeader *header = &g_array_index(recording->kept, HttpHeader, i);

        json_member_text(json, header->name.at, header->value);
    }
    json_end_object(json);
    json_member_text(json, "text", str_of_gstring(recording->body));
    json_end_object(json);
}

static void
write_next(JsonWriter *json, const Answer *answer)
{
    Question next;

    if (!answer_next(answer, &next))
        return;
    json_key(json, "next");
    json_begin_object(json);
    json_member_int(json, "page", next.page);
    json_member_int(json, "part", next.part);
    write_text(json, "cursor", next.cursor);
    json_end_object(json);
}

/* What the masked answer means, read as the replay will read it. */
static void
write_meaning(JsonWriter *json, const Recording *recording, const Operation *operation, const Question *question,
              const Clock *clock)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};
    g_autoptr(GString) listings = g_string_new(NULL);
    Reading reading = {.json = json_writer(listings)};
    g_autoptr(Answer) answer = answer_new(operation, question, clock, &EVENTS, &reading);
    const HttpHeaders headers = {(const HttpHeader *)(void *)recording->kept->data, recording->kept->len};
    AnswerStatus status;
    Str message;

    json_begin_array(&reading.json);
    answer_head(answer, recording->status, headers);
    (void)answer_push(answer, str_of_gstring(recording->body));
    status = answer_finish(answer, true, &message);
    json_end_array(&reading.json);
    json_member_text(json, "status", str_of(answer_status_name(status)));
    json_member_text_if(json, "message", message);
    if (answer_total(answer) >= 0)
        json_member_int(json, "total", answer_total(answer));
    json_member_int(json, "rejected", reading.rejected);
    write_next(json, answer);
    json_key(json, "listings");
    json_raw(json, str_of_gstring(listings));
}

/* The whole exchange, with placeholders for what is secret; NULL when the source can't be asked so. */
static GString *
exchange_written(const Recording *recording, const Question *question, const char *directory, Str source,
                 int64_t now_us, GError **error)
{
    const SourceSetSpec spec = {.directory = directory, .secret = placeholder};
    const Session session = {STR(SESSION_TOKEN), STR(SESSION_COOKIES)};
    g_autoptr(SourceSet) set = source_set_load(&spec, error);
    const Source *found = set != NULL ? source_set_find(set, source) : NULL;
    GString *text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, now_us);
    if (found == NULL || source_search(found) == NULL ||
        !operation_request(source_search(found), question, recording->with_session ? &session : NULL, &clock.clock,
                           recording->arena, &request, error)) {
        g_string_free(text, TRUE);
        if (error == NULL || *error == NULL)
            (void)weir_fail(error, WEIR_ERROR_INVALID,
                            "%.*s is an instance of the configuration; record one of its file", STR_FORMAT(source));
        return NULL;
    }
    json_begin_object(&json);
    write_moment(&json, "now", now_us);
    write_question(&json, question);
    if (recording->with_session) {
        json_key(&json, "session");
        json_begin_object(&json);
        json_member_text(&json, "token", session.token);
        json_member_text(&json, "cookies", session.cookies);
        json_end_object(&json);
    }
    write_request(&json, &request);
    write_answer(&json, recording);
    write_meaning(&json, recording, source_search(found), question, &clock.clock);
    json_end_object(&json);
    g_string_append_c(text, '\n');
    return text;
}

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

bool
source_record(Deployment *deployment, const Source *source, const Question *question, const char *folder,
              GError **error)
{
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    g_autoptr(GString) text = NULL;
    g_autofree char *refusal = NULL;
    Recording recording = {.operation = source_search(source), .body = body, .kept = kept, .arena = arena};
    const ExchangeSpec exchange = {.operation = recording.operation, .question = question};
    Str name = str_of(source_name(source)), hidden;
    int64_t now_us = clock_now_us(deployment->clock) / US_PER_SECOND * US_PER_SECOND;

    if (exchange_start(exchanges, &exchange, &RECEIVER, &recording, error) == NULL)
        return false;
    uv_loop_run_until(loop, &recording.done);
    refusal = recording.refusal;
    if (!recording_check(&recording, name, error))
        return false;
    hidden = hide(&recording, arena_str(arena, str_of_gstring(body)));
    g_string_truncate(body, 0);
    str_append(body, hidden);
    mask_personal_data(body);
    text = exchange_written(&recording, question, deployment->config->sources, name, now_us, error);
    return text != NULL && write_file(folder, text, now_us, error);
}
