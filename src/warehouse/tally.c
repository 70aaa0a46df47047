#include "warehouse/writer.h"

#include "base/json_writer.h"
#include "base/money.h"

static gint
compare_currencies(gconstpointer a, gconstpointer b, gpointer unused)
{
    (void)unused;
    return strcmp(a, b);
}

void
tally_init(Tally *tally)
{
    tally->rows = 0;
    tally->sums = g_tree_new_full(compare_currencies, NULL, g_free, g_free);
}

void
tally_clear(Tally *tally)
{
    g_clear_pointer(&tally->sums, g_tree_unref);
}

bool
tally_add(Tally *tally, Str currency, int64_t micros, GError **error)
{
    g_autofree char *key = str_dup(currency.at == NULL ? STR("") : currency);
    int64_t *sum = g_tree_lookup(tally->sums, key);

    if (sum == NULL) {
        sum = g_new0(int64_t, 1);
        g_tree_insert(tally->sums, g_strdup(key), sum);
    }
    if (!money_add(*sum, micros, sum))
        return weir_fail(error, WEIR_ERROR_INVALID, "the sum of %s does not fit in 63 bits", key);
    return true;
}

static gboolean
write_sum(gpointer currency, gpointer sum, gpointer json)
{
    json_member_int(json, currency, *(int64_t *)sum);
    return FALSE;
}

void
tally_write_sums(const Tally *tally, GString *to)
{
    JsonWriter json = json_writer(to);

    json_begin_object(&json);
    g_tree_foreach(tally->sums, write_sum, &json);
    json_end_object(&json);
}

/* GLib's notation of a dictionary has the same form. */
bool
tally_read_sums(Tally *tally, Str text, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GVariant) sums = g_variant_parse(G_VARIANT_TYPE("a{sx}"), text.at, text.at + text.size, NULL, &cause);
    GVariantIter members;
    const char *currency;
    gint64 micros;

    if (sums == NULL)
        return weir_fail(error, WEIR_ERROR_BROKEN, "\"%.*s\" are no sums by currency", STR_FORMAT(text));
    g_variant_iter_init(&members, sums);
    while (g_variant_iter_next(&members, "{&sx}", &currency, &micros))
        if (!tally_add(tally, str_of(currency), micros, error))
            return false;
    return true;
}

bool
tally_check(const Tally *ours, const Tally *theirs, const char *what, GError **error)
{
    g_autoptr(GString) our_sums = g_string_new(NULL), their_sums = g_string_new(NULL);

    tally_write_sums(ours, our_sums);
    tally_write_sums(theirs, their_sums);
    if (ours->rows == theirs->rows && g_string_equal(our_sums, their_sums))
        return true;
    return weir_fail(error, WEIR_ERROR_BROKEN,
                     "%s holds %" G_GINT64_FORMAT " rows with %s, but %" G_GINT64_FORMAT " with %s were written", what,
                     theirs->rows, their_sums->str, ours->rows, our_sums->str);
}
