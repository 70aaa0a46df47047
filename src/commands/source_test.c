#include "commands/source_test.h"

#include "commands/command.h"
#include "commands/fetching.h"

#include <errno.h>
#include <stdio.h>

#define PIECE_BYTES ((size_t)64 * 1024)

typedef struct {
    const Operation *operation;
    Answer *answer;
    Arena *arena;
    size_t shown;
    bool done, complete;
    AnswerStatus refusal; /* ANSWER_OK: it was asked */
} Trial;

static void
print_text(const char *name, Str text)
{
    if (text.at != NULL)
        command_print("   %-16s %.*s\n", name, STR_FORMAT(text));
}

static void
print_moment(const char *name, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (us != TIMESTAMP_NONE)
        command_print("   %-16s %s\n", name, timestamp_format(us, text));
}

static void
print_money(const char *name, int64_t micros, Currency currency)
{
    char text[MONEY_TEXT_SIZE];

    command_print("   %-16s %s %s\n", name, money_format(micros, text), currency.code);
}

static void
print_salary(const Salary *salary)
{
    if (salary->has_min)
        print_money("salary.min", salary->min_micros, salary->currency);
    if (salary->has_max)
        print_money("salary.max", salary->max_micros, salary->currency);
    print_text("salary.period", str_of(period_name(salary->period)));
    print_text("salary.text", salary->text);
}

static void
print_kinds(const Listing *l)
{
    print_text("remote", str_of(remote_name(l->remote)));
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1)
        if ((l->employment_types & bit) != 0)
            print_text("employment_type", str_of(employment_type_name((EmploymentType)bit)));
    if (l->has_position)
        command_print("   %-16s %.6f, %.6f\n", "position", l->latitude, l->longitude);
}

static bool
on_listing(void *data, const Listing *l)
{
    Trial *trial = data;

    command_print("\n%" G_GSIZE_FORMAT ". %.*s\n", ++trial->shown, STR_FORMAT(l->title));
    print_text("id", l->id);
    print_text("company", l->company);
    print_text("location", l->location);
    print_text("country", l->country);
    print_kinds(l);
    print_salary(&l->salary);
    print_moment("posted_at", l->posted_at_us);
    print_moment("expires_at", l->expires_at_us);
    print_text("category", l->category);
    print_text("language", l->language);
    print_text("snippet", l->snippet);
    if (l->has_bid)
        print_money("bid", l->bid.micros, l->bid.currency);
    print_text("url", operation_redact(trial->operation, l->url, trial->arena));
    return true;
}

static void
on_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    Trial *trial = data;

    if (row == 0)
        command_print("answer       %s: %s\n", field, operation_redact(trial->operation, text, trial->arena).at);
    else
        command_print("record %" G_GUINT64_FORMAT " %s: %s: %s: %s\n", row,
                      dropped ? "dropped" : "kept without a field", field != NULL ? field : "-", reason,
                      operation_redact(trial->operation, text, trial->arena).at);
}

static void
on_sending(void *data, const HttpRequest *request, const Session *session)
{
    Trial *trial = data;

    answer_hide(trial->answer, session);
    command_print("request      %s %s\n", request->method,
                  operation_redact(trial->operation, str_of(request->url), trial->arena).at);
    if (request->body.at != NULL)
        command_print("body         %s\n", operation_redact(trial->operation, request->body, trial->arena).at);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Str type = http_header_find(headers, "Content-Type");

    command_print("answer       %d, %.*s\n", status, STR_FORMAT(type));
    answer_head(((Trial *)data)->answer, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    return answer_push(((Trial *)data)->answer, bytes);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Trial *trial = data;

    trial->complete = result->outcome == HTTP_OUTCOME_ANSWERED;
    trial->refusal = refusal != NULL ? refusal->status : ANSWER_OK;
    if (refusal != NULL)
        command_print("not asked    %s: %s\n", answer_status_name(refusal->status), refusal->message);
    else if (!trial->complete)
        command_print("transfer     %s: %s\n", http_outcome_name(result->outcome), result->message);
    trial->done = true;
}

/* How many of the records had each field that the definition maps. */
static void
print_fields(const MappingTally *tally)
{
    static const char *const HEADS[] = {"FIELD", ">FILLED", ">OF", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);

    for (unsigned field = FIELD_TITLE; field < FIELD_COUNT; field++) {
        if (tally->seen[field] == 0)
            continue;
        text_table_add(table, str_of(listing_field_name(field)));
        text_table_printf(table, "%" G_GINT64_FORMAT, tally->filled[field]);
        text_table_printf(table, "%" G_GINT64_FORMAT, tally->seen[field]);
    }
    command_print("\n");
    command_print_table(table, "no record was read");
}

/* Tells the end of the answer, which goes. */
static bool
conclude(Trial *trial, GError **error)
{
    Str message;
    AnswerStatus status = answer_finish(trial->answer, trial->complete, &message);

    status = trial->refusal != ANSWER_OK ? trial->refusal : status;
    print_fields(answer_tally(trial->answer));
    command_print("\nstatus       %s%s%.*s\nrecords      %" G_GUINT64_FORMAT "\nlistings     %" G_GSIZE_FORMAT "\n",
                  answer_status_name(status), message.size > 0 ? ": " : "", STR_FORMAT(message),
                  answer_record_count(trial->answer), trial->shown);
    answer_free(trial->answer);
    if (status == ANSWER_OK || status == ANSWER_EMPTY)
        return true;
    return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s did not answer with listings",
                     source_name(operation_source(trial->operation)));
}

static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};

bool
source_test(Deployment *deployment, const Source *source, const Question *question, GError **error)
{
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    Trial trial = {.operation = source_search(source), .arena = arena};
    const ExchangeSpec exchange = {.operation = trial.operation, .question = question};

    trial.answer = answer_new(trial.operation, question, deployment->clock, &EVENTS, &trial);
    if (exchange_start(exchanges, &exchange, &RECEIVER, &trial, error) == NULL) {
        answer_free(trial.answer);
        return false;
    }
    uv_loop_run_until(loop, &trial.done);
    return conclude(&trial, error);
}

/* What would be asked; what keeps it from being asked is told, and is no reason not to read the file. */
static void
print_request(const Deployment *deployment, Trial *trial, const Question *question)
{
    const Session none = {0};
    g_autoptr(GError) error = NULL;
    HttpRequest request;

    if (operation_can_be_asked(trial->operation) &&
        operation_request(trial->operation, question, &none, deployment->clock, trial->arena, &request, &error))
        on_sending(trial, &request, &none);
    else
        command_print("not asked    %s\n", error != NULL ? error->message : "it is only given by hand");
}

static bool
push_file(Trial *trial, const char *path, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    FILE *file = fopen(path, "rb");
    size_t size;
    bool failed;

    if (file == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %s", path, g_strerror(errno));
    while ((size = fread(piece, 1, PIECE_BYTES, file)) > 0)
        if (!answer_push(trial->answer, (Str){piece, size}))
            break;
    failed = ferror(file) != 0;
    fclose(file);
    return !failed || weir_fail(error, WEIR_ERROR_INVALID, "%s can't be read", path);
}

bool
source_test_file(Deployment *deployment, const Source *source, const Question *question, const char *path,
                 GError **error)
{
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    Trial trial = {.operation = source_search(source) != NULL ? source_search(source) : source_feed(source),
                   .arena = arena,
                   .complete = true};

    if (trial.operation == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s has neither search nor feed", source_name(source));
    trial.answer = answer_new(trial.operation, question, deployment->clock, &EVENTS, &trial);
    print_request(deployment, &trial, question);
    command_print("answer       from %s\n", path);
    if (!push_file(&trial, path, error)) {
        answer_free(trial.answer);
        return false;
    }
    return conclude(&trial, error);
}
