#include "sources/template.h"

#include "sources/moment.h"

typedef enum { PLACE_RAW, PLACE_HOST, PLACE_SEGMENT, PLACE_QUERY } Place;
typedef enum { FILTER_NONE, FILTER_UPPER, FILTER_LOWER, FILTER_NUMBER, FILTER_OR, FILTER_TIME } Filter;

typedef struct {
    int variable; /* -1: literal */
    Str text;     /* the literal, or the filter's argument */
    Place place;
    Filter filter;
} Part;

typedef struct {
    Str value;
    const Template *result;
} Choice;

struct Template {
    Part *parts;
    size_t count, variable_count;
    bool number;
    /* Of a map: the value of by decides. */
    const Template *by, *otherwise;
    Choice *choices;
    size_t choice_count;
};

typedef struct {
    const TemplateScope *scope;
    Arena *arena;
    GArray *parts;
    GString *literal;
    bool url;
    bool number;
    size_t variable_count;
    GString *seen; /* the URL so far, to know what place comes next */
    GError **error;
} Parser;

/* A URL may begin with a parameter that holds its origin, "{origin}/search"; what stands at its front is seen as '_'. */
static Place
place_of(const Parser *parser)
{
    const char *seen = parser->seen->str, *host = strstr(seen, "://");

    if (!parser->url || *seen == '\0')
        return PLACE_RAW;
    if (strchr(seen, '?') != NULL)
        return PLACE_QUERY;
    host = host != NULL ? host + 3 : *seen == '_' ? seen : "";
    return strchr(host, '/') != NULL ? PLACE_SEGMENT : PLACE_HOST;
}

static void
flush_literal(Parser *parser)
{
    Part part = {.variable = -1};

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

static void
append_encoded(GString *to, Str value, Place place)
{
    switch (place) {
    case PLACE_RAW:
        str_append(to, value);
        break;
    case PLACE_HOST: /* what does not belong into a host becomes a %XX, which the request then refuses */
    case PLACE_SEGMENT:
        http_encode_segment(to, value);
        break;
    case PLACE_QUERY:
        http_encode_query(to, value);
        break;
    }
}

/* "${NAME}" with the dollar at the front of *rest. The value becomes part of the literal. */
static bool
parse_secret(Parser *parser, Str *rest)
{
    ptrdiff_t end = str_find_char(*rest, '}');
    Str name;

    if (end < 0)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "\"${\" is not closed");
    name = str_slice(*rest, 2, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + 1, rest->size);
    for (size_t i = 0; parser->scope->secret_names[i] != NULL; i++) {
        if (!str_is(name, parser->scope->secret_names[i]))
            continue;
        append_encoded(parser->literal, str_of(parser->scope->secret_values[i]), place_of(parser));
        g_string_append_c(parser->seen, '_');
        return true;
    }
    return weir_fail(parser->error, WEIR_ERROR_INVALID, "${%.*s} is not among the secrets", STR_FORMAT(name));
}

static bool
parse_filter(Parser *parser, Part *part, Str filter)
{
    Str rest = str_trim(filter), word = str_cut(&rest, ' ');

    part->text = str_trim(rest);
    if (str_is(word, "upper"))
        part->filter = FILTER_UPPER;
    else if (str_is(word, "lower"))
        part->filter = FILTER_LOWER;
    else if (str_is(word, "number"))
        part->filter = FILTER_NUMBER;
    else if (str_is(word, "or"))
        part->filter = FILTER_OR;
    else if (str_is(word, "date") || str_is(word, "rfc3339") || str_is(word, "epoch_s") || str_is(word, "epoch_ms"))
        part->filter = FILTER_TIME;
    else
        return weir_fail(
            parser->error, WEIR_ERROR_INVALID,
            "unknown filter \"%.*s\"; there are upper, lower, number, or, date, rfc3339, epoch_s, epoch_ms",
            STR_FORMAT(word));
    if (part->filter == FILTER_TIME && part->variable != VARIABLE_SINCE && part->variable != VARIABLE_UNTIL)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "only {since} and {until} are moments");
    if (part->filter == FILTER_TIME && !(str_is(word, "date") && !str_is_empty(part->text)))
        part->text = word;
    parser->number |= part->filter == FILTER_NUMBER;
    return true;
}

/* "{name|filter}" at the front of *rest. */
static bool
parse_placeholder(Parser *parser, Str *rest)
{
    ptrdiff_t end = str_find_char(*rest, '}');
    Part part = {.place = place_of(parser)};
    Str inside, name;
    const char *nearest;

    if (end < 0)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "\"{\" is not closed");
    inside = str_slice(*rest, 1, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + 1, rest->size);
    name = str_trim(str_cut(&inside, '|'));
    if (!variable_find(name, parser->scope->parameters, &part.variable)) {
        nearest = variable_nearest(name, parser->scope->parameters);
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "unknown placeholder {%.*s}%s%s%s", STR_FORMAT(name),
                         nearest != NULL ? "; did you mean {" : "", nearest != NULL ? nearest : "",
                         nearest != NULL ? "}?" : "");
    }
    if (parser->url && parser->seen->len == 0 && part.variable < VARIABLE_PARAMETER)
        return weir_fail(parser->error, WEIR_ERROR_INVALID, "only a parameter may begin a URL");
    if (inside.at != NULL && !parse_filter(parser, &part, inside))
        return false;
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

Template *
template_parse(Str text, TemplatePlace place, const TemplateScope *scope, Arena *arena, GError **error)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_autoptr(GString) literal = g_string_new(NULL), seen = g_string_new(NULL);
    Parser parser = {.scope = scope,
                     .arena = arena,
                     .parts = parts,
                     .literal = literal,
                     .seen = seen,
                     .error = error,
                     .url = place == TEMPLATE_URL};
    Template *template;

    if (!parse_parts(&parser, arena_str(arena, text)))
        return NULL;
    template = ARENA_NEW(arena, Template);
    template->count = parts->len;
    template->parts = ARENA_ARRAY(arena, Part, parts->len + 1);
    if (parts->len > 0)
        memcpy(template->parts, parts->data, parts->len * sizeof(Part));
    template->variable_count = parser.variable_count;
    template->number = parser.number && parts->len == 1;
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
    template->choices = ARENA_ARRAY(arena, Choice, node->count);
    for (size_t i = 0; i < node->count; i++) {
        Str name = node->pairs[i].key->text;
        const Template *result;

        if (str_is(name, "by"))
            continue;
        result = parse_node(node->pairs[i].value, key, scope, arena, mistakes);
        if (str_is(name, "else"))
            template->otherwise = result;
        else
            template->choices[template->choice_count++] = (Choice){name, result};
    }
    return template->by != NULL ? template : NULL;
}

static Str
change_case(Arena *arena, Str value, bool upper)
{
    char *copy = arena_strdup(arena, value);

    for (size_t i = 0; i < value.size; i++)
        copy[i] = upper ? g_ascii_toupper(copy[i]) : g_ascii_tolower(copy[i]);
    return (Str){copy, value.size};
}

static Str
filter_moment(const Ask *ask, const Part *part, Arena *arena)
{
    int64_t us = part->variable == VARIABLE_SINCE ? ask->question->since_us : ask->question->until_us;

    return moment_format(us, part->text, ask->zone, arena);
}

static Str
part_value(const Part *part, const Ask *ask, Arena *arena)
{
    Str value = variable_value(ask, part->variable, arena);

    if (part->filter == FILTER_OR && str_is_empty(value))
        return str_is_empty(part->text) ? STR("") : part->text;
    if (str_is_empty(value))
        return STR_NONE;
    switch (part->filter) {
    case FILTER_UPPER:
        return change_case(arena, value, true);
    case FILTER_LOWER:
        return change_case(arena, value, false);
    case FILTER_TIME:
        return filter_moment(ask, part, arena);
    default:
        return value;
    }
}

static Str
expand_parts(const Template *template, const Ask *ask, Arena *arena, int *missing)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t empty_count = 0;

    for (size_t i = 0; i < template->count; i++) {
        const Part *part = &template->parts[i];
        Str value;

        if (part->variable < 0) {
            str_append(text, part->text);
            continue;
        }
        value = part_value(part, ask, arena);
        if (value.at == NULL) {
            empty_count++;
            *missing = *missing < 0 ? part->variable : *missing;
        }
        append_encoded(text, value, part->place);
    }
    if (template->variable_count > 0 && empty_count == template->variable_count)
        return STR_NONE;
    return arena_str(arena, str_of_gstring(text));
}

Str
template_expand(const Template *template, const Ask *ask, Arena *arena, int *ret_missing)
{
    int missing = -1;
    Str value;

    if (template->by == NULL) {
        value = expand_parts(template, ask, arena, &missing);
    } else {
        const Template *result = template->otherwise;

        value = expand_parts(template->by, ask, arena, &missing);
        for (size_t i = 0; i < template->choice_count; i++) {
            if (value.at != NULL && str_equal(template->choices[i].value, value))
                result = template->choices[i].result;
        }
        value = result != NULL ? expand_parts(result, ask, arena, &missing) : STR_NONE;
    }
    if (ret_missing != NULL)
        *ret_missing = missing;
    return value;
}

bool
template_is_number(const Template *template)
{
    return template->number;
}

bool
template_is_constant(const Template *template)
{
    return template->by == NULL && template->variable_count == 0;
}
