#include "search/shared_answer.h"

#include <sodium.h>
#include <zlib.h>

#include "tracking/bytes.h"

#define VERSION       2
#define HEAD_BYTES    4
#define FLAG_DEFLATED 1
#define DEFLATE_LEAST 1024 /* bytes; below it isn't worth the work */
#define DEFLATE_LEVEL 1
#define HASH_BYTES    20
#define KEY_PREFIX    "weir:2:"

G_STATIC_ASSERT(sizeof KEY_PREFIX + 2 * HASH_BYTES <= SHARED_KEY_SIZE);

bool
shared_answer_is_of(const Source *source)
{
    return source != NULL && answer_is_for_all(source);
}

Str
shared_answer_key(Str key, char buffer[SHARED_KEY_SIZE])
{
    unsigned char hash[HASH_BYTES];
    size_t prefix = strlen(KEY_PREFIX);

    crypto_generichash(hash, sizeof hash, (const unsigned char *)key.at, key.size, NULL, 0);
    memcpy(buffer, KEY_PREFIX, prefix);
    sodium_bin2hex(buffer + prefix, SHARED_KEY_SIZE - prefix, hash, sizeof hash);
    return (Str){buffer, prefix + 2 * HASH_BYTES};
}

/* ---- a listing ---- */

/* All texts but the source's name, in the order of the bytes. */
static const size_t TEXTS[] = {
    offsetof(Listing, id),          offsetof(Listing, title),    offsetof(Listing, company),
    offsetof(Listing, location),    offsetof(Listing, city),     offsetof(Listing, region),
    offsetof(Listing, country),     offsetof(Listing, snippet),  offsetof(Listing, url),
    offsetof(Listing, description), offsetof(Listing, category), offsetof(Listing, salary.text),
    offsetof(Listing, language),
};

static Str *
text_of(Listing *listing, size_t i)
{
    return (Str *)((char *)listing + TEXTS[i]);
}

static void
put_double(GString *to, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    bytes_put_unsigned(to, bits);
}

static double
get_double(BytesReader *from)
{
    uint64_t bits = bytes_get_unsigned(from);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

enum { HAS_POSITION = 1, HAS_BID = 2, HAS_MIN = 4, HAS_MAX = 8, IS_PREDICTED = 16 };

static void
put_listing(GString *to, const Listing *listing)
{
    const Salary *salary = &listing->salary;
    Listing copy = *listing;

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        bytes_put_text(to, *text_of(&copy, i));
    bytes_put_unsigned(to, (uint64_t)((listing->has_position ? HAS_POSITION : 0) | (listing->has_bid ? HAS_BID : 0) |
                                      (salary->has_min ? HAS_MIN : 0) | (salary->has_max ? HAS_MAX : 0) |
                                      (salary->predicted ? IS_PREDICTED : 0)));
    put_double(to, listing->latitude);
    put_double(to, listing->longitude);
    bytes_put_unsigned(to, listing->remote);
    bytes_put_unsigned(to, listing->employment_types);
    bytes_put_money(to, (Money){salary->min_micros, salary->currency});
    bytes_put_signed(to, salary->max_micros);
    bytes_put_unsigned(to, salary->period);
    bytes_put_signed(to, listing->posted_at_us);
    bytes_put_signed(to, listing->expires_at_us);
    bytes_put_money(to, listing->bid);
    bytes_put_signed(to, listing->confirmed_at_us);
}

/* A number of an enumeration; beyond its last one the bytes are no listing. */
static unsigned
get_bounded(BytesReader *from, unsigned most)
{
    uint64_t value = bytes_get_unsigned(from);

    from->failed = from->failed || value > most;
    return from->failed ? 0 : (unsigned)value;
}

static Listing
get_listing(BytesReader *from, const char *source, int64_t now_us)
{
    Listing listing = {.source = str_of(source)};
    Money pay;
    int64_t confirmed_at_us;
    unsigned flags;

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        Str text = bytes_get_text(from);

        from->failed = from->failed || (text.at != NULL && !g_utf8_validate_len(text.at, text.size, NULL));
        *text_of(&listing, i) = text;
    }
    flags = get_bounded(from, 31);
    listing.has_position = (flags & HAS_POSITION) != 0;
    listing.has_bid = (flags & HAS_BID) != 0;
    listing.salary.has_min = (flags & HAS_MIN) != 0;
    listing.salary.has_max = (flags & HAS_MAX) != 0;
    listing.salary.predicted = (flags & IS_PREDICTED) != 0;
    listing.latitude = get_double(from);
    listing.longitude = get_double(from);
    listing.remote = (Remote)get_bounded(from, REMOTE_YES);
    listing.employment_types = get_bounded(from, 2 * EMPLOYMENT_OTHER - 1);
    pay = bytes_get_money(from);
    listing.salary.min_micros = pay.micros;
    listing.salary.currency = pay.currency;
    listing.salary.max_micros = bytes_get_signed(from);
    listing.salary.period = (Period)get_bounded(from, PERIOD_YEAR);
    listing.posted_at_us = bytes_get_signed(from);
    listing.expires_at_us = bytes_get_signed(from);
    listing.bid = bytes_get_money(from);
    confirmed_at_us = bytes_get_signed(from);
    listing.confirmed_at_us = MIN(confirmed_at_us, now_us); /* the other's clock may be ahead */
    return listing;
}

/* ---- the answer ---- */

static void
put_reply(GString *to, const SourceReply *reply, int64_t now_us, int64_t fresh_us)
{
    bytes_put_signed(to, now_us);
    bytes_put_signed(to, fresh_us);
    bytes_put_unsigned(to, reply->status == SOURCE_EMPTY ? 1 : 0);
    bytes_put_unsigned(to, reply->has_next ? 1 : 0);
    if (reply->has_next) {
        bytes_put_signed(to, reply->next.page);
        bytes_put_signed(to, reply->next.part);
        bytes_put_text(to, reply->next.cursor);
        bytes_put_unsigned(to, reply->next.first_page);
        bytes_put_unsigned(to, reply->next.page_before);
    }
    bytes_put_unsigned(to, reply->listings->len);
    for (guint i = 0; i < reply->listings->len; i++)
        put_listing(to, g_ptr_array_index(reply->listings, i));
}

void
shared_answer_write(const SourceReply *reply, int64_t now_us, int64_t fresh_us, GString *to)
{
    g_autoptr(GString) plain = g_string_sized_new(8192);
    bool deflated;

    put_reply(plain, reply, now_us, fresh_us);
    deflated = plain->len >= DEFLATE_LEAST;
    g_string_append_len(to, "WA", 2);
    g_string_append_c(to, VERSION);
    g_string_append_c(to, deflated ? FLAG_DEFLATED : 0);
    bytes_put_unsigned(to, plain->len);
    if (deflated) {
        uLongf size = compressBound(plain->len);
        g_autofree char *bytes = g_malloc(size);
        int result = compress2((Bytef *)bytes, &size, (const Bytef *)plain->str, plain->len, DEFLATE_LEVEL);

        g_assert(result == Z_OK);
        g_string_append_len(to, bytes, (gssize)size);
    } else {
        g_string_append_len(to, plain->str, (gssize)plain->len);
    }
}

static bool
get_reply(BytesReader *from, SourceReply *reply, const Source *source, const Question *question,
          const CallLimits *limits, int64_t now_us)
{
    uint64_t count;

    reply->status = get_bounded(from, 1) == 1 ? SOURCE_EMPTY : SOURCE_OK;
    reply->has_next = get_bounded(from, 1) == 1;
    if (reply->has_next) {
        Question next = *question;

        next.page = bytes_get_signed(from);
        next.part = bytes_get_signed(from);
        next.cursor = bytes_get_text(from);
        next.first_page = bytes_get_unsigned(from);
        next.page_before = bytes_get_unsigned(from);
        reply->next = question_copy(reply->arena, &next);
    }
    count = bytes_get_unsigned(from);
    if (count > limits->listings || (count > 0) != (reply->status == SOURCE_OK))
        return false;
    for (uint64_t i = 0; i < count && !from->failed; i++) {
        Listing listing = get_listing(from, source_name(source), now_us);

        if (from->failed || !source_reply_takes(&listing) || str_is_empty(listing.id) || str_is_empty(listing.title))
            return false;
        source_reply_add(reply, &listing);
    }
    return bytes_reader_finish(from);
}

/* The plain bytes; NULL when they are none of ours. */
static char *
unpack(Str bytes, const CallLimits *limits, size_t *ret_size)
{
    BytesReader head = {.rest = str_slice(bytes, HEAD_BYTES, bytes.size)};
    g_autofree char *plain = NULL;
    uint64_t size;
    uLongf unpacked;

    if (bytes.size < HEAD_BYTES || memcmp(bytes.at, "WA", 2) != 0 || bytes.at[2] != VERSION ||
        (bytes.at[3] & ~FLAG_DEFLATED) != 0)
        return NULL;
    size = bytes_get_unsigned(&head);
    /* What the listings take as structures, and their texts, is more than their bytes. */
    if (head.failed || size == 0 || size > limits->memory_bytes)
        return NULL;
    plain = g_malloc(size);
    unpacked = size;
    if ((bytes.at[3] & FLAG_DEFLATED) == 0) {
        if (head.rest.size != size)
            return NULL;
        memcpy(plain, head.rest.at, size);
    } else if (uncompress((Bytef *)plain, &unpacked, (const Bytef *)head.rest.at, head.rest.size) != Z_OK ||
               unpacked != size) {
        return NULL;
    }
    *ret_size = size;
    return g_steal_pointer(&plain);
}

SourceReply *
shared_answer_read(Str bytes, const Source *source, const Question *question, const CallLimits *limits, int64_t now_us,
                   int64_t *ret_fresh_us)
{
    g_autoptr(SourceReply) reply = NULL;
    size_t size;
    g_autofree char *plain = unpack(bytes, limits, &size);
    BytesReader from;
    int64_t kept_at_us, fresh_us, most_us = source_cache_terms(source).fresh_us, age_us;

    if (plain == NULL)
        return NULL;
    from = (BytesReader){.rest = {plain, size}};
    kept_at_us = bytes_get_signed(&from);
    fresh_us = bytes_get_signed(&from);
    if (from.failed || fresh_us <= 0 || fresh_us > most_us || kept_at_us < 0)
        return NULL;
    age_us = MAX(now_us - kept_at_us, 0); /* the other's clock may be ahead */
    if (age_us >= fresh_us)
        return NULL;
    reply = source_reply_new();
    if (!get_reply(&from, reply, source, question, limits, now_us))
        return NULL;
    *ret_fresh_us = fresh_us - age_us;
    return g_steal_pointer(&reply);
}
