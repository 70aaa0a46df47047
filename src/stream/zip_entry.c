#include "stream/zip_entry.h"

static const Str DESCRIPTOR_SIGNATURE = {"PK\7\10", 4};

/* A number of so many bytes, the lowest first. */
static uint64_t
number_at(Str bytes, size_t offset, size_t size)
{
    uint64_t number = 0;

    g_assert(offset + size <= bytes.size);
    for (size_t i = size; i-- > 0;)
        number = number << 8 | (unsigned char)bytes.at[offset + i];
    return number;
}

size_t
zip_header_size(Str header)
{
    return ZIP_HEADER_BYTES + (size_t)number_at(header, 26, 2) + (size_t)number_at(header, 28, 2);
}

/* The extra field that has the sizes where four bytes are too few. */
static void
parse_zip64(ZipEntry *entry, Str extra)
{
    const uint64_t kind_zip64 = 1;

    while (extra.size >= 4) {
        uint64_t kind = number_at(extra, 0, 2);
        Str field = str_slice(extra, 4, 4 + (size_t)number_at(extra, 2, 2));

        if (kind == kind_zip64) {
            entry->is_zip64 = true;
            if (entry->bytes == UINT32_MAX && field.size >= 8) {
                entry->bytes = number_at(field, 0, 8);
                field = str_slice(field, 8, field.size);
            }
            if (entry->packed_bytes == UINT32_MAX && field.size >= 8)
                entry->packed_bytes = number_at(field, 0, 8);
            return;
        }
        extra = str_slice(extra, 4 + (size_t)number_at(extra, 2, 2), extra.size);
    }
}

ZipEntry
zip_entry_parse(Str header)
{
    const uint64_t encrypted = 1 << 0 | 1 << 6 | 1 << 13, descriptor = 1 << 3;
    uint64_t flags = number_at(header, 6, 2);
    size_t name_end = ZIP_HEADER_BYTES + (size_t)number_at(header, 26, 2);
    ZipEntry entry = {
        .name = str_slice(header, ZIP_HEADER_BYTES, name_end),
        .method = (unsigned)number_at(header, 8, 2),
        .is_encrypted = (flags & encrypted) != 0,
        .has_descriptor = (flags & descriptor) != 0,
        .crc = (uint32_t)number_at(header, 14, 4),
        .packed_bytes = number_at(header, 18, 4),
        .bytes = number_at(header, 22, 4),
    };

    parse_zip64(&entry, str_slice(header, name_end, header.size));
    return entry;
}

bool
zip_entry_is_aside(const ZipEntry *entry)
{
    return (entry->name.size > 0 && entry->name.at[entry->name.size - 1] == '/') ||
           str_starts_with(entry->name, STR("__MACOSX/"));
}

static bool
descriptor_says(Str bytes, size_t size_bytes, const ZipSum *sum)
{
    return number_at(bytes, 0, 4) == sum->crc && number_at(bytes, 4, size_bytes) == sum->packed_bytes &&
           number_at(bytes, 4 + size_bytes, size_bytes) == sum->bytes;
}

int
zip_descriptor_size(const ZipEntry *entry, const ZipSum *sum, Str bytes)
{
    const size_t small = 4 + 2 * 4, large = 4 + 2 * 8;
    size_t signature = str_starts_with(bytes, DESCRIPTOR_SIGNATURE) ? DESCRIPTOR_SIGNATURE.size : 0;
    Str rest = str_slice(bytes, signature, bytes.size);

    if (rest.size < small)
        return 0;
    /* Of something that is empty both sizes may look alike in their first bytes. */
    if (descriptor_says(rest, 4, sum) && !(entry->is_zip64 && sum->bytes == 0))
        return (int)(signature + small);
    if (rest.size < large)
        return 0;
    return descriptor_says(rest, 8, sum) ? (int)(signature + large) : -1;
}
