#include "sandbox/report_page.h"

#define WINDOW_DAYS_MAX 400
#define PAGES_MAX       100000

GArray *
report_ask_load(const Call *call, ReportAsk *ret_ask, Reply *reply)
{
    g_autoptr(GError) error = NULL;
    GArray *clicks = click_book_load(call->world->book, call->network, call->now_us, &error);

    if (clicks == NULL) {
        reply_text(reply, 500, "text/plain", error->message);
        return NULL;
    }
    *ret_ask = (ReportAsk){.seed = call->world->seed,
                           .lag_us = call->world->lag_us,
                           .network = call->network,
                           .clicks = (const SandboxClick *)clicks->data,
                           .click_count = clicks->len,
                           .now_us = call->now_us};
    return clicks;
}

static bool
read_window(const Call *call, const char *since_name, const char *until_name, int64_t *ret_since, int64_t *ret_until)
{
    return !str_is_empty(call_query(call, since_name)) && call_query_moment(call, since_name, false, 0, ret_since) &&
           call_query_moment(call, until_name, true, call->now_us + US_PER_DAY, ret_until) &&
           *ret_since <= *ret_until && *ret_until - *ret_since <= WINDOW_DAYS_MAX * US_PER_DAY;
}

static void
cut_page(ReportPage *page, int64_t page_size)
{
    int64_t from = (page->number - 1) * page_size, to = MIN(from + page_size, page->total);

    page->pages = (page->total + page_size - 1) / page_size;
    if (to < page->total)
        g_array_set_size(page->rows, (guint)MAX(to, 0));
    if (from >= (int64_t)page->rows->len)
        g_array_set_size(page->rows, 0);
    else if (from > 0)
        g_array_remove_range(page->rows, 0, (guint)from);
}

bool
report_page_load(const Call *call, const char *since_name, const char *until_name, int64_t page_size, ReportPage *page,
                 Reply *reply)
{
    ReportAsk ask;
    int64_t since, until;

    if (!read_window(call, since_name, until_name, &since, &until) ||
        !call_query_int(call, "page", 1, 1, PAGES_MAX, &page->number)) {
        g_autofree char *text =
            g_strdup_printf("400 Bad Request: %s, %s (at most %d days) or page is missing or wrong\n", since_name,
                            until_name, WINDOW_DAYS_MAX);

        reply_text(reply, 400, "text/plain", text);
        return false;
    }
    page->clicks = report_ask_load(call, &ask, reply);
    if (page->clicks == NULL)
        return false;
    page->rows = report_rows(&ask, since, until);
    page->total = page->rows->len;
    page->pages = 1;
    if (page_size > 0)
        cut_page(page, page_size);
    return true;
}

void
report_page_clear(ReportPage *page)
{
    g_clear_pointer(&page->rows, g_array_unref);
    g_clear_pointer(&page->clicks, g_array_unref);
}
