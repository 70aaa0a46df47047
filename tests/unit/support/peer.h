/*
 * A plain socket as client, for tests that must decide byte by byte what is sent.
 */
#pragma once

#include "base/str.h"

/* A connection to 127.0.0.1. */
int peer_connect(uint16_t port);
void peer_send(int fd, const char *bytes);
/* What is there, waiting for it; false at the end. */
bool peer_read_some(int fd, GString *to);
/* Everything until the other side closes, at most 10 s. */
GString *peer_read_all(int fd);
/* Until text holds `until`; fails the test when the other side closes before. */
GString *peer_read_until(int fd, const char *until);
/* Connects, sends, reads to the end, closes. The request should say "Connection: close". */
GString *peer_ask(uint16_t port, const char *request);
