/* One record: where it stands, and giving or rejecting it when it ends. */
#include "stream/extractor_type.h"

#include "stream/path_eval.h"
#include "stream/utf8.h"

void
extractor_begin_record(Extractor *ex)
{
    ex->record_depth = ex->depth;
    ex->record_position = ex->position(ex->position_data);
    ex->record_begin = ex->span_begin(ex->span_data);
    keeper_reset(&ex->record);
}

uint64_t
extractor_open_record_begin(const Extractor *ex)
{
    return ex->record_depth > 0 ? ex->record_begin : UINT64_MAX;
}

void
extractor_record_span(const Extractor *ex, uint64_t *ret_begin, uint64_t *ret_end)
{
    *ret_begin = ex->record_begin;
    *ret_end = ex->broke_off ? UINT64_MAX : ex->span_end(ex->span_data);
}

void
extractor_reject(Extractor *ex, const char *reason, const char *detail)
{
    if (ex->reject_reason != NULL)
        return;
    ex->reject_reason = reason;
    ex->reject_detail = g_strdup(detail);
}

static const Node *
first_value_below(const Node *node)
{
    while (node != NULL && !node->has_value)
        node = node->first;
    return node;
}

void
extractor_report_rejected(Extractor *ex)
{
    const Node *first = first_value_below(ex->record.root);
    g_autofree char *excerpt = utf8_excerpt(first != NULL ? first->value.text : STR_NONE);
    g_autofree char *detail = g_steal_pointer(&ex->reject_detail);
    g_autofree char *text = NULL;
    bool counts_lines = ex->spec->format == STREAM_XML || ex->spec->format == STREAM_CSV;

    text = g_strdup_printf("record %" G_GUINT64_FORMAT " at %s %" G_GUINT64_FORMAT ": %s%s%s", ex->number,
                           counts_lines ? "line" : "byte", ex->record_position, detail,
                           first != NULL ? "; it begins with: " : "", excerpt);
    if (ex->events->rejected != NULL)
        ex->events->rejected(ex->data, ex->number, ex->record_position, ex->reject_reason, str_of(text));
    ex->reject_reason = NULL;
}

static bool
extractor_is_filtered_out(const Extractor *ex)
{
    size_t count = ex->records->step_count;

    if (count == 0 || ex->records->steps[count - 1].kind != STEP_FILTER || ex->reject_reason != NULL)
        return false;
    return ex->record.root == NULL ||
           !path_filter_accepts(ex->records, count - 1, ex->record.root, ex->spec->xml_ignore_case);
}

static bool
extractor_give(Extractor *ex, const Record *record)
{
    if (ex->events->record == NULL || ex->events->record(ex->data, record))
        return true;
    return weir_fail(&ex->failure, WEIR_ERROR_LIMIT, "reading was stopped after %" G_GUINT64_FORMAT " records",
                     ex->given);
}

/* Of a record with more items than may be, those that are too many are lost. */
static void
extractor_report_items(Extractor *ex)
{
    g_autofree char *text =
        g_strdup_printf("record %" G_GUINT64_FORMAT ": it stands for %u, and only the first %u are taken", ex->number,
                        ex->finder.items->len, ex->limits.items);

    if (ex->events->rejected != NULL)
        ex->events->rejected(ex->data, ex->number, ex->record_position, "items", str_of(text));
}

/* The record once for each of its items. */
static bool
extractor_give_items(Extractor *ex, Record record)
{
    unsigned count = MIN(ex->finder.items->len, ex->limits.items);

    record.of_item = ex->finder.of_item;
    for (unsigned i = 0; i < count; i++) {
        Record item = record;

        field_finder_find_item(&ex->finder, i, &item.truncated);
        if (!extractor_give(ex, &item))
            return false;
    }
    if (count < ex->finder.items->len)
        extractor_report_items(ex);
    return true;
}

bool
extractor_end_record(Extractor *ex)
{
    Record record;

    ex->record_depth = 0;
    if (ex->record.is_full) {
        g_autofree char *detail =
            g_strdup_printf("it holds more than %" G_GSIZE_FORMAT " bytes", ex->limits.record_bytes);

        extractor_reject(ex, "too_large", detail);
    }
    if (extractor_is_filtered_out(ex))
        return true;
    ex->number++;
    if (ex->reject_reason != NULL) {
        extractor_report_rejected(ex);
        return true;
    }
    record = (Record){.fields = ex->finder.fields,
                      .field_count = ex->spec->field_count,
                      .number = ex->number,
                      .position = ex->record_position,
                      .truncated = ex->record.truncated};
    field_finder_find(&ex->finder, &record.truncated);
    ex->given++;
    return ex->finder.items->len > 0 ? extractor_give_items(ex, record) : extractor_give(ex, &record);
}
