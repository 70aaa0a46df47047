/* A definition: what loads must make requests and read answers. */
#include "base/clock.h"
#include "sources/source.h"

#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *
any_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return "s3cr?t/&";
}

static bool
on_listing(void *data G_GNUC_UNUSED, const Listing *listing)
{
    g_assert(listing->title.size > 0 && listing->id.size > 0 && listing->url.size > 0);
    return true;
}

static bool
on_line(void *data G_GNUC_UNUSED, const ReportLine *line)
{
    g_assert(line->key.size > 0);
    return true;
}

static void
on_rejected(void *data G_GNUC_UNUSED, uint64_t row G_GNUC_UNUSED, bool dropped G_GNUC_UNUSED, const char *field,
            const char *reason, Str text)
{
    g_assert(field != NULL && reason != NULL && text.at != NULL);
}

/* One answer of each format; all but one are of another than the definition's. */
static void
read_answers(const Operation *operation, const Question *question)
{
    static const char *const BODIES[] = {
        "{\"a\":[{\"a\":\"x\",\"b\":\"https://x/"
        "\",\"c\":\"2026-11-24\",\"d\":[1,\"2,5\",null]},{\"a\":{\"b\":true}}],\"b\":7}",
        "[{\"a\":\"1.234,56\",\"b\":\"<p>&amp;\xc3\xa9</p>\"},[],3]", "<a><b c='1'>x</b><b>y</b><a><b/></a></a>",
        "a,b,c,d\n1,https://x/,\"2026\"\"\",\n,,\n"};
    static const AnswerEvents EVENTS = {.listing = on_listing, .line = on_line, .rejected = on_rejected};

    for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
        g_autoptr(Answer) answer = answer_new(operation, question, clock_system(), &EVENTS, NULL);
        Question next;

        answer_head(answer, 200, (HttpHeaders){NULL, 0});
        (void)!answer_push(answer, str_of(BODIES[i]));
        (void)answer_finish(answer, true, NULL);
        (void)answer_next(answer, &next);
    }
}

static void
use(const Operation *operation)
{
    static const Question QUESTION = {.keywords = STR("a, b|c'd}"),
                                      .location = STR("Z\xc3\xbcrich, {x}"),
                                      .country = STR("GB"),
                                      .employment_types = EMPLOYMENT_FULL_TIME,
                                      .page = 2,
                                      .part = 1,
                                      .per_page = 50,
                                      .since_us = INT64_C(1795523696) * US_PER_SECOND,
                                      .until_us = TIMESTAMP_NONE};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request;

    if (operation == NULL)
        return;
    if (operation_can_be_asked(operation))
        g_assert(operation_request(operation, &QUESTION, NULL, clock_system(), arena, &request, &error) ==
                 (error == NULL));
    read_answers(operation, &QUESTION);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char *directory, *path;
    SourceSetSpec spec = {.secret = any_secret};
    g_autoptr(SourceSet) set = NULL;
    g_autoptr(GError) error = NULL;

    if (directory == NULL) {
        directory = g_dir_make_tmp("weir-fuzz-XXXXXX", NULL);
        path = g_build_filename(directory, "x.yaml", NULL);
    }
    g_assert(g_file_set_contents_full(path, (const char *)bytes, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    spec.directory = directory;
    set = source_set_load(&spec, &error);
    g_unlink(path);
    g_assert((set == NULL) == (error != NULL));
    for (size_t i = 0; set != NULL && i < source_set_count(set); i++) {
        const Source *source = source_set_at(set, i);

        use(source_search(source));
        use(source_feed(source));
        use(source_totals(source));
        for (size_t j = 0; j < source_report_count(source); j++)
            use(source_report(source, j));
    }
    return 0;
}
