#include "sources/expression_type.h"

#define DEPTH_LIMIT 16

void
field_set_init(FieldSet *fields)
{
    fields->paths = g_ptr_array_new_with_free_func((GDestroyNotify)path_free);
}

void
field_set_clear(FieldSet *fields)
{
    g_clear_pointer(&fields->paths, g_ptr_array_unref);
}

ptrdiff_t
field_set_add(FieldSet *fields, Str text, GError **error)
{
    Path *path;

    for (guint i = 0; i < fields->paths->len; i++) {
        if (str_equal(path_text(fields->paths->pdata[i]), text))
            return i;
    }
    path = path_parse(text, error);
    if (path == NULL)
        return -1;
    g_ptr_array_add(fields->paths, path);
    return (ptrdiff_t)fields->paths->len - 1;
}

typedef struct {
    Str rest;
    const TemplateScope *scope;
    FieldSet *fields;
    Arena *arena;
    GError **error;
    unsigned depth;
} Parser;

static Expression *parse_pipe(Parser *parser);

static void
skip_blanks(Parser *parser)
{
    while (parser->rest.size > 0 && g_ascii_isspace(parser->rest.at[0]))
        parser->rest = str_slice(parser->rest, 1, parser->rest.size);
}

static bool
take(Parser *parser, char c)
{
    skip_blanks(parser);
    if (parser->rest.size == 0 || parser->rest.at[0] != c)
        return false;
    parser->rest = str_slice(parser->rest, 1, parser->rest.size);
    return true;
}

static bool
take_or(Parser *parser)
{
    skip_blanks(parser);
    if (!str_starts_with(parser->rest, STR("or")) ||
        (parser->rest.size > 2 && !g_ascii_isspace(parser->rest.at[2]) && strchr("'({[\"", parser->rest.at[2]) == NULL))
        return false;
    parser->rest = str_slice(parser->rest, 2, parser->rest.size);
    return true;
}

static Expression *
fail(Parser *parser, const char *what)
{
    if (str_is_empty(parser->rest))
        weir_fail(parser->error, WEIR_ERROR_INVALID, "%s at the end", what);
    else
        weir_fail(parser->error, WEIR_ERROR_INVALID, "%s before \"%.*s\"", what,
                  STR_FORMAT(str_slice(parser->rest, 0, 40)));
    return NULL;
}

static Expression *
new_expression(Parser *parser, ExpressionKind kind)
{
    Expression *expression = ARENA_NEW(parser->arena, Expression);

    expression->kind = kind;
    return expression;
}

/* 'text', in which '' is one quote; the opening quote is at the front. False when it is not closed. */
static bool
take_quoted(Parser *parser, Str *ret_text)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 1; i < parser->rest.size; i++) {
        if (parser->rest.at[i] != '\'') {
            g_string_append_c(text, parser->rest.at[i]);
        } else if (i + 1 < parser->rest.size && parser->rest.at[i + 1] == '\'') {
            g_string_append_c(text, '\'');
            i++;
        } else {
            parser->rest = str_slice(parser->rest, i + 1, parser->rest.size);
            *ret_text = arena_str(parser->arena, str_of_gstring(text));
            return true;
        }
    }
    return weir_fail(parser->error, WEIR_ERROR_INVALID, "a quote is not closed");
}

/* A constant whose braces are only braces. */
static Str
escape_braces(Arena *arena, Str text)
{
    g_autoptr(GString) escaped = g_string_new(NULL);

    for (size_t i = 0; i < text.size; i++) {
        g_string_append_c(escaped, text.at[i]);
        if (text.at[i] == '{' || text.at[i] == '}')
            g_string_append_c(escaped, text.at[i]);
    }
    return arena_str(arena, str_of_gstring(escaped));
}

static Expression *
new_constant(Parser *parser, Str template_text)
{
    Template *template = template_parse(template_text, TEMPLATE_TEXT, parser->scope, parser->arena, parser->error);
    Expression *expression;

    if (template == NULL)
        return NULL;
    expression = new_expression(parser, EXPRESSION_CONSTANT);
    expression->constant = template;
    return expression;
}

static Expression *
parse_quoted(Parser *parser)
{
    Str text;

    return take_quoted(parser, &text) ? new_constant(parser, escape_braces(parser->arena, text)) : NULL;
}

static Expression *
parse_variable(Parser *parser)
{
    ptrdiff_t end = str_find_char(parser->rest, '}');
    Str placeholder;

    if (str_starts_with(parser->rest, STR("{by:")) || str_starts_with(parser->rest, STR("{format:")))
        return fail(parser, "a map {by: ...} or {format: ...} stands without quotes around it");
    if (end < 0)
        return fail(parser, "\"{\" is not closed");
    placeholder = str_slice(parser->rest, 0, (size_t)end + 1);
    parser->rest = str_slice(parser->rest, (size_t)end + 1, parser->rest.size);
    return new_constant(parser, placeholder);
}

/* Where the path at the front ends: at a blank or one of |,)] that is not within brackets or quotes. */
static size_t
path_size(Str text)
{
    size_t depth = 0;
    char quote = '\0';

    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || (c == '\'' && depth > 0))
            quote = c;
        else if (c == '[')
            depth++;
        else if (c == ']' && depth > 0)
            depth--;
        else if (depth == 0 && (g_ascii_isspace(c) || c == '|' || c == ',' || c == ')' || c == ']'))
            return i;
    }
    return text.size;
}

static Expression *
parse_path(Parser *parser)
{
    size_t size = path_size(parser->rest);
    Expression *expression;
    ptrdiff_t field;

    if (size == 0)
        return fail(parser, "a path or a 'text' is missing");
    field = field_set_add(parser->fields, str_slice(parser->rest, 0, size), parser->error);
    if (field < 0)
        return NULL;
    parser->rest = str_slice(parser->rest, size, parser->rest.size);
    expression = new_expression(parser, EXPRESSION_PATH);
    expression->field = (size_t)field;
    return expression;
}

/* Moves collected parts into an expression of kind; a single one stands for itself unless it is a list. */
static Expression *
new_of_parts(Parser *parser, ExpressionKind kind, const GPtrArray *parts)
{
    Expression *expression;

    if (kind == EXPRESSION_OR && parts->len == 1)
        return parts->pdata[0];
    expression = new_expression(parser, kind);
    expression->parts = ARENA_ARRAY(parser->arena, const Expression *, parts->len);
    expression->part_count = parts->len;
    for (guint i = 0; i < parts->len; i++) {
        expression->parts[i] = parts->pdata[i];
        expression->plain |= expression->parts[i]->plain;
    }
    return expression;
}

static Expression *
parse_list(Parser *parser)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();

    do {
        Expression *part = parse_pipe(parser);

        if (part == NULL)
            return NULL;
        g_ptr_array_add(parts, part);
    } while (take(parser, ','));
    if (!take(parser, ']'))
        return fail(parser, "\"]\" is missing");
    return new_of_parts(parser, EXPRESSION_LIST, parts);
}

static Expression *
parse_group(Parser *parser)
{
    Expression *inner = parse_pipe(parser);

    if (inner != NULL && !take(parser, ')'))
        return fail(parser, "\")\" is missing");
    return inner;
}

/* "[0]" or "[-1]": an item of a record that is a list itself, not a list of one expression. */
static bool
is_item(Str text)
{
    size_t i = str_starts_with(text, STR("[-")) ? 2 : 1, digits = i;

    while (i < text.size && g_ascii_isdigit(text.at[i]))
        i++;
    return i > digits && i < text.size && text.at[i] == ']';
}

static Expression *
parse_atom(Parser *parser)
{
    skip_blanks(parser);
    if (parser->rest.size == 0)
        return fail(parser, "a path or a 'text' is missing");
    switch (parser->rest.at[0]) {
    case '(':
        take(parser, '(');
        return parse_group(parser);
    case '[':
        if (is_item(parser->rest))
            return parse_path(parser);
        take(parser, '[');
        return parse_list(parser);
    case '\'':
        return parse_quoted(parser);
    case '{':
        return parse_variable(parser);
    default:
        return parse_path(parser);
    }
}

static Expression *
parse_alternatives(Parser *parser)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();

    do {
        Expression *part = parse_atom(parser);

        if (part == NULL)
            return NULL;
        g_ptr_array_add(parts, part);
    } while (take_or(parser));
    return new_of_parts(parser, EXPRESSION_OR, parts);
}

/* A bare or quoted argument. */
static bool
parse_word(Parser *parser, Str *ret_word)
{
    size_t size = 0;

    skip_blanks(parser);
    if (parser->rest.size > 0 && parser->rest.at[0] == '\'')
        return take_quoted(parser, ret_word);
    while (size < parser->rest.size && strchr(",:)|'", parser->rest.at[size]) == NULL)
        size++;
    *ret_word = str_trim(str_slice(parser->rest, 0, size));
    parser->rest = str_slice(parser->rest, size, parser->rest.size);
    if (str_is_empty(*ret_word)) {
        fail(parser, "an argument is missing");
        return false;
    }
    *ret_word = arena_str(parser->arena, *ret_word);
    return true;
}

static bool
parse_arguments(Parser *parser, GArray *arguments)
{
    if (!take(parser, '('))
        return true;
    do {
        TransformArgument argument = {STR_NONE, STR_NONE};

        if (!parse_word(parser, &argument.value))
            return false;
        if (take(parser, ':')) {
            argument.key = argument.value;
            if (!parse_word(parser, &argument.value))
                return false;
        }
        g_array_append_val(arguments, argument);
    } while (take(parser, ','));
    if (!take(parser, ')')) {
        fail(parser, "\")\" is missing");
        return false;
    }
    return true;
}

static Transform *
parse_transform(Parser *parser, bool plain)
{
    g_autoptr(GArray) arguments = g_array_new(FALSE, FALSE, sizeof(TransformArgument));
    size_t size = 0;
    Str name;

    skip_blanks(parser);
    while (size < parser->rest.size && (g_ascii_isalnum(parser->rest.at[size]) || parser->rest.at[size] == '_'))
        size++;
    name = str_slice(parser->rest, 0, size);
    parser->rest = str_slice(parser->rest, size, parser->rest.size);
    if (!parse_arguments(parser, arguments))
        return NULL;
    return transform_new(name, arena_items(parser->arena, arguments), arguments->len, plain, parser->arena,
                         parser->error);
}

static Expression *
new_pipe(Parser *parser, const Expression *from, const GPtrArray *transforms, bool plain)
{
    Expression *expression = new_expression(parser, EXPRESSION_PIPE);

    expression->plain = plain;
    expression->parts = ARENA_ARRAY(parser->arena, const Expression *, 1);
    expression->parts[0] = from;
    expression->part_count = 1;
    expression->transforms = ARENA_ARRAY(parser->arena, const Transform *, transforms->len);
    expression->transform_count = transforms->len;
    for (guint i = 0; i < transforms->len; i++)
        expression->transforms[i] = transforms->pdata[i];
    return expression;
}

static Expression *
parse_transforms(Parser *parser, Expression *from)
{
    g_autoptr(GPtrArray) transforms = g_ptr_array_new();
    bool plain = from->plain;

    while (take(parser, '|')) {
        Transform *transform = parse_transform(parser, plain);

        if (transform == NULL)
            return NULL;
        plain |= transform_makes_plain(transform);
        g_ptr_array_add(transforms, transform);
    }
    return transforms->len == 0 ? from : new_pipe(parser, from, transforms, plain);
}

/* alternatives { "|" transform } */
static Expression *
parse_pipe(Parser *parser)
{
    Expression *from;

    if (++parser->depth > DEPTH_LIMIT)
        return fail(parser, "too many brackets");
    from = parse_alternatives(parser);
    if (from != NULL)
        from = parse_transforms(parser, from);
    parser->depth--;
    return from;
}

static Expression *
parse_text(Parser *parser, Str text)
{
    Expression *expression;

    parser->rest = str_trim(text);
    if (str_starts_with(parser->rest, STR("=")))
        return new_constant(parser, str_trim(str_slice(parser->rest, 1, parser->rest.size)));
    expression = parse_pipe(parser);
    if (expression == NULL)
        return NULL;
    skip_blanks(parser);
    return parser->rest.size == 0 ? expression : fail(parser, "\"|\" or \"or\" is missing");
}

const Expression *
expression_parse(Str text, const TemplateScope *scope, FieldSet *fields, Arena *arena, GError **error)
{
    Parser parser = {.scope = scope, .fields = fields, .arena = arena, .error = error};

    return parse_text(&parser, text);
}
