#include "search/answer.h"

const char *
source_status_name(SourceStatus status)
{
    static const char *const NAMES[SOURCE_STATUSES] = {
        [SOURCE_PENDING] = "pending",
        [SOURCE_OK] = "ok",
        [SOURCE_EMPTY] = "empty",
        [SOURCE_SKIPPED] = "skipped",
        [SOURCE_LATE] = "late",
        [SOURCE_TIMEOUT] = "timeout",
        [SOURCE_UNREACHABLE] = "unreachable",
        [SOURCE_BROKEN] = "broken",
        [SOURCE_TOO_LARGE] = "too_large",
        [SOURCE_REFUSED] = "refused",
        [SOURCE_CREDENTIAL] = "credential",
        [SOURCE_QUOTA] = "quota",
        [SOURCE_TRANSIENT] = "transient",
        [SOURCE_PERMANENT] = "permanent",
        [SOURCE_MALFORMED] = "malformed",
    };

    g_assert((size_t)status < G_N_ELEMENTS(NAMES));
    return NAMES[status];
}

const char *
cache_use_name(CacheUse use)
{
    static const char *const NAMES[] = {NULL, "miss", "hit", "stale"};

    return NAMES[use];
}

const char *
call_kind_name(CallKind kind)
{
    static const char *const NAMES[CALL_KINDS] = {"first", "retry", "hedge"};

    g_assert((size_t)kind < G_N_ELEMENTS(NAMES));
    return NAMES[kind];
}

const char *
search_end_name(SearchEnd end)
{
    static const char *const NAMES[SEARCH_ENDS] = {
        [SEARCH_END_ALL] = "all",           [SEARCH_END_ENOUGH] = "enough", [SEARCH_END_GAIN] = "gain",
        [SEARCH_END_DEADLINE] = "deadline", [SEARCH_END_PAGE] = "page",     [SEARCH_END_STOPPING] = "stopping",
        [SEARCH_END_GONE] = "gone",
    };

    g_assert((size_t)end < G_N_ELEMENTS(NAMES));
    return NAMES[end];
}
