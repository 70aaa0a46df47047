/* The first byte chooses between JSON and NDJSON, where the records are, and whether they stand in a page. */
#include "fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const FIELDS[] = {"$.t",   ".",   "a",      "a[0]", "b.c",    "b[c='1'].d", "**.e",
                                         "a[-1]", "^.a", "^^.b.c", "b.*",  "*.c[0]", NULL};
    static const char *const RECORDS[] = {NULL, "r[*]", "[*]", "**.r", "r[1]", "r[a='x']", "r.*", "*"};

    if (size > 0) {
        ReaderSpec spec = {.format = bytes[0] % 2 == 0 ? STREAM_JSON : STREAM_NDJSON,
                           .embedded_after = bytes[0] >= 128 ? "=" : NULL,
                           .embedded_as = (EmbeddedAs)(bytes[0] % 3)};

        fuzz_reader(&spec, RECORDS[bytes[0] / 2 % G_N_ELEMENTS(RECORDS)], FIELDS, bytes + 1, size - 1);
    }
    return 0;
}
