#include "sources/computed.h"

#include "sources/definition.h"
#include "sources/template_filter.h"

/* ---- the pairs of a request that are signed ---- */

typedef struct {
    Str name, value;
} Pair;

static gint
compare_pairs(gconstpointer a, gconstpointer b)
{
    const Pair *one = a, *other = b;
    int order = str_compare(one->name, other->name);

    return order != 0 ? order : str_compare(one->value, other->value);
}

static Str
encode(Str text, Arena *arena)
{
    g_autoptr(GString) encoded = g_string_new(NULL);

    http_encode_query(encoded, text);
    return arena_str(arena, str_of_gstring(encoded));
}

/* What names this value or a later one cannot be part of it. */
static GArray *
collect_pairs(const Computed *computed, const Ask *ask, Arena *arena)
{
    Assignments from = computed->pairs == PAIRS_QUERY ? ask->operation->query : ask->operation->form;
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(Pair));

    for (size_t i = 0; i < from.count; i++) {
        const Assignment *assignment = &from.items[i];
        Texts values = {0};

        if (template_last_variable(assignment->value) < computed->variable)
            values = template_expand_all(assignment->value, ask, arena, NULL);
        for (size_t j = 0; j < values.count; j++) {
            Pair pair = {str_of(assignment->name), values.items[j]};

            if (computed->encoded)
                pair = (Pair){encode(pair.name, arena), encode(pair.value, arena)};
            g_array_append_val(pairs, pair);
        }
    }
    g_array_sort(pairs, compare_pairs);
    return pairs;
}

static Str
pairs_text(const Computed *computed, const Ask *ask, Arena *arena)
{
    g_autoptr(GArray) pairs = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    if (computed->pairs == PAIRS_NONE || ask->operation == NULL)
        return STR_NONE;
    pairs = collect_pairs(computed, ask, arena);
    for (guint i = 0; i < pairs->len; i++) {
        const Pair *pair = &g_array_index(pairs, Pair, i);

        if (i > 0)
            str_append(text, computed->join);
        str_append(text, pair->name);
        str_append(text, computed->between);
        str_append(text, pair->value);
    }
    return arena_str(arena, str_of_gstring(text));
}

/* ---- sums ---- */

#define DIGEST_BYTES 64 /* of the longest, SHA-512 */

static size_t
digest_plain(const Computed *computed, Str text, guint8 *digest)
{
    g_autoptr(GChecksum) sum = g_checksum_new(computed->checksum);
    gsize size = DIGEST_BYTES;

    g_checksum_update(sum, (const guchar *)text.at, (gssize)text.size);
    g_checksum_get_digest(sum, digest, &size);
    return size;
}

static size_t
digest_with_key(const Computed *computed, Str text, Str key, guint8 *digest)
{
    g_autoptr(GHmac) hmac = g_hmac_new(computed->checksum, (const guchar *)(key.at != NULL ? key.at : ""), key.size);
    gsize size = DIGEST_BYTES;

    g_hmac_update(hmac, (const guchar *)text.at, (gssize)text.size);
    g_hmac_get_digest(hmac, digest, &size);
    return size;
}

static Str
write_hex(const guint8 *digest, size_t size, const char *digits, Arena *arena)
{
    char *text = arena_alloc(arena, 2 * size + 1);

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    return (Str){text, 2 * size};
}

static Str
write_digest(ComputedForm form, const guint8 *digest, size_t size, Arena *arena)
{
    switch (form) {
    case COMPUTED_HEX:
        return write_hex(digest, size, "0123456789abcdef", arena);
    case COMPUTED_HEX_UPPER:
        return write_hex(digest, size, "0123456789ABCDEF", arena);
    case COMPUTED_BASE64:
        return text_base64((Str){(const char *)digest, size}, arena);
    case COMPUTED_BASE64URL:
        return text_base64url((Str){(const char *)digest, size}, arena);
    }
    g_assert_not_reached();
}

Str
computed_text(const Computed *computed, const Ask *ask, Arena *arena)
{
    Ask own = *ask;
    guint8 digest[DIGEST_BYTES];
    Str text;
    size_t size;

    own.pairs = pairs_text(computed, ask, arena);
    text = template_expand(computed->text, &own, arena, NULL);
    if (computed->kind == COMPUTED_PLAIN || text.at == NULL)
        return text;
    if (computed->kind == COMPUTED_HMAC)
        size = digest_with_key(computed, text, template_expand(computed->key, ask, arena, NULL), digest);
    else
        size = digest_plain(computed, text, digest);
    return write_digest(computed->form, digest, size, arena);
}
