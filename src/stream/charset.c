#include "stream/charset.h"

#include "stream/utf8.h"

#include <errno.h>
#include <iconv.h>

/* An XML declaration that is longer is none. */
#define DECLARATION_BYTES_MAX 1024
#define PATTERN_BYTES         4
#define UTF8_BYTES_MAX        4
/* The longest character of any set that iconv knows, with its shifts. */
#define REST_BYTES_MAX 32

static const Str REPLACEMENT = {"\xef\xbf\xbd", 3};
static const char UTF8[] = "UTF-8";
static const char LATIN[] = "windows-1252";

struct Charset {
    char *told, *sent;
    bool is_xml;
    ByteSink sink;
    void *data;
    bool is_decided;
    bool is_doubted; /* read as UTF-8, but may be LATIN: no character beyond ASCII has come */
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
    charset->name = g_strdup(UTF8);
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
charset_is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (g_ascii_strcasecmp(name, *names) == 0)
            return true;
    return false;
}

/* The name under which a set is read. */
static const char *
canonical_name(const char *name)
{
    static const char *const UTF8_NAMES[] = {"utf-8", "utf8", "us-ascii", "ascii", NULL};
    static const char *const LATIN_NAMES[] = {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1",
                                              "l1",         "cp1252",    LATIN,        NULL};

    if (charset_is_one_of(name, UTF8_NAMES))
        return UTF8;
    if (charset_is_one_of(name, LATIN_NAMES))
        return LATIN;
    return g_ascii_strcasecmp(name, "utf-16") == 0 ? "UTF-16LE" : name;
}

static size_t
unit_of(const char *name)
{
    if (g_ascii_strncasecmp(name, "utf-16", 6) == 0 || g_ascii_strncasecmp(name, "ucs-2", 5) == 0)
        return 2;
    if (g_ascii_strncasecmp(name, "utf-32", 6) == 0 || g_ascii_strncasecmp(name, "ucs-4", 5) == 0)
        return 4;
    return 1;
}

static bool
charset_use(Charset *charset, const char *name, GError **error)
{
    name = canonical_name(name);
    g_free(charset->name);
    charset->name = g_strdup(name);
    if (strcmp(name, UTF8) == 0)
        return true;
    charset->iconv = iconv_open(UTF8, name);
    if (charset->iconv == (iconv_t)-1) {
        g_autofree char *excerpt = utf8_excerpt(str_of(name));

        return weir_fail(error, WEIR_ERROR_INVALID, "charset \"%s\" is not known", excerpt);
    }
    charset->unit = unit_of(name);
    return true;
}

/* Names only: what else iconv takes, as //IGNORE, is not for partners. */
static bool
is_known(const char *name)
{
    iconv_t iconv;

    if (*name == '\0' || name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:")] != '\0')
        return false;
    iconv = iconv_open(UTF8, canonical_name(name));
    if (iconv != (iconv_t)-1)
        iconv_close(iconv);
    return iconv != (iconv_t)-1;
}

bool
charset_note_sent(Charset *charset, Str name)
{
    g_autofree char *sent = str_dup(name);

    if (sent == NULL || !is_known(sent))
        return false;
    if (!charset->is_decided && charset->head->len == 0) {
        g_free(charset->sent);
        charset->sent = g_steal_pointer(&sent);
    }
    return true;
}

/* The set that a byte order mark names, and the size of the mark. */
static const char *
mark_of(Str head, size_t *ret_size)
{
    static const struct {
        Str mark;
        const char *name;
    } MARKS[] = {
        {{"\xef\xbb\xbf", 3}, "utf-8"}, {{"\xff\xfe\0\0", 4}, "UTF-32LE"}, {{"\0\0\xfe\xff", 4}, "UTF-32BE"},
        {{"\xff\xfe", 2}, "UTF-16LE"},  {{"\xfe\xff", 2}, "UTF-16BE"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        if (!str_starts_with(head, MARKS[i].mark))
            continue;
        *ret_size = MARKS[i].mark.size;
        return MARKS[i].name;
    }
    return NULL;
}

/* Text begins with two characters of ASCII in every format we read, so that zeros betray UTF-16. */
static const char *
pattern_of(Str head)
{
    if (head.size < PATTERN_BYTES)
        return NULL;
    if (head.at[0] != 0 && head.at[1] == 0 && head.at[2] != 0 && head.at[3] == 0)
        return "UTF-16LE";
    if (head.at[0] == 0 && head.at[1] != 0 && head.at[2] == 0 && head.at[3] != 0)
        return "UTF-16BE";
    return NULL;
}

/* The encoding in an XML declaration; NULL without one. Freed by g_free(). */
static char *
declared_of(Str head)
{
    Str rest = str_trim(head), value;
    ptrdiff_t end, at;
    char quote;

    if (!str_starts_with(rest, STR("<?xml")) || (end = str_find(rest, STR("?>"))) < 0)
        return NULL;
    rest = str_slice(rest, 0, (size_t)end);
    at = str_find(rest, STR("encoding"));
    if (at < 0)
        return NULL;
    rest = str_trim(str_slice(rest, (size_t)at + strlen("encoding"), rest.size));
    if (!str_starts_with(rest, STR("=")))
        return NULL;
    rest = str_trim(str_slice(rest, 1, rest.size));
    if (rest.size == 0 || (rest.at[0] != '"' && rest.at[0] != '\''))
        return NULL;
    quote = rest.at[0];
    rest = str_slice(rest, 1, rest.size);
    value = str_cut(&rest, quote);
    /* A declaration that could be read byte by byte is not written in UTF-16, whatever it says. */
    if (str_is_empty(value) || (value.size >= 6 && str_equal_ignoring_case(str_slice(value, 0, 6), STR("utf-16"))))
        return NULL;
    return str_dup(value);
}

static bool
charset_needs_more(const Charset *charset)
{
    Str head = str_of_gstring(charset->head);
    Str trimmed = str_trim(head);
    Str begin = STR("<?xml");

    if (head.size < PATTERN_BYTES)
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
    g_autofree char *declared = charset->is_xml ? declared_of(head) : NULL;
    const char *own = canonical_name(declared != NULL ? declared : UTF8);
    const char *sent = charset->sent != NULL ? canonical_name(charset->sent) : NULL;

    if (sent == NULL || (unit_of(sent) > 1 && is_ascii(str_slice(head, 0, PATTERN_BYTES))))
        return charset_use(charset, own, error);
    charset->is_doubted =
        (strcmp(sent, UTF8) == 0 && strcmp(own, LATIN) == 0) || (strcmp(sent, LATIN) == 0 && strcmp(own, UTF8) == 0);
    return charset->is_doubted || charset_use(charset, sent, error);
}

static bool charset_convert(Charset *charset, Str bytes, GError **error);

static bool
charset_decide(Charset *charset, GError **error)
{
    Str head = str_of_gstring(charset->head);
    size_t mark_size = 0;
    const char *name = mark_of(head, &mark_size);

    charset->is_decided = true;
    if (name == NULL)
        name = charset->told;
    if (name == NULL)
        name = pattern_of(head);
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
    return good > first || bad == 0 || charset_use(charset, LATIN, error);
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
        size_t size = MIN(bytes.size, PATTERN_BYTES);

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
        return charset_use(charset, LATIN, error) && charset_convert_foreign(charset, STR(""), error);
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
