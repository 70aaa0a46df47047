#include "revenue/audit.h"

#include "revenue/audit_replay.h"
#include "revenue/audit_rollup.h"

#include <stdarg.h>

/* The current revision of each line. */
#define CURRENT_SQL                                                                                                    \
    "(SELECT r.* FROM revision r JOIN (SELECT line_id, MAX(rev) AS rev FROM revision GROUP BY line_id) m "             \
    "ON m.line_id = r.line_id AND m.rev = r.rev)"
#define OWED_SQL                                                                                                       \
    "(SELECT line_id, currency, SUM(amount_micros) AS owed FROM entry WHERE account = 'receivable' "                   \
    "GROUP BY line_id, currency)"
#define NAME_SQL "l.source || '/' || l.kind || ' ' || l.line_key"

/* Each query gives one text for every difference. */
static const struct {
    const char *rule, *sql;
} CHECKS[] = {
    {"I1", "SELECT 'txn ' || txn_id || ' is off by ' || SUM(amount_micros) || ' micros of ' || currency FROM entry "
           "GROUP BY txn_id, currency HAVING SUM(amount_micros) <> 0 ORDER BY txn_id"},
    {"I1", "SELECT 'entry ' || e.id || ' belongs to no txn' FROM entry e LEFT JOIN txn t ON t.id = e.txn_id "
           "WHERE t.id IS NULL ORDER BY e.id"},
    {"I1", "SELECT 'txn ' || t.id || ' has no entries' FROM txn t LEFT JOIN entry e ON e.txn_id = t.id "
           "WHERE e.id IS NULL ORDER BY t.id"},
    {"I2", "SELECT " NAME_SQL " || ': the ledger holds ' || COALESCE(o.owed, 0) || ' micros of ' || c.currency || "
           "', the revision says ' || c.earned_micros FROM " CURRENT_SQL " c JOIN line l ON l.id = c.line_id "
           "LEFT JOIN " OWED_SQL " o ON o.line_id = c.line_id AND o.currency = c.currency "
           "WHERE COALESCE(o.owed, 0) <> c.earned_micros ORDER BY c.line_id"},
    {"I2", "SELECT 'line ' || o.line_id || ': the ledger holds ' || o.owed || ' micros of ' || o.currency || "
           "', of which no revision speaks' FROM " OWED_SQL " o LEFT JOIN " CURRENT_SQL " c "
           "ON c.line_id = o.line_id AND c.currency = o.currency WHERE o.owed <> 0 AND c.line_id IS NULL "
           "ORDER BY o.line_id"},
    {"I2", "SELECT 'revision ' || r.id || ' counts for ' || r.earned_micros || ' micros, its amount is ' || "
           "r.amount_micros FROM revision r WHERE r.earned_micros <> "
           "CASE WHEN r.status = 'reversed' THEN 0 ELSE r.amount_micros END ORDER BY r.id"},
    {"I3", "SELECT 'line ' || line_id || ': attributed and unattributed differ from receivable by ' || "
           "SUM(amount_micros) || ' micros of ' || currency FROM entry GROUP BY line_id, currency, effective_at_us "
           "HAVING SUM(amount_micros) <> 0 ORDER BY line_id"},
    {"I5", "SELECT 'line ' || line_id || ': revisions are not numbered from 1 without gaps' FROM revision "
           "GROUP BY line_id HAVING MIN(rev) <> 1 OR MAX(rev) <> COUNT(*) ORDER BY line_id"},
    {"I5", "SELECT " NAME_SQL " || ' has no revision' FROM line l LEFT JOIN revision r ON r.line_id = l.id "
           "WHERE r.id IS NULL ORDER BY l.id"},
    {"I12", "SELECT 'line ' || line_id || ' earns from ' || COUNT(*) || ' clicks' FROM (SELECT line_id, click_id "
            "FROM entry WHERE account = 'attributed' AND rung <> 'allocated' GROUP BY line_id, click_id "
            "HAVING SUM(amount_micros) <> 0) AS earning GROUP BY line_id HAVING COUNT(*) > 1 ORDER BY line_id"},
    {"I13", "SELECT account || ' of ' || source || ' in ' || currency || ' is beyond what fits' FROM entry "
            "GROUP BY account, source, currency HAVING ABS(SUM(amount_micros / 1000000)) > 9000000000000"},
    {"I15", "SELECT 'entry ' || e.id || ' is booked on a click that is not known' FROM entry e LEFT JOIN click c "
            "ON c.id = e.click_id WHERE e.account = 'attributed' AND c.id IS NULL ORDER BY e.id"},
    {"I15", "SELECT 'entry ' || e.id || ' is booked on a click of another source or search' FROM entry e JOIN click c "
            "ON c.id = e.click_id WHERE c.source <> e.source OR c.search_id <> COALESCE(e.search_id, 0) ORDER BY e.id"},
    {"I15", "SELECT 'line ' || b.line_id || ' is booked on click ' || b.click_id || ', which has another sub-id' FROM "
            "(SELECT line_id, click_id FROM entry WHERE rung = 'exact' GROUP BY line_id, click_id "
            "HAVING SUM(amount_micros) <> 0) AS b JOIN " CURRENT_SQL " r ON r.line_id = b.line_id "
            "JOIN click c ON c.id = b.click_id WHERE r.sub_id IS DISTINCT FROM c.sub_id ORDER BY b.line_id"},
    {"I15", "SELECT 'entry ' || e.id || ' belongs to another line or source than its txn' FROM entry e "
            "JOIN txn t ON t.id = e.txn_id JOIN revision r ON r.id = t.revision_id JOIN line l ON l.id = e.line_id "
            "WHERE r.line_id <> e.line_id OR l.source <> e.source ORDER BY e.id"},
};

void
audit_found(Audit *audit, const char *rule, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    audit->result.differences++;
    if (audit->found != NULL)
        audit->found(audit->data, rule, text);
}

static bool
check(Audit *audit, const char *rule, const char *sql, GError **error)
{
    g_autoptr(DbRows) rows = db_query(audit->tx, SQL(sql), DB_NO_ARGS, error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error))
        audit_found(audit, rule, "%.*s", STR_FORMAT(db_get_text(rows, 0)));
    return !db_has_failed(rows);
}

bool
revenue_audit(Db *db, const LineFormats *formats, void (*found)(void *data, const char *rule, const char *text),
              void *data, AuditResult *ret_result, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    Audit audit = {.tx = tx, .formats = formats, .found = found, .data = data};

    if (tx == NULL || !audit_replay(&audit, error) ||
        !db_query_int(tx, SQL("SELECT COUNT(*) FROM entry"), DB_NO_ARGS, &audit.result.entries, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(CHECKS); i++) {
        if (!check(&audit, CHECKS[i].rule, CHECKS[i].sql, error))
            return weir_fail_within(error, "audit of %s", CHECKS[i].rule);
    }
    if (!audit_rollups(&audit, error) || !db_commit_auto(&tx, error))
        return false;
    *ret_result = audit.result;
    return true;
}
