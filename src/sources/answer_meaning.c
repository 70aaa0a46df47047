/* What a whole answer means: status, headers and body by the rules of the definition, and how long to wait. */
#include "sources/answer_type.h"

#include "stream/utf8.h"

#include "listings/text.h"
#include "sources/rate_headers.h"

#define MESSAGE_CHARS 300
AnswerStatus
answer_meaning_of_status(int status)
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

static int64_t
parse_wait(const Answer *answer, Str text)
{
    return rate_wait_parse(text, clock_now_us(answer->clock));
}

static HttpHeaders
kept_headers(const Answer *answer)
{
    return (HttpHeaders){answer->headers, answer->header_count};
}

static bool
is_looked_at(const Answer *answer, Str name)
{
    const Operation *operation = answer->operation;

    if (rate_header_is(name) || str_equal_ignoring_case(name, str_of(operation->pages.next_header)) ||
        str_equal_ignoring_case(name, str_of(operation->pages.total_header)) ||
        str_equal_ignoring_case(name, str_of(operation->given_header)))
        return true;
    for (size_t i = 0; i < operation->rule_count; i++)
        if (str_equal_ignoring_case(name, str_of(operation->rules[i].header)) ||
            str_equal_ignoring_case(name, str_of(operation->rules[i].wait_header)))
            return true;
    return str_equal_ignoring_case(name, STR("Content-Type"));
}

Str
answer_header(const Answer *answer, const char *name)
{
    return http_header_find(kept_headers(answer), name);
}

/* "text/csv; charset=windows-1250" */
static Str
charset_of_head(const Answer *answer)
{
    return http_header_parameter(answer_header(answer, "Content-Type"), "charset");
}

void
answer_head(Answer *answer, int status, HttpHeaders headers)
{
    answer->status = status;
    answer->headers = ARENA_ARRAY(answer->arena, HttpHeader, headers.count + 1);
    answer->header_count = 0;
    for (size_t i = 0; i < headers.count; i++)
        if (is_looked_at(answer, headers.items[i].name))
            answer->headers[answer->header_count++] = (HttpHeader){arena_str(answer->arena, headers.items[i].name),
                                                                   arena_str(answer->arena, headers.items[i].value)};
    answer->retry_after_us = rate_retry_after_us(kept_headers(answer), clock_now_us(answer->clock));
    answer->has_unknown_charset =
        charset_of_head(answer).at != NULL && !reader_note_charset(answer->reader, charset_of_head(answer));
}

void
answer_hide(Answer *answer, const Session *session)
{
    answer->hidden = (Session){.token = arena_str(answer->arena, session->token),
                               .cookies = arena_str(answer->arena, session->cookies)};
}

Str
answer_hide_session(const Answer *answer, Str text, Arena *arena)
{
    text = secret_hide(text, answer->hidden.token, arena);
    return secret_hide(text, answer->hidden.cookies, arena);
}

Str
answer_document_text(const Answer *answer, ptrdiff_t path, bool *ret_there)
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

/* A status that blames the partner is not turned into one that clears it, unless a rule names that very status. */
static bool
may_decide(const AnswerRule *rule, int status)
{
    AnswerStatus alone = answer_meaning_of_status(status);

    return rule->status_count > 0 || (alone != ANSWER_TRANSIENT && alone != ANSWER_QUOTA) ||
           (rule->is != ANSWER_PERMANENT && rule->is != ANSWER_EMPTY);
}

/* "text/html; charset=utf-8" is of type text/html. */
static bool
fits_content_type(const Answer *answer, Str wanted)
{
    Str rest = answer_header(answer, "Content-Type");

    return str_equal_ignoring_case(str_trim(str_cut(&rest, ';')), wanted);
}

/* The text that a rule compares; false when what it looks at is not there. */
static bool
find_compared(const Answer *answer, const AnswerRule *rule, Str *ret_text)
{
    bool there = true;

    if (rule->header != NULL) {
        *ret_text = answer_header(answer, rule->header);
        return ret_text->at != NULL;
    }
    *ret_text = rule->path < 0 ? STR_NONE : answer_document_text(answer, rule->path, &there);
    return there;
}

static bool
fits_rule(const Answer *answer, const AnswerRule *rule, bool read_whole)
{
    Str text;

    if (!fits_status(rule, answer->status) || !may_decide(rule, answer->status))
        return false;
    if (rule->content_type.at != NULL && !fits_content_type(answer, rule->content_type))
        return false;
    if (rule->contains.at != NULL && str_find(str_of_gstring(answer->beginning), rule->contains) < 0)
        return false;
    /* What was not read to its end may still have it. */
    if (rule->missing >= 0 && (!read_whole || reader_document_has(answer->reader, (size_t)rule->missing)))
        return false;
    return find_compared(answer, rule, &text) && (rule->equals.at == NULL || str_equal(text, rule->equals)) &&
           (rule->not_equals.at == NULL || !str_equal(text, rule->not_equals));
}

static const AnswerRule *
find_rule(const Answer *answer, bool read_whole)
{
    for (size_t i = 0; i < answer->operation->rule_count; i++) {
        if (fits_rule(answer, &answer->operation->rules[i], read_whole))
            return &answer->operation->rules[i];
    }
    return NULL;
}

static Str
show(Answer *answer, Str text)
{
    Str hidden = operation_redact(answer->operation, text_of_html(answer->arena, text), answer->arena);

    hidden = answer_hide_session(answer, hidden, answer->arena);
    return text_snippet(answer->arena, hidden, MESSAGE_CHARS);
}

static Str
status_message(Answer *answer)
{
    Str body = show(answer, str_of_gstring(answer->beginning));

    return body.at == NULL ? arena_printf(answer->arena, "HTTP %d", answer->status)
                           : arena_printf(answer->arena, "HTTP %d: %.*s", answer->status, STR_FORMAT(body));
}

static Str
rule_message(Answer *answer, const AnswerRule *rule)
{
    bool there;
    Str text = answer_document_text(answer, rule->message, &there);

    if (str_is_empty(text) && rule->path >= 0)
        text = answer_document_text(answer, rule->path, &there);
    if (str_is_empty(text) && rule->missing >= 0)
        return arena_printf(answer->arena, "the answer has no %.*s",
                            STR_FORMAT(path_text(answer->operation->reader.presence[rule->missing])));
    if (str_is_empty(text) && rule->header != NULL)
        return arena_printf(answer->arena, "%s: %.*s", rule->header, STR_FORMAT(answer_header(answer, rule->header)));
    return str_is_empty(text) ? rule->contains : text;
}

/* Some write no message: then the status and what came say more than nothing. */
static Str
rule_words(Answer *answer, const AnswerRule *rule)
{
    Str words = show(answer, rule_message(answer, rule));

    return words.at != NULL ? words : status_message(answer);
}

/* What the partner says counts more than what the definition supposes. */
static int64_t
wait_of_rule(const Answer *answer, const AnswerRule *rule)
{
    int64_t said_us = answer->retry_after_us;

    if (rule->wait_header != NULL)
        said_us = parse_wait(answer, answer_header(answer, rule->wait_header));
    return said_us > 0 ? said_us : MIN(rule->wait_us, RATE_WAIT_LIMIT_US);
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
    AnswerStatus status = answer_meaning_of_status(answer->status);
    const AnswerRule *rule;

    if (answer->stopped)
        return ANSWER_OK;
    if (answer->error == NULL && complete && status != ANSWER_EMPTY)
        (void)!reader_finish(answer->reader, &answer->error);
    if (answer->merger != NULL && !answer->stopped)
        answer->stopped = !row_merger_finish(answer->merger);
    rule = find_rule(answer, complete && answer->error == NULL);
    if (rule != NULL) {
        answer->retry_after_us = wait_of_rule(answer, rule);
        if (rule->is != ANSWER_EMPTY)
            *message = rule_words(answer, rule);
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

/* A quota's end is also told beside good answers, where it bids nobody to wait. */
static void
take_quota_end(Answer *answer)
{
    if (answer->retry_after_us == 0)
        answer->retry_after_us = rate_reset_us(kept_headers(answer), clock_now_us(answer->clock));
}

/* What is wrong with the text of an answer that should have had records. */
static void
tell_charset(Answer *answer)
{
    uint64_t replaced = reader_replaced_count(answer->reader);
    const char *charset = reader_charset(answer->reader);

    if (answer->result != ANSWER_OK && answer->result != ANSWER_MALFORMED)
        return;
    if (answer->has_unknown_charset) {
        g_autofree char *name = utf8_excerpt(charset_of_head(answer));

        answer_lose_text(answer, "unknown", "Content-Type names the unknown charset \"%s\"; it was read as %s", name,
                         charset);
    }
    if (replaced > 0)
        answer_lose_text(answer, "bytes", "%" G_GUINT64_FORMAT " %s not of the charset %s", replaced,
                         replaced == 1 ? "byte is" : "bytes are", charset);
}

AnswerStatus
answer_finish(Answer *answer, bool complete, Str *ret_message)
{
    Str message = STR("");

    answer->result = decide(answer, complete, &message);
    tell_charset(answer);
    if (answer->result == ANSWER_QUOTA)
        take_quota_end(answer);
    if (answer->result == ANSWER_OK || answer->result == ANSWER_EMPTY)
        mapping_tally_fill(answer->tally, FIELD_BIT(FIELD_RECORD),
                           reader_record_count(answer->reader) > 0 ? FIELD_BIT(FIELD_RECORD) : 0);
    if (ret_message != NULL)
        *ret_message = message.at == NULL ? STR("") : message;
    return answer->result;
}

int64_t
answer_retry_after_us(const Answer *answer)
{
    return answer->retry_after_us;
}
