/* Which records and listings are passed over: by the definition's skip_if, and by words the partner did not look at. */
#include "sources/definition.h"

#include "listings/text.h"

bool
operation_skips(const Operation *operation, const Ask *ask, const Record *record, Arena *arena)
{
    TransformContext context = {
        .arena = arena, .zone = operation->zone, .numbers = operation->numbers, .now_us = ask->now_us};

    for (size_t i = 0; i < operation->skip_count; i++) {
        if (expression_text(operation->skips[i], record, ask, &context).at != NULL)
            return true;
    }
    return false;
}

/* Whether each word begins a word of the text ("nurse" finds "nurses"); both are folded, the text begins with a blank. */
static bool
has_words(Str text, Str words, Arena *arena)
{
    while (words.at != NULL) {
        Str word = str_cut(&words, ' ');

        if (!str_is_empty(word) && str_find(text, arena_printf(arena, " %.*s", STR_FORMAT(word))) < 0)
            return false;
    }
    return true;
}

static bool
fits_keywords(const Listing *listing, Str keywords, Arena *arena)
{
    Str all =
        arena_printf(arena, "%.*s %.*s %.*s %.*s %.*s", STR_FORMAT(listing->title), STR_FORMAT(listing->company),
                     STR_FORMAT(listing->category), STR_FORMAT(listing->snippet), STR_FORMAT(listing->description));
    Str folded = text_fold(arena, all);

    return has_words(arena_printf(arena, " %.*s", STR_FORMAT(folded)), text_fold(arena, keywords), arena);
}

static bool
fits_location(const Listing *listing, Str location, Arena *arena)
{
    Str folded = text_fold(arena, listing->location);

    return has_words(arena_printf(arena, " %.*s", STR_FORMAT(folded)), text_fold(arena, location), arena);
}

bool
operation_keeps(const Operation *operation, const Question *question, const Listing *listing, Arena *arena)
{
    if ((operation->filters & FILTER_KEYWORDS) != 0 && !str_is_empty(question->keywords) &&
        !fits_keywords(listing, question->keywords, arena))
        return false;
    if ((operation->filters & FILTER_LOCATION) != 0 && !str_is_empty(question->location) &&
        !fits_location(listing, question->location, arena))
        return false;
    if ((operation->filters & FILTER_COUNTRY) != 0 && !str_is_empty(question->country) &&
        !str_is_empty(listing->country) && !str_equal_ignoring_case(listing->country, question->country))
        return false;
    return (operation->filters & FILTER_REMOTE) == 0 || !question->remote || listing->remote == REMOTE_YES;
}
