#include "stream/zip_of.h"

#include <zlib.h>

static void
append_number(GString *to, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        g_string_append_c(to, (char)(number >> (8 * i)));
}

static GString *
deflated(Str bytes)
{
    z_stream zlib = {.next_in = (Bytef *)(uintptr_t)bytes.at, .avail_in = (uInt)bytes.size};
    GString *out = g_string_new(NULL);

    g_assert_cmpint(deflateInit2(&zlib, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    g_string_set_size(out, deflateBound(&zlib, bytes.size));
    zlib.next_out = (Bytef *)out->str;
    zlib.avail_out = (uInt)out->len;
    g_assert_cmpint(deflate(&zlib, Z_FINISH), ==, Z_STREAM_END);
    g_string_truncate(out, zlib.total_out);
    deflateEnd(&zlib);
    return out;
}

static void
append_header(GString *to, const ZipMember *member, uint32_t crc, uint64_t packed, uint64_t size)
{
    bool is_later = member->has_descriptor, is_zip64 = member->has_zip64_field;

    g_string_append_len(to, "PK\3\4", 4);
    append_number(to, is_zip64 ? 45 : 20, 2);
    append_number(to, member->flags | (is_later ? 1u << 3 : 0), 2);
    append_number(to, member->method, 2);
    append_number(to, 0, 4); /* time and date */
    append_number(to, is_later ? 0 : crc, 4);
    append_number(to, is_zip64 ? UINT32_MAX : is_later ? 0 : packed, 4);
    append_number(to, is_zip64 ? UINT32_MAX : is_later ? 0 : size, 4);
    append_number(to, strlen(member->name), 2);
    append_number(to, is_zip64 ? 9 + 20 : 9, 2);
    g_string_append(to, member->name);
    append_number(to, 0x5455, 2); /* a time, as Info-ZIP adds it */
    append_number(to, 5, 2);
    append_number(to, 0, 5);
    if (!is_zip64)
        return;
    append_number(to, 1, 2);
    append_number(to, 16, 2);
    append_number(to, is_later ? 0 : size, 8);
    append_number(to, is_later ? 0 : packed, 8);
}

static void
append_member(GString *to, const ZipMember *member)
{
    g_autoptr(GString) packed = member->method == 0 ? g_string_new_len(member->content.at, (gssize)member->content.size)
                                                    : deflated(member->content);
    uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)member->content.at, member->content.size) + member->crc_error;
    uint64_t packed_bytes = packed->len + member->packed_error, bytes = member->content.size + member->size_error;
    size_t size_bytes = member->has_zip64_field || member->has_large_sizes ? 8 : 4;

    append_header(to, member, crc, packed_bytes, bytes);
    str_append(to, str_of_gstring(packed));
    if (!member->has_descriptor)
        return;
    if (!member->has_no_signature)
        g_string_append_len(to, "PK\7\10", 4);
    append_number(to, crc, 4);
    append_number(to, packed_bytes, size_bytes);
    append_number(to, bytes, size_bytes);
}

GString *
zip_of(const ZipMember *members, size_t count)
{
    GString *zip = g_string_new(NULL);

    for (size_t i = 0; i < count; i++)
        append_member(zip, &members[i]);
    /* That a directory follows is all that a reader from the front looks at. */
    g_string_append_len(zip, count > 0 ? "PK\1\2" : "PK\5\6", 4);
    g_string_append(zip, "and so on");
    return zip;
}
