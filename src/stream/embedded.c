#include "stream/embedded.h"

/* "&#x10FFFF;" and the six names are shorter. */
#define ENTITY_BYTES 12
#define OUT_BYTES    ((gsize)16 * 1024)

struct Embedded {
    ByteSink sink;
    void *data;
    Str marker;
    EmbeddedAs as;
    bool each;      /* every value behind a marker, as a line */
    GString *seen;  /* what may be the beginning of a marker */
    GString *coded; /* an entity or escape that has not ended yet */
    GString *out;   /* what is not passed on yet */
    enum { BEFORE_MARKER, BEFORE_VALUE, IN_VALUE, BEHIND_VALUE } state;
    unsigned depth;
    bool in_string, in_escape;
    uint64_t count; /* of values */
};

Embedded *
embedded_new(const ReaderSpec *spec, ByteSink sink, void *data)
{
    Embedded *embedded = g_new0(Embedded, 1);

    *embedded = (Embedded){.sink = sink,
                           .data = data,
                           .marker = str_of(spec->embedded_after),
                           .as = spec->embedded_as,
                           .each = spec->format == STREAM_NDJSON,
                           .seen = g_string_new(NULL),
                           .coded = g_string_new(NULL),
                           .out = g_string_new(NULL)};
    g_assert(!str_is_empty(embedded->marker));
    return embedded;
}

void
embedded_free(Embedded *embedded)
{
    if (embedded == NULL)
        return;
    g_string_free(embedded->seen, TRUE);
    g_string_free(embedded->coded, TRUE);
    g_string_free(embedded->out, TRUE);
    g_free(embedded);
}

static bool
flush(Embedded *embedded, GError **error)
{
    bool ok = embedded->out->len == 0 || embedded->sink(embedded->data, str_of_gstring(embedded->out), error);

    g_string_truncate(embedded->out, 0);
    return ok;
}

/* ---- the value ---- */

static void
begin_value(Embedded *embedded)
{
    embedded->state = IN_VALUE;
    embedded->depth = 0;
    embedded->in_string = embedded->in_escape = false;
}

static void
end_value(Embedded *embedded)
{
    embedded->count++;
    embedded->state = embedded->each ? BEFORE_MARKER : BEHIND_VALUE;
    g_string_truncate(embedded->coded, 0);
    if (embedded->each)
        g_string_append_c(embedded->out, '\n');
}

/* One byte of the text as it was before it was encoded. */
static void
take_byte(Embedded *embedded, char c)
{
    if (embedded->state == BEFORE_VALUE && (c == '{' || c == '['))
        begin_value(embedded);
    if (embedded->state != IN_VALUE)
        return;
    /* JSON has line breaks between its tokens only, where a blank is as good. */
    g_string_append_c(embedded->out, embedded->each && (c == '\n' || c == '\r') ? ' ' : c);
    if (embedded->in_string) {
        bool ends = c == '"' && !embedded->in_escape;

        embedded->in_escape = c == '\\' && !embedded->in_escape;
        embedded->in_string = !ends;
        return;
    }
    if (c == '"')
        embedded->in_string = true;
    else if (c == '{' || c == '[')
        embedded->depth++;
    else if ((c == '}' || c == ']') && --embedded->depth == 0)
        end_value(embedded);
}

static void
take_text(Embedded *embedded, Str text)
{
    for (size_t i = 0; i < text.size; i++)
        take_byte(embedded, text.at[i]);
}

static void
take_character(Embedded *embedded, gunichar character)
{
    char bytes[6];
    int size = g_unichar_to_utf8(character, bytes);

    take_text(embedded, (Str){bytes, (size_t)size});
}

/* ---- how it is encoded ---- */

/* The number behind "&#" or "\u"; false when it is none, or no character alone. */
static bool
parse_number(Str digits, guint base, gunichar *ret_character)
{
    guint64 number;
    g_autofree char *text = str_dup(digits);

    if (digits.size == 0 || !g_ascii_isxdigit(text[0]) ||
        !g_ascii_string_to_unsigned(text, base, 1, 0x10FFFF, &number, NULL))
        return false;
    *ret_character = (gunichar)number;
    return g_unichar_validate(*ret_character);
}

static bool
parse_entity(Str name, gunichar *ret_character)
{
    static const struct {
        const char *name;
        gunichar character;
    } NAMED[] = {{"quot", '"'}, {"apos", '\''}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"nbsp", 0xA0}};

    if (str_starts_with(name, STR("#x")) || str_starts_with(name, STR("#X")))
        return parse_number(str_slice(name, 2, name.size), 16, ret_character);
    if (str_starts_with(name, STR("#")))
        return parse_number(str_slice(name, 1, name.size), 10, ret_character);
    for (size_t i = 0; i < G_N_ELEMENTS(NAMED); i++) {
        if (str_is(name, NAMED[i].name)) {
            *ret_character = NAMED[i].character;
            return true;
        }
    }
    return false;
}

/* What was held is no entity or escape: it stands for itself. */
static void
give_up_code(Embedded *embedded)
{
    take_text(embedded, str_of_gstring(embedded->coded));
    g_string_truncate(embedded->coded, 0);
}

static void
take_entity_byte(Embedded *embedded, char c)
{
    gunichar character;

    if (embedded->coded->len == 0 && c != '&') {
        take_byte(embedded, c);
        return;
    }
    if (c == '&')
        give_up_code(embedded);
    g_string_append_c(embedded->coded, c);
    if (c == ';' && parse_entity(str_slice(str_of_gstring(embedded->coded), 1, embedded->coded->len - 1), &character)) {
        g_string_truncate(embedded->coded, 0);
        take_character(embedded, character);
    } else if (c == ';' || embedded->coded->len > ENTITY_BYTES) {
        give_up_code(embedded);
    }
}

/* An escape of a text in a script: \" \\ \/ \n \x22 \u0022. Half of a surrogate pair stays the escape that JSON knows too. */
static void
end_escape(Embedded *embedded)
{
    static const char LETTERS[] = "nrtbf", MEANT[] = "\n\r\t\b\f";
    Str code = str_of_gstring(embedded->coded);
    const char *letter = strchr(LETTERS, code.at[1]);
    gunichar character;

    if (code.at[1] != 'u' && code.at[1] != 'x')
        take_byte(embedded, letter != NULL ? MEANT[letter - LETTERS] : code.at[1]);
    else if (parse_number(str_slice(code, 2, code.size), 16, &character))
        take_character(embedded, character);
    else
        take_text(embedded, code);
    g_string_truncate(embedded->coded, 0);
}

static void
take_escaped_byte(Embedded *embedded, char c)
{
    gsize size;

    if (embedded->coded->len == 0 && c != '\\') {
        take_byte(embedded, c);
        return;
    }
    g_string_append_c(embedded->coded, c);
    size = embedded->coded->len;
    if (size == 1)
        return;
    if (embedded->coded->str[1] == 'u' ? size == 6 : embedded->coded->str[1] == 'x' ? size == 4 : true)
        end_escape(embedded);
}

/* ---- the marker ---- */

/* Moves *text behind the marker, or to its end. */
static void
seek_marker(Embedded *embedded, Str *text)
{
    size_t kept = embedded->marker.size - 1;
    ptrdiff_t at;
    gsize before = embedded->seen->len;

    str_append(embedded->seen, *text);
    at = str_find(str_of_gstring(embedded->seen), embedded->marker);
    if (at >= 0) {
        *text = str_slice(*text, (size_t)at + embedded->marker.size - before, text->size);
        g_string_truncate(embedded->seen, 0);
        embedded->state = BEFORE_VALUE;
        return;
    }
    *text = STR_NONE;
    if (embedded->seen->len > kept)
        g_string_erase(embedded->seen, 0, (gssize)(embedded->seen->len - kept));
}

static void
take_encoded_byte(Embedded *embedded, char c)
{
    switch (embedded->as) {
    case EMBEDDED_AS_IT_IS:
        take_byte(embedded, c);
        break;
    case EMBEDDED_AS_ENTITIES:
        take_entity_byte(embedded, c);
        break;
    case EMBEDDED_AS_STRING:
        take_escaped_byte(embedded, c);
        break;
    }
}

bool
embedded_push(Embedded *embedded, Str text, GError **error)
{
    while (text.size > 0 && embedded->state != BEHIND_VALUE) {
        size_t i = 0;

        if (embedded->state == BEFORE_MARKER) {
            seek_marker(embedded, &text);
            continue;
        }
        while (i < text.size && (embedded->state == BEFORE_VALUE || embedded->state == IN_VALUE)) {
            bool begins = (text.at[i] & 0xC0) != 0x80; /* a character: none is passed on in pieces */

            if (begins && embedded->out->len >= OUT_BYTES && !flush(embedded, error))
                return false;
            take_encoded_byte(embedded, text.at[i++]);
        }
        text = str_slice(text, i, text.size);
    }
    return flush(embedded, error);
}

bool
embedded_finish(Embedded *embedded, GError **error)
{
    if (embedded->count > 0 || embedded->state == IN_VALUE)
        return true;
    if (embedded->state == BEFORE_VALUE)
        return weir_fail(error, WEIR_ERROR_INVALID, "no JSON stands behind %.*s", STR_FORMAT(embedded->marker));
    return weir_fail(error, WEIR_ERROR_INVALID, "the answer is without %.*s, behind which its JSON should stand",
                     STR_FORMAT(embedded->marker));
}
