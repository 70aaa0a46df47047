/* Writes zip archives as programs of all sorts do, and as none should. */
#pragma once

#include "base/str.h"

typedef struct {
    const char *name;
    Str content;
    unsigned method;       /* 0 stored, 8 deflated; another is written as if it were deflated */
    unsigned flags;        /* beside the one for a descriptor */
    bool has_descriptor;   /* checksum and sizes behind the content */
    bool has_no_signature; /* of the descriptor */
    bool has_zip64_field;  /* sizes in the extra field, and of eight bytes in the descriptor */
    bool has_large_sizes;  /* of eight bytes in the descriptor without that field, as Java writes them */
    uint32_t crc_error, packed_error, size_error; /* are added to the truth */
} ZipMember;

/* Freed by g_string_free(). */
GString *zip_of(const ZipMember *members, size_t count);
