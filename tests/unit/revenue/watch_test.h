/* What the tests of watches share: one looks, and the alerts that there are then are a text. */
#pragma once

#include "base/clock.h"
#include "revenue/alert.h"
#include "support/db_test.h"

typedef bool (*WatchFn)(Db *db, const AlertTelling *telling, int64_t now_us, GError **error);

typedef struct {
    WatchFn watch;
    FakeClock clock;
    IdMint mint;
    Db *db;
} WatchTest;

#define WATCH_TEST_BEGINS_US (INT64_C(1795523696) * US_PER_SECOND)

void watch_test_init(WatchTest *f, DbTest *test, WatchFn watch);
/* "STATE KEY: MESSAGE | " of each alert, the newest first. */
char *watch_test_look(WatchTest *f);

#define ASSERT_WATCH(f, expected)                                                                                      \
    do {                                                                                                               \
        g_autofree char *seen = watch_test_look(f);                                                                    \
                                                                                                                       \
        g_assert_cmpstr(seen, ==, expected);                                                                           \
    } while (0)
