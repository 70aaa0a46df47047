#include "drafting/draft.h"

Draft *
draft_new(const Sample *sample, const DraftSpec *spec, GError **error)
{
    g_autoptr(Draft) draft = g_new0(Draft, 1);
    g_auto(RecordGuesses) records = {0};
    g_auto(Leaves) leaves = {0}, beside = {0};
    g_autofree Looks *looks = NULL;
    const RecordGuess *best;
    Guesses guesses;

    draft->arena = arena_new(64 * 1024);
    draft->proposals = g_array_new(FALSE, FALSE, sizeof(DraftProposal));
    draft->hints = g_array_new(FALSE, FALSE, sizeof(DraftHint));
    draft->unmapped = g_ptr_array_new();
    draft->notes = g_ptr_array_new();
    draft->yaml = g_string_new(NULL);
    records_find(sample, draft->arena, &records);
    if (records.count == 0) {
        weir_fail(error, WEIR_ERROR_INVALID,
                  "nothing in it looks like a list of positions: no list, and nothing with a title or a link; take a "
                  "sample with at least one position");
        return NULL;
    }
    best = &records.items[0];
    draft->format = sample_describe(sample, draft->arena);
    draft->records = best->path;
    draft->columns = best->columns;
    draft->record_count = best->count;
    if (records.count > 1 && records.items[1].score > best->score * 0.7)
        draft->other_records = records.items[1].path;
    leaves_init(&leaves, draft->arena);
    for (guint i = 0; i < best->nodes->len; i++)
        leaves_add_record(&leaves, best->nodes->pdata[i], best->names, NULL);
    looks = leaves_look(&leaves);
    guesses_make(&leaves, looks, &guesses);
    draft_propose_fields(draft, spec, &leaves, looks, &guesses);
    leaves_init(&beside, draft->arena);
    if (sample->format != STREAM_CSV && sample->format != STREAM_NDJSON)
        leaves_add_record(&beside, sample->root, (Columns){0}, best->nodes);
    draft_find_hints(draft, &beside);
    draft_write(draft, sample, spec);
    return g_steal_pointer(&draft);
}

void
draft_free(Draft *draft)
{
    if (draft == NULL)
        return;
    arena_free(draft->arena);
    g_array_unref(draft->proposals);
    g_array_unref(draft->hints);
    g_ptr_array_unref(draft->unmapped);
    g_ptr_array_unref(draft->notes);
    g_string_free(draft->yaml, TRUE);
    g_free(draft);
}
