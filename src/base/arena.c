#include "base/arena.h"

typedef struct Block Block;
struct Block {
    Block *before;
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

struct Arena {
    Block *newest;
    size_t block_size;
    size_t used_bytes, held_bytes;
    bool is_in_room; /* of somebody else's */
    Block first;     /* with its bytes behind it, so that a short-lived arena is one piece of the heap */
};

static Block *
block_new(Block *before, size_t size)
{
    Block *block = g_malloc(sizeof(Block) + size);

    block->before = before;
    block->size = size;
    block->used = 0;
    return block;
}

static void
arena_init(Arena *arena, size_t block_size, bool is_in_room)
{
    g_assert(block_size > 0);
    arena->is_in_room = is_in_room;
    arena->newest = &arena->first;
    arena->block_size = block_size;
    arena->used_bytes = 0;
    arena->held_bytes = is_in_room ? 0 : sizeof(Arena) + block_size;
    arena->first.before = NULL;
    arena->first.size = block_size;
    arena->first.used = 0;
}

Arena *
arena_new(size_t block_size)
{
    Arena *arena = g_malloc(sizeof(Arena) + block_size);

    arena_init(arena, block_size, false);
    return arena;
}

Arena *
arena_new_in(void *room, size_t size)
{
    Arena *arena = room;

    g_assert(size > sizeof(Arena) && (uintptr_t)room % _Alignof(Arena) == 0);
    arena_init(arena, size - sizeof(Arena), true);
    return arena;
}

static void
arena_drop_blocks(Arena *arena)
{
    while (arena->newest != &arena->first) {
        Block *block = arena->newest;

        arena->newest = block->before;
        arena->held_bytes -= sizeof(Block) + block->size;
        g_free(block);
    }
}

void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    arena_drop_blocks(arena);
    if (!arena->is_in_room)
        g_free(arena);
}

void
arena_reset(Arena *arena)
{
    arena_drop_blocks(arena);
    arena->first.used = 0;
    arena->used_bytes = 0;
}

static void *
arena_take(Arena *arena, size_t size)
{
    size_t aligned;
    Block *block = arena->newest;
    void *at;

    g_assert(size <= SIZE_MAX / 2);
    aligned = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (block->size - block->used < aligned) {
        block = arena->newest = block_new(block, MAX(aligned, arena->block_size));
        arena->held_bytes += sizeof(Block) + block->size;
    }
    at = block->bytes + block->used;
    block->used += aligned;
    arena->used_bytes += aligned;
    return at;
}

void *
arena_alloc(Arena *arena, size_t size)
{
    void *at = arena_take(arena, size);

    memset(at, 0, size);
    return at;
}

void *
arena_alloc_array(Arena *arena, size_t size, size_t count)
{
    size_t total;

    if (__builtin_mul_overflow(size, count, &total))
        g_error("arena: %" G_GSIZE_FORMAT " items of %" G_GSIZE_FORMAT " bytes do not fit", count, size);
    return arena_alloc(arena, total);
}

void *
arena_items(Arena *arena, GArray *array)
{
    size_t size = (size_t)array->len * g_array_get_element_size(array);
    void *items = arena_take(arena, size);

    if (size > 0)
        memcpy(items, array->data, size);
    return items;
}

char *
arena_strdup(Arena *arena, Str s)
{
    char *copy;

    if (s.at == NULL)
        return NULL;
    copy = arena_take(arena, s.size + 1);
    memcpy(copy, s.at, s.size);
    copy[s.size] = '\0';
    return copy;
}

Str
arena_str(Arena *arena, Str s)
{
    return (Str){arena_strdup(arena, s), s.size};
}

Str
arena_join(Arena *arena, const Str *parts, size_t count)
{
    size_t size = 0;
    char *text, *to;

    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    text = to = arena_take(arena, size + 1);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            memcpy(to, parts[i].at, parts[i].size);
        to += parts[i].size;
    }
    *to = '\0';
    return (Str){text, size};
}

Str
arena_replace(Arena *arena, Str text, Str from, Str to)
{
    ptrdiff_t at = from.size == 0 ? -1 : str_find(text, from);
    g_autoptr(GString) replaced = NULL;

    if (at < 0)
        return text;
    replaced = g_string_sized_new(text.size);
    for (; at >= 0; at = str_find(text, from)) {
        str_append(replaced, str_slice(text, 0, (size_t)at));
        str_append(replaced, to);
        text = str_slice(text, (size_t)at + from.size, text.size);
    }
    str_append(replaced, text);
    return arena_str(arena, str_of_gstring(replaced));
}

Str
arena_printf(Arena *arena, const char *format, ...)
{
    va_list args, again;
    int size;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    size = g_vsnprintf(NULL, 0, format, args);
    g_assert(size >= 0);
    text = arena_take(arena, (size_t)size + 1);
    g_vsnprintf(text, (gulong)size + 1, format, again);
    va_end(again);
    va_end(args);
    return (Str){text, (size_t)size};
}

size_t
arena_held_bytes(const Arena *arena)
{
    return arena->held_bytes;
}

size_t
arena_used_bytes(const Arena *arena)
{
    return arena->used_bytes;
}
