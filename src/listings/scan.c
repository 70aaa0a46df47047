#include "listings/scan.h"

/* Loops over that many bytes without a way out are made into vector instructions by the compiler. */
#define BLOCK_BYTES 32

/* Whether a byte, and the one behind it, stand within words with single blanks between them. */
static inline unsigned char
is_odd(unsigned char c, unsigned char next, bool is_html)
{
    unsigned char control = c < ' ' || c == 0x7f, blanks = c == ' ' && next == ' ';
    unsigned char stops = is_html ? (c == '<') | (c == '&') : c >= 0x80;

    return control | blanks | stops;
}

static inline size_t
scan(Str text, bool is_html)
{
    const unsigned char *at = (const unsigned char *)text.at;
    size_t size = 0;

    if (text.size == 0 || at[0] == ' ')
        return 0;
    for (; size + BLOCK_BYTES < text.size; size += BLOCK_BYTES) {
        unsigned char odd = 0;

        for (size_t i = 0; i < BLOCK_BYTES; i++)
            odd |= is_odd(at[size + i], at[size + i + 1], is_html);
        if (odd != 0)
            break;
    }
    while (size < text.size && is_odd(at[size], size + 1 < text.size ? at[size + 1] : ' ', is_html) == 0)
        size++;
    return size > 0 && at[size - 1] == ' ' ? size - 1 : size;
}

size_t
scan_words(Str text)
{
    return scan(text, false);
}

size_t
scan_html_words(Str html)
{
    return scan(html, true);
}

bool
scan_is_ascii(Str text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    unsigned char all = 0;
    size_t i = 0;

    for (; i + BLOCK_BYTES <= text.size && all < 0x80; i += BLOCK_BYTES)
        for (size_t j = 0; j < BLOCK_BYTES; j++)
            all |= at[i + j];
    for (; i < text.size; i++)
        all |= at[i];
    return all < 0x80;
}

static bool
begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t
scan_character(Str text, size_t index)
{
    size_t at = 0, passed = 0;

    while (at + BLOCK_BYTES <= text.size) {
        unsigned char count = 0;

        for (size_t i = 0; i < BLOCK_BYTES; i++)
            count = (unsigned char)(count + begins_character(text.at[at + i]));
        if (passed + count > index)
            break;
        passed += count;
        at += BLOCK_BYTES;
    }
    for (; at < text.size; at++) {
        if (begins_character(text.at[at]) && passed++ == index)
            return at;
    }
    return text.size;
}
