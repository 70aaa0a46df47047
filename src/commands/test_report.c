#include "commands/test_report.h"

#include "base/json_writer.h"
#include "commands/command.h"
#include "commands/listing_fields.h"
#include "commands/record_story.h"

#define LISTINGS_IN_JSON 100
#define LOSSES_IN_JSON   100
#define VALUE_BYTES      160
#define HEADERS_SHOWN    40

struct TestReport {
    const Operation *operation;
    Answer *answer;
    Arena *arena;
    uint64_t bytes;
    bool as_json;
    char beginning[4];
    size_t beginning_size;
    size_t listings, losses;
    RecordStory *story; /* of the record that is told */
    Listing first;      /* copied */
    bool has_first;
    /* parts of the JSON object */
    GString *request, *head, *listing_texts, *loss_texts, *whole;
};

TestReport *
test_report_new(const Operation *operation, uint64_t record, bool as_json)
{
    TestReport *report = g_new0(TestReport, 1);
    Arena *arena = arena_new(16 * 1024);

    *report = (TestReport){.operation = operation,
                           .arena = arena,
                           .as_json = as_json,
                           .story = record_story_new(operation, record, arena),
                           .request = g_string_new(NULL),
                           .head = g_string_new(NULL),
                           .listing_texts = g_string_new(NULL),
                           .loss_texts = g_string_new(NULL),
                           .whole = g_string_new(NULL)};
    return report;
}

void
test_report_free(TestReport *report)
{
    if (report == NULL)
        return;
    answer_free(report->answer);
    record_story_free(report->story);
    arena_free(report->arena);
    g_string_free(report->request, TRUE);
    g_string_free(report->head, TRUE);
    g_string_free(report->listing_texts, TRUE);
    g_string_free(report->loss_texts, TRUE);
    g_string_free(report->whole, TRUE);
    g_free(report);
}

uint64_t
test_report_record_count(const TestReport *report)
{
    return answer_record_count(report->answer);
}

const Listing *
test_report_listing(const TestReport *report)
{
    const Listing *of_record = record_story_listing(report->story);

    return of_record == NULL && report->has_first ? &report->first : of_record;
}

Str
test_report_json(const TestReport *report)
{
    return str_of_gstring(report->whole);
}

/* ---- listings and losses ---- */

static void
print_field(void *data, const char *field, Str text)
{
    TestReport *report = data;

    if (strcmp(field, "title") == 0)
        return;
    if (strcmp(field, "url") == 0)
        text = operation_redact(report->operation, text, report->arena);
    command_print("   %-16s %.*s\n", field, STR_FORMAT(text));
}

static void
write_field(void *data, const char *field, Str text)
{
    TestReport *report = data;
    JsonWriter json = {.to = report->listing_texts,
                       .comma = report->listing_texts->str[report->listing_texts->len - 1] != '{'};

    json_member_text(&json, field, operation_redact(report->operation, text, report->arena));
}

static void
begin_item(GString *list)
{
    g_string_append(list, list->len > 0 ? ",{" : "{");
}

static bool
on_listing(void *data, const Listing *l)
{
    TestReport *report = data;

    if (++report->listings == 1) {
        report->first = listing_copy(report->arena, l);
        report->has_first = true;
    }
    if (!report->as_json) {
        command_print("\n%" G_GSIZE_FORMAT ". %.*s\n", report->listings, STR_FORMAT(l->title));
        listing_each_field(l, report->arena, print_field, report);
    } else if (report->listings <= LISTINGS_IN_JSON) {
        begin_item(report->listing_texts);
        listing_each_field(l, report->arena, write_field, report);
        g_string_append_c(report->listing_texts, '}');
    }
    return true;
}

static void
on_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    TestReport *report = data;
    Str hidden = operation_redact(report->operation, text, report->arena);
    JsonWriter json = json_writer(report->loss_texts);

    report->losses++;
    if (!report->as_json && row == 0) {
        command_print("answer       %s: %.*s\n", field, STR_FORMAT(hidden));
    } else if (!report->as_json) {
        command_print("record %" G_GUINT64_FORMAT " %s: %s: %s: %.*s\n", row,
                      dropped ? "dropped" : "kept without a field", field != NULL ? field : "-", reason,
                      STR_FORMAT(hidden));
    } else if (report->losses <= LOSSES_IN_JSON) {
        json.comma = report->loss_texts->len > 0;
        json_begin_object(&json);
        json_member_int(&json, "record", (int64_t)row);
        json_member_bool(&json, "dropped", dropped);
        json_member_text(&json, "field", str_of(field));
        json_member_text(&json, "reason", str_of(reason));
        json_member_text(&json, "text", hidden);
        json_end_object(&json);
    }
}

/* ---- the exchange ---- */

Answer *
test_report_open(TestReport *report, const Question *question, const Clock *clock)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};

    report->answer = answer_new(report->operation, question, clock, &EVENTS, report);
    record_story_follow(report->story, report->answer);
    return report->answer;
}

static void
tell_header(TestReport *report, JsonWriter *json, HttpHeader header)
{
    bool is_hidden = str_equal_ignoring_case(header.name, STR("Set-Cookie")) ||
                     str_equal_ignoring_case(header.name, STR("Cookie")) ||
                     str_equal_ignoring_case(header.name, STR("Authorization"));
    Str value = is_hidden ? STR("***") : operation_redact(report->operation, header.value, report->arena);

    if (!report->as_json) {
        command_print("  %.*s: %.*s\n", STR_FORMAT(header.name), STR_FORMAT(str_slice(value, 0, VALUE_BYTES)));
        return;
    }
    json_begin_object(json);
    json_member_text(json, "name", header.name);
    json_member_text(json, "value", value);
    json_end_object(json);
}

static void
tell_headers(TestReport *report, JsonWriter *json, HttpHeaders headers)
{
    if (report->as_json) {
        json_key(json, "headers");
        json_begin_array(json);
    }
    for (size_t i = 0; i < MIN(headers.count, (size_t)HEADERS_SHOWN); i++)
        tell_header(report, json, headers.items[i]);
    if (report->as_json)
        json_end_array(json);
}

void
test_report_request(TestReport *report, const HttpRequest *request, const Session *session)
{
    Str url = operation_redact(report->operation, str_of(request->url), report->arena);
    Str body = operation_redact(report->operation, request->body, report->arena);
    JsonWriter json = json_writer(report->request);

    answer_hide(report->answer, session);
    g_string_truncate(report->request, 0);
    if (!report->as_json) {
        command_print("request      %s %.*s\n", request->method, STR_FORMAT(url));
        tell_headers(report, &json, request->headers);
        if (request->body.at != NULL)
            command_print("body         %.*s\n", STR_FORMAT(body));
        return;
    }
    json_begin_object(&json);
    json_member_text(&json, "method", str_of(request->method));
    json_member_text(&json, "url", url);
    tell_headers(report, &json, request->headers);
    if (request->body.at != NULL)
        json_member_text(&json, "body", body);
    json_end_object(&json);
}

void
test_report_not_asked(TestReport *report, const char *status, const char *why)
{
    JsonWriter json = json_writer(report->request);

    if (!report->as_json) {
        command_print("not asked    %s%s%s\n", status, status[0] != '\0' ? ": " : "", why);
        return;
    }
    g_string_truncate(report->request, 0);
    json_begin_object(&json);
    json_member_text(&json, "not_asked", str_of(why));
    json_end_object(&json);
}

void
test_report_head(TestReport *report, int status, HttpHeaders headers)
{
    JsonWriter json = json_writer(report->head);
    Str type = http_header_find(headers, "Content-Type");

    g_string_truncate(report->head, 0);
    if (!report->as_json)
        command_print("answer       %d, %.*s\n", status, STR_FORMAT(type));
    else
        json_member_int(&json, "status", status);
    tell_headers(report, &json, headers);
    answer_head(report->answer, status, headers);
}

void
test_report_from_file(TestReport *report, const char *path)
{
    JsonWriter json = json_writer(report->head);

    if (!report->as_json)
        command_print("answer       from %s\n", path);
    else
        json_member_text(&json, "file", str_of(path));
}

bool
test_report_body(TestReport *report, Str bytes)
{
    size_t room = MIN(sizeof report->beginning - report->beginning_size, bytes.size);

    report->bytes += bytes.size;
    memcpy(report->beginning + report->beginning_size, bytes.at, room);
    report->beginning_size += room;
    return answer_push(report->answer, bytes);
}

void
test_report_broke_off(TestReport *report, const char *outcome, const char *message)
{
    JsonWriter json = {.to = report->head, .comma = report->head->len > 0};

    if (!report->as_json)
        command_print("transfer     %s: %s\n", outcome, message);
    else
        json_member_text(&json, "broke_off", str_of(message));
}

/* ---- the end ---- */

static const char *
packing_of(const TestReport *report)
{
    Str beginning = {report->beginning, report->beginning_size};

    if (str_starts_with(beginning, STR("\x1f\x8b")))
        return "gzip";
    return str_starts_with(beginning, STR("PK\x03\x04")) ? "zip" : "none";
}

static void
print_size(const TestReport *report)
{
    uint64_t replaced = answer_replaced_count(report->answer);

    command_print("size         %" G_GUINT64_FORMAT " bytes, compression %s, charset %s", report->bytes,
                  packing_of(report), answer_charset(report->answer));
    if (replaced > 0)
        command_print(", %" G_GUINT64_FORMAT " bytes are of no character of it", replaced);
    command_print("\n");
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

/* Those that a listing may have and the definition does not say. */
static Str
not_mapped(const TestReport *report)
{
    const MappingTally *tally = answer_tally(report->answer);
    g_autoptr(GString) names = g_string_new(NULL);

    for (unsigned field = FIELD_TITLE; field < FIELD_COUNT; field++)
        if (tally->seen[field] == 0)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", listing_field_name(field));
    return arena_str(report->arena, str_of_gstring(names));
}

static void
write_tally(JsonWriter *json, const MappingTally *tally)
{
    json_key(json, "fields");
    json_begin_array(json);
    for (unsigned field = FIELD_TITLE; field < FIELD_COUNT; field++) {
        if (tally->seen[field] == 0)
            continue;
        json_begin_object(json);
        json_member_text(json, "field", str_of(listing_field_name(field)));
        json_member_int(json, "filled", tally->filled[field]);
        json_member_int(json, "of", tally->seen[field]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void
write_list(JsonWriter *json, const char *key, const GString *items, Arena *arena)
{
    json_key(json, key);
    json_raw(json, arena_printf(arena, "[%s]", items->str));
}

static void
write_whole(const TestReport *report, AnswerStatus status, Str message)
{
    JsonWriter json = json_writer(report->whole);

    json_begin_object(&json);
    json_member_text(&json, "operation", str_of(operation_name(report->operation)));
    if (report->request->len > 0) {
        json_key(&json, "request");
        json_raw(&json, str_of_gstring(report->request));
    }
    json_key(&json, "answer");
    json_raw(&json, arena_printf(report->arena,
                                 "{%s%s\"bytes\":%" G_GUINT64_FORMAT ",\"compression\":\"%s\",\"charset\":\"%s\","
                                 "\"replaced\":%" G_GUINT64_FORMAT "}",
                                 report->head->str, report->head->len > 0 ? "," : "", report->bytes, packing_of(report),
                                 answer_charset(report->answer), answer_replaced_count(report->answer)));
    json_member_int(&json, "records", (int64_t)answer_record_count(report->answer));
    json_member_int(&json, "listing_count", (int64_t)report->listings);
    write_list(&json, "listings", report->listing_texts, report->arena);
    json_member_int(&json, "loss_count", (int64_t)report->losses);
    write_list(&json, "losses", report->loss_texts, report->arena);
    json_key(&json, "record");
    record_story_write(report->story, &json);
    write_tally(&json, answer_tally(report->answer));
    if (report->listings > 0)
        json_member_text_if(&json, "not_mapped", not_mapped(report));
    json_member_text(&json, "status", str_of(answer_status_name(status)));
    json_member_text_if(&json, "message", message);
    json_end_object(&json);
}

AnswerStatus
test_report_end(TestReport *report, bool complete, AnswerStatus refusal)
{
    Str message;
    AnswerStatus status = answer_finish(report->answer, complete, &message);

    status = refusal != ANSWER_OK ? refusal : status;
    if (report->as_json) {
        write_whole(report, status, message);
        return status;
    }
    if (answer_record_count(report->answer) > 0)
        record_story_print(report->story);
    print_fields(answer_tally(report->answer));
    if (report->listings > 0 && not_mapped(report).size > 0)
        command_print("not mapped by the definition: %.*s\n", STR_FORMAT(not_mapped(report)));
    command_print("\n");
    print_size(report);
    command_print("status       %s%s%.*s\nrecords      %" G_GUINT64_FORMAT "\nlistings     %" G_GSIZE_FORMAT "\n",
                  answer_status_name(status), message.size > 0 ? ": " : "", STR_FORMAT(message),
                  answer_record_count(report->answer), report->listings);
    return status;
}
