#include "stream/inflate.h"

#include "stream/utf8.h"

#include <zlib.h>

static const uint64_t RATIO_MAX = 200;
static const size_t OUT_BYTES = 64 * 1024;
static const uint64_t RATIO_FREE_BYTES = 1024 * 1024;
static const unsigned char MAGIC[] = {0x1f, 0x8b};

struct Inflate {
    uint64_t limit_bytes;
    ByteSink sink;
    void *data;
    enum { INFLATE_UNDECIDED, INFLATE_PLAIN, INFLATE_MEMBER, INFLATE_BETWEEN, INFLATE_PADDING } state;
    bool is_demanded;
    unsigned char head[sizeof(MAGIC)]; /* held until there are enough to decide */
    size_t head_size;
    z_stream zlib; /* with the buffer, only once gzip was seen: most answers are plain */
    Bytef *out;
    uint64_t in_bytes, out_bytes;
};

Inflate *
inflate_new(StreamCompression compression, uint64_t limit_bytes, ByteSink sink, void *data)
{
    Inflate *inflate = g_new0(Inflate, 1);

    inflate->limit_bytes = limit_bytes;
    inflate->sink = sink;
    inflate->data = data;
    inflate->is_demanded = compression == STREAM_COMPRESSION_GZIP;
    inflate->state = compression == STREAM_COMPRESSION_NONE ? INFLATE_PLAIN : INFLATE_UNDECIDED;
    return inflate;
}

void
inflate_free(Inflate *inflate)
{
    if (inflate == NULL)
        return;
    if (inflate->out != NULL)
        inflateEnd(&inflate->zlib);
    g_free(inflate->out);
    g_free(inflate);
}

static bool
inflate_give(Inflate *inflate, Str bytes, GError **error)
{
    inflate->out_bytes += bytes.size;
    if (inflate->limit_bytes > 0 && inflate->out_bytes > inflate->limit_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes after inflating",
                         inflate->limit_bytes);
    if (inflate->state != INFLATE_PLAIN && inflate->out_bytes > RATIO_FREE_BYTES &&
        inflate->out_bytes / RATIO_MAX > inflate->in_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "gzip, byte %" G_GUINT64_FORMAT ": inflates more than %" G_GUINT64_FORMAT " times",
                         inflate->in_bytes, RATIO_MAX);
    return bytes.size == 0 || inflate->sink(inflate->data, bytes, error);
}

/* One round of zlib: takes what it can of bytes. */
static bool
inflate_round(Inflate *stage, Str *bytes, bool *ret_has_more, GError **error)
{
    z_stream *zlib = &stage->zlib;
    uInt size = (uInt)MIN(bytes->size, (size_t)1 << 20);
    int result;
    size_t taken, given;

    zlib->next_in = (Bytef *)(uintptr_t)bytes->at;
    zlib->avail_in = size;
    zlib->next_out = stage->out;
    zlib->avail_out = (uInt)OUT_BYTES;
    result = inflate(zlib, Z_NO_FLUSH);
    taken = size - zlib->avail_in;
    given = OUT_BYTES - zlib->avail_out;
    stage->in_bytes += taken;
    *bytes = str_slice(*bytes, taken, bytes->size);
    /* What stood before the damage is good. */
    if (!inflate_give(stage, (Str){(const char *)stage->out, given}, error))
        return false;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return weir_fail(error, WEIR_ERROR_INVALID, "gzip, byte %" G_GUINT64_FORMAT ": %s", stage->in_bytes,
                         zlib->msg != NULL ? zlib->msg : "damaged");
    if (result == Z_STREAM_END)
        stage->state = INFLATE_BETWEEN;
    *ret_has_more = result == Z_OK && zlib->avail_out == 0;
    return true;
}

static bool
inflate_member(Inflate *inflate, Str *bytes, GError **error)
{
    bool has_more = true;

    while (inflate->state == INFLATE_MEMBER && (bytes->size > 0 || has_more))
        if (!inflate_round(inflate, bytes, &has_more, error))
            return false;
    return true;
}

/* Behind a member: another one, or zeros that fill a block of a tape, or of a careless program. */
static bool
inflate_between(Inflate *inflate, Str *bytes, GError **error)
{
    unsigned char c = (unsigned char)bytes->at[0];

    if (inflate->state == INFLATE_BETWEEN && c == MAGIC[0]) {
        inflateReset(&inflate->zlib);
        inflate->state = INFLATE_MEMBER;
        return true;
    }
    if (c != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "gzip, byte %" G_GUINT64_FORMAT ": garbage behind the end",
                         inflate->in_bytes);
    inflate->state = INFLATE_PADDING;
    inflate->in_bytes++;
    *bytes = str_slice(*bytes, 1, bytes->size);
    return true;
}

static void
inflate_start(Inflate *inflate)
{
    inflate->out = g_malloc(OUT_BYTES);
    if (inflateInit2(&inflate->zlib, 16 + MAX_WBITS) != Z_OK)
        g_error("inflate: zlib can't start");
    inflate->state = INFLATE_MEMBER;
}

static bool inflate_push_decided(Inflate *inflate, Str bytes, GError **error);

static bool
inflate_decide(Inflate *inflate, GError **error)
{
    Str head = {(const char *)inflate->head, inflate->head_size};

    if (head.size == sizeof(MAGIC) && memcmp(head.at, MAGIC, sizeof(MAGIC)) == 0) {
        inflate_start(inflate);
    } else if (inflate->is_demanded) {
        g_autofree char *excerpt = utf8_excerpt(head);

        return weir_fail(error, WEIR_ERROR_INVALID, "expected gzip, found: %s", head.size > 0 ? excerpt : "nothing");
    } else {
        inflate->state = INFLATE_PLAIN;
    }
    return inflate_push_decided(inflate, head, error);
}

static bool
inflate_push_decided(Inflate *inflate, Str bytes, GError **error)
{
    while (bytes.size > 0) {
        bool ok;

        if (inflate->state == INFLATE_PLAIN)
            return inflate_give(inflate, bytes, error);
        if (inflate->state == INFLATE_MEMBER)
            ok = inflate_member(inflate, &bytes, error);
        else
            ok = inflate_between(inflate, &bytes, error);
        if (!ok)
            return false;
    }
    return true;
}

bool
inflate_push(Inflate *inflate, Str bytes, GError **error)
{
    if (inflate->state == INFLATE_UNDECIDED) {
        size_t size = MIN(sizeof(MAGIC) - inflate->head_size, bytes.size);

        memcpy(inflate->head + inflate->head_size, bytes.at, size);
        inflate->head_size += size;
        bytes = str_slice(bytes, size, bytes.size);
        if (inflate->head_size < sizeof(MAGIC) && inflate->head[0] == MAGIC[0])
            return true;
        if (!inflate_decide(inflate, error))
            return false;
    }
    return inflate_push_decided(inflate, bytes, error);
}

bool
inflate_finish(Inflate *inflate, GError **error)
{
    if (inflate->state == INFLATE_UNDECIDED)
        return inflate_decide(inflate, error);
    if (inflate->state == INFLATE_MEMBER)
        return weir_fail(error, WEIR_ERROR_INVALID, "gzip, byte %" G_GUINT64_FORMAT ": ends before its time",
                         inflate->in_bytes);
    return true;
}
