/* Sixteen bytes at a time, by the vectors of GCC and Clang: the answer to a question about each of them is a byte of all
 * ones or zeros. */
#include "listings/scan.h"

#define BLOCK_BYTES 16

typedef uint8_t Block __attribute__((vector_size(BLOCK_BYTES)));
typedef uint64_t Halves __attribute__((vector_size(BLOCK_BYTES)));

static inline Block
load_block(const char *at)
{
    Block block;

    memcpy(&block, at, sizeof(block));
    return block;
}

/* The place of the first byte that is not zero; BLOCK_BYTES when all are. */
static inline size_t
first_of(Block answers)
{
    Halves halves = (Halves)answers;

    if (halves[0] != 0)
        return (size_t)__builtin_ctzll(GUINT64_FROM_LE(halves[0])) / 8;
    return halves[1] != 0 ? 8 + (size_t)__builtin_ctzll(GUINT64_FROM_LE(halves[1])) / 8 : BLOCK_BYTES;
}

/* How many are not zero: the product's highest byte is the sum of all bytes. */
static inline size_t
count_of(Block answers)
{
    Halves ones = (Halves)(answers & 1);

    return ((ones[0] + ones[1]) * UINT64_C(0x0101010101010101)) >> 56;
}

/* Which bytes end a run of words with single blanks between them. */
static inline Block
odd_bytes(const char *at, bool is_html)
{
    Block bytes = load_block(at), next = load_block(at + 1);
    Block odd = (Block)(bytes < ' ') | (Block)(bytes == 0x7f) | (Block)((bytes == ' ') & (next == ' '));

    return odd | (is_html ? (Block)((bytes == '<') | (bytes == '&')) : (Block)(bytes >= 0x80));
}

static inline size_t
scan(Str text, bool is_html)
{
    size_t size = 0, plain = BLOCK_BYTES;

    if (text.size == 0 || text.at[0] == ' ')
        return 0;
    while (size + BLOCK_BYTES < text.size && plain == BLOCK_BYTES) {
        plain = first_of(odd_bytes(text.at + size, is_html));
        size += plain;
    }
    if (plain == BLOCK_BYTES) {
        char rest[BLOCK_BYTES + 1] = {0}; /* zeros are odd */

        memcpy(rest, text.at + size, text.size - size);
        size += first_of(odd_bytes(rest, is_html));
    }
    return size > 0 && text.at[size - 1] == ' ' ? size - 1 : size;
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

size_t
scan_ascii(Str text)
{
    size_t at = 0, ascii = BLOCK_BYTES;

    for (; at + BLOCK_BYTES <= text.size && ascii == BLOCK_BYTES; at += ascii)
        ascii = first_of((Block)(load_block(text.at + at) >= 0x80));
    while (ascii == BLOCK_BYTES && at < text.size && (unsigned char)text.at[at] < 0x80)
        at++;
    return at;
}

/* What becomes of each character of ASCII: a letter, a digit or a sign that stays; a blank; or 0, nothing. */
static const char FOLDED[] = "                "
                             "                "
                             "   #   \0   +    "
                             "0123456789      "
                             " abcdefghijklmno"
                             "pqrstuvwxyz     "
                             " abcdefghijklmno"
                             "pqrstuvwxyz     ";

/* Without branches on what the characters are, which can't be foreseen; so a byte more may be written. */
static size_t
fold_each(char *to, size_t *size, Str text)
{
    size_t at = 0, end = *size;
    char last = end > 0 ? to[end - 1] : ' ';

    for (; at < text.size && (unsigned char)text.at[at] < 0x80; at++) {
        char c = FOLDED[(unsigned char)text.at[at]];
        bool stays = (c > ' ') | ((c == ' ') & (last != ' '));

        to[end] = c;
        end += stays;
        last = stays ? c : last;
    }
    *size = end;
    return at;
}

/* The same of a whole block; false when there is more to it: some of it vanishes, or is not ASCII. */
static inline bool
fold_block(char *to, size_t *size, const char *at)
{
    Block bytes = load_block(at), small = bytes | 0x20;
    Block stays = (Block)((Block)(small - 'a') < 26) | (Block)((Block)(bytes - '0') < 10) | (Block)(bytes == '+') |
                  (Block)(bytes == '#');
    Block upper = (Block)((Block)(bytes - 'A') < 26);
    Block folded = ((bytes | (upper & 0x20)) & stays) | (~stays & ' ');
    Halves odd = (Halves)((Block)(bytes == '\'') | (Block)(bytes >= 0x80)), blank = (Halves)~stays;
    uint64_t before = *size == 0 || to[*size - 1] == ' ' ? 0xff : 0, low = GUINT64_FROM_LE(blank[0]),
             high = GUINT64_FROM_LE(blank[1]);

    if ((odd[0] | odd[1] | (low & (low << 8 | before)) | (high & (high << 8 | low >> 56))) != 0)
        return false;
    memcpy(to + *size, &folded, sizeof folded);
    *size += BLOCK_BYTES;
    return true;
}

size_t
scan_fold_ascii(char *to, size_t *size, Str text)
{
    size_t at = 0;

    while (at + BLOCK_BYTES <= text.size) {
        size_t folded = fold_block(to, size, text.at + at) ? BLOCK_BYTES
                                                           : fold_each(to, size, str_slice(text, at, at + BLOCK_BYTES));

        at += folded;
        if (folded < BLOCK_BYTES)
            return at;
    }
    return at + fold_each(to, size, str_slice(text, at, text.size));
}

size_t
scan_character(Str text, size_t index)
{
    size_t at = 0, passed = 0;

    /* A block has no more characters than bytes. */
    for (; at + BLOCK_BYTES <= text.size && passed + BLOCK_BYTES <= index; at += BLOCK_BYTES)
        passed += count_of((Block)((load_block(text.at + at) & 0xc0) != 0x80));
    for (; at < text.size; at++) {
        if (((unsigned char)text.at[at] & 0xc0) != 0x80 && passed++ == index)
            return at;
    }
    return text.size;
}
