#include "revenue/attribution.h"

#include "base/timestamp.h"
#include "net/http.h"

/* Lines looked at again in one transaction, so that the lock is not held for long. */
#define REMATCH_BATCH 200

static const char *const RUNGS[] = {"exact", "repaired", "original", "allocated", "none", "implausible", "too_many"};

typedef enum {
    RUNG_EXACT,
    RUNG_REPAIRED,
    RUNG_ORIGINAL,
    RUNG_ALLOCATED,
    RUNG_NONE,
    RUNG_IMPLAUSIBLE,
    RUNG_TOO_MANY
} Rung;

typedef struct {
    Id click_id, search_id;
    Rung rung;
} Match;

const char *
attribution_rung(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(RUNGS); i++) {
        if (str_is(name, RUNGS[i]))
            return RUNGS[i];
    }
    return NULL;
}

/* How many clicks carry a sub-id: several share a channel, and nobody can say which of them earned. */
typedef enum { CARRIED_BY_NONE, CARRIED_BY_ONE, CARRIED_BY_SEVERAL } Carried;

static bool
find_click(DbTx *tx, Str source, Str sub_id, Carried *ret_carried, Match *match, int64_t *ret_at_us, GError **error)
{
    g_autoptr(DbRows) rows = db_query(
        tx, SQL("SELECT id, search_id, at_us FROM click WHERE source = $1 AND sub_id = $2 ORDER BY id LIMIT 2"),
        DB_ARGS(db_text(source), db_text(sub_id)), error);

    if (rows == NULL)
        return false;
    *ret_carried = CARRIED_BY_NONE;
    while (db_next(rows, error)) {
        *ret_carried = *ret_carried == CARRIED_BY_NONE ? CARRIED_BY_ONE : CARRIED_BY_SEVERAL;
        match->click_id = db_get_int(rows, 0);
        match->search_id = db_get_int(rows, 1);
        *ret_at_us = db_get_int(rows, 2);
    }
    return !db_has_failed(rows);
}

/* The sub-id as it must have left us: %XX undone, no blanks, capitals, and no letter that Crockford base32 lacks. */
static char *
repair(Str sub_id)
{
    g_autoptr(GString) decoded = g_string_new(NULL);
    char *text;

    if (!http_decode(str_trim(sub_id), false, decoded)) {
        g_string_truncate(decoded, 0);
        str_append(decoded, str_trim(sub_id));
    }
    text = str_dup(str_trim(str_of_gstring(decoded)));
    for (char *c = text; *c != '\0'; c++) {
        *c = g_ascii_toupper(*c);
        if (*c == 'O')
            *c = '0';
        if (*c == 'I' || *c == 'L')
            *c = '1';
    }
    return text;
}

static bool
is_plausible(const Revision *revision, int64_t clicked_at_us)
{
    return revision->event_at_us == TIMESTAMP_NONE ||
           (revision->event_at_us >= clicked_at_us - ATTRIBUTION_SKEW_US &&
            revision->event_at_us <= clicked_at_us + ATTRIBUTION_LOOK_BACK_US);
}

/* ret_channel: the sub-id is one that many clicks share. */
static bool
match_sub_id(DbTx *tx, const Revision *revision, Match *ret_match, bool *ret_channel, GError **error)
{
    Match match = {.rung = RUNG_EXACT};
    int64_t at_us = 0;
    Carried carried;

    if (!find_click(tx, revision->source, revision->sub_id, &carried, &match, &at_us, error))
        return false;
    if (carried == CARRIED_BY_NONE) {
        g_autofree char *repaired = repair(revision->sub_id);

        match.rung = RUNG_REPAIRED;
        if (g_utf8_validate(repaired, -1, NULL) && !str_is(revision->sub_id, repaired) &&
            !find_click(tx, revision->source, str_of(repaired), &carried, &match, &at_us, error))
            return false;
    }
    *ret_channel = carried == CARRIED_BY_SEVERAL && match.rung == RUNG_EXACT;
    if (carried != CARRIED_BY_ONE)
        match = (Match){.rung = RUNG_NONE};
    else if (!is_plausible(revision, at_us))
        match = (Match){.rung = RUNG_IMPLAUSIBLE};
    *ret_match = match;
    return true;
}

/* The one click that the corrected line is booked on, if it is on one. */
static bool
match_original(DbTx *tx, const Revision *revision, Match *match, GError **error)
{
    g_autofree char *key = g_strdup_printf("id:%.*s", STR_FORMAT(revision->original_key));
    g_autoptr(DbRows) rows = db_query(
        tx,
        SQL("SELECT e.click_id, MAX(e.search_id) FROM line l JOIN entry e ON e.line_id = l.id "
            "WHERE l.source = $1 AND l.kind = $2 AND l.line_key = $3 AND e.account = 'attributed' "
            "AND e.rung IN ('exact', 'repaired', 'original') GROUP BY e.click_id ORDER BY MAX(e.id) DESC LIMIT 1"),
        DB_ARGS(db_text(revision->source), db_text(revision->kind), db_cstr(key)), error);

    if (rows == NULL)
        return false;
    if (db_next(rows, error))
        *match = (Match){.click_id = db_get_int(rows, 0), .search_id = db_get_int(rows, 1), .rung = RUNG_ORIGINAL};
    return !db_has_failed(rows);
}

static void
append_share(GArray *shares, const Revision *revision, const Match *match, int64_t earned_micros)
{
    LedgerShare share = {
        .click_id = match->click_id,
        .search_id = match->search_id,
        .rung = RUNGS[match->rung],
        .currency = revision->currency,
        .effective_at_us = revision->effective_at_us,
        .earned_micros = earned_micros,
    };

    if (earned_micros != 0)
        g_array_append_val(shares, share);
}

static bool
is_aggregate(const Revision *revision)
{
    return revision->clicks >= 0 || revision->impressions >= 0;
}

/* Counted clicks of a day, of all the source or of one channel. The day of an aggregate begins at its moment, which is
 * midnight in the partner's own zone (where that zone changes its clocks the day is an hour off; the shares still sum
 * up exactly). That of a single event ends at its moment. */
static bool
load_clicks(DbTx *tx, const Revision *revision, bool channel, GArray *matches, GError **error)
{
    int64_t from_us = is_aggregate(revision) ? revision->effective_at_us : revision->effective_at_us - US_PER_DAY + 1;
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT id, search_id FROM click WHERE source = $1 AND at_us >= $2 AND at_us < $3 AND flags = 0 "
                     "AND ($4 = '' OR sub_id = $4) ORDER BY id LIMIT $5"),
                 DB_ARGS(db_text(revision->source), db_int(from_us), db_int(from_us + US_PER_DAY),
                         channel ? db_text(revision->sub_id) : db_cstr(""), db_int(ATTRIBUTION_CLICKS_LIMIT + 1)),
                 error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        Match match = {db_get_int(rows, 0), db_get_int(rows, 1), RUNG_ALLOCATED};

        g_array_append_val(matches, match);
    }
    return !db_has_failed(rows);
}

static uint64_t
allocation_seed(const Revision *revision)
{
    g_autofree char *text = g_strdup_printf("%.*s/%.*s/%.*s", STR_FORMAT(revision->source), STR_FORMAT(revision->kind),
                                            STR_FORMAT(revision->line_key));

    return str_hash(str_of(text));
}

static bool
allocate(DbTx *tx, const Revision *revision, bool channel, GArray *shares, GError **error)
{
    g_autoptr(GArray) matches = g_array_new(FALSE, TRUE, sizeof(Match));
    g_autofree int64_t *weights = NULL, *parts = NULL;

    if (!load_clicks(tx, revision, channel, matches, error))
        return false;
    if (matches->len == 0 || matches->len > ATTRIBUTION_CLICKS_LIMIT) {
        append_share(shares, revision, &(Match){.rung = matches->len == 0 ? RUNG_NONE : RUNG_TOO_MANY},
                     revision->earned_micros);
        return true;
    }
    weights = g_new(int64_t, matches->len);
    parts = g_new(int64_t, matches->len);
    for (guint i = 0; i < matches->len; i++)
        weights[i] = 1;
    if (!money_allocate(revision->earned_micros, weights, matches->len, allocation_seed(revision), parts))
        return weir_fail(error, WEIR_ERROR_BROKEN, "clicks without weight");
    for (guint i = 0; i < matches->len; i++)
        append_share(shares, revision, &g_array_index(matches, Match, i), parts[i]);
    return true;
}

bool
attribution_share(DbTx *tx, const Revision *revision, GArray *shares, GError **error)
{
    Match match = {.rung = RUNG_NONE};
    bool channel = false;

    if (revision->earned_micros == 0)
        return true;
    if (!str_is_empty(revision->sub_id) && !match_sub_id(tx, revision, &match, &channel, error))
        return false;
    if (match.rung == RUNG_NONE && !str_is_empty(revision->original_key) &&
        !match_original(tx, revision, &match, error))
        return false;
    if (match.rung == RUNG_NONE && (channel || is_aggregate(revision)))
        return allocate(tx, revision, channel, shares, error);
    append_share(shares, revision, &match, revision->earned_micros);
    return true;
}

/* ---- looking again ---- */

static bool
find_candidates(Db *db, int64_t since_us, int64_t after, GArray *ids, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;

    if (tx == NULL)
        return false;
    rows = db_query(tx,
                    SQL("SELECT line_id FROM entry WHERE line_id > $1 AND effective_at_us >= $2 "
                        "AND (account = 'unattributed' OR rung = 'allocated') "
                        "GROUP BY line_id HAVING SUM(amount_micros) <> 0 ORDER BY line_id LIMIT $3"),
                    DB_ARGS(db_int(after), db_int(since_us), db_int(REMATCH_BATCH)), error);
    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        int64_t id = db_get_int(rows, 0);

        g_array_append_val(ids, id);
    }
    return !db_has_failed(rows) && db_commit_auto(&tx, error);
}

static bool
rematch_line(Journal *journal, int64_t line_id, bool *ret_moved, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GArray) booked = ledger_shares_new(), wanted = ledger_shares_new();
    LedgerPosting posting = {.reason = "rematch", .line_id = line_id};
    Revision revision;

    if (!revision_load(journal->tx, line_id, arena, &revision, error) ||
        !ledger_load(journal->tx, line_id, booked, error) || !attribution_share(journal->tx, &revision, wanted, error))
        return false;
    posting.source = revision.source.at; /* arena_str() ends in NUL */
    posting.revision_id = revision.id;
    return ledger_post(journal, &posting, booked, wanted, ret_moved, error);
}

static bool
rematch_batch(Db *db, const Clock *clock, const GArray *ids, RematchSummary *summary, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    Journal journal;
    int64_t moved = 0;

    if (tx == NULL || !journal_open(tx, clock_now_us(clock), &journal, error))
        return false;
    for (guint i = 0; i < ids->len; i++) {
        bool posted;

        if (!rematch_line(&journal, g_array_index(ids, int64_t, i), &posted, error))
            return false;
        moved += posted;
    }
    if (!db_commit_auto(&tx, error))
        return false;
    summary->looked_at += ids->len;
    summary->moved += moved;
    return true;
}

bool
attribution_rematch(Db *db, const Clock *clock, int64_t since_us, RematchSummary *ret_summary, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    RematchSummary summary = {0, 0};
    int64_t after = 0;

    do {
        g_array_set_size(ids, 0);
        if (!find_candidates(db, since_us, after, ids, error))
            return false;
        if (ids->len > 0) {
            after = g_array_index(ids, int64_t, ids->len - 1);
            if (!rematch_batch(db, clock, ids, &summary, error))
                return false;
        }
    } while (ids->len == REMATCH_BATCH);
    *ret_summary = summary;
    return true;
}
