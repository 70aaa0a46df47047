/*
 * The books against a model: a partner creates, approves, amends, declines, reopens and claws back; its reports come
 * shuffled, split, overlapping and twice, its clicks early or late. After every report the books must say what the
 * model says, to the millionth.
 */
#include "revenue_test.h"

#include "base/random.h"
#include "revenue/attribution.h"
#include "revenue/audit.h"

#define TRANSACTIONS 60
#define VERSIONS     5
#define REPORTS      70
#define ROWS         12

typedef struct {
    const char *status;
    int64_t amount_micros;
} State;

typedef struct {
    State states[VERSIONS];
    int states_count;
    int known;     /* the newest that was delivered, or the last where there are no versions; -1: none */
    int64_t click; /* ID_NONE: the partner lost it */
} Transaction;

typedef struct {
    DbTest *test;
    SeededRandom random;
    bool versioned;
    Transaction transactions[TRANSACTIONS];
    bool clicked[TRANSACTIONS];
    GPtrArray *reports; /* their texts */
} Model;

static uint64_t
below(Model *model, uint64_t bound)
{
    return random_below(&model->random.random, bound);
}

static void
make_transaction(Model *model, int index)
{
    static const char *const STATUSES[] = {"pending", "approved", "reversed", "approved", "paid"};
    Transaction *transaction = &model->transactions[index];

    transaction->states_count = 1 + (int)below(model, VERSIONS);
    transaction->known = -1;
    transaction->click = below(model, 4) == 0 ? ID_NONE : 1000 + index;
    for (int i = 0; i < transaction->states_count; i++) {
        /* Clawbacks are negative lines; amounts go down to a single millionth. */
        int64_t amount = (int64_t)below(model, 3000000) - (index % 7 == 0 ? 3000000 : 0);

        transaction->states[i] = (State){STATUSES[below(model, G_N_ELEMENTS(STATUSES))], amount};
    }
}

static void
write_row(Model *model, GString *text, int index, int state)
{
    const Transaction *transaction = &model->transactions[index];
    char amount[MONEY_TEXT_SIZE];

    g_string_append_printf(text, "t%d|", index);
    if (transaction->click != ID_NONE)
        g_string_append_printf(text, "S%" G_GINT64_FORMAT, transaction->click);
    g_string_append_printf(text, "|%s|%s|USD|%" G_GINT64_FORMAT "|", transaction->states[state].status,
                           money_format(transaction->states[state].amount_micros, amount), TEST_DAY_S + index);
    if (model->versioned)
        g_string_append_printf(text, "%d", state + 1);
    g_string_append(text, "||\n");
}

static void
deliver_row(Model *model, int index, int state)
{
    Transaction *transaction = &model->transactions[index];

    transaction->known = model->versioned ? MAX(transaction->known, state) : state;
}

/* One report: some transactions in random states; with versions a key may stand in it more than once. */
static char *
make_report(Model *model, int number)
{
    GString *text = g_string_new(NULL);
    bool written[TRANSACTIONS] = {false};

    g_string_append_printf(text, "report%d||reversed|1|USD|%" G_GINT64_FORMAT "|||\n", number, TEST_DAY_S);
    for (int i = 0; i < ROWS; i++) {
        int index = (int)below(model, TRANSACTIONS);
        int state = (int)below(model, (uint64_t)model->transactions[index].states_count);

        if (written[index] && !model->versioned)
            continue;
        written[index] = true;
        write_row(model, text, index, state);
        deliver_row(model, index, state);
    }
    return g_string_free(text, FALSE);
}

static int64_t
earned(const Transaction *transaction)
{
    const State *state;

    if (transaction->known < 0)
        return 0;
    state = &transaction->states[transaction->known];
    return g_str_equal(state->status, "reversed") ? 0 : state->amount_micros;
}

static void
check_total(Model *model)
{
    int64_t total = 0;

    for (int i = 0; i < TRANSACTIONS; i++)
        total += earned(&model->transactions[i]);
    g_assert_cmpint(revenue_test_earned(model->test, "receivable"), ==, -total);
    g_assert_cmpint(revenue_test_earned(model->test, "attributed") + revenue_test_earned(model->test, "unattributed"),
                    ==, total);
    revenue_test_check_invariants(model->test);
}

static void
rematch(Model *model)
{
    g_autoptr(GError) error = NULL;
    RematchSummary summary;

    g_assert_true(attribution_rematch(model->test->db, &test_clock.clock, 0, &summary, &error));
    g_assert_no_error(error);
}

static void
click(Model *model, int index)
{
    g_autofree char *sub_id = g_strdup_printf("S%d", 1000 + index);

    if (model->clicked[index])
        return;
    revenue_test_click(model->test, 1000 + index, TEST_DAY_S, 1, "acme", sub_id, 0);
    model->clicked[index] = true;
}

/* Each line on its click, for the clicks that are there. */
static void
check_attribution(Model *model)
{
    int64_t attributed = 0;

    for (int i = 0; i < TRANSACTIONS; i++) {
        g_autofree char *sql = g_strdup_printf(
            "SELECT CAST(COALESCE(-SUM(amount_micros), 0) AS BIGINT) FROM entry WHERE click_id = %d", 1000 + i);
        bool matched = model->clicked[i] && model->transactions[i].click != ID_NONE;
        int64_t expected = matched ? earned(&model->transactions[i]) : 0;

        g_assert_cmpint(db_test_int(model->test->db, sql), ==, expected);
        attributed += expected;
    }
    g_assert_cmpint(revenue_test_earned(model->test, "attributed"), ==, attributed);
}

static void
check_audit(Model *model)
{
    g_autoptr(GError) error = NULL;
    AuditResult result;

    g_assert_true(revenue_audit(model->test->db, &TEST_FORMATS, NULL, NULL, &result, &error));
    g_assert_no_error(error);
    g_assert_cmpint(result.differences, ==, 0);
}

static void
deliver_all(Model *model)
{
    for (int i = 0; i < REPORTS; i++) {
        char *text = make_report(model, i);

        g_ptr_array_add(model->reports, text);
        revenue_test_import(model->test, "import", text);
        check_total(model);
        if (below(model, 3) == 0)
            revenue_test_import(model->test, "import", model->reports->pdata[below(model, model->reports->len)]);
        click(model, (int)below(model, TRANSACTIONS));
        if (below(model, 8) == 0) {
            rematch(model);
            check_attribution(model);
        }
    }
}

static void
deliver_all_again(Model *model)
{
    int64_t entries = db_test_int(model->test->db, "SELECT COUNT(*) FROM entry");

    for (guint i = 0; i < model->reports->len; i++)
        g_assert_true(revenue_test_import(model->test, "import", model->reports->pdata[i]).repeated);
    g_assert_cmpint(db_test_int(model->test->db, "SELECT COUNT(*) FROM entry"), ==, entries);
    check_total(model);
}

static void
run(DbTest *test, bool versioned)
{
    Model model = {.test = test, .versioned = versioned, .reports = g_ptr_array_new_with_free_func(g_free)};
    uint32_t seed = g_test_rand_int();

    g_test_message("seed %u", seed);
    seeded_random_init(&model.random, seed);
    revenue_test_migrate(test);
    for (int i = 0; i < TRANSACTIONS; i++)
        make_transaction(&model, i);
    deliver_all(&model);
    deliver_all_again(&model);
    for (int i = 0; i < TRANSACTIONS; i++)
        click(&model, i);
    rematch(&model);
    check_attribution(&model);
    check_total(&model);
    check_audit(&model);
    g_ptr_array_unref(model.reports);
}

static void
with_versions_the_order_of_reports_does_not_matter(DbTest *test)
{
    run(test, true);
}

static void
without_versions_the_books_follow_the_order_of_arrival(DbTest *test)
{
    run(test, false);
}

/* The same rows in every order of their reports give the same books. */
static void
any_order_of_the_same_reports_gives_the_same_books(DbTest *test)
{
    static const char *const TEXTS[] = {
        "a||pending|1|USD|1795478500|1||\nb||approved|5|USD|1795478500|1||\n",
        "a||approved|2|USD|1795478500|2||\n",
        "a||reversed|2|USD|1795478500|3||\nb||approved|4|USD|1795478500|2||\n",
        "a||approved|3|USD|1795478500|4||\nc||paid|0.5|USD|1795478500|1||\n",
    };
    SeededRandom random;

    revenue_test_migrate(test);
    seeded_random_init(&random, g_test_rand_int());
    for (int round = 1; round <= 24; round++) {
        bool given[G_N_ELEMENTS(TEXTS)] = {false};

        for (size_t left = G_N_ELEMENTS(TEXTS); left > 0; left--) {
            size_t pick = random_below(&random.random, G_N_ELEMENTS(TEXTS));
            g_autoptr(GString) text = NULL;

            while (given[pick])
                pick = (pick + 1) % G_N_ELEMENTS(TEXTS);
            given[pick] = true;
            /* Each round has transactions of its own. */
            text = g_string_new(TEXTS[pick]);
            for (char key = 'a'; key <= 'c'; key++) {
                g_autofree char *from = g_strdup_printf("%c||", key), *to = g_strdup_printf("%c%d||", key, round);

                g_string_replace(text, from, to, 0);
            }
            revenue_test_import(test, "import", text->str);
        }
        g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, round * INT64_C(7500000));
    }
    revenue_test_check_invariants(test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", with_versions_the_order_of_reports_does_not_matter);
    DB_TEST("revenue", without_versions_the_books_follow_the_order_of_arrival);
    DB_TEST("revenue", any_order_of_the_same_reports_gives_the_same_books);
    return db_test_run();
}
