#include "api/key_copy.h"

#include <gio/gio.h>
#include <sodium.h>

#define LINE_LIMIT_BYTES 256
#define FILE_LIMIT_BYTES (API_KEYS_LIMIT * LINE_LIMIT_BYTES)
#define HEX_SIZE         (2 * API_KEY_HASH_BYTES + 1)

bool
key_copy_write(const char *path, const GArray *keys, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) failure = NULL;

    for (guint i = 0; i < keys->len; i++) {
        const HeldKey *key = &g_array_index(keys, HeldKey, i);
        char hex[HEX_SIZE];

        g_string_append_printf(text, "%s ", sodium_bin2hex(hex, sizeof hex, key->hash, sizeof key->hash));
        api_scopes_format(key->scopes, text);
        g_string_append_c(text, ' ');
        key_limit_format(&key->limit, text);
        g_string_append_printf(text, " %s\n", key->name);
    }
    if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &failure))
        return weir_fail(error, WEIR_ERROR_BROKEN, "the copy of the API keys can't be kept: %s", failure->message);
    return true;
}

static bool
line_parse(Str line, HeldKey *ret_key)
{
    Str name = line, hex = str_cut(&name, ' '), scopes = str_cut(&name, ' '), limit = str_cut(&name, ' ');
    size_t size;

    *ret_key = (HeldKey){0};
    if (hex.size != HEX_SIZE - 1 || !api_key_name_is_valid(name) ||
        sodium_hex2bin(ret_key->hash, sizeof ret_key->hash, hex.at, hex.size, NULL, &size, NULL) != 0 ||
        size != sizeof ret_key->hash)
        return false;
    memcpy(ret_key->name, name.at, name.size);
    return api_scopes_parse(scopes, &ret_key->scopes, NULL) && key_limit_parse(limit, &ret_key->limit, NULL);
}

static GArray *
copy_parse(Str text, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, TRUE, sizeof(HeldKey));

    while (text.size > 0) {
        Str line = str_cut(&text, '\n');
        HeldKey key;

        if (keys->len == API_KEYS_LIMIT || !line_parse(line, &key)) {
            weir_fail(error, WEIR_ERROR_INVALID, "line %u: %s", keys->len + 1,
                      keys->len == API_KEYS_LIMIT ? "one key too many" : "not HASH SCOPES LIMIT NAME");
            return NULL;
        }
        g_array_append_val(keys, key);
    }
    return g_steal_pointer(&keys);
}

GArray *
key_copy_read(const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;
    GArray *keys;
    size_t size;

    if (!g_file_get_contents(path, &text, &size, &failure)) {
        weir_fail(error,
                  g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? WEIR_ERROR_NOT_FOUND : WEIR_ERROR_BROKEN,
                  "%s", failure->message);
        return NULL;
    }
    keys = copy_parse((Str){text, MIN(size, FILE_LIMIT_BYTES)}, error);
    if (keys == NULL)
        weir_fail_within(error, "%s", path);
    return keys;
}
