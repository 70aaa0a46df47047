#include "stream/charset.h"

#include "stream/charset_name.h"
#include "stream/utf8.h"

#include <errno.h>
#include <iconv.h>

/* An XML declaration that is longer is none. */
#define DECLARATION_BYTES_MAX 1024
#define UTF8_BYTES_MAX        4
/* The longest character of any set that iconv knows, with its shifts. */
#define REST_BYTES_MAX 32

static const Str REPLACEMENT = {"\xef\xbf\xbd", 3};

struct Charset {
    char *told, *sent;
    bool is_xml;
    ByteSink sink;
    void *data;
    bool is_decided;
    bool is_doubted; /* read as UTF-8, but may be CHARSET_LATIN: no character beyond ASCII has come */
    GString *head;   /* until it is decided */
    char *name;
    iconv_t iconv; /* (iconv_t)-1: UTF-8 */
    size_t unit;   /* bytes of the smallest character */
    char rest[REST_BYTES_MAX];
    size_t rest_size; /* of a character whose end has not come */
    uint64_t replaced;
    GString *out;
};

Charset *
charset_new(const char *told, bool is_xml, ByteSink sink, void *data)
{
    Charset *charset = g_new0(Charset, 1);

    charset->told = g_strdup(told);
    charset->name = g_strdup(CHARSET_UTF8);
    charset->is_xml = is_xml;
    charset->sink = sink;
    charset->data = data;
    charset->iconv = (iconv_t)-1;
    charset->unit = 1;
    charset->head = g_string_new(NULL);
    charset->out = g_string_new(NULL);
    return charset;
}

void
charset_free(Charset *charset)
{
    if (charset == NULL)
        return;
    if (charset->iconv != (iconv_t)-1)
        iconv_close(charset->iconv);
    g_free(charset->told);
    g_free(charset->sent);
    g_free(charset->name);
    g_string_free(charset->head, TRUE);
    g_string_free(charset->out, TRUE);
    g_free(charset);
}

static bool
charset_use(Charset *charset, const char *name, GError **error)
{
    name = charset_canonical_name(name);
    g_free(charset->name);
    charset->name = g_strdup(name);
    if (strcmp(name, CHARSET_UTF8) == 0)
        return true;
    charset->iconv = iconv_open(CHARSET_UTF8, name);
    if (charset->iconv == (iconv_t)-1) {
        g_autofree char *excerpt = utf8_excerpt(str_of(name));

        return weir_fail(error, WEIR_ERROR_INVALID, "charset \"%s\" is not known", excerpt);
    }
    charset->unit = charset_unit_bytes(name);
    return true;
}

bool
charset_note_sent(Charset *charset, Str name)
{
    g_autofree char *sent = str_dup(name);

    if (sent == NULL || !charset_is_known(sent))
        return false;
    if (!charset->is_decided && charset->head->len == 0) {
        g_free(charset->sent);
        charset->sent = g_steal_pointer(&sent);
    }
    return true;
}

static bool
charset_needs_more(const Charset *charset)
{
    Str head = str_of_gstring(charset->head);
    Str trimmed = str_trim(head);
    Str begin = STR("<?xml");

    if (head.size < CHARSET_ZEROS_BYTES)
        return true;
    if (!charset->is_xml || charset->told != NULL || head.size > DECLARATION_BYTES_MAX)
        return false;
    if (trimmed.size < begin.size)
        return str_starts_with(begin, trimmed);
    return str_starts_with(trimmed, begin) && str_find(trimmed, STR("?>")) < 0;
}

static bool
is_ascii(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '\0' || (unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* Nothing but labels say which set it is: the one that was sent along and the document's own. */
static bool
charset_use_label(Charset *charset, Str head, GError **error)
{
    g_autofree char *declared = charset->is_xml ? charset_of_declaration(head) : NULL;
    const char *own = charset_canonical_name(declared != NULL ? declared : CHARSET_UTF8);
    const char *sent = charset->sent != NULL ? charset_canonical_name(charset->sent) : NULL;

    if (sent == NULL || (charset_unit_bytes(sent) > 1 && is_ascii(str_slice(head, 0, CHARSET_ZEROS_BYTES))))
        return charset_use(charset, own, error);
    charset->is_doubted = (strcmp(sent, CHARSET_UTF8) == 0 && strcmp(own, CHARSET_LATIN) == 0) ||
                          (strcmp(sent, CHARSET_LATIN) == 0 && strcmp(own, CHARSET_UTF8) == 0);
    return charset->is_doubted || charset_use(charset, sent, error);
}

static bool charset_convert(Charset *charset, Str bytes, GError **error);

static bool
charset_decide(Charset *charset, GError **error)
{
    Str head = str_of_gstring(charset->head);
    size_t mark_size = 0;
    const char *name = charset_of_mark(head, &mark_size);

    charset->is_decided = true;
    if (name == NULL)
        name = charset->told;
    if (name == NULL)
        name = charset_of_zeros(head);
    if (!(name != NULL ? charset_use(charset, name, error) : charset_use_label(charset, head, error)))
        return false;
    return charset_convert(charset, str_slice(head, mark_size, head.size), error);
}

static bool
charset_give(Charset *charset, Str text, GError **error)
{
    return text.size == 0 || charset->sink(charset->data, text, error);
}

/* Keeps what may become a character when more comes. */
static void
charset_keep_rest(Charset *charset, Str rest)
{
    g_assert(rest.size <= sizeof(charset->rest));
    memmove(charset->rest, rest.at, rest.size);
    charset->rest_size = rest.size;
}

static void
charset_replace(Charset *charset, size_t bytes)
{
    charset->replaced += bytes;
    str_append(charset->out, REPLACEMENT);
}

static bool
charset_repair_utf8(Charset *charset, Str bytes, GError **error)
{
    for (;;) {
        size_t bad, good = utf8_valid_prefix(bytes, &bad);

        str_append(charset->out, str_slice(bytes, 0, good));
        bytes = str_slice(bytes, good + bad, bytes.size);
        if (bad == 0)
            break;
        charset_replace(charset, bad);
    }
    charset_keep_rest(charset, bytes);
    return charset_give(charset, str_of_gstring(charset->out), error);
}

static bool
charset_convert_utf8(Charset *charset, Str bytes, GError **error)
{
    size_t bad, good;

    g_string_truncate(charset->out, 0);
    if (charset->rest_size > 0) {
        g_autofree char *joined = g_malloc(charset->rest_size + bytes.size);
        Str all = {joined, charset->rest_size + bytes.size};

        memcpy(joined, charset->rest, charset->rest_size);
        memcpy(joined + charset->rest_size, bytes.at, bytes.size);
        return charset_repair_utf8(charset, all, error);
    }
    good = utf8_valid_prefix(bytes, &bad);
    if (bad > 0)
        return charset_repair_utf8(charset, bytes, error);
    charset_keep_rest(charset, str_slice(bytes, good, bytes.size));
    return charset_give(charset, str_slice(bytes, 0, good), error);
}

/* Converts what it can; returns what is left, which begins with a bad or an unfinished character. */
static Str
charset_iconv(Charset *charset, Str bytes, bool *ret_is_bad)
{
    char buffer[4096];
    char *in = (char *)(uintptr_t)bytes.at;
    size_t left = bytes.size;

    *ret_is_bad = false;
    while (left > 0) {
        char *out = buffer;
        size_t room = sizeof(buffer), result;
        int problem;

        result = iconv(charset->iconv, &in, &left, &out, &room);
        problem = errno;
        g_string_append_len(charset->out, buffer, out - buffer);
        if (result == (size_t)-1 && problem != E2BIG) {
            *ret_is_bad = problem == EILSEQ;
            break;
        }
    }
    return (Str){in, left};
}

static bool
charset_convert_foreign(Charset *charset, Str bytes, GError **error)
{
    g_autofree char *joined = g_malloc(charset->rest_size + bytes.size + 1);
    Str left = {joined, charset->rest_size + bytes.size};
    bool is_bad;

    memcpy(joined, charset->rest, charset->rest_size);
    if (bytes.size > 0)
        memcpy(joined + charset->rest_size, bytes.at, bytes.size);
    g_string_truncate(charset->out, 0);
    do {
        left = charset_iconv(charset, left, &is_bad);
        /* Some sets never say that enough has come. */
        if (is_bad || left.size > REST_BYTES_MAX) {
            size_t unit = MIN(charset->unit, left.size);

            charset_replace(charset, unit);
            left = str_slice(left, unit, left.size);
        }
    } while (is_bad || left.size > REST_BYTES_MAX);
    charset_keep_rest(charset, left);
    return charset_give(charset, str_of_gstring(charset->out), error);
}

/* Looks for the first character beyond ASCII, of which a part may have come before. */
static bool
charset_settle(Charset *charset, Str bytes, GError **error)
{
    char joined[2 * UTF8_BYTES_MAX];
    size_t first = 0, good, bad;

    if (charset->rest_size > 0) {
        Str more = str_slice(bytes, 0, UTF8_BYTES_MAX);

        memcpy(joined, charset->rest, charset->rest_size);
        if (more.size > 0)
            memcpy(joined + charset->rest_size, more.at, more.size);
        bytes = (Str){joined, charset->rest_size + more.size};
    }
    while (first < bytes.size && (unsigned char)bytes.at[first] < 0x80)
        first++;
    good = utf8_valid_prefix(bytes, &bad);
    charset->is_doubted = good <= first && bad == 0;
    return good > first || bad == 0 || charset_use(charset, CHARSET_LATIN, error);
}

/* In pieces, so that what a conversion holds does not grow with what was pushed. */
static bool
charset_convert(Charset *charset, Str bytes, GError **error)
{
    const size_t piece_bytes = 64 * 1024;

    while (bytes.size > 0) {
        Str piece = str_slice(bytes, 0, piece_bytes);

        if (charset->is_doubted && !charset_settle(charset, piece, error))
            return false;
        if (!(charset->iconv == (iconv_t)-1 ? charset_convert_utf8(charset, piece, error)
                                            : charset_convert_foreign(charset, piece, error)))
            return false;
        bytes = str_slice(bytes, piece.size, bytes.size);
    }
    return true;
}

bool
charset_push(Charset *charset, Str bytes, GError **error)
{
    if (charset->is_decided)
        return charset_convert(charset, bytes, error);
    while (bytes.size > 0 && charset_needs_more(charset)) {
        size_t size = MIN(bytes.size, CHARSET_ZEROS_BYTES);

        str_append(charset->head, str_slice(bytes, 0, size));
        bytes = str_slice(bytes, size, bytes.size);
    }
    if (charset_needs_more(charset))
        return true;
    return charset_decide(charset, error) && charset_convert(charset, bytes, error);
}

bool
charset_finish(Charset *charset, GError **error)
{
    if (!charset->is_decided && !charset_decide(charset, error))
        return false;
    if (charset->rest_size == 0)
        return true;
    if (charset->is_doubted)
        return charset_use(charset, CHARSET_LATIN, error) && charset_convert_foreign(charset, STR(""), error);
    g_string_truncate(charset->out, 0);
    charset_replace(charset, charset->rest_size);
    charset->rest_size = 0;
    return charset_give(charset, str_of_gstring(charset->out), error);
}

uint64_t
charset_replaced_count(const Charset *charset)
{
    return charset->replaced;
}

const char *
charset_name(const Charset *charset)
{
    return charset->name;
}
