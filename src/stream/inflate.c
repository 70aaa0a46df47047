#include "stream/inflate.h"

#include "stream/utf8.h"
#include "stream/zip.h"

static const unsigned char GZIP_MAGIC[] = {0x1f, 0x8b};

struct Inflate {
    const ReaderSpec *spec;
    enum { INFLATE_UNDECIDED, INFLATE_PLAIN, INFLATE_ZIP, INFLATE_MEMBER, INFLATE_BETWEEN, INFLATE_PADDING } state;
    char head[ZIP_MAGIC_BYTES]; /* held until there are enough to decide */
    size_t head_size;
    Unpack unpack;
    Zip *zip; /* NULL: it is none */
};

Inflate *
inflate_new(const ReaderSpec *spec, ByteSink sink, void *data)
{
    Inflate *inflate = g_new0(Inflate, 1);

    inflate->spec = spec;
    inflate->unpack.format = "gzip";
    inflate->unpack.limit_bytes = spec->limits.inflated_bytes;
    inflate->unpack.sink = sink;
    inflate->unpack.data = data;
    inflate->state = spec->compression == STREAM_COMPRESSION_NONE ? INFLATE_PLAIN : INFLATE_UNDECIDED;
    return inflate;
}

void
inflate_free(Inflate *inflate)
{
    if (inflate == NULL)
        return;
    unpack_clear(&inflate->unpack);
    zip_free(inflate->zip);
    g_free(inflate);
}

static bool
inflate_member(Inflate *inflate, Str *bytes, GError **error)
{
    bool has_ended;

    if (!unpack_take(&inflate->unpack, bytes, &has_ended, error))
        return false;
    if (has_ended)
        inflate->state = INFLATE_BETWEEN;
    return true;
}

static void
inflate_begin_member(Inflate *inflate)
{
    unpack_begin(&inflate->unpack, 16 + MAX_WBITS);
    inflate->state = INFLATE_MEMBER;
}

/* Behind a member: another one, or zeros that fill a block of a tape, or of a careless program. */
static bool
inflate_between(Inflate *inflate, Str *bytes, GError **error)
{
    unsigned char c = (unsigned char)bytes->at[0];

    if (inflate->state == INFLATE_BETWEEN && c == GZIP_MAGIC[0]) {
        inflate_begin_member(inflate);
        return true;
    }
    if (c != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "gzip, byte %" G_GUINT64_FORMAT ": garbage behind the end",
                         inflate->unpack.in_bytes);
    inflate->state = INFLATE_PADDING;
    inflate->unpack.in_bytes++;
    *bytes = str_slice(*bytes, 1, bytes->size);
    return true;
}

static bool
inflate_push_decided(Inflate *inflate, Str bytes, GError **error)
{
    if (inflate->state == INFLATE_ZIP)
        return zip_push(inflate->zip, bytes, error);
    if (inflate->state == INFLATE_PLAIN)
        return unpack_copy(&inflate->unpack, bytes, error);
    while (bytes.size > 0)
        if (!(inflate->state == INFLATE_MEMBER ? inflate_member(inflate, &bytes, error)
                                               : inflate_between(inflate, &bytes, error)))
            return false;
    return true;
}

static bool
is_gzip(Str head)
{
    return str_starts_with(head, (Str){(const char *)GZIP_MAGIC, sizeof(GZIP_MAGIC)});
}

/* Whether more bytes could still make it gzip or a zip archive, or show better what is there instead. */
static bool
inflate_needs_more(const Inflate *inflate)
{
    Str head = {inflate->head, inflate->head_size};

    if (inflate->spec->compression != STREAM_COMPRESSION_AUTO)
        return head.size < sizeof(inflate->head);
    return head.size == 0 || (head.size < sizeof(GZIP_MAGIC) && (unsigned char)head.at[0] == GZIP_MAGIC[0]) ||
           zip_may_begin_with(head);
}

static bool
inflate_decide(Inflate *inflate, GError **error)
{
    static const char *const DEMANDED[] = {[STREAM_COMPRESSION_GZIP] = "gzip", [STREAM_COMPRESSION_ZIP] = "zip"};
    StreamCompression compression = inflate->spec->compression;
    Str head = {inflate->head, inflate->head_size};

    if (is_gzip(head) && compression != STREAM_COMPRESSION_ZIP) {
        inflate_begin_member(inflate);
    } else if (zip_begins_with(head) && compression != STREAM_COMPRESSION_GZIP) {
        inflate->zip = zip_new(inflate->spec, inflate->unpack.sink, inflate->unpack.data);
        inflate->state = INFLATE_ZIP;
    } else if (compression == STREAM_COMPRESSION_AUTO) {
        inflate->state = INFLATE_PLAIN;
    } else {
        g_autofree char *excerpt = utf8_excerpt(head);

        return weir_fail(error, WEIR_ERROR_INVALID, "expected %s, found: %s", DEMANDED[compression],
                         head.size > 0 ? excerpt : "nothing");
    }
    return inflate_push_decided(inflate, head, error);
}

bool
inflate_push(Inflate *inflate, Str bytes, GError **error)
{
    while (inflate->state == INFLATE_UNDECIDED && bytes.size > 0) {
        inflate->head[inflate->head_size++] = bytes.at[0];
        bytes = str_slice(bytes, 1, bytes.size);
        if (!inflate_needs_more(inflate) && !inflate_decide(inflate, error))
            return false;
    }
    return bytes.size == 0 || inflate_push_decided(inflate, bytes, error);
}

bool
inflate_finish(Inflate *inflate, GError **error)
{
    if (inflate->state == INFLATE_UNDECIDED && !inflate_decide(inflate, error))
        return false;
    if (inflate->state == INFLATE_ZIP)
        return zip_finish(inflate->zip, error);
    if (inflate->state == INFLATE_MEMBER)
        return weir_fail(error, WEIR_ERROR_INVALID, "gzip, byte %" G_GUINT64_FORMAT ": ends before its time",
                         inflate->unpack.in_bytes);
    return true;
}
