/*
 * The real HttpClient: libcurl's multi interface on a libuv loop. Connections are pooled by host; an https host that
 * speaks HTTP/2 gets one. No proxy, no cookies, no netrc: only what the request says.
 */
#pragma once

#include "net/http_client.h"

#include <uv.h>

typedef struct CurlClient CurlClient;

/* All functions belong to the loop's thread. Ignores SIGPIPE for the process, as TLS libraries write without asking. */
CurlClient *curl_client_new(uv_loop_t *uv);
/* Cancels open calls. The loop must turn once more before it is closed. */
void curl_client_free(CurlClient *client);
HttpClient *curl_client_base(CurlClient *client);
void curl_client_cancel_all(CurlClient *client);
/* The process ends: finishes open calls, and all that are sent from now on, as HTTP_OUTCOME_STOPPED. Unlike after
 * curl_client_cancel_all(), their receivers are told. */
void curl_client_end_all(CurlClient *client);
