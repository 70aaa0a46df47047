/* The first byte chooses where the records are and whether case counts. */
#include "fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const FIELDS[] = {"$.r.t", ".", "a", "a[0]", "b.c", "b[@c='1'].d", "**.e", "a[-1]", "@id", NULL};
    static const char *const RECORDS[] = {NULL, "r.i", "**.i", "r.i[1]", "r.i[a='x']", "r"};

    if (size > 0) {
        ReaderSpec spec = {.format = STREAM_XML, .xml_ignore_case = bytes[0] % 2 == 0};

        fuzz_reader(&spec, RECORDS[bytes[0] / 2 % G_N_ELEMENTS(RECORDS)], FIELDS, bytes + 1, size - 1);
    }
    return 0;
}
