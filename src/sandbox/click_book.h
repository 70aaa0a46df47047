/*
 * Click book: the clicks that the simulated networks have seen, and how far their clock was moved. Durable in SQLite.
 *
 * Safe from any thread: one connection behind a lock, since a sandbox sees few clicks.
 */
#pragma once

#include "base/error.h"
#include "sandbox/earning.h"

typedef struct ClickBook ClickBook;

/* url: see db_open(). The tables are made when missing. */
ClickBook *click_book_open(const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void click_book_close(ClickBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClickBook, click_book_close)

/* Stores a click (its id is given here) before it returns. */
bool click_book_add(ClickBook *book, const Network *network, const SandboxClick *click,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All clicks of a network at or before a moment, in order of id: GArray of SandboxClick, or NULL. */
GArray *click_book_load(ClickBook *book, const Network *network, int64_t until_us,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How much more than its books a network claims to owe in the totals of a day, counted in days since 1970; 0 takes it
 * back. */
bool click_book_set_discrepancy(ClickBook *book, const Network *network, int64_t day, int64_t micros,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool click_book_load_discrepancy(ClickBook *book, const Network *network, int64_t day, int64_t *ret_micros,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By how much the sandbox's time runs ahead. */
int64_t click_book_shift_us(ClickBook *book);
bool click_book_shift(ClickBook *book, int64_t by_us, int64_t *ret_shift_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
