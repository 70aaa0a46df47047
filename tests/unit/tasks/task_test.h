/*
 * A queue on a fresh database, with a clock and chance that the test moves.
 */
#pragma once

#include "support/db_test.h"
#include "tasks/task.h"

typedef struct {
    DbTest *test;
    Db *db; /* the test's */
    FakeClock clock;
    SeededRandom random;
    IdMint mint;
    Arena *arena;
} Queue;

/* A moment well after the epoch of ids. */
#define QUEUE_BEGINS_US (INT64_C(1790000000) * US_PER_SECOND)

/* Migrates the database. queue must not move in memory while it is used. */
void queue_init(Queue *queue, DbTest *test);
void queue_clear(Queue *queue);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Queue, queue_clear)

/* Each in a transaction of its own, and each must succeed. */
Id queue_add(Queue *queue, const char *kind, const char *key); /* ID_NONE: there is a live one */
Task queue_claim(Queue *queue, const char *kind, int64_t lease_us);
void queue_finish(Queue *queue, const Task *task);
void queue_retry(Queue *queue, const Task *task, int64_t after_us, const char *message);
void queue_bury(Queue *queue, const Task *task, const char *message);

/* Nothing of the kind is due. */
void queue_assert_idle(Queue *queue, const char *kind);
TaskState queue_state(Queue *queue, Id id);
/* One number of the task with the id. */
int64_t queue_int(Queue *queue, Id id, const char *column);
/* Compares the message; NULL for none. */
void queue_assert_message(Queue *queue, Id id, const char *message);
/* error is of the code; it is cleared. */
void assert_error_code(GError **error, WeirError code);
