#include "revenue/source_formats.h"

#include "base/timestamp.h"
#include "revenue/postback.h"

typedef struct {
    LineReader reader;
    const LineEvents *events;
    void *data;
    Question question;
    Answer *answer;
} AnswerReader;

bool
answer_status_check(AnswerStatus status, Str message, GError **error)
{
    static const WeirError CODES[] = {
        [ANSWER_CREDENTIAL] = WEIR_ERROR_INVALID,    [ANSWER_QUOTA] = WEIR_ERROR_LIMIT,
        [ANSWER_TRANSIENT] = WEIR_ERROR_UNAVAILABLE, [ANSWER_PERMANENT] = WEIR_ERROR_INVALID,
        [ANSWER_MALFORMED] = WEIR_ERROR_INVALID,
    };

    if (status == ANSWER_OK || status == ANSWER_EMPTY)
        return true;
    return weir_fail(error, CODES[status], "%s: %.*s", answer_status_name(status), STR_FORMAT(message));
}

static bool
on_line(void *data, const ReportLine *line)
{
    AnswerReader *reader = data;

    return reader->events->line(reader->data, line);
}

/* A line that was kept without a field is told too: money may hang on that field. */
static void
on_rejected(void *data, uint64_t row, bool dropped G_GNUC_UNUSED, const char *field, const char *reason, Str text)
{
    AnswerReader *reader = data;

    reader->events->rejected(reader->data, row, field, reason, text);
}

static bool
answer_reader_push(LineReader *base, Str bytes)
{
    return answer_push(((AnswerReader *)base)->answer, bytes);
}

static bool
answer_reader_finish(LineReader *base, GError **error)
{
    Str message = STR_NONE;
    AnswerStatus status = answer_finish(((AnswerReader *)base)->answer, true, &message);

    return answer_status_check(status, message, error);
}

static void
answer_reader_free(LineReader *base)
{
    answer_free(((AnswerReader *)base)->answer);
    g_free(base);
}

static const Operation *
find_report(const SourceFormats *formats, const LineContext *context, GError **error)
{
    const Source *source = source_set_find(formats->set, str_of(context->source));
    const Operation *report;

    if (source == NULL) {
        weir_fail(error, WEIR_ERROR_NOT_FOUND, "no source is called \"%s\"", context->source);
        return NULL;
    }
    report = source_report_find(source, str_of(context->kind));
    if (report == NULL)
        weir_fail(error, WEIR_ERROR_NOT_FOUND, "source \"%s\" has no report \"%s\"", context->source, context->kind);
    return report;
}

static LineReader *
open_reader(const LineFormats *base, const LineContext *context, const LineEvents *events, void *data, GError **error)
{
    static const AnswerEvents EVENTS = {.line = on_line, .rejected = on_rejected};
    const SourceFormats *formats = (const SourceFormats *)base;
    const Operation *report;
    AnswerReader *reader;

    if (g_str_equal(context->kind, REPORT_KIND_POSTBACK))
        return postback_reader_new(events, data);
    report = find_report(formats, context, error);
    if (report == NULL)
        return NULL;
    reader = g_new0(AnswerReader, 1);
    reader->reader = (LineReader){
        .append_only = operation_report_mode(report) == REPORT_APPEND,
        .push = answer_reader_push,
        .finish = answer_reader_finish,
        .free = answer_reader_free,
    };
    reader->events = events;
    reader->data = data;
    reader->question = (Question){.page = 1, .since_us = context->since_us, .until_us = context->until_us};
    reader->answer = answer_new(report, &reader->question, formats->clock, &EVENTS, reader);
    if (context->content_type != NULL) {
        HttpHeader type = {STR("Content-Type"), str_of(context->content_type)};

        answer_head(reader->answer, 200, (HttpHeaders){&type, 1});
    }
    return &reader->reader;
}

void
source_formats_init(SourceFormats *formats, SourceSet *set, const Clock *clock)
{
    *formats = (SourceFormats){{open_reader}, source_set_ref(set), clock};
}

void
source_formats_clear(SourceFormats *formats)
{
    source_set_unref(formats->set);
}

const char *
source_formats_line_kind(const SourceFormats *formats, const char *name)
{
    const Source *source = source_set_find(formats->set, str_of(name));

    for (size_t i = 0; source != NULL && i < source_report_count(source); i++) {
        const Operation *report = source_report(source, i);

        if (operation_report_mode(report) != REPORT_AGGREGATE)
            return operation_name(report);
    }
    return NULL;
}
