/* A template, as text and as a URL, expanded for a question with odd words. */
#include "sources/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const NOTHING[] = {NULL};

static void
expand(Str text, TemplatePlace place, const TemplateScope *scope)
{
    static const Question QUESTION = {.keywords = STR("a, b|c'd}"),
                                      .location = STR("Z\xc3\xbcrich, {x}"),
                                      .employment_types = EMPLOYMENT_FULL_TIME | EMPLOYMENT_OTHER,
                                      .page = INT64_MAX,
                                      .per_page = INT64_MAX,
                                      .posted_within_days = INT64_MAX,
                                      .since_us = INT64_MAX - 1,
                                      .until_us = TIMESTAMP_NONE};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    const Template *template = template_parse(text, place, scope, arena, &error);
    Ask ask = {.question = &QUESTION, .source = "x", .parameters = scope->parameters, .now_us = 1};
    int missing;

    g_assert((template == NULL) == (error != NULL));
    if (template == NULL)
        return;
    for (size_t i = 0; i < template_expand_all(template, &ask, arena, &missing).count; i++)
        g_assert(missing >= -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const Parameter PARAMETERS[] = {{.name = "p", .value = "1, 2,,3", .one_of = NOTHING}};
    static const char *const SECRETS[] = {"KEY", NULL}, *const VALUES[] = {"s3cr?t/&", NULL};
    const TemplateScope scope = {
        .parameters = {PARAMETERS, 1}, .secret_names = SECRETS, .secret_values = VALUES, .pairs = true};
    Str text = {(const char *)bytes, size};

    expand(text, TEMPLATE_TEXT, &scope);
    expand(text, TEMPLATE_URL, &scope);
    return 0;
}
