/*
 * Session store: the tokens and cookies of logins, shared by all threads, and who may fetch a new one.
 *
 *     session_ask ──> READY: here it is
 *                ├──> LEAD: none is there; fetch it, then session_put(), session_fail() or session_abandon()
 *                ├──> (another leads: waits for what it finds; becomes LEAD when the other gives up)
 *                └──> FAILED: the last login was refused a moment ago
 *
 * So a hundred questions with a cold token make one login. It does no I/O: exchange.c does.
 */
#pragma once

#include "base/loop.h"
#include "sources/source.h"

/* After a failed login nobody tries again for so long: a wrong key does not get better by repeating it. */
#define SESSION_REFUSED_HOLD_US US_PER_MINUTE
#define SESSION_FAILED_HOLD_US  (5 * US_PER_SECOND)

typedef struct SessionStore SessionStore;
typedef struct SessionWait SessionWait;

typedef enum { SESSION_READY, SESSION_LEAD, SESSION_FAILED } SessionTurn;

/* What is told; its texts live during the call. */
typedef struct {
    SessionTurn turn;
    Session session;     /* READY */
    uint64_t generation; /* READY: for session_forget() */
    AnswerStatus status; /* FAILED: as the login's answer was */
    const char *message; /* FAILED */
} SessionNews;

SessionStore *session_store_new(const Clock *clock);
/* When nobody waits. */
void session_store_free(SessionStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionStore, session_store_free)

/* told is called once on the loop's thread, never from within this function. key: equal for equal logins. */
SessionWait *session_ask(SessionStore *store, const char *key, Loop *loop,
                         void (*told)(void *data, const SessionNews *news), void *data);
/* Before it was told, on the loop's thread. Hands the lead on if it was on its way. */
void session_cancel(SessionWait *wait);

/* By the leader, from any thread. lifetime_us: from now. */
void session_put(SessionStore *store, const char *key, Session session, int64_t lifetime_us);
/* status is not ANSWER_OK. retry_after_us: what the partner asked for; 0: the usual. */
void session_fail(SessionStore *store, const char *key, AnswerStatus status, const char *message,
                  int64_t retry_after_us);
/* The leader gives up without knowing: the next in line leads. */
void session_abandon(SessionStore *store, const char *key);
/* The partner did not take the session of that generation any more. */
void session_forget(SessionStore *store, const char *key, uint64_t generation);
