/*
 * Arena: memory for everything that ends together (a request, a record, a task).
 *
 * Allocation moves a pointer; nothing is freed alone; arena_reset() forgets all and keeps the first block, so that a
 * loop over a million records allocates once. Not for sharing between threads.
 */
#pragma once

#include "base/str.h"

typedef struct Arena Arena;

/* block_size: bytes taken from the heap at a time; larger pieces get a block of their own. */
Arena *arena_new(size_t block_size);
/* The first block is room, where nothing is freed: for what is short and seldom needs more. */
Arena *arena_new_in(void *room, size_t size);
/* Declares such an arena, called name, with room on the stack. */
#define ARENA_ON_STACK(name, size)                                                                                     \
    _Alignas(max_align_t) char name##_room[size];                                                                      \
    g_autoptr(Arena) name = arena_new_in(name##_room, sizeof name##_room)
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)
void arena_reset(Arena *arena);

/* Zeroed memory aligned for any type. Aborts when out of memory, so check sizes from outside first. */
void *arena_alloc(Arena *arena, size_t size) G_GNUC_MALLOC;
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc_array((arena), sizeof(type), (count)))
void *arena_alloc_array(Arena *arena, size_t size, size_t count) G_GNUC_MALLOC;

/* A copy of an array's items; not NULL when there are none. */
void *arena_items(Arena *arena, GArray *array);

/* A copy, followed by a NUL that is not counted. Absent stays absent. */
Str arena_str(Arena *arena, Str s);
/* The same as a C string; NULL for absent. */
char *arena_strdup(Arena *arena, Str s);
/* Texts one after the other, ended like arena_str(): ARENA_JOIN(arena, prefix, value). */
#define ARENA_JOIN(arena, ...)                                                                                         \
    arena_join((arena), (const Str[]){__VA_ARGS__}, sizeof((const Str[]){__VA_ARGS__}) / sizeof(Str))
Str arena_join(Arena *arena, const Str *parts, size_t count);
/* text with each from as to; text itself when there is none, or from is empty. */
Str arena_replace(Arena *arena, Str text, Str from, Str to);
Str arena_printf(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Bytes handed out since the last reset: what a limit is checked against. */
size_t arena_used_bytes(const Arena *arena);
/* Bytes taken from the heap, those not handed out yet too: what it costs to keep. */
size_t arena_held_bytes(const Arena *arena);
