/*
 * The least that a fan-out can cost: libcurl's multi interface and yajl, whose callbacks do nothing. Connections and handles are used
 * again. usage: bench_bare_fan_out PORT SOURCES SEARCHES A_SECOND; prints the CPU microseconds of one search.
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <yajl/yajl_parse.h>

typedef struct {
    CURL *easy;
    yajl_handle parser;
} Fetch;

static const yajl_callbacks NOTHING = {0};
static GQueue idle = G_QUEUE_INIT;

static size_t
on_bytes(char *bytes, size_t size, size_t count, void *data)
{
    Fetch *fetch = data;

    return yajl_parse(fetch->parser, (const unsigned char *)bytes, size * count) == yajl_status_ok ? size * count : 0;
}

static void
start(CURLM *multi, const char *port, int source, int search)
{
    g_autofree char *url = g_strdup_printf("http://127.0.0.1:%s/s%02d/search?q=bare%d", port, source, search);
    Fetch *fetch = g_queue_pop_head(&idle);

    if (fetch == NULL) {
        fetch = g_new0(Fetch, 1);
        fetch->easy = curl_easy_init();
        curl_easy_setopt(fetch->easy, CURLOPT_WRITEFUNCTION, on_bytes);
        curl_easy_setopt(fetch->easy, CURLOPT_WRITEDATA, fetch);
        curl_easy_setopt(fetch->easy, CURLOPT_PRIVATE, fetch);
        curl_easy_setopt(fetch->easy, CURLOPT_NOSIGNAL, 1L);
    }
    fetch->parser = yajl_alloc(&NOTHING, NULL, NULL);
    curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
    curl_multi_add_handle(multi, fetch->easy);
}

static int
collect(CURLM *multi)
{
    const CURLMsg *message;
    int left, done = 0;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        Fetch *fetch;

        g_assert(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK);
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &fetch);
        g_assert(yajl_complete_parse(fetch->parser) == yajl_status_ok);
        yajl_free(fetch->parser);
        curl_multi_remove_handle(multi, fetch->easy);
        g_queue_push_head(&idle, fetch);
        done++;
    }
    return done;
}

int
main(int argc, char **argv)
{
    int sources, searches, a_second, started = 0, done = 0, running;
    CURLM *multi = curl_multi_init();
    gint64 begun = g_get_monotonic_time(), cpu;
    struct rusage usage;

    g_assert(argc == 5);
    sources = (int)g_ascii_strtoll(argv[2], NULL, 10);
    searches = (int)g_ascii_strtoll(argv[3], NULL, 10);
    a_second = (int)g_ascii_strtoll(argv[4], NULL, 10);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1000L);
    while (done < searches * sources) {
        gint64 next = begun + started * G_USEC_PER_SEC / a_second - g_get_monotonic_time();

        if (started < searches && next <= 0) {
            for (int i = 0; i < sources; i++)
                start(multi, argv[1], i, started);
            started++;
            continue;
        }
        curl_multi_perform(multi, &running);
        done += collect(multi);
        curl_multi_poll(multi, NULL, 0, started < searches ? (int)(MAX(next, 0) / 1000) + 1 : 1000, NULL);
    }
    getrusage(RUSAGE_SELF, &usage);
    cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec +
          usage.ru_stime.tv_usec;
    g_print("%d\n", (int)(cpu / searches));
    return 0;
}
