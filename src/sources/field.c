#include "sources/field.h"

#include "listings/text.h"
#include "sources/moment.h"

FieldReader
field_reader(const Operation *operation, const Ask *ask, const Record *record, Arena *arena, const AnswerEvents *events,
             void *data)
{
    return (FieldReader){
        .operation = operation,
        .ask = ask,
        .record = record,
        .events = events,
        .data = data,
        .context = {.arena = arena, .zone = operation->zone, .numbers = operation->numbers, .now_us = ask->now_us},
    };
}

bool
field_reject(FieldReader *reader, bool dropped, const char *field, const char *reason, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    if (reader->events->rejected == NULL)
        return false;
    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    reader->events->rejected(reader->data, reader->record->number, dropped, field, reason,
                             arena_printf(reader->context.arena, "record %" G_GUINT64_FORMAT ": %s: %s",
                                          reader->record->number, field, message));
    return false;
}

Str
field_text(FieldReader *reader, const Expression *expression, const char *field)
{
    Str text;

    if (expression == NULL)
        return STR_NONE;
    reader->context.mistake = NULL;
    text = expression_text(expression, reader->record, reader->ask, &reader->context);
    if (text.at == NULL && reader->context.mistake != NULL)
        field_reject(reader, false, field, "value", "%s", reader->context.mistake);
    return text;
}

Str
field_clean(FieldReader *reader, const Expression *expression, const char *field)
{
    return text_clean(reader->context.arena, field_text(reader, expression, field));
}

int64_t
field_moment(FieldReader *reader, const Expression *expression, const char *field)
{
    Str text = field_clean(reader, expression, field);
    int64_t us;

    if (text.at == NULL)
        return TIMESTAMP_NONE;
    if (text.at == reader->context.moment)
        return reader->context.moment_us;
    if (!moment_parse(text, reader->operation->zone, &us)) {
        field_reject(reader, false, field, "time", "\"%.*s\" is no time", STR_FORMAT(str_slice(text, 0, 80)));
        return TIMESTAMP_NONE;
    }
    return us;
}

bool
field_money(FieldReader *reader, const Expression *expression, const char *field, int64_t *ret_micros, bool *ret_bad)
{
    g_autoptr(GError) error = NULL;
    NumberStyle style;
    Str text;

    if (expression == NULL)
        return false;
    reader->context.mistake = NULL;
    text = str_trim(expression_text(expression, reader->record, reader->ask, &reader->context));
    style = expression_is_plain(expression) ? NUMBER_STYLE_PLAIN : reader->operation->numbers;
    if (!str_is_empty(text) && money_parse(text, style, ret_micros, &error))
        return true;
    if (error == NULL && reader->context.mistake == NULL)
        return false;
    if (ret_bad != NULL)
        *ret_bad = true;
    return field_reject(reader, ret_bad != NULL, field, "number", "%s",
                        error != NULL ? error->message : reader->context.mistake);
}

Currency
field_currency(FieldReader *reader, const Expression *expression, const char *field)
{
    static const struct {
        const char *sign, *code;
    } SIGNS[] = {{"€", "EUR"}, {"£", "GBP"}, {"₹", "INR"}, {"zł", "PLN"}};
    Str text = field_clean(reader, expression, field);
    Currency currency = {""};

    if (text.at == NULL || currency_parse(text, &currency))
        return currency;
    for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
        if (str_is(text, SIGNS[i].sign) && currency_parse(str_of(SIGNS[i].code), &currency))
            return currency;
    }
    field_reject(reader, false, field, "currency", "\"%.*s\" is no currency", STR_FORMAT(str_slice(text, 0, 40)));
    return (Currency){""};
}
