#include "api/feed_format.h"

#include "api/listing_json.h"
#include "listings/fingerprint.h"

static const struct {
    const char *name, *content_type;
} FORMATS[] = {
    [FEED_NDJSON] = {"ndjson", "application/x-ndjson"},
    [FEED_XML] = {"xml", "application/xml; charset=utf-8"},
    [FEED_CSV] = {"csv", "text/csv; charset=utf-8; header=present"},
};

bool
feed_format_parse(Str name, FeedFormat *ret_format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++)
        if (str_is(name, FORMATS[i].name)) {
            *ret_format = (FeedFormat)i;
            return true;
        }
    return false;
}

const char *
feed_format_name(FeedFormat format)
{
    return FORMATS[format].name;
}

const char *
feed_format_content_type(FeedFormat format)
{
    return FORMATS[format].content_type;
}

/* ---- ndjson ---- */

static void
item_as_json(const FeedItem *item, GString *to)
{
    JsonWriter json = json_writer(to);

    json_begin_object(&json);
    json_listing_members(&json, item->listing, true);
    json_member_text(&json, "partner", str_of(item->partner));
    json_member_text_if(&json, "attribution", str_of(item->attribution));
    json_member_text(&json, "url", item->url);
    json_end_object(&json);
    g_string_append_c(to, '\n');
}

/* ---- texts that several formats share ---- */

/* "20.00 - 25.00 USD / hour", or what the partner wrote. */
static void
append_salary(GString *to, const Listing *listing)
{
    const Salary *s = &listing->salary;
    char amount[MONEY_TEXT_SIZE];
    const char *period = period_name(s->period);
    g_autofree char *unit = period == NULL ? NULL : g_ascii_strdown(period, -1);

    if (!s->has_min && !s->has_max) {
        str_append(to, s->text);
        return;
    }
    if (s->has_min)
        g_string_append(to, money_format(s->min_micros, amount));
    if (s->has_min && s->has_max && s->min_micros != s->max_micros)
        g_string_append(to, " - ");
    if (s->has_max && !(s->has_min && s->min_micros == s->max_micros))
        g_string_append(to, money_format(s->max_micros, amount));
    if (s->currency.code[0] != '\0')
        g_string_append_printf(to, " %s", s->currency.code);
    if (unit != NULL)
        g_string_append_printf(to, " / %s", unit);
}

/* Indeed's words: "fulltime, parttime". */
static void
append_types(GString *to, const Listing *listing)
{
    const char *between = "";

    for (unsigned type = EMPLOYMENT_FULL_TIME; type <= EMPLOYMENT_OTHER; type <<= 1)
        if (listing->employment_types & type) {
            g_autofree char *name = g_ascii_strdown(employment_type_name((EmploymentType)type), -1);
            g_auto(GStrv) parts = g_strsplit(name, "_", -1);
            g_autofree char *word = g_strjoinv("", parts);

            g_string_append_printf(to, "%s%s", between, word);
            between = ", ";
        }
}

static const char *
moment(int64_t us, char *to)
{
    if (us == TIMESTAMP_NONE)
        return "";
    return timestamp_format(us, to);
}

/* ---- xml ---- */

/* What XML 1.0 has no place for is left out (https://www.w3.org/TR/xml/#charsets): control characters, U+FFFE, U+FFFF. */
static bool
is_xml(Str text, size_t at)
{
    unsigned char c = (unsigned char)text.at[at];

    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return true;
}

static bool
is_noncharacter(Str text, size_t at)
{
    return at + 3 <= text.size &&
           (memcmp(text.at + at, "\xef\xbf\xbe", 3) == 0 || memcmp(text.at + at, "\xef\xbf\xbf", 3) == 0);
}

/* Looks at what was written: what is left out of a text brings its neighbours together. */
static bool
ends_in_brackets(const GString *to)
{
    return to->len >= 2 && to->str[to->len - 1] == ']' && to->str[to->len - 2] == ']';
}

/* Within CDATA. html: the text is plain and becomes HTML: a "<" of it must not begin a tag of the consumer's page. */
static void
append_cdata(GString *to, Str text, bool html)
{
    g_string_append(to, "<![CDATA[");
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (is_noncharacter(text, i))
            i += 2;
        else if (!is_xml(text, i))
            continue;
        else if (html && c == '<')
            g_string_append(to, "&lt;");
        else if (html && c == '\n')
            g_string_append(to, "<br>\n");
        else if (c == '>' && ends_in_brackets(to))
            g_string_append(to, "]]><![CDATA[>");
        else
            g_string_append_c(to, c);
    }
    g_string_append(to, "]]>");
}

static void
xml_text(GString *to, const char *name, Str text)
{
    if (str_is_empty(text))
        return;
    g_string_append_printf(to, "<%s>", name);
    append_cdata(to, text, false);
    g_string_append_printf(to, "</%s>\n", name);
}

static void
xml_made(GString *to, const char *name, void (*append)(GString *to, const Listing *listing), const Listing *listing)
{
    g_autoptr(GString) text = g_string_new(NULL);

    append(text, listing);
    xml_text(to, name, str_of_gstring(text));
}

static const char *
remote_type(Remote remote)
{
    return remote == REMOTE_YES ? "Fully remote" : remote == REMOTE_HYBRID ? "Hybrid remote" : NULL;
}

static void
item_as_xml(const FeedItem *item, GString *to)
{
    const Listing *l = item->listing;
    char id[FINGERPRINT_TEXT_SIZE], at[TIMESTAMP_TEXT_SIZE];

    g_string_append(to, "<job>\n");
    xml_text(to, "title", l->title);
    xml_text(to, "date", str_of(moment(l->posted_at_us, at)));
    xml_text(to, "referencenumber", str_of(fingerprint_format(fingerprint_of_id(l->source, l->id), id)));
    xml_text(to, "requisitionid", l->id);
    xml_text(to, "url", item->url);
    xml_text(to, "company", l->company);
    xml_text(to, "sourcename", str_of(item->partner));
    xml_text(to, "city", !str_is_empty(l->city) ? l->city : l->location);
    xml_text(to, "state", l->region);
    xml_text(to, "country", l->country);
    if (l->has_position)
        g_string_append_printf(to, "<latitude>%.6f</latitude>\n<longitude>%.6f</longitude>\n", l->latitude,
                               l->longitude);
    g_string_append(to, "<description>");
    append_cdata(to, l->description.at != NULL ? l->description : l->snippet, true);
    g_string_append(to, "</description>\n");
    xml_made(to, "salary", append_salary, l);
    xml_made(to, "jobtype", append_types, l);
    xml_text(to, "category", l->category);
    xml_text(to, "language", l->language);
    xml_text(to, "expirationdate", str_of(moment(l->expires_at_us, at)));
    xml_text(to, "remotetype", str_of(remote_type(l->remote)));
    xml_text(to, "attribution", str_of(item->attribution));
    g_string_append(to, "</job>\n");
}

static void
begin_xml(const char *publisher_url, int64_t built_at_us, GString *to)
{
    char at[TIMESTAMP_HTTP_SIZE];

    g_string_append(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<source>\n<publisher>Weir</publisher>\n");
    xml_text(to, "publisherurl", str_of(publisher_url));
    g_string_append_printf(to, "<lastBuildDate>%s</lastBuildDate>\n", timestamp_format_http(built_at_us, at));
}

/* ---- csv ---- */

static const char CSV_HEAD[] =
    "id,source,identifier,title,company,location,city,region,country,latitude,longitude,work_place,employment_type,"
    "salary_min,"
    "salary_max,salary_currency,salary_unit,date_posted,valid_through,category,language,description,partner,"
    "attribution,url\r\n";

/* What spreadsheets take for the beginning of a formula, their wide forms included, which some fold (OWASP, "CSV
 * Injection"). */
static bool
begins_formula(Str text)
{
    static const char *const BEGINNINGS[] = {"=",  "+",      "-",      "@",      "\t",    "\r",
                                             "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"};

    for (size_t i = 0; i < G_N_ELEMENTS(BEGINNINGS); i++)
        if (str_starts_with(text, str_of(BEGINNINGS[i])))
            return true;
    return false;
}

static void
csv_cell(GString *to, Str text)
{
    bool guarded = begins_formula(text);
    bool quoted = guarded;

    for (size_t i = 0; i < text.size && !quoted; i++)
        quoted = strchr(",\"\r\n", text.at[i]) != NULL;
    if (to->len > 0 && to->str[to->len - 1] != '\n')
        g_string_append_c(to, ',');
    if (quoted)
        g_string_append_c(to, '"');
    if (guarded)
        g_string_append_c(to, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"')
            g_string_append_c(to, '"');
        g_string_append_c(to, text.at[i]);
    }
    if (quoted)
        g_string_append_c(to, '"');
}

/* Our own number: a minus begins no formula. */
static void
csv_number(GString *to, bool present, const char *text)
{
    g_string_append_printf(to, ",%s", present ? text : "");
}

static void
csv_salary(GString *to, const Salary *s)
{
    char amount[MONEY_TEXT_SIZE];

    csv_number(to, s->has_min, money_format(s->min_micros, amount));
    csv_number(to, s->has_max, money_format(s->max_micros, amount));
    csv_cell(to, str_of(s->currency.code));
    csv_cell(to, str_of(period_name(s->period)));
}

static void
item_as_csv(const FeedItem *item, GString *to)
{
    const Listing *l = item->listing;
    g_autoptr(GString) types = g_string_new(NULL);
    char text[FINGERPRINT_TEXT_SIZE + TIMESTAMP_TEXT_SIZE];

    append_types(types, l);
    g_string_append(to, fingerprint_format(fingerprint_of_id(l->source, l->id), text));
    csv_cell(to, l->source);
    csv_cell(to, l->id);
    csv_cell(to, l->title);
    csv_cell(to, l->company);
    csv_cell(to, l->location);
    csv_cell(to, l->city);
    csv_cell(to, l->region);
    csv_cell(to, l->country);
    g_snprintf(text, sizeof text, "%.6f", l->latitude);
    csv_number(to, l->has_position, text);
    g_snprintf(text, sizeof text, "%.6f", l->longitude);
    csv_number(to, l->has_position, text);
    csv_cell(to, str_of(remote_name(l->remote)));
    csv_cell(to, str_of_gstring(types));
    csv_salary(to, &l->salary);
    csv_cell(to, str_of(moment(l->posted_at_us, text)));
    csv_cell(to, str_of(moment(l->expires_at_us, text)));
    csv_cell(to, l->category);
    csv_cell(to, l->language);
    csv_cell(to, l->description.at != NULL ? l->description : l->snippet);
    csv_cell(to, str_of(item->partner));
    csv_cell(to, str_of(item->attribution));
    csv_cell(to, item->url);
    g_string_append(to, "\r\n");
}

/* ---- any ---- */

void
feed_format_begin(FeedFormat format, const char *publisher_url, int64_t built_at_us, GString *to)
{
    if (format == FEED_XML)
        begin_xml(publisher_url, built_at_us, to);
    else if (format == FEED_CSV)
        g_string_append(to, CSV_HEAD);
}

void
feed_format_item(FeedFormat format, const FeedItem *item, GString *to)
{
    static void (*const WRITE[])(const FeedItem *, GString *) = {
        [FEED_NDJSON] = item_as_json, [FEED_XML] = item_as_xml, [FEED_CSV] = item_as_csv};

    WRITE[format](item, to);
}

void
feed_format_end(FeedFormat format, GString *to)
{
    if (format == FEED_XML)
        g_string_append(to, "</source>\n");
}
