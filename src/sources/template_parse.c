/* Compiling templates. */
#include "sources/template_type.h"

typedef struct {
    const TemplateScope *scope;
    Arena *arena;
    GArray *parts;
    GString *literal;
    TemplatePlace place;
    bool secret;
    size_t variable_count;
    GString *seen; /* the URL so far, to know what place comes next */
    GError **error;
} Parser;

/* A URL may begin with a parameter that holds its origin, "{origin}/search"; what stands at its front is seen as '_'. */
static ValuePlace
place_of(const Parser *parser)
{
    const char *seen = parser->seen->str, *host = strstr(seen, "://");

    if (parser->place == TEMPLATE_XML)
        return PLACE_XML;
    if (parser->place != TEMPLATE_URL || *seen == '\0')
        return PLACE_RAW;
    if (strchr(seen, '?') != NULL)
        return PLACE_QUERY;
    host = host != NULL ? host + 3 : *seen == '_' ? seen : "";
    return strchr(host, '/') != NULL ? PLACE_SEGMENT : PLACE_HOST;
}

static void
flush_literal(Parser *parser)
{
    TemplatePart part = {.variable = -1};

    if (parser->literal->len == 0)
        return;
    part.text = arena_str(parser->arena, str_of_gstring(parser->literal));
    g_string_truncate(parser->literal, 0);
    g_array_append_val(parser->parts, part);
}

static void
append_literal(Parser *parser, char c)
{
    g_string_append_c(parser->literal, c);
    g_string_append_c(parser->seen, c);
}

/* "${NAME}" with the dollar at the front of *rest. The value becomes part of the literal. */
static bool
parse_secret(Parser *parser, Str *rest)
{
    ptrdiff_t end = str_find_char(*rest, '}');
    const char *nearest;
    Str name;

    if (end < 0)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "\"${\" is not closed");
    name = str_slice(*rest, 2, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + 1, rest->size);
    for (size_t i = 0; parser->scope->secret_names[i] != NULL; i++) {
        if (!str_is(name, parser->scope->secret_names[i]))
            continue;
        template_append_encoded(parser->literal, str_of(parser->scope->secret_values[i]), place_of(parser));
        g_string_append_c(parser->seen, '_');
        parser->secret = true;
        return true;
    }
    nearest = yaml_nearest(name, parser->scope->secret_names);
    return weir_fail(parser->error, WEIR_ERROR_INVALID, "${%.*s} is not among the secrets%s%s%s", STR_FORMAT(name),
                     nearest != NULL ? "; did you mean ${" : "; name it under `secrets`",
                     nearest != NULL ? nearest : "", nearest != NULL ? "}?" : "");
}

/* The end of what is quoted counts, not a brace or bar within: "{a|before '|'}". A quote opens behind a blank only. */
static ptrdiff_t
find_outside_quotes(Str text, char wanted)
{
    bool quoted = false;

    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '\'' && (quoted || (i > 0 && text.at[i - 1] == ' ')))
            quoted = !quoted;
        else if (text.at[i] == wanted && !quoted)
            return (ptrdiff_t)i;
    }
    return -1;
}

/* A moment is moved, then written, then treated as text; nothing else is moved by a duration or written as a moment. */
static bool
check_order(const Parser *parser, const TemplatePart *part)
{
    bool moment = variable_is_moment(part->variable);

    for (size_t i = 0; i < part->filter_count; i++) {
        const TemplateFilter *filter = &part->filters[i];

        if (moment && template_filter_moves_moment(filter))
            continue;
        if (!moment && (template_filter_writes_moment(filter) || template_filter_moves_moment(filter)))
            return weir_fail(parser->error, WEIR_ERROR_INVALID,
                             "only {since}, {until}, {now} and {posted_since} are moments, and only until written");
        moment = false;
    }
    return true;
}

/* What stands behind the first bar: filters with bars between them. */
static bool
parse_filters(Parser *parser, TemplatePart *part, Str rest)
{
    g_autoptr(GArray) filters = g_array_new(FALSE, FALSE, sizeof(TemplateFilter));

    while (rest.at != NULL) {
        ptrdiff_t bar = find_outside_quotes(rest, '|');
        TemplateFilter filter;

        if (!template_filter_parse(bar < 0 ? rest : str_slice(rest, 0, (size_t)bar), parser->arena, &filter,
                                   parser->error))
            return false;
        g_array_append_val(filters, filter);
        rest = bar < 0 ? STR_NONE : str_slice(rest, (size_t)bar + 1, rest.size);
    }
    part->filters = arena_items(parser->arena, filters);
    part->filter_count = filters->len;
    return check_order(parser, part);
}

/* Some words have a meaning in their place only. */
static bool
is_in_scope(const TemplateScope *scope, int variable)
{
    switch (variable) {
    case VARIABLE_PAIRS:
        return scope->pairs;
    case VARIABLE_TOKEN:
        return scope->token;
    case VARIABLE_CLICK_ID:
        return scope->click;
    case VARIABLE_ITEM_ID:
    case VARIABLE_ITEM_TITLE:
    case VARIABLE_ITEM_URL:
        return scope->item;
    case VARIABLE_TICKET:
        return scope->ticket;
    case VARIABLE_RESULT:
        return scope->result;
    default:
        return true;
    }
}

/* Where a variable that is not known everywhere is. */
static const char *
scope_name(int variable)
{
    switch (variable) {
    case VARIABLE_PAIRS:
        return "a signature with pairs";
    case VARIABLE_TOKEN:
        return "a login";
    case VARIABLE_CLICK_ID:
        return "click";
    case VARIABLE_TICKET:
    case VARIABLE_RESULT:
        return "what is prepared first";
    default:
        return "detail";
    }
}

static bool
find_variable(Parser *parser, Str name, int *ret_variable)
{
    const char *nearest;

    if (variable_find(name, parser->scope->parameters, ret_variable))
        return is_in_scope(parser->scope, *ret_variable) ||
               weir_fail(parser->error, WEIR_ERROR_INVALID,
                         "{%.*s} has no value here: it is of %s. A parameter cannot have this name", STR_FORMAT(name),
                         scope_name(*ret_variable));
    nearest = variable_nearest(name, parser->scope->parameters);
    return weir_fail(parser->error, WEIR_ERROR_INVALID, "unknown placeholder {%.*s}%s%s%s", STR_FORMAT(name),
                     nearest != NULL ? "; did you mean {" : "", nearest != NULL ? nearest : "",
                     nearest != NULL ? "}?" : "");
}

/* "{name|filter|filter}" at the front of *rest. */
static bool
parse_placeholder(Parser *parser, Str *rest)
{
    ptrdiff_t end = find_outside_quotes(*rest, '}'), bar;
    TemplatePart part = {.place = place_of(parser)};
    Str inside;

    if (end < 0)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "\"{\" is not closed");
    inside = str_slice(*rest, 1, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + 1, rest->size);
    bar = str_find_char(inside, '|');
    if (!find_variable(parser, str_trim(bar < 0 ? inside : str_slice(inside, 0, (size_t)bar)), &part.variable))
        return false;
    if (parser->place == TEMPLATE_URL && parser->seen->len == 0 && part.variable < VARIABLE_PARAMETER &&
        (!variable_is_given(part.variable) || rest->size > 0))
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "only a parameter may begin a URL");
    if (bar >= 0 && !parse_filters(parser, &part, str_slice(inside, (size_t)bar + 1, inside.size)))
        return false;
    if (part.variable >= VARIABLE_PARAMETER)
        parser->secret |= parser->scope->parameters.items[part.variable - VARIABLE_PARAMETER].secret;
    flush_literal(parser);
    g_array_append_val(parser->parts, part);
    g_string_append_c(parser->seen, '_');
    parser->variable_count++;
    return true;
}

static bool
parse_parts(Parser *parser, Str rest)
{
    while (rest.size > 0) {
        if (str_starts_with(rest, STR("{{")) || str_starts_with(rest, STR("}}"))) {
            append_literal(parser, rest.at[0]);
            rest = str_slice(rest, 2, rest.size);
        } else if (str_starts_with(rest, STR("${"))) {
            if (!parse_secret(parser, &rest))
                return false;
        } else if (rest.at[0] == '{') {
            if (!parse_placeholder(parser, &rest))
                return false;
        } else {
            append_literal(parser, rest.at[0]);
            rest = str_slice(rest, 1, rest.size);
        }
    }
    flush_literal(parser);
    return true;
}

static bool
part_is_list(const TemplatePart *part)
{
    bool list = part->variable >= 0 && variable_is_list(part->variable);

    for (size_t i = 0; i < part->filter_count; i++)
        list = template_filter_splits(&part->filters[i]) || (list && !template_filter_joins(&part->filters[i]));
    return list;
}

static bool
part_is_number(const TemplatePart *part)
{
    for (size_t i = 0; i < part->filter_count; i++) {
        if (template_filter_is_number(&part->filters[i]))
            return true;
    }
    return false;
}

Template *
template_parse(Str text, TemplatePlace place, const TemplateScope *scope, Arena *arena, GError **error)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(TemplatePart));
    g_autoptr(GString) literal = g_string_new(NULL), seen = g_string_new(NULL);
    Parser parser = {.scope = scope,
                     .arena = arena,
                     .parts = parts,
                     .literal = literal,
                     .seen = seen,
                     .error = error,
                     .place = place};
    Template *template;

    if (!parse_parts(&parser, arena_str(arena, text)))
        return NULL;
    template = ARENA_NEW(arena, Template);
    template->count = parts->len;
    template->parts = arena_items(arena, parts);
    template->variable_count = parser.variable_count;
    template->number = parts->len == 1 && part_is_number(template->parts);
    template->list = parts->len == 1 && part_is_list(template->parts);
    template->secret = parser.secret;
    template->always = place == TEMPLATE_XML;
    return template;
}

/* The template of one text of a node, with a mistake when it is none. */
static Template *
parse_node(const YamlNode *node, const char *key, const TemplateScope *scope, Arena *arena, YamlMistakes *mistakes)
{
    g_autoptr(GError) error = NULL;
    Template *template;

    if (node->kind != YAML_SCALAR) {
        yaml_mistake(mistakes, node, key, "must be a text");
        return NULL;
    }
    template = template_parse(node->text, TEMPLATE_TEXT, scope, arena, &error);
    if (template == NULL)
        yaml_mistake(mistakes, node, key, "%s", error->message);
    return template;
}

bool
template_is_misspelt_else(const YamlNode *key)
{
    static const char *const SLIPS[] = {"els", "esle", "lese", "elese", "elsee", "ese", "Else", "ELSE"};

    for (size_t i = 0; i < G_N_ELEMENTS(SLIPS); i++)
        if (key->plain && str_is(key->text, SLIPS[i]))
            return true;
    return false;
}

Template *
template_of_node(const YamlNode *node, const char *key, const TemplateScope *scope, Arena *arena,
                 YamlMistakes *mistakes)
{
    const YamlNode *by = yaml_find(node, "by");
    Template *template;

    if (by == NULL)
        return parse_node(node, key, scope, arena, mistakes);
    template = ARENA_NEW(arena, Template);
    template->by = parse_node(by, key, scope, arena, mistakes);
    template->choices = ARENA_ARRAY(arena, TemplateChoice, node->count);
    for (size_t i = 0; i < node->count; i++) {
        Str name = node->pairs[i].key->text;
        const Template *result;

        if (str_is(name, "by"))
            continue;
        if (str_is(name, "join")) {
            template->join = arena_str(arena, node->pairs[i].value->text);
            continue;
        }
        if (template_is_misspelt_else(node->pairs[i].key))
            yaml_mistake(mistakes, node->pairs[i].key, key, TEMPLATE_MISSPELT_ELSE, name.at);
        result = parse_node(node->pairs[i].value, key, scope, arena, mistakes);
        if (str_is(name, "else"))
            template->otherwise = result;
        else
            template->choices[template->choice_count++] = (TemplateChoice){name, result};
        template->secret |= result != NULL && result->secret;
    }
    template->list = template->by != NULL &&template->by->list &&template->join.at == NULL;
    return template->by != NULL ? template : NULL;
}
