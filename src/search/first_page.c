#include "search/first_page.h"

struct FirstPage {
    RowOutcome *rows;
    size_t row_count;
    FirstPageUse *uses;
    size_t use_count, of_index;
    Rendering *renderings;
    size_t rendering_count;
};

void
first_page_make(Pages *pages, const RowOutcome *rows, size_t row_count, const FirstPageUse *uses, size_t use_count)
{
    FirstPage *first = g_new0(FirstPage, 1);

    g_assert(pages->first == NULL);
    first->rows = ARENA_ARRAY(pages->arena, RowOutcome, MAX(row_count, 1));
    first->row_count = row_count;
    first->uses = ARENA_ARRAY(pages->arena, FirstPageUse, MAX(use_count, 1));
    first->use_count = use_count;
    for (size_t i = 0; i < row_count; i++) {
        first->rows[i] = rows[i];
        first->rows[i].reason = arena_str(pages->arena, rows[i].reason);
    }
    for (size_t i = 0; i < use_count; i++) {
        first->uses[i] =
            (FirstPageUse){arena_str(pages->arena, uses[i].key), source_reply_ref(uses[i].reply), uses[i].row};
        first->of_index += uses[i].row == SIZE_MAX ? 1 : 0;
    }
    first->rendering_count = g_array_index(pages->ends, size_t, 0);
    first->renderings = ARENA_ARRAY(pages->arena, Rendering, MAX(first->rendering_count, 1));
    for (size_t i = 0; i < first->rendering_count; i++)
        first->renderings[i].arena = pages->arena;
    pages->bytes += first->rendering_count * RENDERING_LIMIT_BYTES;
    pages->first = first;
}

Rendering *
first_page_rendering(const Pages *pages, size_t at)
{
    return at < pages->first->rendering_count ? &pages->first->renderings[at] : NULL;
}

void
first_page_free(FirstPage *first)
{
    if (first == NULL)
        return;
    for (size_t i = 0; i < first->use_count; i++)
        source_reply_unref(first->uses[i].reply);
    g_free(first);
}

RowOutcome *
first_page_rows(const Pages *pages, AnswerCache *cache, int64_t now_us, Metrics *metrics, Arena *arena,
                size_t *ret_count)
{
    const FirstPage *first = pages->first;
    RowOutcome *rows = ARENA_ARRAY(arena, RowOutcome, MAX(first->row_count, 1));

    memcpy(rows, first->rows, first->row_count * sizeof *rows);
    for (size_t i = 0; i < first->use_count; i++) {
        const FirstPageUse *use = &first->uses[i];
        KeptAnswer kept = answer_cache_find(cache, use->key, now_us);

        if (kept.state != KEPT_FRESH || kept.reply != use->reply)
            return NULL;
        if (use->row != SIZE_MAX)
            rows[use->row].ttl_us = kept.ttl_us;
        for (size_t k = 0; use->row == SIZE_MAX && k < first->row_count; k++)
            if (source_search(rows[k].source) == NULL && rows[k].cache == CACHE_HIT)
                rows[k].ttl_us = kept.ttl_us;
    }
    metric_add(metrics, METRIC_CACHE_LOOKUPS, "source", "hit", (int64_t)(first->use_count - first->of_index));
    metric_add(metrics, METRIC_CACHE_LOOKUPS, "index", "hit", (int64_t)first->of_index);
    *ret_count = first->row_count;
    return rows;
}
