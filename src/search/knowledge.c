#include "search/knowledge.h"

#include <gio/gio.h>
#include <math.h>
#include <sodium.h>

#define HEAD       "weir knowledge 1\n"
#define HASH_BYTES 16
#define NAME_LIMIT 256

double
knowledge_left(int64_t age_us, int64_t half_life_us)
{
    return exp2(-(double)MAX(age_us, 0) / (double)half_life_us);
}

uint64_t
knowledge_get_count(BytesReader *from)
{
    uint64_t count = bytes_get_unsigned(from);

    if (count > KNOWLEDGE_SOURCES_LIMIT)
        from->failed = true;
    return count;
}

Str
knowledge_get_name(BytesReader *from)
{
    Str name = bytes_get_text(from);

    if (name.size == 0 || name.size > NAME_LIMIT || !g_utf8_validate_len(name.at, name.size, NULL))
        from->failed = true;
    return name;
}

static void
hash(Str bytes, unsigned char ret_hash[HASH_BYTES])
{
    crypto_generichash(ret_hash, HASH_BYTES, (const unsigned char *)bytes.at, bytes.size, NULL, 0);
}

bool
knowledge_save(Learned *learned, SourceHealth *health, const Clock *clock, const char *path, GError **error)
{
    const gsize start = strlen(HEAD) + HASH_BYTES;
    g_autoptr(GString) bytes = g_string_new(HEAD);
    g_autoptr(GError) failure = NULL;
    unsigned char sum[HASH_BYTES] = {0};

    g_string_append_len(bytes, (const char *)sum, HASH_BYTES);
    bytes_put_signed(bytes, clock_now_us(clock));
    learned_put(learned, bytes);
    source_health_put(health, clock_monotonic_us(clock), bytes);
    hash((Str){bytes->str + start, bytes->len - start}, sum);
    memcpy(bytes->str + strlen(HEAD), sum, HASH_BYTES);
    if (!g_file_set_contents_full(path, bytes->str, (gssize)bytes->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0640, &failure))
        return weir_fail(error, WEIR_ERROR_BROKEN, "what searches learned can't be kept: %s", failure->message);
    return true;
}

static bool
read_file(const char *path, char **ret_text, size_t *ret_size, GError **error)
{
    g_autoptr(GMappedFile) file = NULL;
    g_autoptr(GError) failure = NULL;

    file = g_mapped_file_new(path, FALSE, &failure);
    if (file == NULL)
        return weir_fail(error,
                         g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? WEIR_ERROR_NOT_FOUND
                                                                                    : WEIR_ERROR_INVALID,
                         "%s", failure->message);
    *ret_size = g_mapped_file_get_length(file);
    if (*ret_size > KNOWLEDGE_FILE_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: %zu bytes are more than what was learned can be", path,
                         *ret_size);
    *ret_text = g_memdup2(g_mapped_file_get_contents(file), *ret_size);
    return true;
}

/* Whether it is whole and of this version; then what it holds. */
static bool
open_bytes(Str bytes, Str *ret_content)
{
    const Str head = STR(HEAD);
    unsigned char sum[HASH_BYTES];

    if (bytes.size < head.size + HASH_BYTES || !str_starts_with(bytes, head))
        return false;
    *ret_content = str_slice(bytes, head.size + HASH_BYTES, bytes.size);
    hash(*ret_content, sum);
    return sodium_memcmp(sum, bytes.at + head.size, HASH_BYTES) == 0;
}

bool
knowledge_load(Learned *learned, SourceHealth *health, const Clock *clock, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    BytesReader from = {0};
    size_t size = 0;
    int64_t saved_at_us, age_us;

    if (!read_file(path, &text, &size, error))
        return false;
    if (!open_bytes((Str){text, size}, &from.rest))
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: cut off, altered, or of another version of Weir", path);
    saved_at_us = bytes_get_signed(&from);
    age_us = saved_at_us < clock_now_us(clock) ? clock_now_us(clock) - MAX(saved_at_us, 0) : 0;
    if (learned_get(learned, &from, age_us) && source_health_get(health, &from, age_us, clock_monotonic_us(clock)) &&
        bytes_reader_finish(&from))
        return true;
    learned_forget(learned);
    source_health_forget(health);
    return weir_fail(error, WEIR_ERROR_INVALID, "%s: byte %zu is not what was learned", path, size - from.rest.size);
}
