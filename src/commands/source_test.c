#include "commands/source_test.h"

#include "commands/answer_file.h"
#include "commands/command.h"
#include "commands/fetching.h"
#include "commands/test_report.h"
#include "drafting/record_find.h"

typedef struct {
    TestReport *report;
    bool done, complete;
    AnswerStatus refusal; /* ANSWER_OK: it was asked */
} Trial;

static void
on_sending(void *data, const HttpRequest *request, const Session *session)
{
    test_report_request(((Trial *)data)->report, request, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    test_report_head(((Trial *)data)->report, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    return test_report_body(((Trial *)data)->report, bytes);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Trial *trial = data;

    trial->complete = result->outcome == HTTP_OUTCOME_ANSWERED;
    trial->refusal = refusal != NULL ? refusal->status : ANSWER_OK;
    if (refusal != NULL)
        test_report_not_asked(trial->report, answer_status_name(refusal->status), refusal->message);
    else if (!trial->complete)
        test_report_broke_off(trial->report, http_outcome_name(result->outcome), result->message);
    trial->done = true;
}

static bool
ask(Deployment *deployment, const Operation *operation, const Question *question, Trial *trial, GError **error)
{
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};

    return fetching_ask(deployment, operation, question, &RECEIVER, trial, &trial->done, error);
}

static bool
read_file(const char *path, Trial *trial, GError **error)
{
    trial->complete = answer_file_each(path, on_body, trial, error);
    return trial->complete;
}

/* What would be asked; what keeps it from being asked is told, and is no reason not to read a file. */
static void
tell_request(const Deployment *deployment, const Operation *operation, const Question *question, TestReport *report)
{
    const Session none = {0};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request;

    if (!operation_can_be_asked(operation))
        test_report_not_asked(report, "", "it is only given by hand");
    else if (operation_request(operation, question, &none, deployment->clock, arena, &request, &error))
        test_report_request(report, &request, &none);
    else
        test_report_not_asked(report, "", error->message);
}

/* One step: asked, or read from a file. */
static bool
run_step(Deployment *deployment, const Operation *operation, const Question *question, const char *file,
         TestReport *report, AnswerStatus *ret_status, GError **error)
{
    Trial trial = {.report = report};

    test_report_open(report, question, deployment->clock);
    if (file != NULL) {
        tell_request(deployment, operation, question, report);
        test_report_from_file(report, file);
    }
    if (!(file != NULL ? read_file(file, &trial, error) : ask(deployment, operation, question, &trial, error)))
        return false;
    *ret_status = test_report_end(report, trial.complete, trial.refusal);
    return true;
}

/* Where a kept answer has what looks like listings, when the definition finds none in it. */
static void
print_records_elsewhere(const char *file)
{
    g_autoptr(Arena) arena = arena_new(16 * 1024);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_auto(RecordGuesses) guesses = {0};
    g_autoptr(Sample) sample = NULL;
    bool is_cut;

    if (!answer_file_beginning(file, SAMPLE_LIMIT_BYTES, bytes, &is_cut, &error) ||
        (sample = sample_read(str_of_gstring(bytes), is_cut, NULL, &error)) == NULL)
        return;
    records_find(sample, arena, &guesses);
    if (guesses.count == 0)
        return;
    command_print("elsewhere    what looks like listings stands at %s, %" G_GSIZE_FORMAT " times\n",
                  guesses.items[0].path, guesses.items[0].count);
    if (sample->embedded_after != NULL)
        command_print("             in a page, behind %s: see embedded in docs/sources.md\n", sample->embedded_after);
}

static bool
check_status(const Operation *operation, AnswerStatus status, const char *what, GError **error)
{
    return status == ANSWER_OK || status == ANSWER_EMPTY ||
           weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s did not answer with %s",
                     source_name(operation_source(operation)), what);
}

/* The second step about the listing that was told; NULL when there is none to be made. */
static TestReport *
run_detail(Deployment *deployment, const Operation *operation, const Question *question, const SourceTestSpec *spec,
           const TestReport *list, AnswerStatus *ret_status, GError **error)
{
    const Operation *detail = operation_detail(operation);
    const Listing *listing = test_report_listing(list);
    g_autoptr(TestReport) report = NULL;
    Question about;

    if (detail == NULL || listing == NULL)
        return NULL;
    about = question_about(question, listing);
    report = test_report_new(detail, 1, spec->as_json);
    if (!spec->as_json)
        command_print("\n---- the second step, about %.*s ----\n\n", STR_FORMAT(listing->title));
    if (spec->file != NULL && spec->detail_file == NULL) {
        test_report_open(report, &about, deployment->clock);
        tell_request(deployment, detail, &about, report);
        if (!spec->as_json)
            command_print("answer       --detail-file FILE reads one that was kept\n");
        return NULL;
    }
    return run_step(deployment, detail, &about, spec->detail_file, report, ret_status, error) ? g_steal_pointer(&report)
                                                                                              : NULL;
}

static void
print_json(const Source *source, const TestReport *list, const TestReport *detail)
{
    Str steps = test_report_json(list), more = detail != NULL ? test_report_json(detail) : STR("");

    g_print("{\"source\":\"%s\",\"steps\":[%.*s%s%.*s]}\n", source_name(source), STR_FORMAT(steps),
            more.size > 0 ? "," : "", STR_FORMAT(more));
}

bool
source_test(Deployment *deployment, const Source *source, const Question *question, const SourceTestSpec *spec,
            GError **error)
{
    const Operation *operation = source_search(source) != NULL ? source_search(source) : source_feed(source);
    g_autoptr(TestReport) list = NULL, detail = NULL;
    g_autoptr(GError) detail_error = NULL;
    AnswerStatus status = ANSWER_OK, detail_status = ANSWER_OK;

    if (operation == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s has neither search nor feed", source_name(source));
    if (spec->detail_file != NULL && operation_detail(operation) == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s has no second step for --detail-file", source_name(source));
    list = test_report_new(operation, spec->record, spec->as_json);
    if (!run_step(deployment, operation, question, spec->file, list, &status, error))
        return false;
    if (spec->file != NULL && !spec->as_json && test_report_record_count(list) == 0)
        print_records_elsewhere(spec->file);
    detail = run_detail(deployment, operation, question, spec, list, &detail_status, &detail_error);
    if (spec->as_json)
        print_json(source, list, detail);
    if (detail_error != NULL) {
        g_propagate_error(error, g_steal_pointer(&detail_error));
        return false;
    }
    return check_status(operation, status, "listings", error) &&
           check_status(operation, detail_status, "a detail", error);
}
