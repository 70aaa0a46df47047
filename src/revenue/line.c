#include "revenue/line.h"

#include "base/timestamp.h"

/* Hex digits of a subject's hash that are kept: 128 bits. */
#define SUBJECT_DIGITS 32

LineFault
line_check(const ReportLine *line, Arena *arena)
{
    Currency currency;

    if (line->key.size > LINE_KEY_LIMIT)
        return (LineFault){"key", "length", arena_printf(arena, "a key of %zu bytes", line->key.size)};
    if (line->original_key.size > LINE_KEY_LIMIT)
        return (LineFault){"original_key", "length",
                           arena_printf(arena, "a key of %zu bytes", line->original_key.size)};
    if (line->sub_id.size > LINE_KEY_LIMIT)
        return (LineFault){"sub_id", "length", arena_printf(arena, "a sub-id of %zu bytes", line->sub_id.size)};
    if (!str_is_empty(line->status) && report_status_find(line->status) == NULL)
        return (LineFault){"status", "unknown",
                           arena_printf(arena, "status \"%.*s\" is none of " REPORT_STATUSES,
                                        STR_FORMAT(str_slice(line->status, 0, 80)))};
    if (!currency_parse(str_of(line->currency.code), &currency))
        return (LineFault){"currency", "missing", STR("no currency, and the definition gives none")};
    if (line->amount_micros > LINE_AMOUNT_LIMIT_MICROS || line->amount_micros < -LINE_AMOUNT_LIMIT_MICROS) {
        char text[MONEY_TEXT_SIZE];

        return (LineFault){
            "amount", "size",
            arena_printf(arena, "%s is beyond a thousand million", money_format(line->amount_micros, text))};
    }
    return (LineFault){NULL, NULL, STR_NONE};
}

int64_t
line_earned_micros(Str status, int64_t amount_micros)
{
    return str_is(status, "reversed") ? 0 : amount_micros;
}

static void
hash_text(GChecksum *hash, Str text)
{
    uint64_t size = text.at == NULL ? UINT64_MAX : GUINT64_TO_LE(text.size);

    g_checksum_update(hash, (const guchar *)&size, sizeof(size));
    if (text.size > 0)
        g_checksum_update(hash, (const guchar *)text.at, (gssize)text.size);
}

static void
hash_int(GChecksum *hash, int64_t value)
{
    uint64_t bits = GUINT64_TO_LE((uint64_t)value);

    g_checksum_update(hash, (const guchar *)&bits, sizeof(bits));
}

/* Every member, so that a change that the canonical text does not show is still a change. */
Str
line_content_sha256(const ReportLine *line, Arena *arena)
{
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = LINE_SHA256_BYTES;
    guint8 *digest = arena_alloc(arena, size);

    hash_text(hash, line->original_key);
    hash_text(hash, line->sub_id);
    hash_text(hash, line->status);
    hash_text(hash, str_of(line->currency.code));
    hash_int(hash, line->amount_micros);
    hash_int(hash, line->event_at_us);
    hash_int(hash, line->click_at_us);
    hash_int(hash, line->validated_at_us);
    hash_int(hash, line->version_at_us);
    hash_int(hash, line->clicks);
    hash_int(hash, line->impressions);
    hash_text(hash, line->description);
    hash_text(hash, line->canonical);
    g_checksum_get_digest(hash, digest, &size);
    return (Str){(const char *)digest, size};
}

Str
line_partner_key(Str key, Arena *arena)
{
    return str_is_empty(key) ? STR_NONE : arena_printf(arena, "id:%.*s", STR_FORMAT(key));
}

Str
line_subject(const ReportLine *line, Arena *arena)
{
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);

    hash_int(hash, line->event_at_us);
    hash_int(hash, line->click_at_us);
    hash_text(hash, line->sub_id);
    hash_text(hash, line->original_key);
    hash_text(hash, line->description);
    hash_text(hash, str_of(line->currency.code));
    return arena_printf(arena, "row:%.*s", SUBJECT_DIGITS, g_checksum_get_string(hash));
}
