#include "commands/golden_exchange.h"

#include "base/json_writer.h"

#define SESSION_TOKEN   "SESSION-TOKEN"
#define SESSION_COOKIES "session=SESSION-COOKIE"

/* A secret that is a whole URL must look like one. */
static const char *
placeholder(void *data, const char *name)
{
    g_autofree char *value =
        g_strconcat(g_str_has_suffix(name, "_URL") ? "https://secret.example/" : "SECRET-", name, NULL);

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
    write_text(json, "language", l->language);
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
write_headers(JsonWriter *json, HttpHeaders headers)
{
    json_key(json, "headers");
    json_begin_object(json);
    for (size_t i = 0; i < headers.count; i++) {
        g_autofree char *name = str_dup(headers.items[i].name);

        json_member_text(json, name, headers.items[i].value);
    }
    json_end_object(json);
}

static void
write_request(JsonWriter *json, const HttpRequest *request)
{
    json_key(json, "request");
    json_begin_object(json);
    json_member_text(json, "method", str_of(request->method));
    json_member_text(json, "url", str_of(request->url));
    write_headers(json, request->headers);
    write_text(json, "body", request->body);
    json_end_object(json);
}

static void
write_answer(JsonWriter *json, const GoldenExchange *exchange)
{
    json_key(json, "answer");
    json_begin_object(json);
    json_member_int(json, "status", exchange->status);
    write_headers(json, exchange->headers);
    json_member_text(json, "text", exchange->body);
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
write_meaning(JsonWriter *json, const GoldenExchange *exchange, const Operation *operation, const Clock *clock)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};
    g_autoptr(GString) listings = g_string_new(NULL);
    Reading reading = {.json = json_writer(listings)};
    g_autoptr(Answer) answer = answer_new(operation, exchange->question, clock, &EVENTS, &reading);
    AnswerStatus status;
    Str message;

    json_begin_array(&reading.json);
    answer_head(answer, exchange->status, exchange->headers);
    (void)answer_push(answer, exchange->body);
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

/* The operation as the replay will load it: NULL when the folder has no such source. */
static const Operation *
find_operation(const SourceSet *set, Str source, const char *name, GError **error)
{
    const Source *found = source_set_find(set, source);
    const Operation *operation = found == NULL               ? NULL
                                 : strcmp(name, "feed") == 0 ? source_feed(found)
                                                             : source_search(found);

    if (operation == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "%.*s is an instance of the configuration; record one of its file",
                  STR_FORMAT(source));
    return operation;
}

bool
golden_exchange_write(const GoldenExchange *exchange, const char *directory, Str source, int64_t now_us, GString *to,
                      GError **error)
{
    const SourceSetSpec spec = {.directory = directory, .secret = placeholder};
    const Session session = {STR(SESSION_TOKEN), STR(SESSION_COOKIES)};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SourceSet) set = source_set_load(&spec, error);
    const Operation *operation = set == NULL ? NULL : find_operation(set, source, exchange->operation, error);
    JsonWriter json = json_writer(to);
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, now_us);
    if (operation == NULL || !operation_request(operation, exchange->question, exchange->with_session ? &session : NULL,
                                                &clock.clock, arena, &request, error))
        return false;
    json_begin_object(&json);
    if (strcmp(exchange->operation, "search") != 0)
        json_member_text(&json, "operation", str_of(exchange->operation));
    write_moment(&json, "now", now_us);
    write_question(&json, exchange->question);
    if (exchange->with_session) {
        json_key(&json, "session");
        json_begin_object(&json);
        json_member_text(&json, "token", session.token);
        json_member_text(&json, "cookies", session.cookies);
        json_end_object(&json);
    }
    write_request(&json, &request);
    write_answer(&json, exchange);
    write_meaning(&json, exchange, operation, &clock.clock);
    json_end_object(&json);
    g_string_append_c(to, '\n');
    return true;
}
