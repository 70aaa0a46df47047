/* From the bytes of an answer to listings or lines, and to one word that says what the whole means. */
#include "sources/definition.h"

#include "listings/text.h"
#include "sources/moment.h"

#define BEGINNING_BYTES      4096 /* of the body, for rules by text and for messages */
#define MESSAGE_CHARS        300
#define RETRY_AFTER_LIMIT_US (7 * US_PER_DAY)

struct Answer {
    const Operation *operation;
    const Question *question;
    const Clock *clock;
    const AnswerEvents *events;
    void *data;
    Ask ask;
    Reader *reader;
    Arena *record_arena; /* reset for each record */
    Arena *arena;        /* of the message */
    GString *beginning;
    GError *error; /* why reading ended */
    bool stopped;  /* by a callback, which is no error */
    int status;    /* 0: not by HTTP */
    int64_t retry_after_us;
    AnswerStatus result;
};

const char *
answer_status_name(AnswerStatus status)
{
    static const char *const NAMES[] = {"ok", "empty", "credential", "quota", "transient", "permanent", "malformed"};

    return (size_t)status < G_N_ELEMENTS(NAMES) ? NAMES[status] : "unknown";
}

static bool
give_listing(Answer *answer, const Record *record)
{
    Listing listing;

    if (!listing_map_record(answer->operation, &answer->ask, record, answer->record_arena, answer->events, answer->data,
                            &listing))
        return true;
    if (!operation_keeps(answer->operation, answer->question, &listing, answer->record_arena))
        return true;
    return answer->events->listing == NULL || answer->events->listing(answer->data, &listing);
}

static bool
give_line(Answer *answer, const Record *record)
{
    ReportLine line;

    if (!line_map_record(answer->operation, &answer->ask, record, answer->record_arena, answer->events, answer->data,
                         &line))
        return true;
    return answer->events->line == NULL || answer->events->line(answer->data, &line);
}

/* What HTTP itself says; ANSWER_OK for success. */
static AnswerStatus
meaning_of_status(int status)
{
    if (status == 0 || (status >= 200 && status < 300))
        return status == 204 ? ANSWER_EMPTY : ANSWER_OK;
    switch (status) {
    case 304:
        return ANSWER_EMPTY;
    case 401:
    case 403:
        return ANSWER_CREDENTIAL;
    case 429:
        return ANSWER_QUOTA;
    case 408:
    case 425:
        return ANSWER_TRANSIENT;
    default:
        return status >= 500 ? ANSWER_TRANSIENT : ANSWER_PERMANENT;
    }
}

static bool
on_record(void *data, const Record *record)
{
    Answer *answer = data;
    bool go_on;

    /* An error that is a JSON object is no listing, even where a bare object may stand for a list. */
    if (meaning_of_status(answer->status) != ANSWER_OK)
        return true;
    arena_reset(answer->record_arena);
    if (operation_skips(answer->operation, &answer->ask, record, answer->record_arena))
        return true;
    go_on = answer->operation->kind == OPERATION_REPORT || answer->operation->kind == OPERATION_TOTALS
                ? give_line(answer, record)
                : give_listing(answer, record);
    answer->stopped |= !go_on;
    return go_on;
}

static void
on_rejected(void *data, uint64_t number, uint64_t position, const char *reason, Str text)
{
    Answer *answer = data;

    (void)position;
    if (answer->events->rejected != NULL)
        answer->events->rejected(answer->data, number, true, "record", reason, text);
}

Answer *
answer_new(const Operation *operation, const Question *question, const Clock *clock, const AnswerEvents *events,
           void *data)
{
    static const ReaderEvents READER_EVENTS = {.record = on_record, .rejected = on_rejected};
    Answer *answer = g_new0(Answer, 1);

    answer->operation = operation;
    answer->question = question;
    answer->clock = clock;
    answer->events = events;
    answer->data = data;
    answer->ask = operation_ask(operation, question);
    answer->ask.now_us = clock_now_us(clock);
    answer->record_arena = arena_new(16384);
    answer->arena = arena_new(1024);
    answer->beginning = g_string_new(NULL);
    answer->reader = reader_new(&operation->reader, &READER_EVENTS, answer);
    return answer;
}

void
answer_free(Answer *answer)
{
    if (answer == NULL)
        return;
    reader_free(answer->reader);
    arena_free(answer->record_arena);
    arena_free(answer->arena);
    g_string_free(answer->beginning, TRUE);
    g_clear_error(&answer->error);
    g_free(answer);
}

/* Seconds, or a date. */
static int64_t
parse_retry_after(const Answer *answer, Str text)
{
    int64_t seconds, until_us, wait_us = 0;

    text = str_trim(text);
    if (str_to_int64(text, &seconds))
        wait_us = CLAMP(seconds, 0, RETRY_AFTER_LIMIT_US / US_PER_SECOND) * US_PER_SECOND;
    else if (!str_is_empty(text) && moment_parse(text, NULL, &until_us))
        wait_us = until_us - clock_now_us(answer->clock);
    return CLAMP(wait_us, 0, RETRY_AFTER_LIMIT_US);
}

void
answer_head(Answer *answer, int status, HttpHeaders headers)
{
    answer->status = status;
    answer->retry_after_us = parse_retry_after(answer, http_header_find(headers, "Retry-After"));
}

bool
answer_push(Answer *answer, Str bytes)
{
    size_t room = BEGINNING_BYTES - MIN(answer->beginning->len, (gsize)BEGINNING_BYTES);

    str_append(answer->beginning, str_slice(bytes, 0, room));
    if (answer->error != NULL)
        return false;
    return reader_push(answer->reader, bytes, &answer->error);
}

/* ---- the meaning of the whole ---- */

/* The first match of a document path that has text; absent when it is null or missing. */
static Str
document_text(const Answer *answer, ptrdiff_t path, bool *ret_there)
{
    Values values = path < 0 ? (Values){NULL, 0} : reader_document(answer->reader, (size_t)path);

    *ret_there = false;
    for (size_t i = 0; i < values.count; i++) {
        if (values.values[i].kind == VALUE_NULL)
            continue;
        *ret_there = true;
        return values.values[i].text;
    }
    return STR_NONE;
}

static bool
fits_status(const AnswerRule *rule, int status)
{
    for (size_t i = 0; i < rule->status_count; i++) {
        if (rule->statuses[i] == status)
            return true;
    }
    return rule->status_count == 0;
}

static bool
fits_rule(const Answer *answer, const AnswerRule *rule)
{
    bool there;
    Str text;

    if (!fits_status(rule, answer->status))
        return false;
    if (rule->contains.at != NULL && str_find(str_of_gstring(answer->beginning), rule->contains) < 0)
        return false;
    if (rule->path < 0)
        return true;
    text = document_text(answer, rule->path, &there);
    if (!there)
        return false;
    return (rule->equals.at == NULL || str_equal(text, rule->equals)) &&
           (rule->not_equals.at == NULL || !str_equal(text, rule->not_equals));
}

static const AnswerRule *
find_rule(const Answer *answer)
{
    for (size_t i = 0; i < answer->operation->rule_count; i++) {
        if (fits_rule(answer, &answer->operation->rules[i]))
            return &answer->operation->rules[i];
    }
    return NULL;
}

static Str
show(Answer *answer, Str text)
{
    Str hidden = operation_redact(answer->operation, text_of_html(answer->arena, text), answer->arena);

    return text_snippet(answer->arena, text_clean(answer->arena, hidden), MESSAGE_CHARS);
}

static Str
rule_message(Answer *answer, const AnswerRule *rule)
{
    bool there;
    Str text = document_text(answer, rule->message, &there);

    if (str_is_empty(text) && rule->path >= 0)
        text = document_text(answer, rule->path, &there);
    return str_is_empty(text) ? rule->contains : text;
}

static Str
status_message(Answer *answer)
{
    Str body = show(answer, str_of_gstring(answer->beginning));

    return body.at == NULL ? arena_printf(answer->arena, "HTTP %d", answer->status)
                           : arena_printf(answer->arena, "HTTP %d: %.*s", answer->status, STR_FORMAT(body));
}

static AnswerStatus
malformed(Answer *answer, bool complete, Str *message)
{
    if (complete)
        *message = show(answer, str_of(answer->error->message));
    else
        *message = STR("the answer was cut off");
    return ANSWER_MALFORMED;
}

static AnswerStatus
decide(Answer *answer, bool complete, Str *message)
{
    AnswerStatus status = meaning_of_status(answer->status);
    const AnswerRule *rule;

    if (answer->stopped)
        return ANSWER_OK;
    if (answer->error == NULL && complete && status != ANSWER_EMPTY)
        (void)!reader_finish(answer->reader, &answer->error);
    rule = find_rule(answer);
    if (rule != NULL) {
        if (rule->is != ANSWER_EMPTY)
            *message = show(answer, rule_message(answer, rule));
        return rule->is;
    }
    if (status == ANSWER_EMPTY)
        return status;
    if (status != ANSWER_OK) {
        *message = status_message(answer);
        return status;
    }
    if (answer->error != NULL || !complete)
        return malformed(answer, complete, message);
    return reader_record_count(answer->reader) == 0 ? ANSWER_EMPTY : ANSWER_OK;
}

AnswerStatus
answer_finish(Answer *answer, bool complete, Str *ret_message)
{
    Str message = STR("");

    answer->result = decide(answer, complete, &message);
    if (ret_message != NULL)
        *ret_message = message.at == NULL ? STR("") : message;
    return answer->result;
}

int64_t
answer_total(const Answer *answer)
{
    bool there;
    Str text = str_trim(document_text(answer, answer->operation->total, &there));
    int64_t micros;

    if (!there || !money_parse(text, answer->operation->numbers, &micros, NULL) || micros < 0)
        return -1;
    return micros / MICROS_PER_UNIT;
}

uint64_t
answer_record_count(const Answer *answer)
{
    return reader_record_count(answer->reader);
}

int64_t
answer_retry_after_us(const Answer *answer)
{
    return answer->retry_after_us;
}

/* Whether pages that are counted go on: not after an empty or short page, the last of the total, or our bound. */
static bool
has_next_page(const Answer *answer, int64_t page)
{
    int64_t size = ask_page_size(&answer->ask), total = answer_total(answer);
    int64_t got = (int64_t)answer_record_count(answer);

    if (got == 0 || (size > 0 && got < size))
        return false;
    /* A total of 0 beside records is a lie that some partners tell. */
    return !(total > 0 && size > 0 && page >= (total + size - 1) / size);
}

static bool
next_cursor(const Answer *answer, Question *next)
{
    bool there;
    Str cursor = document_text(answer, answer->operation->next, &there);

    /* The same again would go in circles. */
    if (!there || str_is_empty(cursor) || str_is(cursor, "false") || str_equal(cursor, answer->question->cursor))
        return false;
    next->cursor = cursor;
    return true;
}

bool
answer_next(const Answer *answer, Question *ret_next)
{
    const Pages *pages = &answer->operation->pages;
    Question next = *answer->question;

    if (answer->result != ANSWER_OK || answer->stopped || pages->by == PAGES_NONE)
        return false;
    next.page = MAX(next.page, 1);
    next.part = MAX(next.part, 1);
    if (pages->limit > 0 && (pages->by == PAGES_PART ? next.part : next.page) >= pages->limit)
        return false;
    if ((pages->by == PAGES_PAGE || pages->by == PAGES_OFFSET) && !has_next_page(answer, next.page))
        return false;
    if ((pages->by == PAGES_CURSOR || pages->by == PAGES_NEXT_LINK) && !next_cursor(answer, &next))
        return false;
    if (pages->by == PAGES_PART)
        next.part++;
    else
        next.page++;
    *ret_next = next;
    return true;
}
