#include "tracking/bytes.h"

#define CURRENCY_LETTERS 3

void
bytes_put_unsigned(GString *to, uint64_t value)
{
    while (value >= 0x80) {
        g_string_append_c(to, (char)(0x80 | (value & 0x7f)));
        value >>= 7;
    }
    g_string_append_c(to, (char)value);
}

void
bytes_put_signed(GString *to, int64_t value)
{
    uint64_t sign = value < 0 ? UINT64_MAX : 0;

    bytes_put_unsigned(to, (uint64_t)value << 1 ^ sign);
}

void
bytes_put_text(GString *to, Str text)
{
    /* 0 is absent, so a length goes one higher. */
    bytes_put_unsigned(to, text.at == NULL ? 0 : (uint64_t)text.size + 1);
    str_append(to, text);
}

void
bytes_put_money(GString *to, Money money)
{
    bytes_put_signed(to, money.micros);
    bytes_put_text(to, str_of(money.currency.code));
}

uint64_t
bytes_get_unsigned(BytesReader *reader)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && !reader->failed && reader->rest.size > 0; shift += 7) {
        uint64_t byte = (unsigned char)reader->rest.at[0];

        reader->rest = str_slice(reader->rest, 1, reader->rest.size);
        if (shift == 63 && byte > 1)
            break;
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) != 0)
            continue;
        if (byte == 0 && shift > 0) /* each number has one way of being written */
            break;
        return value;
    }
    reader->failed = true;
    return 0;
}

int64_t
bytes_get_signed(BytesReader *reader)
{
    uint64_t value = bytes_get_unsigned(reader);

    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

Str
bytes_get_text(BytesReader *reader)
{
    uint64_t size = bytes_get_unsigned(reader);
    Str text;

    if (reader->failed || size == 0)
        return STR_NONE;
    size--;
    if (size > reader->rest.size) {
        reader->failed = true;
        return STR_NONE;
    }
    text = str_slice(reader->rest, 0, (size_t)size);
    reader->rest = str_slice(reader->rest, (size_t)size, reader->rest.size);
    return text;
}

Money
bytes_get_money(BytesReader *reader)
{
    Money money = {.micros = bytes_get_signed(reader)};
    Str code = bytes_get_text(reader);

    if (code.size > 0 && (code.size != CURRENCY_LETTERS || !currency_parse(code, &money.currency)))
        reader->failed = true;
    if (reader->failed)
        money = (Money){.micros = 0};
    return money;
}

bool
bytes_reader_finish(const BytesReader *reader)
{
    return !reader->failed && reader->rest.size == 0;
}
