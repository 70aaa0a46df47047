#include "sources/expression_type.h"

static bool
is_value(const Value *value)
{
    return value->kind != VALUE_NULL && !str_is_blank(value->text);
}

static Texts
path_texts(const Expression *expression, const Record *record, Arena *arena)
{
    const Values *values = &record->fields[expression->field];
    Texts texts = {.items = ARENA_ARRAY(arena, Str, values->count + 1)};

    for (size_t i = 0; i < values->count; i++) {
        if (is_value(&values->values[i]))
            texts.items[texts.count++] = values->values[i].text;
    }
    return texts;
}

static Texts
constant_texts(const Expression *expression, const Ask *ask, Arena *arena)
{
    Texts texts = {.items = ARENA_NEW(arena, Str)};

    texts.items[0] = template_expand(expression->constant, ask, arena, NULL);
    texts.count = texts.items[0].at != NULL ? 1 : 0;
    return texts;
}

static Texts
list_texts(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context)
{
    Texts *parts = ARENA_ARRAY(context->arena, Texts, expression->part_count);
    Texts all = {0};
    size_t count = 0;

    for (size_t i = 0; i < expression->part_count; i++) {
        parts[i] = expression_texts(expression->parts[i], record, ask, context);
        count += parts[i].count;
    }
    all.items = ARENA_ARRAY(context->arena, Str, count + 1);
    for (size_t i = 0; i < expression->part_count; i++) {
        for (size_t j = 0; j < parts[i].count; j++)
            all.items[all.count++] = parts[i].items[j];
    }
    return all;
}

static Texts
format_texts(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Str *whole = ARENA_NEW(context->arena, Str);

    for (size_t i = 0; i < expression->part_count; i++) {
        Str part = expression_text(expression->parts[i], record, ask, context);

        if (part.at == NULL)
            return (Texts){0};
        str_append(text, part);
    }
    *whole = arena_str(context->arena, str_of_gstring(text));
    return (Texts){whole, 1};
}

struct Constants {
    Arena *arena;
    Texts *texts; /* items NULL: not known yet */
};

Constants *
constants_new(const FieldSet *fields, Arena *arena)
{
    Constants *constants = ARENA_NEW(arena, Constants);

    *constants = (Constants){arena, ARENA_ARRAY(arena, Texts, fields->constant_count)};
    return constants;
}

static void
texts_keep(Texts *kept, Texts texts, Arena *arena)
{
    kept->items = ARENA_ARRAY(arena, Str, texts.count + 1);
    for (kept->count = 0; kept->count < texts.count; kept->count++)
        kept->items[kept->count] = arena_str(arena, texts.items[kept->count]);
}

/* A value that can't be read is not kept: it is a mistake of each record. */
static Texts
once_texts(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context)
{
    Texts *kept = ask->constants != NULL ? &ask->constants->texts[expression->once] : NULL;
    Texts texts;

    if (kept != NULL && kept->items != NULL)
        return *kept;
    texts = expression_texts(expression->parts[0], record, ask, context);
    if (kept != NULL && context->mistake == NULL)
        texts_keep(kept, texts, ask->constants->arena);
    return texts;
}

Texts
expression_texts(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context)
{
    Texts texts = {0};

    switch (expression->kind) {
    case EXPRESSION_PATH:
        return path_texts(expression, record, context->arena);
    case EXPRESSION_CONSTANT:
        return constant_texts(expression, ask, context->arena);
    case EXPRESSION_LIST:
        return list_texts(expression, record, ask, context);
    case EXPRESSION_FORMAT:
        return format_texts(expression, record, ask, context);
    case EXPRESSION_ONCE:
        return once_texts(expression, record, ask, context);
    case EXPRESSION_OR:
        for (size_t i = 0; i < expression->part_count && texts.count == 0; i++)
            texts = expression_texts(expression->parts[i], record, ask, context);
        return texts;
    case EXPRESSION_PIPE:
        texts = expression_texts(expression->parts[0], record, ask, context);
        for (size_t i = 0; i < expression->transform_count; i++)
            texts = transform_apply(expression->transforms[i], context, texts);
        return texts;
    }
    return texts;
}

static Str
first_text(Values values)
{
    for (size_t i = 0; i < values.count; i++) {
        if (is_value(&values.values[i]))
            return values.values[i].text;
    }
    return STR_NONE;
}

Str
expression_text(const Expression *expression, const Record *record, const Ask *ask, TransformContext *context)
{
    Texts texts;

    /* Most fields are a path, and need no list made. */
    if (expression->kind == EXPRESSION_PATH)
        return first_text(record->fields[expression->field]);
    texts = expression_texts(expression, record, ask, context);
    return texts.count > 0 ? texts.items[0] : STR_NONE;
}

bool
expression_uses_field(const Expression *expression, size_t field)
{
    bool uses = expression != NULL && expression->kind == EXPRESSION_PATH && expression->field == field;

    for (size_t i = 0; expression != NULL && i < expression->part_count && !uses; i++)
        uses = expression_uses_field(expression->parts[i], field);
    return uses;
}

bool
expression_is_plain(const Expression *expression)
{
    return expression->plain;
}
