#include "sources/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_LIMIT_BYTES 1000
/* Steps of one search: some milliseconds. */
#define MATCH_LIMIT        100000
#define DEPTH_LIMIT        1000
#define HEAP_LIMIT_KIB     1024
#define RESULT_LIMIT_BYTES ((size_t)4 << 20)

struct Pattern {
    pcre2_code *code;
    pcre2_match_context *bounds;
    size_t groups;
};

static void *
take_from_arena(PCRE2_SIZE size, void *arena)
{
    return arena_alloc(arena, size);
}

/* It goes with the arena. */
static void
leave_in_arena(void *memory G_GNUC_UNUSED, void *arena G_GNUC_UNUSED)
{
}

static pcre2_match_context *
bounds_new(pcre2_general_context *memory)
{
    pcre2_match_context *bounds = pcre2_match_context_create(memory);

    pcre2_set_match_limit(bounds, MATCH_LIMIT);
    pcre2_set_depth_limit(bounds, DEPTH_LIMIT);
    pcre2_set_heap_limit(bounds, HEAP_LIMIT_KIB);
    return bounds;
}

Pattern *
pattern_new(Str text, Arena *arena, GError **error)
{
    Pattern *pattern = ARENA_NEW(arena, Pattern);
    pcre2_general_context *memory = pcre2_general_context_create(take_from_arena, leave_in_arena, arena);
    pcre2_compile_context *compiling = pcre2_compile_context_create(memory);
    PCRE2_SIZE at = 0;
    uint32_t groups = 0;
    int code = 0;

    pcre2_set_max_pattern_length(compiling, PATTERN_LIMIT_BYTES);
    pattern->code = pcre2_compile((PCRE2_SPTR)text.at, text.size, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                                  &code, &at, compiling);
    if (pattern->code == NULL) {
        PCRE2_UCHAR message[128];

        pcre2_get_error_message(code, message, sizeof message);
        weir_fail(error, WEIR_ERROR_INVALID, "pattern \"%.*s\", column %" G_GSIZE_FORMAT ": %s", STR_FORMAT(text),
                  (gsize)at + 1, (const char *)message);
        return NULL;
    }
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    pattern->groups = groups;
    pattern->bounds = bounds_new(memory);
    return pattern;
}

size_t
pattern_group_count(const Pattern *pattern)
{
    return pattern->groups;
}

bool
pattern_check_replacement(const Pattern *pattern, Str replacement, GError **error)
{
    for (size_t i = 0; i < replacement.size; i++) {
        Str name;
        int64_t group;

        if (replacement.at[i] != '$')
            continue;
        if (++i < replacement.size && replacement.at[i] == '$')
            continue;
        name = str_slice(replacement, i, replacement.size);
        if (name.size > 0 && name.at[0] == '{') {
            ptrdiff_t end = str_find_char(name, '}');

            name = end < 0 ? STR("") : str_slice(name, 1, (size_t)end);
        } else {
            size_t digits = 0;

            while (digits < name.size && g_ascii_isdigit(name.at[digits]))
                digits++;
            name = str_slice(name, 0, digits);
        }
        if (!str_to_int64(name, &group) || group < 0 || (uint64_t)group > pattern->groups)
            return weir_fail(error, WEIR_ERROR_INVALID,
                             "\"%.*s\": the pattern has %" G_GSIZE_FORMAT " groups, $1 and up; $$ is a dollar",
                             STR_FORMAT(replacement), pattern->groups);
    }
    return true;
}

PatternResult
pattern_find(const Pattern *pattern, Str text, size_t group, Str *ret_found)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    int result = pcre2_match(pattern->code, (PCRE2_SPTR)text.at, text.size, 0, 0, match, pattern->bounds);

    *ret_found = STR_NONE;
    if (result > 0 && group < (size_t)result) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(match);

        if (ends[2 * group] != PCRE2_UNSET)
            *ret_found = str_slice(text, ends[2 * group], ends[2 * group + 1]);
    }
    pcre2_match_data_free(match);
    if (result == PCRE2_ERROR_NOMATCH)
        return PATTERN_NOT_FOUND;
    return result > 0 ? PATTERN_FOUND : PATTERN_GAVE_UP;
}

PatternResult
pattern_replace(const Pattern *pattern, Str text, Str replacement, Arena *arena, Str *ret_text)
{
    const uint32_t how = PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH | PCRE2_SUBSTITUTE_UNSET_EMPTY;
    PCRE2_SIZE size = text.size + 64;
    char *to = arena_alloc(arena, size);
    int result = pcre2_substitute(pattern->code, (PCRE2_SPTR)text.at, text.size, 0, how, NULL, pattern->bounds,
                                  (PCRE2_SPTR)replacement.at, replacement.size, (PCRE2_UCHAR *)to, &size);

    if (result == PCRE2_ERROR_NOMEMORY && size <= RESULT_LIMIT_BYTES) {
        to = arena_alloc(arena, size);
        result = pcre2_substitute(pattern->code, (PCRE2_SPTR)text.at, text.size, 0, how, NULL, pattern->bounds,
                                  (PCRE2_SPTR)replacement.at, replacement.size, (PCRE2_UCHAR *)to, &size);
    }
    if (result < 0)
        return PATTERN_GAVE_UP;
    *ret_text = result == 0 ? text : (Str){to, size};
    return result == 0 ? PATTERN_NOT_FOUND : PATTERN_FOUND;
}
