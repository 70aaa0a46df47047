/*
 * FakeClient: an HttpClient that answers from a script, on a FakeLoop.
 *
 *     g_autoptr(FakeClient) client = fake_client_new(loop);
 *     fake_client_answer(client, &(FakeAnswer){.url = "https://a.example/", .status = 200, .body = "{}"});
 *     thing_fetch(fake_client_base(client), ...);
 *     fake_loop_advance_us(loop, US_PER_SECOND);
 *     g_assert_cmpstr(fake_client_request(client, 0)->url, ==, "https://a.example/?page=1");
 *
 * A request gets the answer with the longest url that its own begins with; of several equal ones the last added, or,
 * with `times`, the first that is not used up. Without one, it ends as HTTP_OUTCOME_CONNECT.
 */
#pragma once

#include "net/http_client.h"
#include "support/fake_loop.h"

typedef struct FakeClient FakeClient;

typedef struct {
    const char *url;    /* beginning of the URL */
    const char *method; /* NULL: any */
    int status;         /* 0: 200, if the outcome is ANSWERED; no head otherwise */
    HttpHeaders headers;
    const char *body;
    size_t body_size;     /* 0: strlen(body) */
    size_t piece_size;    /* 0: all in one */
    int64_t delay_us;     /* until the head (or the end, when there is none) */
    int64_t piece_gap_us; /* before each piece after the first, and before the end */
    HttpOutcome outcome;  /* after the body; HTTP_OUTCOME_TIMEOUT ends at the request's timeout_us */
    unsigned times;       /* how often it is given; 0: always */
} FakeAnswer;

/* As it was sent; owned by the client, and kept until it is freed. */
typedef struct {
    char *method, *url;
    GString *headers; /* "name: value\n" each */
    GString *body;    /* NULL when absent */
    int64_t timeout_us, sent_at_us;
    uint64_t body_limit_bytes;
    bool allow_private_hosts, cancelled, done;
} FakeRequest;

FakeClient *fake_client_new(FakeLoop *loop);
void fake_client_free(FakeClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeClient, fake_client_free)
HttpClient *fake_client_base(FakeClient *client);

/* Everything is copied. */
void fake_client_answer(FakeClient *client, const FakeAnswer *answer);
size_t fake_client_request_count(const FakeClient *client);
const FakeRequest *fake_client_request(const FakeClient *client, size_t index);
/* Calls that are neither done nor cancelled. */
size_t fake_client_open_count(const FakeClient *client);
