#include "stream/zip.h"

#include "stream/utf8.h"
#include "stream/zip_entry.h"

static const Str ENTRY = {"PK\3\4", ZIP_MAGIC_BYTES};
static const Str END = {"PK\5\6", ZIP_MAGIC_BYTES}; /* of an archive without members it is the first */
/* What follows the last member: keys of an encrypted directory, the directory, its end with large and with small
 * numbers. */
static const Str DIRECTORIES[] = {{"PK\6\10", 4}, {"PK\1\2", 4}, {"PK\6\6", 4}, {"PK\5\6", 4}};
/* Longer names are none, and patterns take their time with long ones. */
static const size_t NAME_BYTES_MAX = 4096;
static const unsigned PASSED_OVER_MAX = 5;

struct Zip {
    const ReaderSpec *spec;
    GPatternSpec *wanted; /* NULL: the only one */
    ByteSink sink;
    void *data;
    Unpack unpack;
    enum { ZIP_HEADER, ZIP_CONTENT, ZIP_DESCRIPTOR, ZIP_DIRECTORY } state;
    GString *held; /* of a header or descriptor, until it is there */
    size_t header_size;
    ZipEntry entry;           /* the member at hand; its name is in name */
    char *name;               /* NULL between members */
    bool is_read, is_skipped; /* it is the one; it is passed over without being inflated */
    ZipSum sum;               /* of what came of it so far */
    char *read_name;          /* of the one that was read; NULL: not yet */
    GString *passed_over;     /* names of some others */
    unsigned passed_over_count;
};

bool
zip_begins_with(Str head)
{
    return str_starts_with(head, ENTRY) || str_starts_with(head, END);
}

bool
zip_may_begin_with(Str head)
{
    return head.size < ZIP_MAGIC_BYTES && (str_starts_with(ENTRY, head) || str_starts_with(END, head));
}

/* What comes out of the member at hand. */
static bool
zip_on_bytes(void *data, Str bytes, GError **error)
{
    Zip *zip = data;

    zip->sum.crc = (uint32_t)crc32_z(zip->sum.crc, (const Bytef *)bytes.at, bytes.size);
    zip->sum.bytes += bytes.size;
    return !zip->is_read || zip->sink(zip->data, bytes, error);
}

Zip *
zip_new(const ReaderSpec *spec, ByteSink sink, void *data)
{
    Zip *zip = g_new0(Zip, 1);

    zip->spec = spec;
    zip->wanted = spec->zip_member != NULL ? g_pattern_spec_new(spec->zip_member) : NULL;
    zip->sink = sink;
    zip->data = data;
    zip->unpack =
        (Unpack){.format = "zip", .limit_bytes = spec->limits.inflated_bytes, .sink = zip_on_bytes, .data = zip};
    zip->held = g_string_new(NULL);
    zip->header_size = ZIP_SIGNATURE_BYTES;
    zip->passed_over = g_string_new(NULL);
    return zip;
}

void
zip_free(Zip *zip)
{
    if (zip == NULL)
        return;
    g_clear_pointer(&zip->wanted, g_pattern_spec_free);
    unpack_clear(&zip->unpack);
    g_string_free(zip->held, TRUE);
    g_free(zip->name);
    g_free(zip->read_name);
    g_string_free(zip->passed_over, TRUE);
    g_free(zip);
}

static bool zip_fail(const Zip *zip, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

static bool
zip_fail(const Zip *zip, GError **error, const char *format, ...)
{
    g_autofree char *problem = NULL;
    va_list arguments;

    va_start(arguments, format);
    problem = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (zip->name == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "zip, byte %" G_GUINT64_FORMAT ": %s", zip->unpack.in_bytes,
                         problem);
    return weir_fail(error, WEIR_ERROR_INVALID, "zip, member \"%s\", byte %" G_GUINT64_FORMAT ": %s", zip->name,
                     zip->unpack.in_bytes, problem);
}

/* Holds bytes until there are size of them. */
static bool
zip_hold(Zip *zip, Str *bytes, size_t size)
{
    Str taken = str_slice(*bytes, 0, size - zip->held->len);

    str_append(zip->held, taken);
    zip->unpack.in_bytes += taken.size;
    *bytes = str_slice(*bytes, taken.size, bytes->size);
    return zip->held->len == size;
}

/* ---- which member ---- */

static const char *
method_name(unsigned method)
{
    static const struct {
        unsigned method;
        const char *name;
    } NAMES[] = {{9, "Deflate64"}, {12, "bzip2"}, {14, "LZMA"}, {93, "Zstandard"}, {95, "XZ"}, {99, "AES"}};

    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (NAMES[i].method == method)
            return NAMES[i].name;
    return "unknown";
}

static bool
zip_check_readable(const Zip *zip, GError **error)
{
    const ZipEntry *entry = &zip->entry;

    if (entry->is_encrypted)
        return zip_fail(zip, error, "is encrypted");
    if (entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED)
        return zip_fail(zip, error, "is compressed by method %u (%s); only stored and deflated can be read",
                        entry->method, method_name(entry->method));
    if (entry->method == ZIP_STORED && entry->has_descriptor && entry->packed_bytes == 0)
        return zip_fail(zip, error, "is stored without its size, so that its end cannot be known");
    return true;
}

static void
zip_pass_over(Zip *zip)
{
    if (zip->passed_over_count < PASSED_OVER_MAX)
        g_string_append_printf(zip->passed_over, "%s\"%s\"", zip->passed_over_count > 0 ? ", " : "", zip->name);
    else if (zip->passed_over_count == PASSED_OVER_MAX)
        g_string_append(zip->passed_over, ", ...");
    zip->passed_over_count++;
}

static bool
zip_choose(Zip *zip, GError **error)
{
    bool is_aside = zip_entry_is_aside(&zip->entry);

    zip->is_read = !is_aside && (zip->wanted == NULL || g_pattern_spec_match_string(zip->wanted, zip->name));
    if (zip->is_read && zip->read_name != NULL)
        return zip_fail(zip, error, "is one more beside \"%s\", and only one is read: say which with zip",
                        zip->read_name);
    if (zip->is_read)
        zip->read_name = g_strdup(zip->name);
    else if (!is_aside)
        zip_pass_over(zip);
    zip->is_skipped = !zip->is_read && !zip->entry.has_descriptor;
    /* Folders have no content, whatever writers say of it. */
    if (is_aside && zip->entry.method == ZIP_STORED && zip->entry.packed_bytes == 0)
        return true;
    return zip->is_skipped || zip_check_readable(zip, error);
}

/* ---- the parts of an archive ---- */

static bool
zip_begin_member(Zip *zip, GError **error)
{
    zip->entry = zip_entry_parse(str_of_gstring(zip->held));
    if (zip->entry.name.size > NAME_BYTES_MAX)
        return zip_fail(zip, error, "the name of a member has %" G_GSIZE_FORMAT " bytes, more than %" G_GSIZE_FORMAT,
                        zip->entry.name.size, NAME_BYTES_MAX);
    zip->name = g_utf8_make_valid(zip->entry.name.at, (gssize)zip->entry.name.size);
    zip->sum = (ZipSum){0};
    if (!zip_choose(zip, error))
        return false;
    zip->entry.name = STR_NONE; /* it was in what is held */
    if (zip->entry.method == ZIP_DEFLATED && !zip->is_skipped)
        unpack_begin(&zip->unpack, -MAX_WBITS);
    zip->state = ZIP_CONTENT;
    return true;
}

static bool
is_directory(Str signature)
{
    for (size_t i = 0; i < G_N_ELEMENTS(DIRECTORIES); i++)
        if (str_equal(signature, DIRECTORIES[i]))
            return true;
    return false;
}

/* Between members: the next one's header, or the directory. The header's length is known by and by. */
static bool
zip_header(Zip *zip, Str *bytes, GError **error)
{
    Str held;

    if (!zip_hold(zip, bytes, zip->header_size))
        return true;
    held = str_of_gstring(zip->held);
    if (held.size == ZIP_SIGNATURE_BYTES && is_directory(held)) {
        zip->state = ZIP_DIRECTORY;
        return true;
    }
    if (held.size == ZIP_SIGNATURE_BYTES && !str_equal(held, ENTRY))
        return zip_fail(zip, error, "neither a member nor the directory begins here");
    if (held.size < ZIP_HEADER_BYTES)
        zip->header_size = ZIP_HEADER_BYTES;
    else if (held.size < zip_header_size(held))
        zip->header_size = zip_header_size(held);
    else
        return zip_begin_member(zip, error);
    return true;
}

static void
zip_end_member(Zip *zip)
{
    g_clear_pointer(&zip->name, g_free);
    g_string_truncate(zip->held, 0);
    zip->header_size = ZIP_SIGNATURE_BYTES;
    zip->state = ZIP_HEADER;
}

static bool
zip_check_sum(const Zip *zip, GError **error)
{
    const ZipEntry *entry = &zip->entry;
    const ZipSum *sum = &zip->sum;

    if (sum->packed_bytes != entry->packed_bytes)
        return zip_fail(zip, error, "its content ends after %" G_GUINT64_FORMAT " bytes, not %" G_GUINT64_FORMAT,
                        sum->packed_bytes, entry->packed_bytes);
    if (sum->bytes != entry->bytes)
        return zip_fail(zip, error, "has %" G_GUINT64_FORMAT " bytes where %" G_GUINT64_FORMAT " were promised",
                        sum->bytes, entry->bytes);
    if (sum->crc != entry->crc)
        return zip_fail(zip, error, "its checksum is wrong: it was damaged on its way");
    return true;
}

static bool
zip_end_content(Zip *zip, GError **error)
{
    if (zip->entry.has_descriptor) {
        g_string_truncate(zip->held, 0);
        zip->state = ZIP_DESCRIPTOR;
        return true;
    }
    if (!zip->is_skipped && !zip_check_sum(zip, error))
        return false;
    zip_end_member(zip);
    return true;
}

/* Takes bytes that are there as they are, or are passed over. */
static bool
zip_take_copied(Zip *zip, Str *bytes, bool *ret_has_ended, GError **error)
{
    uint64_t left = zip->entry.packed_bytes - zip->sum.packed_bytes;
    Str piece = str_slice(*bytes, 0, (size_t)MIN(left, (uint64_t)bytes->size));

    *bytes = str_slice(*bytes, piece.size, bytes->size);
    zip->sum.packed_bytes += piece.size;
    *ret_has_ended = piece.size == left;
    if (!zip->is_skipped)
        return unpack_copy(&zip->unpack, piece, error);
    zip->unpack.in_bytes += piece.size;
    return true;
}

/* Deflated content says itself where it ends, so that with a descriptor nothing else has to. */
static bool
zip_take_deflated(Zip *zip, Str *bytes, bool *ret_has_ended, GError **error)
{
    const ZipEntry *entry = &zip->entry;
    uint64_t left = entry->has_descriptor ? UINT64_MAX : entry->packed_bytes - zip->sum.packed_bytes;
    Str piece = str_slice(*bytes, 0, (size_t)MIN(left, (uint64_t)bytes->size)), rest = piece;

    if (!unpack_take(&zip->unpack, &rest, ret_has_ended, error))
        return false;
    *bytes = str_slice(*bytes, piece.size - rest.size, bytes->size);
    zip->sum.packed_bytes += piece.size - rest.size;
    if (!*ret_has_ended && piece.size == left)
        return zip_fail(zip, error, "its content ends before its time");
    return true;
}

static bool
zip_content(Zip *zip, Str *bytes, GError **error)
{
    bool is_copied = zip->is_skipped || zip->entry.method == ZIP_STORED, has_ended;

    if (!(is_copied ? zip_take_copied : zip_take_deflated)(zip, bytes, &has_ended, error))
        return false;
    return !has_ended || zip_end_content(zip, error);
}

/* Bytes are held one by one, since what its length is shows only when it is there. */
static bool
zip_descriptor(Zip *zip, Str *bytes, GError **error)
{
    int size;

    zip_hold(zip, bytes, zip->held->len + 1);
    size = zip_descriptor_size(&zip->entry, &zip->sum, str_of_gstring(zip->held));
    if (size < 0)
        return zip_fail(zip, error, "its checksum or size is wrong: it was damaged on its way");
    if (size > 0)
        zip_end_member(zip);
    return true;
}

bool
zip_push(Zip *zip, Str bytes, GError **error)
{
    while (bytes.size > 0 && zip->state != ZIP_DIRECTORY) {
        bool ok;

        if (zip->state == ZIP_HEADER)
            ok = zip_header(zip, &bytes, error);
        else if (zip->state == ZIP_CONTENT)
            ok = zip_content(zip, &bytes, error);
        else
            ok = zip_descriptor(zip, &bytes, error);
        if (!ok)
            return false;
    }
    return true;
}

bool
zip_finish(Zip *zip, GError **error)
{
    if (zip->state != ZIP_DIRECTORY)
        return zip_fail(zip, error, "the archive ends before its time");
    if (zip->read_name != NULL)
        return true;
    if (zip->passed_over_count > 0)
        return zip_fail(zip, error, "no member is named \"%s\", there are %s", zip->spec->zip_member,
                        zip->passed_over->str);
    return zip_fail(zip, error, "the archive holds no member");
}
