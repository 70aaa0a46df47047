/* From the bytes of an answer to listings or lines, and to one word that says what the whole means. */
#include "sources/answer_type.h"

const char *
answer_status_name(AnswerStatus status)
{
    static const char *const NAMES[] = {"ok", "empty", "credential", "quota", "transient", "permanent", "malformed"};

    return (size_t)status < G_N_ELEMENTS(NAMES) ? NAMES[status] : "unknown";
}

/* Counts what was lost, keeps a few of the records, and passes the report on. */
static void
on_lost(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    Answer *answer = data;

    if (mapping_tally_lose(answer->tally, field, reason, dropped)) {
        Arena *arena = answer->record_arena;
        Str raw = reader_raw_record(answer->reader, arena);
        MappingSample sample = {
            .loss = {field, reason, dropped, 1},
            .row = row,
            .text = operation_redact_record(answer->operation, answer->question, text, arena),
            .raw = operation_redact_record(answer->operation, answer->question, raw, arena),
        };

        sample.text = answer_hide_session(answer, sample.text, arena);
        sample.raw = answer_hide_session(answer, sample.raw, arena);
        mapping_tally_keep(answer->tally, &sample);
    }
    if (dropped && strcmp(field, listing_field_name(FIELD_TITLE)) == 0)
        mapping_tally_fill(answer->tally, FIELD_BIT(FIELD_TITLE), 0);
    else if (dropped && strcmp(field, listing_field_name(FIELD_URL)) == 0)
        mapping_tally_fill(answer->tally, FIELD_BIT(FIELD_TITLE) | FIELD_BIT(FIELD_URL), FIELD_BIT(FIELD_TITLE));
    if (answer->events->rejected != NULL)
        answer->events->rejected(answer->data, row, dropped, field, reason, text);
}

static const AnswerEvents LOSSES = {.rejected = on_lost};

void
answer_lose_text(Answer *answer, const char *reason, const char *format, ...)
{
    OperationKind kind = answer->operation->kind;
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (mapping_tally_lose(answer->tally, "charset", reason, false))
        mapping_tally_keep(answer->tally,
                           &(MappingSample){.loss = {"charset", reason, false, 1}, .text = str_of(text)});
    /* Lines of money are told one by one, and of none is anything missing. */
    if (answer->events->rejected != NULL && kind != OPERATION_REPORT && kind != OPERATION_TOTALS)
        answer->events->rejected(answer->data, 0, false, "charset", reason, str_of(text));
}

static bool
on_listing(void *data, const Listing *listing)
{
    Answer *answer = data;

    return answer->events->listing == NULL || answer->events->listing(answer->data, listing);
}

static bool
give_listing(Answer *answer, const Record *record)
{
    ListingFields filled;
    Listing listing;
    bool is_kept;

    if (!listing_map_record(answer->operation, &answer->ask, record, answer->record_arena, &LOSSES, answer, &listing,
                            &filled))
        return true;
    mapping_tally_fill(answer->tally, answer->operation->mapped, filled);
    is_kept = operation_keeps(answer->operation, answer->question, &listing, answer->record_arena);
    answer_explain_listing(answer, record, &listing, is_kept);
    if (!is_kept)
        return true;
    answer_note_record(answer, listing.id);
    return answer->merger != NULL ? row_merger_add(answer->merger, &listing) : on_listing(answer, &listing);
}

static bool
give_line(Answer *answer, const Record *record)
{
    ReportLine line;

    if (!line_map_record(answer->operation, &answer->ask, record, answer->record_arena, &LOSSES, answer, &line))
        return true;
    answer_note_record(answer, line.canonical);
    return answer->events->line == NULL || answer->events->line(answer->data, &line);
}

static bool
on_record(void *data, const Record *record)
{
    Answer *answer = data;
    bool go_on, is_skipped;

    /* An error that is a JSON object is no listing, even where a bare object may stand for a list. */
    if (answer_meaning_of_status(answer->status) != ANSWER_OK)
        return true;
    if (answer->operation->kind == OPERATION_LOGIN || answer->operation->kind == OPERATION_SUBMIT ||
        answer->operation->kind == OPERATION_POLL) /* their answers have no records, only a token or ticket */
        return true;
    arena_reset(answer->record_arena);
    is_skipped = operation_skips(answer->operation, &answer->ask, record, answer->record_arena);
    answer_explain_record(answer, record, is_skipped);
    if (is_skipped)
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
    (void)position;
    arena_reset(((Answer *)data)->record_arena);
    on_lost(data, number, true, "record", reason, text);
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
    answer->ask.constants = constants_new(&operation->fields, answer->arena);
    answer->beginning = g_string_new(NULL);
    answer->tally = mapping_tally_new();
    answer->reader = reader_new(&operation->reader, &READER_EVENTS, answer);
    if (operation->merge_within > 0)
        answer->merger = row_merger_new(operation->merge_within, on_listing, answer);
    return answer;
}

void
answer_free(Answer *answer)
{
    if (answer == NULL)
        return;
    reader_free(answer->reader);
    row_merger_free(answer->merger);
    arena_free(answer->record_arena);
    arena_free(answer->arena);
    g_string_free(answer->beginning, TRUE);
    mapping_tally_free(answer->tally);
    g_clear_error(&answer->error);
    g_free(answer);
}

bool
answer_push(Answer *answer, Str bytes)
{
    size_t room = ANSWER_BEGINNING_BYTES - MIN(answer->beginning->len, (gsize)ANSWER_BEGINNING_BYTES);

    str_append(answer->beginning, str_slice(bytes, 0, room));
    if (answer->error != NULL)
        return false;
    return reader_push(answer->reader, bytes, &answer->error);
}

uint64_t
answer_record_count(const Answer *answer)
{
    return reader_record_count(answer->reader);
}

const char *
answer_charset(const Answer *answer)
{
    return reader_charset(answer->reader);
}

uint64_t
answer_replaced_count(const Answer *answer)
{
    return reader_replaced_count(answer->reader);
}

const MappingTally *
answer_tally(const Answer *answer)
{
    return answer->tally;
}
