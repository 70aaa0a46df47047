/* The first byte chooses the dialect and the character set. */
#include "fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const FIELDS[] = {"a", "b", "0", "1", "2", NULL};
    static const char *const CHARSETS[] = {NULL, "windows-1251", "UTF-16LE", "shift_jis", "iso-2022-jp", "gb18030"};

    if (size > 0) {
        ReaderSpec spec = {.format = STREAM_CSV,
                           .charset = CHARSETS[bytes[0] / 16 % G_N_ELEMENTS(CHARSETS)],
                           .csv = {.delimiter = bytes[0] & 1 ? ';' : ',',
                                   .no_header = (bytes[0] & 2) != 0,
                                   .skip_lines = (bytes[0] & 4) != 0,
                                   .quote = (bytes[0] & 8) != 0 ? '\'' : '"'}};

        fuzz_reader(&spec, NULL, FIELDS, bytes + 1, size - 1);
    }
    return 0;
}
