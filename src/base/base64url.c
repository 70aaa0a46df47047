#include "base/base64url.h"

void
base64url_write(char *text, const uint8_t *bytes, size_t size)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t i = 0;

    for (; i + 3 <= size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

        *text++ = LETTERS[three >> 18];
        *text++ = LETTERS[three >> 12 & 63];
        *text++ = LETTERS[three >> 6 & 63];
        *text++ = LETTERS[three & 63];
    }
    if (i < size) {
        uint32_t rest = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0);

        *text++ = LETTERS[rest >> 18];
        *text++ = LETTERS[rest >> 12 & 63];
        if (i + 1 < size)
            *text = LETTERS[rest >> 6 & 63];
    }
}

void
base64url_append(GString *to, const uint8_t *bytes, size_t size)
{
    size_t at = to->len;

    g_string_set_size(to, at + BASE64URL_SIZE(size));
    base64url_write(to->str + at, bytes, size);
}

/* -1 for what is no letter of base64url. */
static int
digit_value(char letter)
{
    static const int8_t VALUES[128] = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1, -1, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
        13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63, -1, 26, 27, 28, 29, 30, 31, 32,
        33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    };
    unsigned char at = (unsigned char)letter;

    return at < sizeof VALUES ? VALUES[at] : -1;
}

bool
base64url_read(Str text, uint8_t *to, size_t limit, size_t *ret_size)
{
    size_t size = text.size / 4 * 3 + text.size % 4 * 3 / 4;
    uint32_t bits = 0;
    unsigned count = 0;

    if (text.size % 4 == 1 || size > limit)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int digit = digit_value(text.at[i]);

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = (uint8_t)(bits >> count);
        }
    }
    *ret_size = size;
    return (bits & ((1u << count) - 1)) == 0;
}
