#include "stream/raw_window.h"

#include "stream/utf8.h"

/* A tag or bracket of which the tokeniser has not told yet began in here. */
static const size_t TAIL_BYTES = 2048;

void
raw_window_init(RawWindow *window)
{
    *window = (RawWindow){.held = g_string_new(NULL)};
}

void
raw_window_clear(RawWindow *window)
{
    if (window->held != NULL)
        g_string_free(g_steal_pointer(&window->held), TRUE);
}

void
raw_window_enter(RawWindow *window, Str piece)
{
    window->piece = piece;
}

static bool
held_touches_piece(const RawWindow *window)
{
    return window->held_at + window->held->len == window->piece_at;
}

void
raw_window_leave(RawWindow *window, uint64_t record_begin)
{
    uint64_t end = window->piece_at + window->piece.size;
    uint64_t from = MIN(record_begin, end > TAIL_BYTES ? end - TAIL_BYTES : 0);

    if (from >= window->piece_at) {
        g_string_truncate(window->held, 0);
        window->held_at = from;
    } else if (from > window->held_at) {
        uint64_t drop = MIN(from - window->held_at, window->held->len);

        g_string_erase(window->held, 0, (gssize)drop);
        window->held_at += drop;
    }
    if (window->held->len == 0 || held_touches_piece(window)) {
        Str rest = window->piece;

        if (window->held->len == 0) {
            window->held_at = MAX(from, window->piece_at);
            rest = str_slice(rest, window->held_at - window->piece_at, rest.size);
        }
        str_append(window->held, str_slice(rest, 0, RAW_WINDOW_BYTES - MIN(window->held->len, RAW_WINDOW_BYTES)));
    }
    window->piece = STR_NONE;
    window->piece_at = end;
}

/* The part from begin up to end of a text that stands at an offset. */
static Str
part_of(Str text, uint64_t at, uint64_t begin, uint64_t end)
{
    if (end <= at || begin >= at + text.size)
        return STR("");
    return str_slice(text, begin > at ? begin - at : 0, MIN(end - at, text.size));
}

Str
raw_window_text(const RawWindow *window, uint64_t begin, uint64_t end, Arena *arena)
{
    Str held = part_of(str_of_gstring(window->held), window->held_at, begin, end), now = STR("");
    size_t bad;
    Str text;

    if (window->held->len == 0 || held_touches_piece(window) || begin >= window->piece_at)
        now = part_of(window->piece, window->piece_at, begin, end);
    now = str_slice(now, 0, RAW_WINDOW_BYTES - MIN(held.size, RAW_WINDOW_BYTES));
    text = arena_printf(arena, "%.*s%.*s", STR_FORMAT(held), STR_FORMAT(now));
    /* Either end may have been cut within a character. */
    while (text.size > 0 && ((unsigned char)text.at[0] & 0xc0) == 0x80)
        text = str_slice(text, 1, text.size);
    return str_slice(text, 0, utf8_valid_prefix(text, &bad));
}
