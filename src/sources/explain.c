#include "sources/explain.h"

#include "sources/answer_type.h"
#include "sources/expression_type.h"
#include "sources/template_type.h"
#include "sources/transform_type.h"

typedef struct {
    const Answer *answer;
    const Record *record;
    const char *field;
    Arena *arena;
    TransformContext context;
} Explainer;

void
answer_explain(Answer *answer, uint64_t number, const ExplainEvents *events, void *data)
{
    answer->explain = (AnswerExplain){number, events, data};
}

static void
tell(Explainer *e, unsigned depth, Str what, Texts values, const char *mistake)
{
    const AnswerExplain *explain = &e->answer->explain;

    explain->events->step(explain->data, e->field, depth, what, values.items, values.count, mistake);
}

static Str
transform_text_of(const Transform *transform, Arena *arena)
{
    g_autoptr(GString) text = g_string_new("| ");

    g_string_append(text, transform->type->name);
    for (size_t i = 0; i < transform->count; i++) {
        const TransformArgument *argument = &transform->arguments[i];

        g_string_append(text, i == 0 ? "(" : ", ");
        if (argument->key.at != NULL)
            g_string_append_printf(text, "%.*s: ", STR_FORMAT(argument->key));
        g_string_append_printf(text, argument->key.at != NULL ? "%.*s" : "'%.*s'", STR_FORMAT(argument->value));
    }
    g_string_append(text, transform->count > 0 ? ")" : "");
    return arena_str(arena, str_of_gstring(text));
}

static Texts explain_expression(Explainer *e, const Expression *expression, unsigned depth);

static Texts
explain_pipe(Explainer *e, const Expression *expression, unsigned depth)
{
    Texts texts = explain_expression(e, expression->parts[0], depth);

    for (size_t i = 0; i < expression->transform_count; i++) {
        e->context.mistake = NULL;
        texts = transform_apply(expression->transforms[i], &e->context, texts);
        tell(e, depth, transform_text_of(expression->transforms[i], e->arena), texts, e->context.mistake);
    }
    return texts;
}

/* Each alternative that was looked at, up to the first that is not empty. */
static Texts
explain_or(Explainer *e, const Expression *expression, unsigned depth)
{
    Texts texts = {0};

    for (size_t i = 0; i < expression->part_count && texts.count == 0; i++) {
        if (i > 0)
            tell(e, depth, STR("or"), (Texts){0}, NULL);
        texts = explain_expression(e, expression->parts[i], depth);
    }
    return texts;
}

static Texts
explain_parts(Explainer *e, const Expression *expression, unsigned depth, Str what)
{
    Texts texts;

    for (size_t i = 0; i < expression->part_count; i++)
        explain_expression(e, expression->parts[i], depth + 1);
    e->context.mistake = NULL;
    texts = expression_texts(expression, e->record, &e->answer->ask, &e->context);
    tell(e, depth, what, texts, NULL);
    return texts;
}

static Texts
explain_expression(Explainer *e, const Expression *expression, unsigned depth)
{
    Texts texts;

    switch (expression->kind) {
    case EXPRESSION_PIPE:
        return explain_pipe(e, expression, depth);
    case EXPRESSION_OR:
        return explain_or(e, expression, depth);
    case EXPRESSION_LIST:
        return explain_parts(e, expression, depth, STR("[all of these]"));
    case EXPRESSION_FORMAT:
        return explain_parts(e, expression, depth, STR("{one behind the other}"));
    case EXPRESSION_ONCE:
        return explain_expression(e, expression->parts[0], depth);
    case EXPRESSION_PATH:
    case EXPRESSION_CONSTANT:
        break;
    }
    texts = expression_texts(expression, e->record, &e->answer->ask, &e->context);
    tell(e, depth,
         expression->kind == EXPRESSION_PATH ? path_text(e->answer->operation->fields.paths->pdata[expression->field])
                                             : STR("= constant"),
         texts, NULL);
    return texts;
}

typedef struct {
    const char *name;
    const Expression *expression;
} NamedExpression;

static void
explain_listing(Explainer *e, const ListingMap *map)
{
    const NamedExpression fields[] = {
        {"title", map->title},
        {"url", map->url},
        {"id", map->id},
        {"company", map->company},
        {"location", map->location},
        {"country", map->country},
        {"latitude", map->latitude},
        {"longitude", map->longitude},
        {"remote", map->remote},
        {"employment_type", map->employment_type},
        {"salary.min", map->salary_min},
        {"salary.max", map->salary_max},
        {"salary.currency", map->salary_currency},
        {"salary.period", map->salary_period},
        {"salary.predicted", map->salary_predicted},
        {"salary.text", map->salary_text},
        {"posted_at", map->posted_at},
        {"expires_at", map->expires_at},
        {"category", map->category},
        {"language", map->language},
        {"snippet", map->snippet},
        {"description", map->description},
        {"bid.amount", map->bid_amount},
        {"bid.currency", map->bid_currency},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        e->field = fields[i].name;
        if (fields[i].expression != NULL)
            explain_expression(e, fields[i].expression, 0);
    }
}

static bool
is_explained(const Answer *answer, const Record *record)
{
    return answer->explain.events != NULL && answer->explain.number == record->number;
}

void
answer_explain_listing(Answer *answer, const Record *record, const Listing *listing, bool is_kept)
{
    const AnswerExplain *explain = &answer->explain;

    if (is_explained(answer, record) && explain->events->mapped != NULL)
        explain->events->mapped(explain->data, listing, is_kept);
}

void
answer_explain_record(Answer *answer, const Record *record, bool is_skipped)
{
    const Operation *operation = answer->operation;
    g_autoptr(Arena) arena = NULL;
    Explainer e;

    if (!is_explained(answer, record))
        return;
    arena = arena_new(16 * 1024);
    e = (Explainer){
        .answer = answer,
        .record = record,
        .arena = arena,
        .context = {
            .arena = arena, .zone = operation->zone, .numbers = operation->numbers, .now_us = answer->ask.now_us}};
    explain_listing(&e, &operation->listing);
    if (is_skipped && answer->explain.events->skipped != NULL)
        answer->explain.events->skipped(answer->explain.data);
}
