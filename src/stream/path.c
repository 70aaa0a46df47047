/* Parsing of paths: one pass, no backtracking, every mistake named with its column. */
#include "stream/path_steps.h"

typedef struct {
    Path *path;
    Str text;
    size_t at;
    size_t names_used;
    GError **error;
} Parser;

static bool
parser_fail(Parser *p, size_t at, const char *what)
{
    return weir_fail(p->error, WEIR_ERROR_INVALID, "path \"%.*s\", column %" G_GSIZE_FORMAT ": %s", STR_FORMAT(p->text),
                     at + 1, what);
}

static bool
parser_is_at(const Parser *p, char c)
{
    return p->at < p->text.size && p->text.at[p->at] == c;
}

static bool
parser_skip(Parser *p, char c)
{
    if (!parser_is_at(p, c))
        return false;
    p->at++;
    return true;
}

static bool
parser_add(Parser *p, PathStep step)
{
    if (p->path->step_count == PATH_STEPS_MAX)
        return parser_fail(p, p->at, "too many steps");
    p->path->steps[p->path->step_count++] = step;
    return true;
}

/* Names are copied without quotes and escapes; together they are never longer than the text. */
static void
parser_keep(Parser *p, char c)
{
    p->path->names[p->names_used++] = c;
}

static bool
parse_quoted(Parser *p, Str *ret_text)
{
    size_t opened = p->at, begin = p->names_used;
    char quote = p->text.at[p->at++];

    while (p->at < p->text.size && p->text.at[p->at] != quote) {
        if (p->text.at[p->at] == '\\' && ++p->at == p->text.size)
            break;
        parser_keep(p, p->text.at[p->at++]);
    }
    if (!parser_skip(p, quote))
        return parser_fail(p, opened, "the quote is never closed");
    *ret_text = (Str){p->path->names + begin, p->names_used - begin};
    return true;
}

static bool
is_bare(char c)
{
    return (unsigned char)c >= ' ' && c != 0x7f && strchr(".[]\"'@=*", c) == NULL;
}

/* A name with an optional @ before it: quoted, or bare up to the next special character. Blanks may stand inside a
 * bare name (CSV columns are called "Job Title") but not around it. */
static bool
parse_name(Parser *p, Str *ret_name)
{
    size_t begin = p->names_used, from = p->at;

    if (parser_is_at(p, '"') || parser_is_at(p, '\''))
        return parse_quoted(p, ret_name);
    if (parser_skip(p, '@'))
        parser_keep(p, '@');
    if (parser_is_at(p, ' '))
        return parser_fail(p, p->at, "a name with a blank at its beginning needs quotes");
    while (p->at < p->text.size && is_bare(p->text.at[p->at]))
        parser_keep(p, p->text.at[p->at++]);
    if (p->at == from || (p->at == from + 1 && p->text.at[from] == '@'))
        return parser_fail(p, p->at, p->at < p->text.size ? "a name is expected here" : "a name is missing at the end");
    if (p->text.at[p->at - 1] == ' ')
        return parser_fail(p, p->at - 1, "a name with a blank at its end needs quotes");
    *ret_name = (Str){p->path->names + begin, p->names_used - begin};
    return true;
}

static bool
parse_index(Parser *p, PathStep *step)
{
    size_t from = p->at;
    Str digits;

    while (p->at < p->text.size && (g_ascii_isdigit(p->text.at[p->at]) || (p->at == from && parser_is_at(p, '-'))))
        p->at++;
    digits = str_slice(p->text, from, p->at);
    if (!str_to_int64(digits, &step->index) || step->index > G_MAXINT32 || step->index < G_MININT32)
        return parser_fail(p, from, "not a number of an item");
    step->kind = STEP_INDEX;
    return true;
}

static bool
parse_filter(Parser *p, PathStep *step)
{
    step->kind = STEP_FILTER;
    if (!parse_name(p, &step->name))
        return false;
    if (!parser_skip(p, '='))
        return parser_fail(p, p->at, "= and a quoted text are expected in a filter");
    if (!parser_is_at(p, '"') && !parser_is_at(p, '\''))
        return parser_fail(p, p->at, "the text of a filter needs quotes");
    return parse_quoted(p, &step->text);
}

/* What stands in brackets: *, a number, or name='text'. */
static bool
parse_selector(Parser *p)
{
    PathStep step = {.kind = STEP_EACH};
    size_t opened = p->at++;
    bool is_number = p->at < p->text.size && (g_ascii_isdigit(p->text.at[p->at]) || parser_is_at(p, '-'));

    if (parser_is_at(p, ']'))
        return parser_fail(p, p->at, "* for every item, a number or a filter is expected here");
    if (!parser_skip(p, '*') && !(is_number ? parse_index(p, &step) : parse_filter(p, &step)))
        return false;
    if (!parser_skip(p, ']')) {
        if (p->at < p->text.size)
            return parser_fail(p, p->at, "] is expected here");
        return parser_fail(p, opened, "the bracket is never closed");
    }
    return parser_add(p, step);
}

static bool
path_has_deep(const Path *path)
{
    for (size_t i = 0; i < path->step_count; i++)
        if (path->steps[i].kind == STEP_DEEP)
            return true;
    return false;
}

/* A second ** would make the work of matching grow with the square of the depth, and what * finds behind one is what the
 * ** finds already. */
static bool
parse_stars(Parser *p)
{
    size_t from = p->at++;
    bool is_deep = parser_skip(p, '*');

    if (path_has_deep(p->path))
        return parser_fail(p, from, is_deep ? "only one ** may stand in a path" : "* may not stand behind **");
    if (!is_deep)
        return parser_add(p, (PathStep){.kind = STEP_ANY});
    if (p->at < p->text.size && !parser_is_at(p, '.'))
        return parser_fail(p, p->at, "only . and a name may follow **");
    return parser_add(p, (PathStep){.kind = STEP_DEEP});
}

static bool
parse_step(Parser *p)
{
    PathStep step = {.kind = STEP_MEMBER};

    if (parser_is_at(p, '*'))
        return parse_stars(p);
    return parse_name(p, &step.name) && parser_add(p, step);
}

/* A name may begin with ^; before a dot, an attribute, a bracket or the end it is what encloses the record. */
static bool
parse_up(Parser *p)
{
    size_t up = 0;

    while (p->at + up < p->text.size && p->text.at[p->at + up] == '^')
        up++;
    if (up == 0 || (p->at + up < p->text.size && strchr(".@[", p->text.at[p->at + up]) == NULL))
        return true;
    if (up > PATH_UP_MAX)
        return parser_fail(p, p->at + PATH_UP_MAX, "no more than 8 of ^ may stand here");
    p->path->up = (unsigned)up;
    p->at += up;
    return true;
}

static bool
parse_root(Parser *p)
{
    if (!parse_up(p))
        return false;
    if (p->path->up > 0) /* the rest are steps like others */
        return true;
    if (parser_is_at(p, '$') && (p->text.size == 1 || p->text.at[1] == '.' || p->text.at[1] == '[')) {
        p->path->from_document = true;
        p->at = 1;
        if (p->at == p->text.size || parser_is_at(p, '['))
            return true;
        p->at++;
    }
    return parser_is_at(p, '[') || parse_step(p);
}

static bool
parse(Parser *p)
{
    if (p->text.size == 0)
        return parser_fail(p, 0, "a path is empty; write . for the record itself");
    if (p->text.size > PATH_BYTES_MAX)
        return weir_fail(p->error, WEIR_ERROR_INVALID, "path of %" G_GSIZE_FORMAT " bytes, longer than %d",
                         p->text.size, PATH_BYTES_MAX);
    if (!g_utf8_validate_len(p->text.at, p->text.size, NULL))
        return weir_fail(p->error, WEIR_ERROR_INVALID, "path is not UTF-8 text");
    if (str_is(p->text, "."))
        return true;
    if (parser_is_at(p, '/'))
        return parser_fail(
            p, 0, "dots stand between the steps, as in rss.channel.item; a name that begins with / needs quotes");
    if (!parse_root(p))
        return false;
    while (p->at < p->text.size) {
        bool ok;

        if (parser_is_at(p, '['))
            ok = parse_selector(p);
        else if (parser_is_at(p, '@'))
            ok = parse_step(p);
        else if (parser_skip(p, '.'))
            ok = parse_step(p);
        else
            ok = parser_fail(p, p->at, "this needs quotes, or a dot before it");
        if (!ok)
            return false;
    }
    return true;
}

Path *
path_parse(Str text, GError **error)
{
    g_autoptr(Path) path = g_new0(Path, 1);
    Parser parser = {.path = path, .text = text, .error = error};

    path->text = text.at == NULL ? g_strdup("") : str_dup(text);
    path->names = g_malloc(MIN(text.size, PATH_BYTES_MAX) + 1);
    if (!parse(&parser))
        return NULL;
    path->names_size = parser.names_used;
    return g_steal_pointer(&path);
}

void
path_free(Path *path)
{
    if (path == NULL)
        return;
    g_free(path->text);
    g_free(path->names);
    g_free(path);
}

/* A slice of the names of one path as a slice of the other's. */
static Str
name_within(Str name, const Path *from, const Path *to)
{
    return name.at == NULL ? STR_NONE : (Str){to->names + (name.at - from->names), name.size};
}

Path *
path_copy(const Path *path, Arena *arena)
{
    Path *copy = ARENA_NEW(arena, Path);

    *copy = *path;
    copy->text = arena_strdup(arena, str_of(path->text));
    copy->names = (char *)(uintptr_t)arena_str(arena, (Str){path->names, path->names_size}).at;
    for (size_t i = 0; i < path->step_count; i++) {
        copy->steps[i].name = name_within(path->steps[i].name, path, copy);
        copy->steps[i].text = name_within(path->steps[i].text, path, copy);
    }
    return copy;
}

unsigned
path_up(const Path *path)
{
    return path->up;
}

static size_t
skip_each(const Path *path, size_t step)
{
    while (step < path->step_count && path->steps[step].kind == STEP_EACH)
        step++;
    return step;
}

static bool
step_equal(const PathStep *a, const PathStep *b)
{
    return a->kind == b->kind && a->index == b->index && str_equal(a->name, b->name) && str_equal(a->text, b->text);
}

bool
path_leads_on(const Path *path, const Path *items, size_t *ret_step)
{
    size_t at = skip_each(path, 0), of_items = skip_each(items, 0);

    if (path->from_document || path->up > 0)
        return false;
    while (of_items < items->step_count) {
        if (at == path->step_count || !step_equal(&path->steps[at], &items->steps[of_items]))
            return false;
        at = skip_each(path, at + 1);
        of_items = skip_each(items, of_items + 1);
    }
    /* a[0] chooses among the items; a[*][0] is of each. */
    if (at > 0 && at < path->step_count && path_step_selects(&path->steps[at]) && path->steps[at - 1].kind != STEP_EACH)
        return false;
    if (ret_step != NULL)
        *ret_step = at;
    return true;
}

bool
path_is_within_record(const Path *path)
{
    return !path->from_document && path->up == 0 && path->step_count > 0;
}

bool
path_has_names_only(const Path *path)
{
    for (size_t i = 0; i < path->step_count; i++)
        if (path->steps[i].kind != STEP_MEMBER)
            return false;
    return path->step_count > 0;
}

Str
path_text(const Path *path)
{
    return str_of(path->text);
}
