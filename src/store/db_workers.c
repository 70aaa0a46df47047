#include "store/db_workers.h"

struct DbWorkers {
    char *url;
    GThreadPool *pool;
    GAsyncQueue *idle; /* connections that no thread holds just now */
    unsigned queue_limit;
};

typedef struct {
    DbWorkFn fn;
    void *data;
} Work;

static void
work_run(gpointer item, gpointer data)
{
    g_autofree Work *work = item;
    DbWorkers *workers = data;
    g_autoptr(GError) error = NULL;
    Db *db = g_async_queue_try_pop(workers->idle);

    if (db == NULL)
        db = db_open(workers->url, &error);
    work->fn(db, error, work->data);
    if (db != NULL)
        g_async_queue_push(workers->idle, db);
}

DbWorkers *
db_workers_new(const char *url, unsigned threads, unsigned queue_limit)
{
    DbWorkers *workers = g_new0(DbWorkers, 1);

    workers->url = g_strdup(url);
    workers->queue_limit = queue_limit;
    workers->idle = g_async_queue_new_full((GDestroyNotify)db_close);
    workers->pool = g_thread_pool_new(work_run, workers, (gint)threads, TRUE, NULL);
    return workers;
}

void
db_workers_free(DbWorkers *workers)
{
    if (workers == NULL)
        return;
    g_thread_pool_free(workers->pool, FALSE, TRUE);
    g_async_queue_unref(workers->idle);
    g_free(workers->url);
    g_free(workers);
}

bool
db_workers_run(DbWorkers *workers, DbWorkFn fn, void *data)
{
    Work *work;

    if (g_thread_pool_unprocessed(workers->pool) >= workers->queue_limit)
        return false;
    work = g_new(Work, 1);
    *work = (Work){fn, data};
    return g_thread_pool_push(workers->pool, work, NULL);
}
