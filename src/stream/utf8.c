#include "stream/utf8.h"

static const size_t EXCERPT_CHARACTERS = 40;

typedef struct {
    size_t size;             /* of the whole character */
    unsigned char low, high; /* of its second byte */
} Lead;

/* Table 3-7 of the Unicode Standard: neither overlong forms, nor surrogates, nor anything past U+10FFFF. */
static Lead
lead_of(unsigned char byte)
{
    if (byte >= 0xc2 && byte <= 0xdf)
        return (Lead){2, 0x80, 0xbf};
    if (byte >= 0xe0 && byte <= 0xef)
        return (Lead){3, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf};
    if (byte >= 0xf0 && byte <= 0xf4)
        return (Lead){4, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf};
    return (Lead){0, 0, 0};
}

static size_t
skip_ascii(const unsigned char *at, size_t size)
{
    size_t i = 0;
    uint64_t words[4];

    for (; i + sizeof(words) <= size; i += sizeof(words)) {
        memcpy(words, at + i, sizeof(words));
        if (((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < size && at[i] < 0x80)
        i++;
    return i;
}

size_t
utf8_valid_prefix(Str text, size_t *ret_bad)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t i = 0;

    *ret_bad = 0;
    for (;;) {
        Lead lead;
        size_t good = 1;

        i += skip_ascii(at + i, text.size - i);
        if (i == text.size)
            return i;
        lead = lead_of(at[i]);
        while (good < lead.size && i + good < text.size && at[i + good] >= (good == 1 ? lead.low : 0x80) &&
               at[i + good] <= (good == 1 ? lead.high : 0xbf))
            good++;
        if (lead.size == 0 || (good < lead.size && i + good < text.size)) {
            *ret_bad = good;
            return i;
        }
        if (good < lead.size)
            return i;
        i += lead.size;
    }
}

void
utf8_append_repaired(GString *to, Str text)
{
    size_t good, bad;

    do {
        good = utf8_valid_prefix(text, &bad);
        str_append(to, str_slice(text, 0, good));
        text = str_slice(text, good + bad, text.size);
        if (bad > 0 || text.size > 0)
            g_string_append(to, "\xef\xbf\xbd");
    } while (bad > 0);
}

Str
utf8_cut(Str text, size_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && ((unsigned char)text.at[size] & 0xc0) == 0x80)
        size--;
    return (Str){text.at, size};
}

char *
utf8_excerpt(Str text)
{
    g_autofree char *valid =
        g_utf8_make_valid(text.at != NULL ? text.at : "", (gssize)MIN(text.size, 4 * EXCERPT_CHARACTERS));
    GString *excerpt = g_string_new(NULL);
    size_t count = 0;

    for (const char *at = valid; *at != '\0' && count < EXCERPT_CHARACTERS; at = g_utf8_next_char(at), count++) {
        gunichar c = g_utf8_get_char(at);

        g_string_append_unichar(excerpt, g_unichar_iscntrl(c) ? ' ' : c);
    }
    return g_string_free(excerpt, FALSE);
}
