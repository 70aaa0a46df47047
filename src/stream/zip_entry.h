/*
 * ZipEntry: what stands in a zip archive before a member, and sometimes behind it (APPNOTE.TXT 4.3.7, 4.3.9, 4.5.3).
 */
#pragma once

#include "base/str.h"

#define ZIP_SIGNATURE_BYTES 4
#define ZIP_HEADER_BYTES    30 /* before the name */

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

typedef struct {
    Str name; /* as written: of any charset, with any bytes */
    unsigned method;
    bool is_encrypted;
    bool has_descriptor; /* checksum and sizes stand behind the content */
    bool is_zip64;       /* sizes of eight bytes */
    uint32_t crc;
    uint64_t packed_bytes, bytes; /* 0 with a descriptor, but for writers who know better */
} ZipEntry;

/* What a checksum and two sizes are found to be. */
typedef struct {
    uint32_t crc;
    uint64_t packed_bytes, bytes;
} ZipSum;

/* How long the header is with name and extra fields, by its first ZIP_HEADER_BYTES. */
size_t zip_header_size(Str header);
/* The entry of a whole header; its name points into it. */
ZipEntry zip_entry_parse(Str header);
/* Of the archive's own doings, not of its sender's: folders, and what macOS adds. */
bool zip_entry_is_aside(const ZipEntry *entry);
/* How many bytes of what stands behind the content are its descriptor, which must say sum: they come with and without a
 * signature, with sizes of four bytes and of eight. 0: more than these bytes are needed; -1: it says something else. */
int zip_descriptor_size(const ZipEntry *entry, const ZipSum *sum, Str bytes);
