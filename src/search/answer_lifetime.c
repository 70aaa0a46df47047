#include "search/answer_lifetime.h"

/* Beyond that nobody would be shown its listings: clicks on them would not be paid. */
static AnswerLifetime
while_prices_hold(const Source *source, AnswerLifetime lifetime)
{
    int64_t most_us = source_click_lifetime_us(source);

    if (most_us == 0)
        return lifetime;
    lifetime.fresh_us = MIN(lifetime.fresh_us, most_us);
    lifetime.stale_us = MIN(lifetime.stale_us, most_us - lifetime.fresh_us);
    lifetime.stale_error_us = MIN(lifetime.stale_error_us, most_us - lifetime.fresh_us);
    return lifetime;
}

static AnswerLifetime
lifetime_of_source(const CacheRule *rule, const Source *source)
{
    CacheTerms terms;

    if (source == NULL)
        return rule->index;
    terms = source_cache_terms(source);
    return while_prices_hold(source, terms.said ? (AnswerLifetime){terms.fresh_us, terms.stale_us, terms.stale_error_us}
                                                : rule->unsaid);
}

static bool
is_transient(SourceStatus status)
{
    switch (status) {
    case SOURCE_TIMEOUT:
    case SOURCE_UNREACHABLE:
    case SOURCE_BROKEN:
    case SOURCE_TOO_LARGE:
    case SOURCE_REFUSED:
    case SOURCE_TRANSIENT:
    case SOURCE_PERMANENT:
    case SOURCE_MALFORMED:
        return true;
    case SOURCE_CREDENTIAL: /* these two hold the whole source back (health.h) */
    case SOURCE_QUOTA:
    case SOURCE_PENDING:
    case SOURCE_OK:
    case SOURCE_EMPTY:
    case SOURCE_SKIPPED:
    case SOURCE_LATE:
    case SOURCE_STATUSES:
        return false;
    }
    g_assert_not_reached();
}

AnswerLifetime
answer_lifetime(const CacheRule *rule, const Source *source, const SourceReply *reply)
{
    static const AnswerLifetime NONE = {0};
    AnswerLifetime lifetime = lifetime_of_source(rule, source);
    bool said = source == NULL || source_cache_terms(source).said;

    if (!said && reply->keep_limit_us >= 0) {
        lifetime.fresh_us = MIN(lifetime.fresh_us, reply->keep_limit_us);
        lifetime.stale_us = lifetime.stale_error_us = 0;
    }
    if (reply->shared_ttl_us > 0)
        lifetime.fresh_us = MIN(lifetime.fresh_us, reply->shared_ttl_us);
    if (lifetime.fresh_us <= 0)
        return NONE;
    if (reply->status == SOURCE_OK)
        return lifetime;
    if (reply->status == SOURCE_EMPTY)
        return (AnswerLifetime){.fresh_us = MIN(rule->empty_us, lifetime.fresh_us)};
    return is_transient(reply->status) ? (AnswerLifetime){.fresh_us = rule->failure_us} : NONE;
}

bool
answer_may_be_kept(const CacheRule *rule, const Source *source)
{
    return lifetime_of_source(rule, source).fresh_us > 0;
}

bool
answer_is_for_all(const Source *source)
{
    return source == NULL || source_cache_terms(source).fresh_us > 0;
}

Str
answer_key(const Source *source, StrList names, Str query_key, const Question *question, Arena *arena)
{
    bool shared = answer_is_for_all(source);
    Str ip = shared ? STR("") : question->user_ip, agent = shared ? STR("") : question->user_agent;
    g_autoptr(GString) key = g_string_sized_new(256);

    if (source != NULL)
        g_string_append_printf(key, "%s\n%" G_GINT64_MODIFIER "x", source_name(source), source_revision(source));
    for (size_t i = 0; i < names.count; i++) {
        g_string_append_c(key, '+');
        str_append(key, names.items[i]);
    }
    g_string_append_c(key, '\n');
    str_append(key, query_key);
    g_string_append_printf(key, "\n%" G_GINT64_FORMAT "\n", question->page);
    str_append(key, question->cursor);
    g_string_append_c(key, '\n');
    str_append(key, ip);
    g_string_append_c(key, '\n');
    str_append(key, agent);
    return arena_str(arena, str_of_gstring(key));
}
