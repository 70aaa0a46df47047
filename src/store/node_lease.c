#include "store/node_lease.h"

#include "base/clock.h"

#define LEASES (ID_NODES - NODE_LEASE_FIRST)
/* How often another may be faster in taking what we chose. */
#define TAKE_ATTEMPTS 64

/* Who holds a number and until when, as the row says: "UNTIL HOLDER". */
typedef struct {
    char *value; /* NULL: nobody */
    int64_t until_us;
} Held;

static void
held_clear(void *item)
{
    g_free(((Held *)item)->value);
}

static char *
setting_name(unsigned number)
{
    return g_strdup_printf("node/%u", number);
}

static char *
setting_value(const NodeLease *lease)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", lease->until_us, lease->holder);
}

static bool
number_parse(Str text, unsigned *ret_number)
{
    int64_t number;

    if (!str_to_int64(text, &number) || number < NODE_LEASE_FIRST || number >= ID_NODES)
        return false;
    *ret_number = (unsigned)number;
    return true;
}

/* By number, from NODE_LEASE_FIRST. What is no lease of ours is left alone. */
static GArray *
load_held(DbTx *tx, GError **error)
{
    g_autoptr(GArray) all = g_array_sized_new(FALSE, TRUE, sizeof(Held), LEASES);
    g_autoptr(DbRows) rows =
        db_query(tx, SQL("SELECT name, value FROM setting WHERE name LIKE 'node/%'"), DB_NO_ARGS, error);

    g_array_set_clear_func(all, held_clear);
    g_array_set_size(all, LEASES);
    if (rows == NULL)
        return NULL;
    while (db_next(rows, error)) {
        Str name = db_get_text(rows, 0), value = db_get_text(rows, 1), rest = value;
        Held *held;
        unsigned number;

        str_cut(&name, '/');
        if (!number_parse(name, &number))
            continue;
        held = &g_array_index(all, Held, number - NODE_LEASE_FIRST);
        held->value = str_dup(value);
        if (!str_to_int64(str_cut(&rest, ' '), &held->until_us))
            held->until_us = 0;
    }
    return db_has_failed(rows) ? NULL : g_steal_pointer(&all);
}

/* The one that was free for longest: nobody's first, then that whose lease ended first; of equal ones by chance. */
static unsigned
choose(const GArray *all, Random *random)
{
    unsigned first = (unsigned)random_below(random, LEASES), best = first;

    for (unsigned i = 0; i < LEASES; i++) {
        unsigned at = (first + i) % LEASES;

        if (g_array_index(all, Held, at).until_us < g_array_index(all, Held, best).until_us)
            best = at;
    }
    return best;
}

static const Sql TAKE_SQL = SQL("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET "
                                "value = excluded.value WHERE setting.value = $3");

/* ret_taken: nobody was faster. */
static bool
try_to_take(Db *db, const Clock *clock, Random *random, NodeLease *lease, bool *ret_taken, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GArray) all = tx == NULL ? NULL : load_held(tx, error);
    g_autofree char *name = NULL, *value = NULL;
    const Held *held;
    int64_t changed;
    unsigned best;

    if (all == NULL)
        return false;
    best = choose(all, random);
    held = &g_array_index(all, Held, best);
    if (held->until_us > clock_now_us(clock))
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "all %d numbers for ids are leased: give processes one each as node: 1 to %d", LEASES,
                         NODE_LEASE_FIRST - 1);
    lease->number = best + NODE_LEASE_FIRST;
    lease->until_us = clock_now_us(clock) + NODE_LEASE_US;
    name = setting_name(lease->number);
    value = setting_value(lease);
    if (!db_exec(tx, TAKE_SQL, DB_ARGS(db_cstr(name), db_cstr(value), db_cstr(held->value != NULL ? held->value : "")),
                 &changed, error) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_taken = changed > 0;
    return true;
}

bool
node_lease_take(Db *db, const Clock *clock, Random *random, NodeLease *ret_lease, GError **error)
{
    NodeLease lease = {0};
    uint8_t name[(NODE_HOLDER_SIZE - 1) / 2];
    bool taken = false;

    random_fill(random, name, sizeof name);
    for (size_t i = 0; i < sizeof name; i++)
        g_snprintf(lease.holder + 2 * i, 3, "%02x", name[i]);
    for (int i = 0; i < TAKE_ATTEMPTS && !taken; i++)
        if (!try_to_take(db, clock, random, &lease, &taken, error))
            return false;
    if (!taken)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "others were faster in leasing a number for ids, %d times",
                         TAKE_ATTEMPTS);
    *ret_lease = lease;
    return true;
}

/* Whether the row is of the holder is asked in the statement: the value ends in its name. */
bool
node_lease_renew(Db *db, const Clock *clock, NodeLease *lease, GError **error)
{
    NodeLease next = *lease;
    g_autofree char *name = setting_name(lease->number), *like = g_strdup_printf("%% %s", lease->holder), *value = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    int64_t changed;

    next.until_us = clock_now_us(clock) + NODE_LEASE_US;
    value = setting_value(&next);
    if (tx == NULL ||
        !db_exec(tx, SQL("UPDATE setting SET value = $2 WHERE name = $1 AND value LIKE $3"),
                 DB_ARGS(db_cstr(name), db_cstr(value), db_cstr(like)), &changed, error) ||
        !db_commit_auto(&tx, error))
        return false;
    if (changed == 0)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "number %u of ids has passed to another process", lease->number);
    *lease = next;
    return true;
}

bool
node_lease_release(Db *db, const NodeLease *lease, GError **error)
{
    g_autofree char *name = setting_name(lease->number), *like = g_strdup_printf("%% %s", lease->holder);
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx, SQL("DELETE FROM setting WHERE name = $1 AND value LIKE $2"),
                   DB_ARGS(db_cstr(name), db_cstr(like)), NULL, error) &&
           db_commit_auto(&tx, error);
}

char *
node_lease_format(const NodeLease *lease)
{
    return g_strdup_printf("%u %s\n", lease->number, lease->holder);
}

bool
node_lease_parse(Str text, NodeLease *ret_lease)
{
    Str rest = str_trim(text);
    NodeLease lease = {0};

    if (!number_parse(str_cut(&rest, ' '), &lease.number) || rest.size != NODE_HOLDER_SIZE - 1)
        return false;
    for (size_t i = 0; i < rest.size; i++)
        if (!g_ascii_isxdigit(rest.at[i]))
            return false;
    memcpy(lease.holder, rest.at, rest.size);
    *ret_lease = lease;
    return true;
}
