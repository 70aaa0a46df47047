/* The bytes are members of an archive: read as they are, and as the content of members that are well written, so that
 * checksums do not keep the fuzzer out. The first byte chooses. */
#include "fuzz_reader.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
append_number(GString *to, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        g_string_append_c(to, (char)(number >> (8 * i)));
}

/* A stored member with the right checksum, before whatever follows. */
static GString *
archive_of(Str content, Str rest)
{
    GString *zip = g_string_new_len("PK\3\4\24\0\0\0\0\0\0\0\0\0", 14);

    append_number(zip, crc32_z(0, (const Bytef *)content.at, content.size), 4);
    append_number(zip, content.size, 4);
    append_number(zip, content.size, 4);
    append_number(zip, 1, 2);
    append_number(zip, 0, 2);
    g_string_append_c(zip, 'x');
    str_append(zip, content);
    str_append(zip, rest);
    return zip;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const FIELDS[] = {"a", "0", NULL};
    static const char *const MEMBERS[] = {NULL, "x", "y*", "*.csv"};
    ReaderSpec spec = {.format = STREAM_CSV, .compression = STREAM_COMPRESSION_ZIP};
    Str text = {(const char *)bytes, size};

    if (size == 0)
        return 0;
    spec.zip_member = MEMBERS[bytes[0] % G_N_ELEMENTS(MEMBERS)];
    text = str_slice(text, 1, size);
    if (bytes[0] & 8) {
        size_t content_size = MIN(text.size, (size_t)(bytes[0] >> 4) * 8);
        g_autoptr(GString) zip = archive_of(str_slice(text, 0, content_size), str_slice(text, content_size, text.size));

        fuzz_reader(&spec, NULL, FIELDS, (const uint8_t *)zip->str, zip->len);
    } else {
        fuzz_reader(&spec, NULL, FIELDS, (const uint8_t *)text.at, text.size);
    }
    return 0;
}
