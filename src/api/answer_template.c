#include "api/answer_template.h"

struct AnswerTemplate {
    char *text; /* without the holes */
    size_t size, hole_count;
    size_t holes[]; /* where each hole is in text */
};

static size_t
size_without(Str text, const TextHole *holes, size_t count)
{
    size_t size = text.size;

    for (size_t i = 0; i < count; i++)
        size -= holes[i].size;
    return size;
}

size_t
answer_template_bytes(Str text, const TextHole *holes, size_t count)
{
    return sizeof(AnswerTemplate) + count * sizeof(size_t) + size_without(text, holes, count);
}

AnswerTemplate *
answer_template_new(Str text, const TextHole *holes, size_t count)
{
    AnswerTemplate *template = g_malloc(sizeof(AnswerTemplate) + count * sizeof template->holes[0]);
    size_t from = 0;

    template->text = g_malloc(size_without(text, holes, count));
    template->size = 0;
    template->hole_count = count;
    for (size_t i = 0; i <= count; i++) {
        size_t until = i < count ? holes[i].at : text.size;

        g_assert(from <= until && until <= text.size);
        memcpy(template->text + template->size, text.at + from, until - from);
        template->size += until - from;
        if (i == count)
            break;
        template->holes[i] = template->size;
        from = until + holes[i].size;
    }
    return template;
}

void
answer_template_free(void *data)
{
    AnswerTemplate *template = data;

    if (template == NULL)
        return;
    g_free(template->text);
    g_free(template);
}

bool
answered_source_has_ttl(const AnsweredSource *source)
{
    return source->cache == CACHE_HIT || source->cache == CACHE_STALE;
}

/* Appends the text up to the next hole. */
static void
append_until(const AnswerTemplate *template, size_t hole, GString *to)
{
    size_t from = hole == 0 ? 0 : template->holes[hole - 1];
    size_t until = hole < template->hole_count ? template->holes[hole] : template->size;

    g_string_append_len(to, template->text + from, (gssize)(until - from));
}

void
answer_template_fill(const AnswerTemplate *template, const SearchAnswer *answer, GString *to)
{
    size_t hole = 0;

    for (size_t i = 0; i < answer->listing_count; i++) {
        Str url = answer->listings[i].click_url;

        append_until(template, hole++, to);
        str_append(to, str_slice(url, url.size - TOKEN_STAMP_SIZE, url.size));
    }
    for (size_t i = 0; i < answer->source_count; i++) {
        if (!answered_source_has_ttl(&answer->sources[i]))
            continue;
        append_until(template, hole++, to);
        str_append_int(to, answer->sources[i].ttl_us / US_PER_SECOND);
    }
    g_assert(hole == template->hole_count);
    append_until(template, hole, to);
}
