/* The draft as a definition, each proposal with what it rests on above it. */
#include "drafting/draft.h"
#include "drafting/draft_request.h"

static bool
is_plain_scalar(Str text)
{
    static const char *const WORDS[] = {"null", "true", "false", "yes", "no", "on", "off", "~"};
    char first = text.size > 0 ? text.at[0] : ' ';

    if (!g_ascii_isalpha(first) && first != '.' && first != '=' && (unsigned char)first < 0x80 && first != '$')
        return false;
    if (str_find(text, STR(": ")) >= 0 || str_find(text, STR(" #")) >= 0 || str_find_char(text, '\n') >= 0 ||
        text.at[text.size - 1] == ':' || text.at[text.size - 1] == ' ' || str_find_char(text, '{') >= 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (str_equal_ignoring_case(text, str_of(WORDS[i])))
            return false;
    return true;
}

/* A scalar as it must be written in a block of YAML. */
static void
write_scalar(GString *to, Str text)
{
    if (is_plain_scalar(text)) {
        str_append(to, text);
        return;
    }
    g_string_append_c(to, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '\'')
            g_string_append_c(to, '\'');
        g_string_append_c(to, g_ascii_iscntrl(text.at[i]) ? ' ' : text.at[i]);
    }
    g_string_append_c(to, '\'');
}

static void
write_key(GString *to, const char *indent, const char *key, const char *value)
{
    g_string_append_printf(to, "%s%s: ", indent, key);
    write_scalar(to, str_of(value));
    g_string_append_c(to, '\n');
}

static void
write_head(Draft *draft, const DraftSpec *spec, const DraftRequest *request)
{
    GString *to = draft->yaml;

    g_string_append_printf(
        to,
        "# Started by `weir source new` from %s (%s): %" G_GSIZE_FORMAT " records.\n"
        "# Every line is a proposal; what stands above it says what it rests on. docs/sources.md is the "
        "language.\n",
        spec->origin, draft->format, draft->record_count);
    for (guint i = 0; i < draft->notes->len; i++)
        g_string_append_printf(to, "# TO SEE TO: %s\n", (const char *)draft->notes->pdata[i]);
    write_key(to, "", "source", spec->name);
    write_key(to, "", "partner", spec->name);
    g_string_append(
        to, "# What it was tried on: `recorded` once it reads an answer that the partner gave.\nstatus: documented\n");
    g_string_append(to, "# docs: where the partner's documentation is\n# terms: {attribution: , cache: }, as the "
                        "contract says\n");
    if (request->secrets->len == 0)
        return;
    g_string_append(
        to, "# Keys that stood in the URL; they are read from the environment and stand in no file.\nsecrets: [");
    for (guint i = 0; i < request->secrets->len; i++)
        g_string_append_printf(to, "%s%s", i > 0 ? ", " : "", (const char *)request->secrets->pdata[i]);
    g_string_append(to, "]\n");
}

static void
write_query(GString *to, const DraftRequest *request)
{
    if (request->names->len > 0)
        g_string_append(to, "  query:\n");
    for (guint i = 0; i < request->names->len; i++) {
        g_string_append(to, "    ");
        write_scalar(to, str_of(request->names->pdata[i]));
        g_string_append(to, ": ");
        write_scalar(to, str_of(request->values->pdata[i]));
        g_string_append_c(to, '\n');
    }
}

/* By what the URL has places for, else what the document points to. */
static void
write_pages(Draft *draft, const DraftRequest *request)
{
    GString *to = draft->yaml;
    int64_t size = request->size > 0 ? request->size : (int64_t)draft->record_count;

    if (draft_hint(draft, "next") != NULL)
        g_string_append(to, "  pages: {by: next_link}\n");
    else if (request->has_cursor && draft_hint(draft, "cursor") != NULL)
        g_string_append(to, "  pages: {by: cursor}\n");
    else if (request->has_page || request->has_offset)
        g_string_append_printf(to,
                               "  # The size is that of the URL or of the sample; pages end with a shorter one.\n"
                               "  pages: {by: %s, first: %d, size: %" G_GINT64_FORMAT "}\n",
                               request->has_page ? "page" : "offset",
                               (int)(request->first >= 0 && !request->has_offset ? request->first : request->has_page),
                               MAX(size, 1));
    else if (draft->hints->len > 0)
        g_string_append(to,
                        "  # The document says more of itself than one page has; with a placeholder in the query it "
                        "can be gone through:\n  # pages: {by: page, size: 100}\n");
}

static void
write_hints(Draft *draft)
{
    for (guint i = 0; i < draft->hints->len; i++) {
        const DraftHint *hint = &g_array_index(draft->hints, DraftHint, i);

        g_string_append_printf(draft->yaml, "  # seen beside the records: %s (%s), %s\n", hint->path, hint->what,
                               hint->example[0] != '\0' ? hint->example : "empty");
    }
}

static void
write_embedded(GString *to, const Sample *sample)
{
    static const char *const AS[] = {[EMBEDDED_AS_ENTITIES] = "entities", [EMBEDDED_AS_STRING] = "string"};

    g_string_append_printf(to, "    # %s\n    embedded:\n",
                           sample->embedded_as == EMBEDDED_AS_STRING
                               ? "The whole is one text that holds JSON."
                               : "It stands in a page, behind the first such text; take one that will stay.");
    write_key(to, "      ", "after", sample->embedded_after);
    if (sample->embedded_as != EMBEDDED_AS_IT_IS)
        write_key(to, "      ", "as", AS[sample->embedded_as]);
}

static void
write_answer(Draft *draft, const Sample *sample)
{
    GString *to = draft->yaml;
    const char *total = draft_hint(draft, "total"), *next = draft_hint(draft, "next");

    if (next == NULL)
        next = draft_hint(draft, "cursor");
    write_hints(draft);
    if (draft->other_records != NULL)
        g_string_append_printf(to, "  # records may also be: %s\n", draft->other_records);
    g_string_append(to, "  answer:\n");
    if (sample->format == STREAM_CSV) {
        const CsvDialect *csv = &sample->csv;

        g_string_append_printf(to, "    csv: {delimiter: \"%s\"",
                               csv->delimiter == '\t' ? "\\t" : (char[]){csv->delimiter, '\0'});
        if (csv->no_header)
            g_string_append(to, ", header: false");
        if (csv->skip_lines > 0)
            g_string_append_printf(to, ", skip_lines: %u", csv->skip_lines);
        g_string_append(to, "}\n");
    } else {
        static const char *const KEYS[] = {[STREAM_JSON] = "json", [STREAM_NDJSON] = "ndjson", [STREAM_XML] = "xml"};

        write_key(to, "    ", KEYS[sample->format], sample->format == STREAM_NDJSON ? "." : draft->records);
    }
    if (sample->embedded_after != NULL)
        write_embedded(to, sample);
    if (draft->columns != NULL)
        write_key(to, "    ", "columns", draft->columns);
    if (sample->charset != NULL)
        g_string_append_printf(to, "    # it is no UTF-8, and says nothing else\n    charset: %s\n", sample->charset);
    if (total != NULL)
        write_key(to, "    ", "total", total);
    if (next != NULL)
        write_key(to, "    ", "next", next);
}

static void
write_proposal(GString *to, const DraftProposal *proposal, size_t records, const char *indent, const char *key)
{
    if (proposal->path[0] != '\0')
        g_string_append_printf(to, "%s# %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ", %s%s%s%s%s\n", indent,
                               proposal->filled, records, proposal->why, proposal->examples[0] != '\0' ? ": " : "",
                               proposal->examples, proposal->others[0] != '\0' ? "; or " : "", proposal->others);
    else
        g_string_append_printf(to, "%s# %s\n", indent, proposal->why);
    write_key(to, indent, key, proposal->expression);
}

static void
write_listing(Draft *draft, size_t records)
{
    GString *to = draft->yaml;
    g_autofree char *group = g_strdup("");

    g_string_append(to, "  listing:\n");
    for (guint i = 0; i < draft->proposals->len; i++) {
        const DraftProposal *proposal = &g_array_index(draft->proposals, DraftProposal, i);
        const char *dot = strchr(proposal->field, '.');

        if (dot == NULL) {
            write_proposal(to, proposal, records, "    ", proposal->field);
            continue;
        }
        if (strncmp(group, proposal->field, (size_t)(dot - proposal->field)) != 0 || group[0] == '\0') {
            g_free(group);
            group = g_strndup(proposal->field, (gsize)(dot - proposal->field));
            g_string_append_printf(to, "    %s:\n", group);
        }
        write_proposal(to, proposal, records, "      ", dot + 1);
    }
}

static void
write_unmapped(Draft *draft)
{
    if (draft->unmapped->len > 0)
        g_string_append(draft->yaml, "\n# Not mapped:\n");
    for (guint i = 0; i < draft->unmapped->len; i++)
        g_string_append_printf(draft->yaml, "#   %s\n", (const char *)draft->unmapped->pdata[i]);
}

void
draft_write(Draft *draft, const Sample *sample, const DraftSpec *spec)
{
    g_auto(DraftRequest) request;
    GString *to = draft->yaml;

    draft_request_init(&request, spec, draft->arena);
    draft->is_search = request.has_keywords;
    write_head(draft, spec, &request);
    g_string_append_printf(to, "\n%s:\n", draft->is_search ? "search" : "feed");
    if (spec->list_url == NULL)
        g_string_append(to,
                        "  # Where the sample came from is not known: say it here, or start again with --list-url.\n");
    write_key(to, "  ", "get", request.url);
    write_query(to, &request);
    write_pages(draft, &request);
    if (!draft->is_search)
        g_string_append(to, "  # every: 6h   once it works; until then it is pulled by hand\n"
                            "  # full: true   if it holds every live position, so that absence means closed\n");
    write_answer(draft, sample);
    write_listing(draft, MIN(draft->record_count, (size_t)LEAF_RECORDS_LIMIT));
    write_unmapped(draft);
}
