/*
 * RawWindow: the bytes of the record at hand as the partner wrote them, for the one in a thousand that must be shown.
 *
 * What a tokeniser is given passes by here. Of what was given before only what an open record may need is kept, at most
 * RAW_WINDOW_BYTES of it.
 */
#pragma once

#include "stream/reader.h"

#define RAW_WINDOW_BYTES ((size_t)READER_RAW_BYTES)

typedef struct {
    GString *held;     /* what came right before the piece, or the beginning of a longer record */
    uint64_t held_at;  /* offset of its first byte */
    Str piece;         /* what the tokeniser is given now; absent between pushes */
    uint64_t piece_at; /* offset of its first byte */
} RawWindow;

void raw_window_init(RawWindow *window);
void raw_window_clear(RawWindow *window);
/* Before and after the tokeniser takes a piece. record_begin: offset of the record that is open then; UINT64_MAX: none. */
void raw_window_enter(RawWindow *window, Str piece);
void raw_window_leave(RawWindow *window, uint64_t record_begin);
/* What is still there of the bytes from begin up to end, cut after RAW_WINDOW_BYTES between two characters. */
Str raw_window_text(const RawWindow *window, uint64_t begin, uint64_t end, Arena *arena);
