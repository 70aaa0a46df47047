/* What a template comes to for a question. */
#include "sources/template_type.h"

#include "sources/moment.h"

static void
append_xml(GString *to, Str value)
{
    g_autofree char *escaped = g_markup_escape_text(value.size > 0 ? value.at : "", (gssize)value.size);

    g_string_append(to, escaped);
}

void
template_append_encoded(GString *to, Str value, ValuePlace place)
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
    case PLACE_XML:
        append_xml(to, value);
        break;
    }
}

static Texts
one_text(Str text, Arena *arena)
{
    Texts texts = {.items = ARENA_NEW(arena, Str), .count = str_is_empty(text) ? 0 : 1};

    texts.items[0] = text;
    return texts;
}

/* The moment moved and written, as far as filters say so; *used counts those. */
static Str
moment_text(const TemplatePart *part, const Ask *ask, Arena *arena, size_t *used)
{
    int64_t us = variable_moment_us(ask, part->variable);

    for (*used = 0; us != TIMESTAMP_NONE && *used < part->filter_count; ++*used) {
        const TemplateFilter *filter = &part->filters[*used];

        if (template_filter_writes_moment(filter)) {
            ++*used;
            return template_filter_write_moment(filter, us, ask->zone, arena);
        }
        if (!template_filter_moves_moment(filter))
            break;
        us = template_filter_move(filter, us);
    }
    return moment_format(us, STR("rfc3339"), NULL, arena);
}

static Texts
part_values(const TemplatePart *part, const Ask *ask, Arena *arena)
{
    size_t used = 0;
    Texts values;

    if (variable_is_moment(part->variable))
        values = one_text(moment_text(part, ask, arena, &used), arena);
    else if (variable_is_list(part->variable))
        values = variable_list(ask, part->variable, arena);
    else
        values = one_text(variable_value(ask, part->variable, arena), arena);
    for (; used < part->filter_count; used++)
        values = template_filter_apply(&part->filters[used], values, arena);
    return values;
}

static Str
expand_parts(const Template *template, const Ask *ask, Arena *arena, int *missing)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t empty_count = 0;

    for (size_t i = 0; i < template->count; i++) {
        const TemplatePart *part = &template->parts[i];
        Texts values;

        if (part->variable < 0) {
            str_append(text, part->text);
            continue;
        }
        values = part_values(part, ask, arena);
        if (values.count == 0) {
            empty_count++;
            *missing = *missing < 0 ? part->variable : *missing;
        }
        template_append_encoded(text, texts_join(values, STR(","), arena), part->place);
    }
    if (template->variable_count > 0 && empty_count == template->variable_count && !template->always)
        return STR_NONE;
    return arena_str(arena, str_of_gstring(text));
}

/* All values of a text. A constant has one, even when that is empty. */
static Texts
expand_text(const Template *template, const Ask *ask, Arena *arena, int *missing)
{
    Texts texts;

    if (template->list) {
        texts = part_values(template->parts, ask, arena);
        if (texts.count == 0)
            *missing = template->parts->variable;
        return texts;
    }
    texts = (Texts){.items = ARENA_NEW(arena, Str)};
    texts.items[0] = expand_parts(template, ask, arena, missing);
    texts.count = texts.items[0].at != NULL;
    return texts;
}

static const Template *
choose(const Template *template, Str value)
{
    for (size_t i = 0; i < template->choice_count; i++) {
        if (value.at != NULL && str_equal(template->choices[i].value, value))
            return template->choices[i].result;
    }
    return template->otherwise;
}

/* Each value of `by` chooses; none chooses `else`. */
static Texts
expand_choice(const Template *template, const Ask *ask, Arena *arena, int *missing)
{
    Texts by = expand_text(template->by, ask, arena, missing);
    Texts texts = {.items = ARENA_ARRAY(arena, Str, by.count + 1)};

    if (by.count == 0)
        by = (Texts){.items = ARENA_NEW(arena, Str), .count = 1};
    for (size_t i = 0; i < by.count; i++) {
        const Template *result = choose(template, by.items[i]);
        Str text = result != NULL ? expand_parts(result, ask, arena, missing) : STR_NONE;

        if (text.at != NULL)
            texts.items[texts.count++] = text;
    }
    if (template->join.at != NULL && texts.count > 1) {
        texts.items[0] = texts_join(texts, template->join, arena);
        texts.count = 1;
    }
    return texts;
}

Texts
template_expand_all(const Template *template, const Ask *ask, Arena *arena, int *ret_missing)
{
    int missing = -1;
    Texts texts = template->by == NULL ? expand_text(template, ask, arena, &missing)
                                       : expand_choice(template, ask, arena, &missing);

    if (ret_missing != NULL)
        *ret_missing = missing;
    return texts;
}

Str
template_expand(const Template *template, const Ask *ask, Arena *arena, int *ret_missing)
{
    Texts texts = template_expand_all(template, ask, arena, ret_missing);

    return texts.count == 1 ? texts.items[0] : texts_join(texts, STR(","), arena);
}

bool
template_is_list(const Template *template)
{
    return template->list;
}

bool
template_is_number(const Template *template)
{
    return template->number;
}

bool
template_is_given(const Template *template)
{
    return template->count == 1 && variable_is_given(template->parts[0].variable);
}

int
template_last_variable(const Template *template)
{
    int last = template->by != NULL ? template_last_variable(template->by) : -1;

    for (size_t i = 0; i < template->count; i++)
        last = MAX(last, template->parts[i].variable);
    for (size_t i = 0; i < template->choice_count; i++)
        last =
            template->choices[i].result != NULL ? MAX(last, template_last_variable(template->choices[i].result)) : last;
    return template->otherwise != NULL ? MAX(last, template_last_variable(template->otherwise)) : last;
}

bool
template_has_secret(const Template *template)
{
    return template->secret;
}
