/* Reads bytes twice, whole and in pieces chosen by the bytes themselves, and demands the same records both times. */
#pragma once

#include "stream/reader.h"

void fuzz_reader(ReaderSpec *spec, const char *records, const char *const *fields, const uint8_t *bytes, size_t size);
