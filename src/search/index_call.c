#include "search/index_call.h"

#include "feeds/index.h"
#include "ops/log.h"

/* Passes from the loop to the worker and back; `left` is the only thing both look at. */
struct IndexCall {
    Loop *loop;
    Arena *arena; /* of question and names */
    Question question;
    const char **names;
    size_t limit;
    int64_t now_us;
    int64_t deadline_us, asked_us; /* monotonic */
    void (*done)(void *data, SourceReply *reply);
    void *data;
    gint left;
    SourceReply *reply;
};

static void
call_free(IndexCall *call)
{
    source_reply_unref(call->reply);
    arena_free(call->arena);
    g_free(call);
}

static void
deliver(void *data)
{
    IndexCall *call = data;

    if (!g_atomic_int_get(&call->left))
        call->done(call->data, g_steal_pointer(&call->reply));
    call_free(call);
}

static bool
look_up(IndexCall *call, Db *db, GError **error)
{
    SourceReply *reply = call->reply;
    Listing *listings;
    size_t count;
    Str cursor;

    if (!index_search(db, &call->question, call->names, call->limit, call->now_us, reply->arena, &listings, &count,
                      &cursor, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if (source_reply_takes(&listings[i]))
            g_ptr_array_add(reply->listings, &listings[i]);
    reply->status = reply->listings->len > 0 ? SOURCE_OK : SOURCE_EMPTY;
    reply->has_next = cursor.at != NULL;
    reply->next = question_copy(reply->arena, &call->question);
    reply->next.page++;
    reply->next.cursor = cursor;
    return true;
}

/* On a worker's thread. */
static void
work(Db *db, const GError *no_db, void *data)
{
    IndexCall *call = data;
    const Clock *clock = call->loop->clock;
    g_autoptr(GError) error = NULL;

    call->reply = source_reply_new();
    if (g_atomic_int_get(&call->left) || clock_monotonic_us(clock) >= call->deadline_us) {
        call->reply->status = SOURCE_LATE;
        call->reply->reason = STR("waited too long for a thread that reads the index");
    } else if (db == NULL || !look_up(call, db, &error)) {
        call->reply->status = SOURCE_TRANSIENT;
        /* The answer goes to visitors, whom the database's address does not concern. */
        call->reply->reason = STR("the index: stored listings can't be read just now");
        log_event(LOG_LEVEL_WARN, "index.failed", "a search goes on without stored listings",
                  LOG_ERROR(db == NULL ? no_db : error));
    }
    call->reply->took_us = clock_monotonic_us(clock) - call->asked_us;
    loop_post(call->loop, deliver, call);
}

IndexCall *
index_call_start(DbWorkers *workers, Loop *loop, const Question *question, StrList names, size_t limit,
                 int64_t deadline_us, void (*done)(void *data, SourceReply *reply), void *data, GError **error)
{
    IndexCall *call = g_new0(IndexCall, 1);

    *call = (IndexCall){
        .loop = loop,
        .arena = arena_new(1024),
        .limit = limit,
        .now_us = clock_now_us(loop->clock),
        .deadline_us = deadline_us,
        .asked_us = clock_monotonic_us(loop->clock),
        .done = done,
        .data = data,
    };
    call->question = question_copy(call->arena, question);
    call->names = ARENA_ARRAY(call->arena, const char *, names.count + 1);
    for (size_t i = 0; i < names.count; i++)
        call->names[i] = arena_strdup(call->arena, names.items[i]);
    if (!db_workers_run(workers, work, call)) {
        call_free(call);
        weir_fail(error, WEIR_ERROR_LIMIT, "too many questions already wait for the index");
        return NULL;
    }
    return call;
}

void
index_call_leave(IndexCall *call)
{
    g_atomic_int_set(&call->left, 1);
}
