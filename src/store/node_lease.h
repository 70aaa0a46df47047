/*
 * Node leases: which process mints ids under which number (base/id.h). Two that shared one could mint the same id.
 *
 *     take ──> a number that nobody has ──renew, now and then──> still ours
 *                                        └── not renewed for NODE_LEASE_US ──> given to others
 *
 * Numbers below NODE_LEASE_FIRST are never leased: the configuration gives them. A lease is long, so that a process that
 * is cut off from the database keeps its number. It is a row of the table setting.
 */
#pragma once

#include "base/id.h"
#include "base/random.h"
#include "store/db.h"

#define NODE_LEASE_FIRST (ID_NODES / 2)
#define NODE_LEASE_US    (2 * US_PER_DAY)

#define NODE_HOLDER_SIZE 33 /* 16 random bytes in hexadecimal */

typedef struct {
    unsigned number;
    char holder[NODE_HOLDER_SIZE]; /* who has it: a name that chance made */
    int64_t until_us;
} NodeLease;

/* Leases a number. LIMIT when all are held by processes that were heard of not long ago. */
bool node_lease_take(Db *db, const Clock *clock, Random *random, NodeLease *ret_lease,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Keeps it for another NODE_LEASE_US from now, also after it ended if nobody took it. CONFLICT when another has it. */
bool node_lease_renew(Db *db, const Clock *clock, NodeLease *lease, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives it back, if it is still ours. */
bool node_lease_release(Db *db, const NodeLease *lease, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "NUMBER HOLDER", to be kept beside the spool. */
char *node_lease_format(const NodeLease *lease);
/* False for what is none. */
bool node_lease_parse(Str text, NodeLease *ret_lease);
