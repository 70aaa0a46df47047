#include "stream/gzip_writer.h"

#include <zlib.h>

#define GZIP_WINDOW_BITS (15 + 16) /* 16: with gzip's header and check sum */
#define GZIP_LEVEL       6
#define GZIP_MEMORY      8
#define PIECE_BYTES      16384

struct GzipWriter {
    z_stream zlib;
};

GzipWriter *
gzip_writer_new(void)
{
    GzipWriter *writer = g_new0(GzipWriter, 1);

    if (deflateInit2(&writer->zlib, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        g_error("zlib can't start: %s", writer->zlib.msg != NULL ? writer->zlib.msg : "out of memory");
    return writer;
}

void
gzip_writer_free(GzipWriter *writer)
{
    if (writer == NULL)
        return;
    deflateEnd(&writer->zlib);
    g_free(writer);
}

static void
deflate_piece(GzipWriter *writer, Str bytes, int flush, GString *to)
{
    unsigned char piece[PIECE_BYTES];

    writer->zlib.next_in = (Bytef *)(uintptr_t)bytes.at;
    writer->zlib.avail_in = (uInt)bytes.size;
    do {
        writer->zlib.next_out = piece;
        writer->zlib.avail_out = sizeof piece;
        /* Z_BUF_ERROR says that there was nothing to do. */
        if (deflate(&writer->zlib, flush) == Z_STREAM_ERROR)
            g_error("zlib lost its state");
        g_string_append_len(to, (const char *)piece, (gssize)(sizeof piece - writer->zlib.avail_out));
    } while (writer->zlib.avail_out == 0);
}

void
gzip_writer_add(GzipWriter *writer, Str bytes, bool last, GString *to)
{
    while (bytes.size > G_MAXINT) {
        deflate_piece(writer, str_slice(bytes, 0, G_MAXINT), Z_NO_FLUSH, to);
        bytes = str_slice(bytes, G_MAXINT, bytes.size);
    }
    deflate_piece(writer, bytes, last ? Z_FINISH : Z_NO_FLUSH, to);
}
