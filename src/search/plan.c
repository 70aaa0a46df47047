#include "search/plan.h"

static bool
covers(const Source *source, Str country)
{
    const char *const *countries = source_countries(source);

    if (str_is_empty(country) || countries == NULL || countries[0] == NULL)
        return true;
    for (; *countries != NULL; countries++)
        if (str_is(country, *countries))
            return true;
    return false;
}

/* Why this query leaves the source out, whatever its health; false when it does not. */
static bool
left_out(const PlanInput *input, const Source *source, Arena *arena, Str *ret_reason)
{
    const SearchQuery *query = input->query;
    Str name = str_of(source_name(source));

    if (query->sources.count > 0 && !str_list_has(query->sources, name))
        *ret_reason = STR("not among the sources asked for");
    else if (str_list_has(query->exclude, name))
        *ret_reason = STR("excluded by the query");
    else if (source_disabled(source) != NULL)
        *ret_reason = arena_printf(arena, "disabled: %s", source_disabled(source));
    else if (!covers(source, query->country))
        *ret_reason = arena_printf(arena, "does not cover %.*s", STR_FORMAT(query->country));
    else if (source_search(source) == NULL && source_feed(source) == NULL)
        *ret_reason = STR("has neither a search nor a feed");
    else if (source_search(source) == NULL && !input->has_index)
        *ret_reason = STR("has only a feed, and this process has no index");
    else
        return false;
    return true;
}

/* Asked for another page, it would give its first again. */
static bool
lacks_page(const Source *source, const Question *question)
{
    return question->page > 1 && (operation_heeds(source_search(source)) & WORD_PAGE) == 0;
}

static PlanRow
plan_source(const PlanInput *input, const Source *source, const Question *question, Arena *arena)
{
    const SourceProgress *progress = pages_progress(input->pages, source);
    PlanRow row = {.source = source, .way = PLAN_SKIP, .reason = STR("")};

    if (left_out(input, source, arena, &row.reason))
        return row;
    if (progress != NULL && progress->exhausted) {
        row.reason = STR("has no more listings for this search");
        return row;
    }
    row.question = *question;
    if (progress != NULL) {
        row.question.page = progress->next.page;
        row.question.cursor = progress->next.cursor;
    } else {
        row.question.page = input->pages->source_page;
    }
    if (source_search(source) == NULL)
        row.way = PLAN_INDEX;
    else if (lacks_page(source, &row.question))
        row.reason = STR("has no other page than the first");
    else if (!source_health_may_ask(input->health, source_name(source), input->now_us, arena, &row.reason))
        row.way = PLAN_HELD;
    else
        row.way = PLAN_ASK;
    return row;
}

Plan
plan_make(const PlanInput *input, Arena *arena)
{
    const Question question = search_query_question(input->query);
    Plan plan = {.count = source_set_count(input->set)};

    plan.rows = ARENA_ARRAY(arena, PlanRow, MAX(plan.count, 1));
    for (size_t i = 0; i < plan.count; i++)
        plan.rows[i] = plan_source(input, source_set_at(input->set, i), &question, arena);
    return plan;
}

static bool
check_list(const SourceSet *set, const char *parameter, StrList names, GError **error)
{
    for (size_t i = 0; i < names.count; i++)
        if (source_set_find(set, names.items[i]) == NULL)
            return weir_fail(error, WEIR_ERROR_INVALID, "%s: there is no source \"%.*s\"", parameter,
                             STR_FORMAT(names.items[i]));
    return true;
}

bool
plan_check_names(const SourceSet *set, const SearchQuery *query, GError **error)
{
    return check_list(set, "sources", query->sources, error) && check_list(set, "exclude", query->exclude, error);
}
