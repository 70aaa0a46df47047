#include "stream/unpack.h"

static const uint64_t RATIO_MAX = 200;
static const uint64_t RATIO_FREE_BYTES = 1024 * 1024;
static const size_t OUT_BYTES = 64 * 1024;

void
unpack_clear(Unpack *unpack)
{
    if (unpack->out != NULL)
        inflateEnd(&unpack->zlib);
    g_clear_pointer(&unpack->out, g_free);
}

void
unpack_begin(Unpack *unpack, int window_bits)
{
    if (unpack->out != NULL) {
        inflateReset2(&unpack->zlib, window_bits);
        return;
    }
    unpack->out = g_malloc(OUT_BYTES);
    if (inflateInit2(&unpack->zlib, window_bits) != Z_OK)
        g_error("unpack: zlib can't start");
}

static bool
unpack_give(Unpack *unpack, Str bytes, GError **error)
{
    unpack->out_bytes += bytes.size;
    if (unpack->limit_bytes > 0 && unpack->out_bytes > unpack->limit_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes after inflating",
                         unpack->limit_bytes);
    if (unpack->out_bytes > RATIO_FREE_BYTES && unpack->out_bytes / RATIO_MAX > unpack->in_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "%s, byte %" G_GUINT64_FORMAT ": inflates more than %" G_GUINT64_FORMAT " times",
                         unpack->format, unpack->in_bytes, RATIO_MAX);
    return bytes.size == 0 || unpack->sink(unpack->data, bytes, error);
}

/* One round of zlib: takes what it can of bytes. */
static bool
unpack_round(Unpack *unpack, Str *bytes, bool *ret_has_more, bool *ret_has_ended, GError **error)
{
    z_stream *zlib = &unpack->zlib;
    uInt size = (uInt)MIN(bytes->size, (size_t)1 << 20);
    int result;
    size_t taken, given;

    zlib->next_in = (Bytef *)(uintptr_t)bytes->at;
    zlib->avail_in = size;
    zlib->next_out = unpack->out;
    zlib->avail_out = (uInt)OUT_BYTES;
    result = inflate(zlib, Z_NO_FLUSH);
    taken = size - zlib->avail_in;
    given = OUT_BYTES - zlib->avail_out;
    unpack->in_bytes += taken;
    *bytes = str_slice(*bytes, taken, bytes->size);
    /* What stood before the damage is good. */
    if (!unpack_give(unpack, (Str){(const char *)unpack->out, given}, error))
        return false;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s, byte %" G_GUINT64_FORMAT ": %s", unpack->format,
                         unpack->in_bytes, zlib->msg != NULL ? zlib->msg : "damaged");
    *ret_has_ended = result == Z_STREAM_END;
    *ret_has_more = result == Z_OK && zlib->avail_out == 0;
    return true;
}

bool
unpack_take(Unpack *unpack, Str *bytes, bool *ret_has_ended, GError **error)
{
    bool has_more = true;

    *ret_has_ended = false;
    while (!*ret_has_ended && (bytes->size > 0 || has_more))
        if (!unpack_round(unpack, bytes, &has_more, ret_has_ended, error))
            return false;
    return true;
}

bool
unpack_copy(Unpack *unpack, Str bytes, GError **error)
{
    unpack->in_bytes += bytes.size;
    return unpack_give(unpack, bytes, error);
}
