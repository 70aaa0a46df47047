/*
 * What it costs to turn one partner's answer into listings, beside yajl alone with callbacks that do nothing.
 *
 * usage: bench_mapping SOURCES_FOLDER ANSWER.json ROUNDS
 *
 * Prints two numbers: CPU nanoseconds of one answer through Adzuna's shipped definition, and through bare yajl. The two
 * take turns, so that a busy machine slows both.
 */
#include "base/heap.h"
#include "sources/source.h"

#include <time.h>
#include <yajl/yajl_parse.h>

#define PIECE 16384

static int64_t
cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool
on_listing(void *data, const Listing *listing G_GNUC_UNUSED)
{
    ++*(size_t *)data;
    return true;
}

static const AnswerEvents EVENTS = {.listing = on_listing};

static size_t
map_answer(const Operation *search, const Question *question, const Clock *clock, Str text)
{
    size_t listings = 0;
    g_autoptr(Answer) answer = answer_new(search, question, clock, &EVENTS, &listings);

    answer_head(answer, 200, (HttpHeaders){0});
    for (size_t at = 0; at < text.size; at += PIECE)
        if (!answer_push(answer, str_slice(text, at, MIN(at + PIECE, text.size))))
            break;
    if (answer_finish(answer, true, NULL) != ANSWER_OK)
        g_error("the answer was not understood");
    return listings;
}

static int
ignore(void *data G_GNUC_UNUSED)
{
    return 1;
}

static int
ignore_boolean(void *data G_GNUC_UNUSED, int value G_GNUC_UNUSED)
{
    return 1;
}

static int
ignore_text(void *data, const unsigned char *text G_GNUC_UNUSED, size_t size)
{
    *(size_t *)data += size;
    return 1;
}

static int
ignore_number(void *data, const char *text G_GNUC_UNUSED, size_t size)
{
    *(size_t *)data += size;
    return 1;
}

static void
parse_bare(Str text)
{
    static const yajl_callbacks CALLBACKS = {ignore, ignore_boolean, NULL,   NULL,   ignore_number, ignore_text,
                                             ignore, ignore_text,    ignore, ignore, ignore};
    size_t bytes = 0;
    yajl_handle parser = yajl_alloc(&CALLBACKS, NULL, &bytes);

    for (size_t at = 0; at < text.size; at += PIECE)
        if (yajl_parse(parser, (const unsigned char *)text.at + at, MIN(PIECE, text.size - at)) != yajl_status_ok)
            g_error("not JSON");
    if (yajl_complete_parse(parser) != yajl_status_ok || bytes == 0)
        g_error("not JSON");
    yajl_free(parser);
}

static const char *
any_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return "secret";
}

int
main(int argc, char **argv)
{
    SourceSetSpec spec = {.directory = argc == 4 ? argv[1] : NULL, .secret = any_secret};
    const Question question = {.country = STR("GB"), .page = 1, .per_page = 50};
    g_autoptr(SourceSet) set = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *file = NULL;
    int64_t mapped_ns = 0, bare_ns = 0, rounds;
    const Operation *search;
    gsize size;

    heap_keep_blocks();
    if (argc != 4 || !str_to_int64(str_of(argv[3]), &rounds) || rounds < 1)
        g_error("usage: bench_mapping SOURCES_FOLDER ANSWER.json ROUNDS");
    if ((set = source_set_load(&spec, &error)) == NULL || !g_file_get_contents(argv[2], &file, &size, &error))
        g_error("%s", error->message);
    search = source_search(source_set_find(set, STR("adzuna")));
    for (int64_t i = 0; i < rounds; i++) {
        int64_t before = cpu_ns(), between;

        if (map_answer(search, &question, clock_system(), (Str){file, size}) != 50)
            g_error("fifty listings were expected");
        between = cpu_ns();
        parse_bare((Str){file, size});
        mapped_ns += between - before;
        bare_ns += cpu_ns() - between;
    }
    g_print("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", mapped_ns / rounds, bare_ns / rounds);
    return 0;
}
