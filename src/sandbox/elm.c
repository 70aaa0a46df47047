/*
 * Elm: everything as CSV in ISO-8859-1 with semicolons, decimal commas and German headings; the key is a header.
 */
#include "sandbox/call.h"

typedef struct {
    const Call *call;
    GString *to;
} Export;

static void
append_quoted(GString *to, const char *text)
{
    g_string_append_c(to, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            g_string_append_c(to, '"');
        g_string_append_c(to, *text);
    }
    g_string_append(to, "\";");
}

static void
append_text(GString *to, const Posting *posting, void (*append)(const Posting *, GString *))
{
    g_autofree char *text = posting_text(posting, append);

    append_quoted(to, text);
}

/* "45.000,00" */
static void
append_whole(GString *to, int64_t units)
{
    if (units >= 1000)
        g_string_append_printf(to, "%" G_GINT64_FORMAT ".%03d,00;", units / 1000, (int)(units % 1000));
    else
        g_string_append_printf(to, "%" G_GINT64_FORMAT ",00;", units);
}

static void
elm_write(void *data, const Posting *posting)
{
    const Export *export = data;
    GString *to = export->to;
    g_autofree char *date = moment_text(posting_posted_at_us(posting, export->call->now_us), "%d.%m.%Y");

    g_string_append_printf(to, "%" G_GUINT64_FORMAT ";", network_listing_id(export->call->network, posting->index));
    append_text(to, posting, posting_append_title);
    append_text(to, posting, posting_append_company);
    append_quoted(to, posting->city->name);
    g_string_append_printf(to, "%s;", posting->city->country);
    if (posting->has_salary) {
        append_whole(to, posting->salary_from);
        append_whole(to, posting->salary_to);
        g_string_append_printf(to, "%s;%s;", posting->city->currency, posting->hourly ? "Stunde" : "Jahr");
    } else {
        g_string_append(to, ";;;;");
    }
    g_string_append_printf(to, "%s;", date);
    append_text(to, posting, posting_append_description);
    amount_append(to, posting->bid_micros, ',');
    g_string_append_c(to, ';');
    network_append_click_url(export->call->network, export->call->base, posting->index, to);
    g_string_append(to, "\r\n");
}

/* What the charset lacks (emoji, dashes, the euro sign) becomes a question mark, as it does at such partners. */
static void
to_latin1(GString *text)
{
    gsize size = 0;
    g_autofree char *latin1 =
        g_convert_with_fallback(text->str, (gssize)text->len, "ISO-8859-1", "UTF-8", "?", NULL, &size, NULL);

    g_assert(latin1 != NULL);
    g_string_truncate(text, 0);
    g_string_append_len(text, latin1, (gssize)size);
}

static bool
elm_refuse(const Call *call, Reply *reply)
{
    if (call_has_header(call, "X-Elm-Key", ELM_KEY))
        return false;
    reply_text(reply, 403, "text/plain; charset=ISO-8859-1",
               "Zugriff verweigert: X-Elm-Key fehlt oder ist falsch.\r\n");
    to_latin1(reply->body);
    return true;
}

void
elm_export(const Call *call, Reply *reply)
{
    CatalogueAsk ask = {.keywords = call_query(call, "suche"), .location = call_query(call, "ort")};
    Export export = {call, reply->body};

    if (elm_refuse(call, reply))
        return;
    if (!call_query_int(call, "anzahl", 2000, 1, CATALOGUE_SIZE, &ask.limit)) {
        reply_text(reply, 400, "text/plain; charset=ISO-8859-1", "anzahl muss zwischen 1 und 4200 liegen\r\n");
        return;
    }
    reply->content_type = "text/csv"; /* and no word of the charset */
    g_string_append(reply->body, "Referenz;Titel;Firma;Ort;Land;Gehalt_von;Gehalt_bis;Währung;Zeitraum;Datum;"
                                 "Beschreibung;CPC;URL\r\n");
    catalogue_search(call->world->catalogue, ELM, &ask, elm_write, &export);
    to_latin1(reply->body);
}
