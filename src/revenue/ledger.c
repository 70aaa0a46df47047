#include "revenue/ledger.h"

#include "revenue/attribution.h"

GArray *
ledger_shares_new(void)
{
    return g_array_new(FALSE, TRUE, sizeof(LedgerShare));
}

bool
ledger_load(DbTx *tx, int64_t line_id, GArray *shares, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT click_id, search_id, rung, currency, effective_at_us, CAST(-SUM(amount_micros) AS BIGINT) "
                     "FROM entry WHERE line_id = $1 AND account <> 'receivable' "
                     "GROUP BY click_id, search_id, rung, currency, effective_at_us HAVING SUM(amount_micros) <> 0"),
                 DB_ARGS(db_int(line_id)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        LedgerShare share = {
            .click_id = db_get_int(rows, 0),
            .search_id = db_get_int(rows, 1),
            .rung = attribution_rung(db_get_text(rows, 2)),
            .effective_at_us = db_get_int(rows, 4),
            .earned_micros = db_get_int(rows, 5),
        };

        if (share.rung == NULL || !currency_parse(db_get_text(rows, 3), &share.currency))
            return weir_fail(error, WEIR_ERROR_BROKEN, "entries of line %" G_GINT64_FORMAT " are not of this program",
                             line_id);
        g_array_append_val(shares, share);
    }
    return !db_has_failed(rows);
}

static int
compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By all that tells shares apart; currency and moment first, since those are summed for the receivable. */
static int
compare_shares(gconstpointer a, gconstpointer b)
{
    const LedgerShare *x = a, *y = b;
    int order = memcmp(x->currency.code, y->currency.code, sizeof(x->currency.code));

    if (order == 0)
        order = compare_int(x->effective_at_us, y->effective_at_us);
    if (order == 0)
        order = compare_int(x->click_id, y->click_id);
    if (order == 0)
        order = compare_int(x->search_id, y->search_id);
    return order != 0 ? order : strcmp(x->rung, y->rung);
}

static bool
subtract(int64_t a, int64_t b, int64_t *ret_difference)
{
    return !__builtin_sub_overflow(a, b, ret_difference);
}

/* Appends wanted - booked to differences, which are then in order too. */
static bool
find_differences(GArray *booked, GArray *wanted, GArray *differences)
{
    guint b = 0, w = 0;

    g_array_sort(booked, compare_shares);
    g_array_sort(wanted, compare_shares);
    while (b < booked->len || w < wanted->len) {
        const LedgerShare *old = b < booked->len ? &g_array_index(booked, LedgerShare, b) : NULL;
        const LedgerShare *now = w < wanted->len ? &g_array_index(wanted, LedgerShare, w) : NULL;
        int order = old == NULL ? 1 : now == NULL ? -1 : compare_shares(old, now);
        LedgerShare difference = order < 0 ? *old : *now;

        if (!subtract(order >= 0 ? now->earned_micros : 0, order <= 0 ? old->earned_micros : 0,
                      &difference.earned_micros))
            return false;
        b += order <= 0;
        w += order >= 0;
        if (difference.earned_micros != 0)
            g_array_append_val(differences, difference);
    }
    return true;
}

static bool
write_entry(Journal *journal, const LedgerPosting *posting, const char *account, const LedgerShare *share,
            int64_t amount_micros, GError **error)
{
    bool attributed = g_str_equal(account, "attributed");

    return db_exec(journal->tx,
                   SQL("INSERT INTO entry (id, txn_id, account, source, line_id, amount_micros, currency, "
                       "effective_at_us, rung, click_id, search_id) "
                       "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"),
                   DB_ARGS(db_int(++journal->entry_id), db_int(journal->txn_id), db_cstr(account),
                           db_cstr(posting->source), db_int(posting->line_id), db_int(amount_micros),
                           db_cstr(share->currency.code), db_int(share->effective_at_us),
                           db_cstr(g_str_equal(account, "receivable") ? "" : share->rung),
                           attributed ? db_int(share->click_id) : db_null(),
                           attributed && share->search_id != ID_NONE ? db_int(share->search_id) : db_null()),
                   NULL, error);
}

/* Writes the credits of a run of differences of one currency and moment, and the debit that balances them. */
static bool
write_run(Journal *journal, const LedgerPosting *posting, const LedgerShare *run, guint count, GError **error)
{
    int64_t owed = 0;

    for (guint i = 0; i < count; i++) {
        const LedgerShare *share = &run[i];

        if (!money_add(owed, share->earned_micros, &owed))
            return weir_fail(error, WEIR_ERROR_INVALID, "the sum of a line's shares does not fit");
        if (!write_entry(journal, posting, share->click_id == ID_NONE ? "unattributed" : "attributed", share,
                         -share->earned_micros, error))
            return false;
    }
    return owed == 0 || write_entry(journal, posting, "receivable", &run[0], owed, error);
}

static bool
write_txn(Journal *journal, const LedgerPosting *posting, const GArray *differences, GError **error)
{
    const LedgerShare *shares = (const LedgerShare *)(const void *)differences->data;

    journal->txn_id++;
    for (guint from = 0, to; from < differences->len; from = to) {
        for (to = from + 1; to < differences->len; to++) {
            if (!currency_equal(shares[from].currency, shares[to].currency) ||
                shares[from].effective_at_us != shares[to].effective_at_us)
                break;
        }
        if (!write_run(journal, posting, &shares[from], to - from, error))
            return false;
    }
    return db_exec(journal->tx,
                   SQL("INSERT INTO txn (id, revision_id, reason, recorded_at_us) VALUES ($1, $2, $3, $4)"),
                   DB_ARGS(db_int(journal->txn_id), db_int(posting->revision_id), db_cstr(posting->reason),
                           db_int(journal->now_us)),
                   NULL, error);
}

bool
ledger_post(Journal *journal, const LedgerPosting *posting, GArray *booked, GArray *wanted, bool *ret_posted,
            GError **error)
{
    g_autoptr(GArray) differences = ledger_shares_new();

    if (!find_differences(booked, wanted, differences))
        return weir_fail(error, WEIR_ERROR_INVALID, "a difference of amounts does not fit");
    if (differences->len > 0 && !write_txn(journal, posting, differences, error))
        return false;
    if (ret_posted != NULL)
        *ret_posted = differences->len > 0;
    return true;
}
