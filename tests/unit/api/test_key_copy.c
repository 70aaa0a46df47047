#include "api/key_book.h"

#include <glib/gstdio.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

typedef struct {
    char *folder, *path;
} Fixture;

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    f->folder = g_dir_make_tmp("weir-key-copy-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "api-keys", NULL);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_remove(f->path);
    g_rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
}

static HeldKey
key_of(const char *name, unsigned scopes, uint8_t byte)
{
    HeldKey key = {.scopes = scopes};

    memset(key.hash, byte, sizeof key.hash);
    g_strlcpy(key.name, name, sizeof key.name);
    return key;
}

static void
write_text(Fixture *f, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(f->path, text, -1, &error));
    g_assert_no_error(error);
}

static void
what_was_written_is_read_again(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const KeyLimit LIMITS[] = {{.kind = KEY_LIMIT_DEFAULT},
                                      {.kind = KEY_LIMIT_NONE},
                                      {KEY_LIMIT_OWN, {KEY_LIMIT_COUNT_MAX, KEY_LIMIT_WINDOW_US_MAX}}};
    g_autofree char *longest = g_strnfill(API_KEY_NAME_BYTES, 'a');
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HeldKey)), read = NULL;
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < API_KEYS_LIMIT; i++) {
        HeldKey key = key_of(longest, 1 + i % API_SCOPE_ALL, (uint8_t)i);

        key.limit = LIMITS[i % G_N_ELEMENTS(LIMITS)];

        g_array_append_val(keys, key);
    }
    g_assert_true(key_copy_write(f->path, keys, &error));
    g_assert_no_error(error);
    read = key_copy_read(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(read->len, ==, keys->len);
    for (guint i = 0; i < keys->len; i++) {
        const HeldKey *want = &g_array_index(keys, HeldKey, i), *have = &g_array_index(read, HeldKey, i);

        g_assert_cmpmem(have->hash, API_KEY_HASH_BYTES, want->hash, API_KEY_HASH_BYTES);
        g_assert_cmpstr(have->name, ==, want->name);
        g_assert_cmpuint(have->scopes, ==, want->scopes);
        g_assert_true(key_limit_equal(&have->limit, &want->limit));
    }
}

static void
only_its_owner_may_read_it_whoever_could_before(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(HeldKey)), read = NULL;
    g_autoptr(GError) error = NULL;
    GStatBuf about;

    write_text(f, "of another time");
    g_assert_cmpint(g_chmod(f->path, 0644), ==, 0);
    g_assert_true(key_copy_write(f->path, none, &error));
    g_assert_cmpint(g_stat(f->path, &about), ==, 0);
    g_assert_cmpint(about.st_mode & 0777, ==, 0600);
    read = key_copy_read(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(read->len, ==, 0);
}

static void
a_line_that_is_wrong_is_named_and_nothing_is_taken(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const WRONG[] = {
        "",
        HASH,
        HASH " feed none",
        HASH " feed none ",
        HASH " feed none Acme",
        HASH " feed none a b",
        HASH " food none acme",
        HASH "  none acme",
        HASH " feed acme",
        HASH " feed  acme",
        HASH " feed 0/1m acme",
        HASH "00 feed none acme",
        "0011 feed none acme",
        "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff feed none acme",
    };
    g_autofree char *longer = g_strnfill(API_KEY_NAME_BYTES + 1, 'a');

    for (size_t i = 0; i <= G_N_ELEMENTS(WRONG); i++) {
        g_autofree char *too_long = g_strdup_printf(HASH " feed none %s", longer);
        const char *wrong = i < G_N_ELEMENTS(WRONG) ? WRONG[i] : too_long;
        g_autofree char *text = g_strdup_printf(HASH " search,feed 600/1m acme\n%s\n", wrong);
        g_autofree char *place = g_strdup_printf("%s: line 2: ", f->path);
        g_autoptr(KeyBook) book = key_book_new((RateLimit){0}, clock_system());
        g_autoptr(GError) error = NULL;

        write_text(f, text);
        g_assert_false(key_book_load(book, f->path, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, place));
    }
}

static void
a_key_too_many_is_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i <= API_KEYS_LIMIT; i++)
        g_string_append_printf(text, HASH " feed default acme%d\n", i);
    write_text(f, text->str);
    g_assert_null(key_copy_read(f->path, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "line 1001: one key too many"));
}

static void
what_cannot_be_read_or_written_says_why(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(HeldKey));
    g_autofree char *nowhere = g_build_filename(f->folder, "no", "folder", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(key_copy_read(f->path, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(key_copy_read(f->folder, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_clear_error(&error);
    g_assert_false(key_copy_write(nowhere, none, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_nonnull(strstr(error->message, nowhere));
}

#define ADD(name) g_test_add("/api/key copy/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(what_was_written_is_read_again);
    ADD(only_its_owner_may_read_it_whoever_could_before);
    ADD(a_line_that_is_wrong_is_named_and_nothing_is_taken);
    ADD(a_key_too_many_is_refused);
    ADD(what_cannot_be_read_or_written_says_why);
    return g_test_run();
}
