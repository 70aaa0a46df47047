/* Numbers of ids: one process each, whatever happens at once. */
#include "store/node_lease.h"

#include "store/migrate.h"
#include "support/db_test.h"

#define NUMBERS (ID_NODES - NODE_LEASE_FIRST)

typedef struct {
    DbTest *test;
    FakeClock clock;
    SeededRandom random;
} Nodes;

static void
nodes_init(Nodes *nodes, DbTest *test)
{
    g_autoptr(GError) error = NULL;

    nodes->test = test;
    fake_clock_init(&nodes->clock, 1790000000 * US_PER_SECOND);
    seeded_random_init(&nodes->random, 1);
    g_assert_true(migrate(test->db, &nodes->clock.clock, NULL, &error));
}

static NodeLease
take(Nodes *nodes)
{
    g_autoptr(GError) error = NULL;
    NodeLease lease = {0};

    if (!node_lease_take(nodes->test->db, &nodes->clock.clock, &nodes->random.random, &lease, &error))
        g_assert_no_error(error);
    g_assert_cmpuint(lease.number, >=, NODE_LEASE_FIRST);
    g_assert_cmpuint(lease.number, <, ID_NODES);
    return lease;
}

static bool
renew(Nodes *nodes, NodeLease *lease)
{
    g_autoptr(GError) error = NULL;
    bool ours = node_lease_renew(nodes->test->db, &nodes->clock.clock, lease, &error);

    if (!ours)
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    return ours;
}

static void
each_number_is_leased_once_and_then_none_is_left(DbTest *test)
{
    bool seen[ID_NODES] = {false};
    NodeLease lease, first = {0};
    g_autoptr(GError) error = NULL;
    Nodes nodes;

    nodes_init(&nodes, test);
    for (int i = 0; i < NUMBERS; i++) {
        lease = take(&nodes);
        g_assert_false(seen[lease.number]);
        seen[lease.number] = true;
        if (i == 0)
            first = lease;
    }
    g_assert_false(node_lease_take(test->db, &nodes.clock.clock, &nodes.random.random, &lease, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_true(node_lease_release(test->db, &first, &error));
    g_assert_cmpuint(take(&nodes).number, ==, first.number);
    /* What has passed to another is not released by who had it. */
    g_assert_true(node_lease_release(test->db, &first, &error));
    g_assert_false(node_lease_take(test->db, &nodes.clock.clock, &nodes.random.random, &lease, &error));
}

static void
a_lease_that_is_renewed_stays_and_one_that_is_not_passes_on(DbTest *test)
{
    NodeLease kept, left = {0};
    Nodes nodes;

    nodes_init(&nodes, test);
    kept = take(&nodes);
    for (int i = 1; i < NUMBERS; i++)
        left = take(&nodes);
    fake_clock_advance_us(&nodes.clock, NODE_LEASE_US / 2);
    g_assert_true(renew(&nodes, &kept));
    fake_clock_advance_us(&nodes.clock, NODE_LEASE_US / 2);
    for (int i = 1; i < NUMBERS; i++)
        g_assert_cmpuint(take(&nodes).number, !=, kept.number);
    g_assert_true(renew(&nodes, &kept));
    g_assert_false(renew(&nodes, &left));
}

static void
a_lease_that_ended_is_still_renewed_while_nobody_took_it(DbTest *test)
{
    NodeLease lease;
    Nodes nodes;

    nodes_init(&nodes, test);
    lease = take(&nodes);
    fake_clock_advance_us(&nodes.clock, 10 * NODE_LEASE_US);
    g_assert_true(renew(&nodes, &lease));
    g_assert_cmpint(lease.until_us, ==, nodes.clock.now + NODE_LEASE_US);
}

static gpointer
take_many(gpointer data)
{
    DbTest *test = data;
    g_autoptr(Db) db = db_test_open(test);
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));

    for (int i = 0; i < 20; i++) {
        g_autoptr(GError) error = NULL;
        NodeLease lease = {0};

        if (!node_lease_take(db, clock_system(), random_system(), &lease, &error))
            g_error("%s", error->message);
        g_array_append_val(numbers, lease.number);
    }
    return numbers;
}

static void
no_two_get_the_same_number_when_many_ask_at_once(DbTest *test)
{
    bool seen[ID_NODES] = {false};
    GThread *threads[8];
    Nodes nodes;

    nodes_init(&nodes, test);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("process", take_many, test);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autoptr(GArray) numbers = g_thread_join(threads[i]);

        for (guint n = 0; n < numbers->len; n++) {
            unsigned number = g_array_index(numbers, unsigned, n);

            g_assert_false(seen[number]);
            seen[number] = true;
        }
    }
}

static void
a_lease_is_read_as_it_was_written_and_nothing_else_is_one(void)
{
    static const char *const WRONG[] = {"",
                                        "300",
                                        "255 0123456789abcdef0123456789abcdef",
                                        "512 0123456789abcdef0123456789abcdef",
                                        "300 0123456789abcdef",
                                        "300 0123456789abcdef0123456789abcde%",
                                        "x 0123456789abcdef0123456789abcdef"};
    const NodeLease lease = {.number = 300, .holder = "0123456789abcdef0123456789abcdef"};
    g_autofree char *text = node_lease_format(&lease);
    NodeLease back;

    g_assert_true(node_lease_parse(str_of(text), &back));
    g_assert_cmpuint(back.number, ==, 300);
    g_assert_cmpstr(back.holder, ==, lease.holder);
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++)
        g_assert_false(node_lease_parse(str_of(WRONG[i]), &back));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/a lease is read as it was written and nothing else is one",
                    a_lease_is_read_as_it_was_written_and_nothing_else_is_one);
    DB_TEST("store", each_number_is_leased_once_and_then_none_is_left);
    DB_TEST("store", a_lease_that_is_renewed_stays_and_one_that_is_not_passes_on);
    DB_TEST("store", a_lease_that_ended_is_still_renewed_while_nobody_took_it);
    DB_TEST("store", no_two_get_the_same_number_when_many_ask_at_once);
    return db_test_run();
}
