/* What a document is, by its first characters. */
#include "drafting/page.h"

#include "stream/opening.h"
#include "stream/utf8.h"

#define LINES_MAX 40

/* Whether another value stands on a line behind the first. */
static StreamFormat
guess_json(Str opening)
{
    Str first = page_json_at(opening), rest = str_slice(opening, first.size, opening.size);

    str_cut(&rest, '\n');
    rest = str_trim(rest);
    return first.size > 0 && rest.size > 0 && strchr("{[", rest.at[0]) != NULL ? STREAM_NDJSON : STREAM_JSON;
}

/* A quoted text that goes on as JSON does: all of it in one string of JSON. */
static bool
is_json_in_a_string(Str opening)
{
    return str_starts_with(opening, STR("\"[")) || str_starts_with(opening, STR("\"{"));
}

bool
sample_guess_format(Str opening, Sample *sample, GError **error)
{
    g_autofree char *excerpt = utf8_excerpt(opening);

    opening = str_trim(opening);
    if (opening.size == 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "there is nothing in it");
    if (opening_is_html(opening))
        return weir_fail(
            error, WEIR_ERROR_INVALID,
            "it is an HTML page, and no JSON stands in it (%s): ask with the partner's API address and key", excerpt);
    if (is_json_in_a_string(opening)) {
        sample->embedded_after = g_strdup("\"");
        sample->embedded_as = EMBEDDED_AS_STRING;
        sample->format = STREAM_JSON;
        return true;
    }
    if (str_starts_with(opening, STR("b'<")) || str_starts_with(opening, STR("b'{")))
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "it is a text of Python with the document in it (%s): decode it, and give what comes out",
                         excerpt);
    if (opening.at[0] == '{' || opening.at[0] == '[') {
        sample->format = guess_json(opening);
        return true;
    }
    if (opening.at[0] == '<') {
        sample->format = STREAM_XML;
        return true;
    }
    sample->format = STREAM_CSV;
    sample->csv = sample_guess_dialect(opening, '\0');
    if (sample->csv.delimiter != '\0')
        return true;
    return weir_fail(error, WEIR_ERROR_INVALID,
                     "it is neither JSON nor XML nor a table (%s); --format says what it is when that is wrong",
                     excerpt);
}

/* ---- tables ---- */

typedef struct {
    size_t columns[LINES_MAX];  /* of each line that is not blank */
    unsigned before[LINES_MAX]; /* lines before it, blank ones too */
    size_t count;
} Lines;

static Lines
count_columns(Str text, char delimiter)
{
    Lines lines = {0};
    size_t columns = 1;
    unsigned ended = 0;
    bool in_quotes = false, is_blank = true;

    for (size_t i = 0; i < text.size && lines.count < LINES_MAX; i++) {
        char c = text.at[i];

        if (c == '"')
            in_quotes = !in_quotes;
        if (in_quotes || (c != '\n' && c != delimiter)) {
            is_blank = is_blank && g_ascii_isspace(c);
        } else if (c == delimiter) {
            columns++;
            is_blank = false;
        } else {
            if (!is_blank) {
                lines.before[lines.count] = ended;
                lines.columns[lines.count++] = columns;
            }
            ended++;
            columns = 1;
            is_blank = true;
        }
    }
    if (!is_blank && lines.count == 0)
        lines.columns[lines.count++] = columns;
    return lines;
}

/* The number of columns that most lines have, at least two; 0 when there is none. */
static size_t
usual_columns(const Lines *lines, size_t *ret_lines)
{
    size_t usual = 0;

    *ret_lines = 0;
    for (size_t i = 0; i < lines->count; i++) {
        size_t alike = 0;

        for (size_t j = 0; j < lines->count; j++)
            alike += lines->columns[j] == lines->columns[i];
        if (lines->columns[i] > 1 && alike > *ret_lines) {
            *ret_lines = alike;
            usual = lines->columns[i];
        }
    }
    return usual;
}

/* Lines of another width before the first of the usual one. */
static unsigned
count_preamble(const Lines *lines, size_t usual)
{
    size_t first = 0;

    while (first + 1 < lines->count && lines->columns[first] != usual)
        first++;
    return lines->before[first];
}

static Str
skip_lines(Str text, unsigned count)
{
    while (count-- > 0 && text.at != NULL)
        str_cut(&text, '\n');
    return text;
}

/* A header names things: no numbers, no addresses, nothing long. */
static bool
has_header(Str text, char delimiter)
{
    Str line = str_trim(str_cut(&text, '\n'));
    size_t names = 0, others = 0;

    while (line.at != NULL) {
        Str cell = str_trim(str_cut(&line, delimiter));
        bool is_quoted = cell.size > 1 && cell.at[0] == '"';

        cell = is_quoted ? str_slice(cell, 1, cell.size - 1) : cell;
        if (cell.size == 0)
            continue;
        if (cell.size > 60 || g_ascii_isdigit(cell.at[0]) || str_find(cell, STR("://")) >= 0)
            others++;
        else
            names++;
    }
    return others == 0 && names > 0;
}

CsvDialect
sample_guess_dialect(Str opening, char delimiter)
{
    static const char DELIMITERS[] = {',', ';', '\t', '|'};
    CsvDialect dialect = {.delimiter = delimiter, .quote = '"'};
    size_t best = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(DELIMITERS); i++) {
        Lines lines = count_columns(opening, DELIMITERS[i]);
        size_t alike, usual = usual_columns(&lines, &alike), score = usual * alike * alike;

        if ((delimiter != '\0' && DELIMITERS[i] != delimiter) || score <= best)
            continue;
        best = score;
        dialect.delimiter = DELIMITERS[i];
        dialect.skip_lines = count_preamble(&lines, usual);
    }
    dialect.no_header = !has_header(skip_lines(opening, dialect.skip_lines), dialect.delimiter);
    return dialect;
}
