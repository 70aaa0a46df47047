/* Expressions as a definition writes them: a text, or a map with "by" or "format". */
#include "sources/expression_type.h"

typedef struct {
    const YamlNode *node;
    const TemplateScope *scope;
    FieldSet *fields;
    Arena *arena;
    GError **error;
} NodeReader;

static const Expression *
read_text(NodeReader *reader, Str text)
{
    return expression_parse(text, reader->scope, reader->fields, reader->arena, reader->error);
}

static bool
is_text(const YamlNode *node)
{
    return node != NULL && node->kind == YAML_SCALAR && node->text.at != NULL;
}

/* {by: EXPRESSION, VALUE: TEXT, ..., else: TEXT} is the expression through map(). */
static const Expression *
read_choice(NodeReader *reader, const YamlNode *by)
{
    const YamlNode *node = reader->node;
    TransformArgument *arguments = ARENA_ARRAY(reader->arena, TransformArgument, node->count);
    Expression *expression = ARENA_NEW(reader->arena, Expression);
    const Expression *from = read_text(reader, by->text);
    size_t count = 0;

    if (from == NULL)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        const YamlPair *pair = &node->pairs[i];

        if (pair->value == by)
            continue;
        if (pair->value->kind != YAML_SCALAR) {
            weir_fail(reader->error, WEIR_ERROR_INVALID, "%s must be a text", pair->key->text.at);
            return NULL;
        }
        if (template_is_misspelt_else(pair->key)) {
            weir_fail(reader->error, WEIR_ERROR_INVALID, TEMPLATE_MISSPELT_ELSE, pair->key->text.at);
            return NULL;
        }
        arguments[count++] = (TransformArgument){pair->key->text, pair->value->text};
    }
    *expression = (Expression){.kind = EXPRESSION_PIPE, .plain = from->plain, .part_count = 1, .transform_count = 1};
    expression->parts = ARENA_ARRAY(reader->arena, const Expression *, 1);
    expression->parts[0] = from;
    expression->transforms = ARENA_ARRAY(reader->arena, const Transform *, 1);
    expression->transforms[0] = transform_new(STR("map"), arguments, count, from->plain, reader->arena, reader->error);
    return expression->transforms[0] != NULL ? expression : NULL;
}

/* The size of the placeholder at the front with its braces, or of the text before the next one; 0 when it is not closed. */
static size_t
piece_size(Str text)
{
    ptrdiff_t end = str_find_char(text, text.at[0] == '{' ? '}' : '{');

    if (text.at[0] == '{')
        return end < 0 ? 0 : (size_t)end + 1;
    return end < 0 ? text.size : (size_t)end;
}

/* A placeholder of the map itself, else one of the question, else the text as it stands. */
static const Expression *
read_piece(NodeReader *reader, Str piece)
{
    g_autofree char *name = piece.at[0] == '{' ? str_dup(str_slice(piece, 1, piece.size - 1)) : NULL;
    const YamlNode *value = name == NULL ? NULL : yaml_find(reader->node, name);

    if (value != NULL && !is_text(value)) {
        weir_fail(reader->error, WEIR_ERROR_INVALID, "%s must be an expression", name);
        return NULL;
    }
    return read_text(reader, value != NULL ? value->text : arena_printf(reader->arena, "=%.*s", STR_FORMAT(piece)));
}

/* The blanks around a text between two placeholders belong to it, so that it can't go through the parser, which trims. */
static const Expression *
literal(NodeReader *reader, Str piece)
{
    Expression *expression = ARENA_NEW(reader->arena, Expression);

    expression->kind = EXPRESSION_CONSTANT;
    expression->constant = template_parse(piece, TEMPLATE_TEXT, reader->scope, reader->arena, reader->error);
    return expression->constant != NULL ? expression : NULL;
}

static bool
check_all_used(NodeReader *reader, const YamlNode *format)
{
    for (size_t i = 0; i < reader->node->count; i++) {
        const YamlPair *pair = &reader->node->pairs[i];
        g_autofree char *placeholder = g_strdup_printf("{%.*s}", STR_FORMAT(pair->key->text));

        if (pair->value != format && str_find(format->text, str_of(placeholder)) < 0)
            return weir_fail(reader->error, WEIR_ERROR_INVALID, "%s does not stand in the format", placeholder);
    }
    return true;
}

/* {format: "{city} ({state})", city: EXPRESSION, state: EXPRESSION} */
static const Expression *
read_format(NodeReader *reader, const YamlNode *format)
{
    Expression *expression = ARENA_NEW(reader->arena, Expression);
    Str rest = format->text;

    if (!check_all_used(reader, format))
        return NULL;
    expression->kind = EXPRESSION_FORMAT;
    expression->parts = ARENA_ARRAY(reader->arena, const Expression *, rest.size + 1);
    while (rest.size > 0) {
        size_t size = piece_size(rest);
        const Expression *part;

        if (size == 0) {
            weir_fail(reader->error, WEIR_ERROR_INVALID, "\"{\" is not closed");
            return NULL;
        }
        part = rest.at[0] == '{' ? read_piece(reader, str_slice(rest, 0, size))
                                 : literal(reader, str_slice(rest, 0, size));
        if (part == NULL)
            return NULL;
        expression->parts[expression->part_count++] = part;
        rest = str_slice(rest, size, rest.size);
    }
    return expression;
}

static bool
has_path(const Expression *expression)
{
    bool has = expression->kind == EXPRESSION_PATH;

    for (size_t i = 0; i < expression->part_count && !has; i++)
        has = has_path(expression->parts[i]);
    return has;
}

static const Expression *
new_once(NodeReader *reader, const Expression *part)
{
    Expression *expression = ARENA_NEW(reader->arena, Expression);

    *expression = (Expression){.kind = EXPRESSION_ONCE, .plain = part->plain, .part_count = 1};
    expression->once = reader->fields->constant_count++;
    expression->parts = ARENA_ARRAY(reader->arena, const Expression *, 1);
    expression->parts[0] = part;
    return expression;
}

const Expression *
expression_of_node(const YamlNode *node, const char *key, const TemplateScope *scope, FieldSet *fields, Arena *arena,
                   YamlMistakes *mistakes)
{
    g_autoptr(GError) error = NULL;
    NodeReader reader = {node, scope, fields, arena, &error};
    const YamlNode *by = yaml_find(node, "by"), *format = yaml_find(node, "format");
    const Expression *expression = NULL;

    if (is_text(node))
        expression = read_text(&reader, node->text);
    else if (is_text(by))
        expression = read_choice(&reader, by);
    else if (is_text(format))
        expression = read_format(&reader, format);
    else
        weir_fail(&error, WEIR_ERROR_INVALID, "must be an expression, or a map with \"by\" or \"format\"");
    if (expression == NULL)
        yaml_mistake(mistakes, node, key, "%s", error->message);
    return expression == NULL || has_path(expression) ? expression : new_once(&reader, expression);
}
