#include "sources/tally.h"

static const char *const FIELD_NAMES[] = {
    [FIELD_RECORD] = "record",
    [FIELD_TITLE] = "title",
    [FIELD_URL] = "url",
    [FIELD_ID] = "id",
    [FIELD_COMPANY] = "company",
    [FIELD_LOCATION] = "location",
    [FIELD_COUNTRY] = "country",
    [FIELD_LATITUDE] = "latitude",
    [FIELD_REMOTE] = "remote",
    [FIELD_EMPLOYMENT_TYPE] = "employment_type",
    [FIELD_POSTED_AT] = "posted_at",
    [FIELD_EXPIRES_AT] = "expires_at",
    [FIELD_SNIPPET] = "snippet",
    [FIELD_DESCRIPTION] = "description",
    [FIELD_CATEGORY] = "category",
    [FIELD_LANGUAGE] = "language",
    [FIELD_SALARY_MIN] = "salary.min",
    [FIELD_SALARY_MAX] = "salary.max",
    [FIELD_SALARY_CURRENCY] = "salary.currency",
    [FIELD_SALARY_PERIOD] = "salary.period",
    [FIELD_SALARY_TEXT] = "salary.text",
    [FIELD_BID] = "bid.amount",
};
G_STATIC_ASSERT(G_N_ELEMENTS(FIELD_NAMES) == FIELD_COUNT);

const char *
listing_field_name(ListingField field)
{
    g_assert(field < FIELD_COUNT);
    return FIELD_NAMES[field];
}

MappingTally *
mapping_tally_new(void)
{
    MappingTally *tally = g_new0(MappingTally, 1);

    tally->arena = arena_new(1024);
    return tally;
}

void
mapping_tally_free(MappingTally *tally)
{
    if (tally == NULL)
        return;
    arena_free(tally->arena);
    g_free(tally);
}

void
mapping_tally_fill(MappingTally *tally, ListingFields seen, ListingFields filled)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        tally->seen[field] += (seen & FIELD_BIT(field)) != 0;
        tally->filled[field] += (seen & filled & FIELD_BIT(field)) != 0;
    }
}

static bool
is_same_loss(const MappingLoss *a, const MappingLoss *b)
{
    return a->dropped == b->dropped && strcmp(a->field, b->field) == 0 && strcmp(a->reason, b->reason) == 0;
}

static void
count_loss(MappingTally *tally, const MappingLoss *loss)
{
    for (size_t i = 0; i < tally->loss_count; i++) {
        if (is_same_loss(&tally->losses[i], loss)) {
            tally->losses[i].count += loss->count;
            return;
        }
    }
    if (tally->loss_count + 1 < TALLY_LOSSES) {
        tally->losses[tally->loss_count++] = *loss;
        return;
    }
    if (tally->loss_count < TALLY_LOSSES)
        tally->losses[tally->loss_count++] = (MappingLoss){.field = "record", .reason = "other", .dropped = false};
    tally->losses[TALLY_LOSSES - 1].count += loss->count;
}

static bool
has_room_for(const MappingTally *tally, const MappingLoss *loss)
{
    size_t alike = 0;

    for (size_t i = 0; i < tally->sample_count; i++)
        alike += is_same_loss(&tally->samples[i].loss, loss);
    return tally->sample_count < TALLY_SAMPLES && alike < TALLY_ALIKE;
}

bool
mapping_tally_lose(MappingTally *tally, const char *field, const char *reason, bool dropped)
{
    MappingLoss loss = {field, reason, dropped, 1};
    bool wanted = has_room_for(tally, &loss);

    count_loss(tally, &loss);
    tally->left_out += !wanted;
    return wanted;
}

void
mapping_tally_keep(MappingTally *tally, const MappingSample *sample)
{
    MappingSample *kept;

    if (!has_room_for(tally, &sample->loss)) {
        tally->left_out++;
        return;
    }
    kept = &tally->samples[tally->sample_count++];
    *kept = *sample;
    kept->text = arena_str(tally->arena, sample->text);
    kept->raw = arena_str(tally->arena, sample->raw);
}

void
mapping_tally_add(MappingTally *tally, const MappingTally *other)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        tally->seen[field] += other->seen[field];
        tally->filled[field] += other->filled[field];
    }
    for (size_t i = 0; i < other->loss_count; i++)
        count_loss(tally, &other->losses[i]);
    for (size_t i = 0; i < other->sample_count; i++)
        mapping_tally_keep(tally, &other->samples[i]);
    tally->left_out += other->left_out;
}

bool
mapping_tally_is_empty(const MappingTally *tally)
{
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (tally->seen[field] > 0)
            return false;
    return tally->loss_count == 0;
}
