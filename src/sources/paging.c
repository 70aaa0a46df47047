/* Whether an answer is the last one, and what is asked after it. */
#include "sources/answer_type.h"

/* What stands behind the slash of "items 0-149/172"; a whole number otherwise. */
static Str
total_of_header(Str value)
{
    ptrdiff_t slash = str_find_char(value, '/');

    return str_trim(slash < 0 ? value : str_slice(value, (size_t)slash + 1, value.size));
}

int64_t
answer_total(const Answer *answer)
{
    const Pages *pages = &answer->operation->pages;
    bool there;
    Str text = str_trim(answer_document_text(answer, answer->operation->total, &there));
    int64_t micros;

    if (!there && pages->total_header != NULL)
        text = total_of_header(answer_header(answer, pages->total_header));
    if (!money_parse(text, answer->operation->numbers, &micros, NULL) || micros < 0)
        return -1;
    return micros / MICROS_PER_UNIT;
}

/* ---- pages that are served again ---- */

void
answer_note_record(Answer *answer, Str text)
{
    const uint64_t PRIME = UINT64_C(0x100000001B3); /* of FNV-1a */

    answer->fingerprint = (answer->fingerprint + 1) * PRIME ^ str_hash(text);
}

/* Some partners serve the first page again behind the last, others the last one. */
bool
answer_repeats(const Answer *answer)
{
    const Question *question = answer->question;

    return answer->fingerprint != 0 &&
           (answer->fingerprint == question->first_page || answer->fingerprint == question->page_before);
}

/* ---- the next page ---- */

static bool
document_says_true(const Answer *answer, ptrdiff_t path)
{
    bool there;
    Str text = answer_document_text(answer, path, &there);

    return str_is(text, "true") || str_is(text, "1") || str_is(text, "Y");
}

static int64_t
document_number(const Answer *answer, ptrdiff_t path)
{
    bool there;
    int64_t number;

    return str_to_int64(str_trim(answer_document_text(answer, path, &there)), &number) ? number : -1;
}

/* Whether pages that are counted go on: not after an empty or short page, the last of the total, or a bound. */
static bool
has_next_page(const Answer *answer, int64_t page)
{
    const Pages *pages = &answer->operation->pages;
    int64_t size = ask_page_size(&answer->ask), total = answer_total(answer);
    int64_t got = (int64_t)answer_record_count(answer), page_count = document_number(answer, pages->total_pages);

    if (got == 0 || (size > 0 && got < size))
        return false;
    if (page_count > 0 && page >= page_count)
        return false;
    if (pages->max_offset > 0 && page * size + pages->first > pages->max_offset)
        return false;
    /* A total of 0 beside records is a lie that some partners tell. */
    return !(total > 0 && size > 0 && page >= (total + size - 1) / size);
}

static bool
is_next_relation(Str parameters)
{
    while (parameters.at != NULL) {
        Str value = str_trim(str_cut(&parameters, ';')), name = str_trim(str_cut(&value, '='));

        value = str_trim(value);
        if (str_equal_ignoring_case(name, STR("rel")) && (str_is(value, "next") || str_is(value, "\"next\"")))
            return true;
    }
    return false;
}

/* The size of a link's parameters: up to a comma with the next link behind it; other commas stand in quoted texts. */
static size_t
parameters_size(Str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == ',' && str_starts_with(str_trim(str_slice(text, i + 1, text.size)), STR("<")))
            return i;
    }
    return text.size;
}

/* RFC 8288: <https://x.example/?page=2>; rel="next", <...>; rel="last" */
static Str
next_of_link_header(Str value)
{
    while (!str_is_empty(value)) {
        ptrdiff_t open = str_find_char(value, '<'), close = str_find_char(value, '>');
        size_t size;
        Str target;

        if (open < 0 || close < open)
            return STR_NONE;
        target = str_slice(value, (size_t)open + 1, (size_t)close);
        value = str_slice(value, (size_t)close + 1, value.size);
        size = parameters_size(value);
        if (is_next_relation(str_slice(value, 0, size)))
            return target;
        value = str_slice(value, size, value.size);
    }
    return STR_NONE;
}

static Str
next_text(const Answer *answer)
{
    const Pages *pages = &answer->operation->pages;
    bool there;

    if (pages->next_header == NULL)
        return answer_document_text(answer, answer->operation->next, &there);
    if (g_ascii_strcasecmp(pages->next_header, "Link") == 0)
        return next_of_link_header(answer_header(answer, pages->next_header));
    return answer_header(answer, pages->next_header);
}

static bool
next_cursor(const Answer *answer, Question *next)
{
    Str cursor = str_trim(next_text(answer));

    /* The same again would go in circles. */
    if (str_is_empty(cursor) || str_is(cursor, "false") || str_equal(cursor, answer->question->cursor) ||
        document_says_true(answer, answer->operation->pages.complete))
        return false;
    next->cursor = cursor;
    return true;
}

static bool
next_page(const Answer *answer, Question *next)
{
    const Pages *pages = &answer->operation->pages;

    if (answer->result != ANSWER_OK || pages->by == PAGES_NONE || answer_repeats(answer))
        return false;
    if (pages->limit > 0 && (pages->by == PAGES_PART ? next->part : next->page) >= pages->limit)
        return false;
    if ((pages->by == PAGES_PAGE || pages->by == PAGES_OFFSET) && !has_next_page(answer, next->page))
        return false;
    if ((pages->by == PAGES_CURSOR || pages->by == PAGES_NEXT_LINK) && !next_cursor(answer, next))
        return false;
    next->first_page = next->first_page == 0 ? answer->fingerprint : next->first_page;
    next->page_before = answer->fingerprint;
    if (pages->by == PAGES_PART)
        next->part++;
    else
        next->page++;
    return true;
}

/* The next stretch of time, from its first page; an empty one says nothing of the next. */
static bool
next_window(const Answer *answer, Question *next)
{
    int64_t until_us = ask_window_us(&answer->ask, true);

    if (answer->operation->pages.window_us == 0 || until_us == TIMESTAMP_NONE || until_us >= next->until_us)
        return false;
    next->window++;
    next->page = 1;
    next->part = 1;
    next->cursor = STR_NONE;
    next->first_page = 0;
    next->page_before = 0;
    return true;
}

bool
answer_next(const Answer *answer, Question *ret_next)
{
    Question next = *answer->question;

    if ((answer->result != ANSWER_OK && answer->result != ANSWER_EMPTY) || answer->stopped)
        return false;
    next.page = MAX(next.page, 1);
    next.part = MAX(next.part, 1);
    if (!next_page(answer, &next) && !next_window(answer, &next))
        return false;
    *ret_next = next;
    return true;
}
