#include "net/content_decoder.h"

#include <zlib.h>

#define GZIP_WINDOW_BITS (MAX_WBITS + 16)
#define ZLIB_WINDOW_BITS MAX_WBITS
#define RAW_WINDOW_BITS  (-MAX_WBITS)
#define MEMBER_BEGIN     '\x1f'

struct ContentDecoder {
    z_stream zlib;
    bool is_gzip;
    bool may_be_raw; /* deflate, of which nothing was read: many servers leave out the zlib head */
    bool has_ended;
    bool is_over; /* nothing that follows is ours */
    Bytef out[CONTENT_DECODER_BYTES];
};

ContentDecoder *
content_decoder_new(Str encoding)
{
    bool is_gzip = str_equal_ignoring_case(encoding, STR("gzip")) || str_equal_ignoring_case(encoding, STR("x-gzip"));
    ContentDecoder *decoder;

    if (!is_gzip && !str_equal_ignoring_case(encoding, STR("deflate")))
        return NULL;
    decoder = g_new0(ContentDecoder, 1);
    decoder->is_gzip = is_gzip;
    decoder->may_be_raw = !is_gzip;
    if (inflateInit2(&decoder->zlib, is_gzip ? GZIP_WINDOW_BITS : ZLIB_WINDOW_BITS) != Z_OK)
        g_error("zlib has no memory");
    return decoder;
}

void
content_decoder_free(ContentDecoder *decoder)
{
    if (decoder == NULL)
        return;
    inflateEnd(&decoder->zlib);
    g_free(decoder);
}

static int
inflate_some(ContentDecoder *decoder, Str bytes)
{
    z_stream *zlib = &decoder->zlib;

    zlib->next_in = (Bytef *)(uintptr_t)bytes.at;
    zlib->avail_in = (uInt)MIN(bytes.size, (size_t)G_MAXINT);
    zlib->next_out = decoder->out;
    zlib->avail_out = sizeof decoder->out;
    return inflate(zlib, Z_NO_FLUSH);
}

/* Behind the end: another member, as gzip may have (RFC 1952, section 2.2), or what is nobody's. */
static void
go_on_behind_end(ContentDecoder *decoder, Str bytes)
{
    decoder->is_over =
        decoder->is_over || !decoder->is_gzip || bytes.at[0] != MEMBER_BEGIN || inflateReset(&decoder->zlib) != Z_OK;
    decoder->has_ended = decoder->is_over;
}

bool
content_decoder_step(ContentDecoder *decoder, Str *bytes, Str *ret_out)
{
    z_stream *zlib = &decoder->zlib;
    int result;

    *ret_out = STR("");
    if (decoder->has_ended && bytes->size > 0)
        go_on_behind_end(decoder, *bytes);
    if (decoder->has_ended) {
        *bytes = str_slice(*bytes, bytes->size, bytes->size);
        return true;
    }
    result = inflate_some(decoder, *bytes);
    if (result == Z_DATA_ERROR && decoder->may_be_raw && inflateReset2(zlib, RAW_WINDOW_BITS) == Z_OK)
        result = inflate_some(decoder, *bytes);
    *ret_out = (Str){(const char *)decoder->out, sizeof decoder->out - zlib->avail_out};
    *bytes = str_slice(*bytes, bytes->size - zlib->avail_in, bytes->size);
    decoder->may_be_raw = decoder->may_be_raw && zlib->total_in < 2;
    decoder->has_ended = result == Z_STREAM_END;
    /* Z_BUF_ERROR: it wants more than there is. */
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

bool
content_decoder_is_whole(const ContentDecoder *decoder)
{
    return decoder->has_ended || decoder->zlib.total_in == 0;
}
