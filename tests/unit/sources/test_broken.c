/* One mistake in a valid definition: each is told with file, line and key, the value that is wrong, and what is allowed or was
 * probably meant. */
#include "support.h"

static const char VALID[] = "source: x\n"
                            "partner: X\n"
                            "docs: https://x.example/docs\n"
                            "countries: [DE, US]\n"
                            "parameters: {board: {default: acme, help: the board}}\n"
                            "secrets: [X_KEY]\n"
                            "limits: [10/minute, 100/day]\n"
                            "concurrency: 4\n"
                            "terms: {attribution: Jobs by X, cache: 1h, store: true}\n"
                            "values:\n"
                            "  currency: {by: \"{country}\", de: EUR, else: USD}\n"
                            "search:\n"
                            "  get: https://api.x.example/{board}/jobs\n"
                            "  query:\n"
                            "    key: ${X_KEY}\n"
                            "    q: \"{keywords}\"\n"
                            "    page: \"{page}\"\n"
                            "  headers: {Accept: application/json}\n"
                            "  unsupported: [location, remote]\n"
                            "  pages: {by: page, first: 1, size: 50}\n"
                            "  timeout: 5s\n"
                            "  answer:\n"
                            "    json: data.jobs[*]\n"
                            "    total: data.total\n"
                            "    errors:\n"
                            "      - {status: 401, is: credential, message: error.text}\n"
                            "  listing:\n"
                            "    id: id\n"
                            "    title: title or headline | html_text\n"
                            "    company: company.name | text\n"
                            "    location: \"[city, state] | join(', ')\"\n"
                            "    posted_at: created | time('%d/%m/%Y', 'Europe/Paris')\n"
                            "    remote: {by: mode, r: remote, else: onsite}\n"
                            "    salary: {min: pay | range_low, currency: \"= {currency}\", period: = YEAR}\n"
                            "    description: body | html_text\n"
                            "    url: link | prefix('https://x.example')\n"
                            "    skip_if: kind | is('ad')\n"
                            "reports:\n"
                            "  default:\n"
                            "    get: https://api.x.example/report\n"
                            "    query: {from: \"{since|date}\"}\n"
                            "    every: 1h\n"
                            "    mode: mutable\n"
                            "    answer: {json: \"lines[*]\"}\n"
                            "    line: {key: id, amount: money, currency: = EUR, status: {by: state, OK: approved}}\n"
                            "click:\n"
                            "  subid: {query: sub, letters_and_digits: 32}\n"
                            "  bid: 0.10 USD\n";

/* What is written instead of what, and what must be told of it. */
typedef struct {
    const char *from, *to;
    unsigned line;
    const char *key, *words;
} Breakage;

static const Breakage BREAKAGES[] = {
    {"partner: X\n", "", 1, "partner", "is missing"},
    {"partner: X", "partnr: X", 2, "partnr", "did you mean partner?"},
    {"countries: [DE, US]", "countries: [DE, Germny]", 4, "countries", "\"Germny\" is no ISO code of two capitals"},
    {"countries: [DE, US]", "countries: {a: b}", 4, "countries", "must be a list of texts, not a map"},
    {"help: the", "hlp: the", 5, "hlp", "did you mean help?"},
    {"secrets: [X_KEY]", "secrets: [X_KYE]", 15, "key", "${X_KEY} is not among the secrets; did you mean ${X_KYE}?"},
    {"secrets: [X_KEY]", "secrets: [OTHER]", 15, "key", "${X_KEY} is not among the secrets; name it under `secrets`"},
    {"10/minute, 100/day", "10/minut", 7, "limits", "\"10/minut\" is no limit such as 25/minute or 1/5s"},
    {"10/minute, 100/day", "0/minute", 7, "limits", "\"0/minute\" is no limit"},
    {"[10/minute, 100/day]", "ten", 7, "limits", "\"ten\" is no limit"},
    {"concurrency: 4", "concurrency: four", 8, "concurrency", "must be a whole number, not \"four\""},
    {"concurrency: 4", "concurrency: 0", 8, "concurrency", "must be between 1 and 1000, not 0"},
    {"cache: 1h", "cache: 1 hour", 9, "cache", "must be a duration such as 30s, 15m, 6h or 1d, not \"1 hour\""},
    {"store: true", "store: maybe", 9, "store", "not \"maybe\""},
    {"store: true", "stor: true", 9, "stor", "did you mean store?"},
    {"store: true", "zzz: true", 9, "zzz", "there are attribution, attribution_url,"},
    {"terms: {", "term: {", 9, "term", "did you mean terms?"},
    {"\"{country}\", de", "\"{contry}\", de", 11, "currency", "unknown placeholder {contry}; did you mean {country}?"},
    {"else: USD", "els: USD", 11, "currency", "did you mean else?"},
    {"search:\n", "serch:\n", 12, "serch", "did you mean search?"},
    {"  get: https://api.x.example/{board}/jobs", "  gt: https://api.x.example/{board}/jobs", 13, "gt",
     "did you mean get?"},
    {"{board}/jobs", "{bord}/jobs", 13, "get", "unknown placeholder {bord}; did you mean {board}?"},
    {"{board}/jobs", "{board/jobs", 13, "get", "\"{\" is not closed"},
    {"https://api.x.example/{board}", "ftp://api.x.example/{board}", 13, "get",
     "must begin with https:// or http://, not \"ftp://api.x.example"},
    {"${X_KEY}", "${X_KYE}", 15, "key", "did you mean ${X_KEY}?"},
    {"\"{keywords}\"", "\"{keyword}\"", 16, "q", "did you mean {keywords}?"},
    {"\"{keywords}\"", "\"{keywords|uper}\"", 16, "q", "unknown filter \"uper\"; did you mean upper?"},
    {"\"{keywords}\"", "\"{keywords|zzzz}\"", 16, "q", "there are upper, lower, trim"},
    {"\"{keywords}\"", "\"{keywords|before}\"", 16, "q", "before needs a text, such as before ','"},
    {"{Accept: application/json}", "[Accept]", 18, "headers", "must be a map of names to values"},
    {"headers: {Accept", "header: {Accept", 18, "header", "did you mean headers?"},
    {"[location, remote]", "[location, remot]", 19, "unsupported",
     "\"remot\" cannot be filtered; there are keywords, location, country, remote"},
    {"by: page", "by: pages", 20, "by", "must be page, offset, cursor, next_link or part, not \"pages\""},
    {"by: page", "b: page", 20, "b", "did you mean by?"},
    {"first: 1", "first: one", 20, "first", "must be a whole number, not \"one\""},
    {"size: 50", "sise: 50", 20, "sise", "did you mean size?"},
    {"{by: page, first: 1, size: 50}", "page", 20, "pages", "must be a map, not \"page\""},
    {"timeout: 5s", "timeout: 5", 21, "timeout", "a duration such as 30s, 15m, 6h or 1d, not \"5\""},
    {"timeout: 5s", "timeout: [5s]", 21, "timeout", "not a list"},
    {"json: data.jobs[*]", "jsn: data.jobs[*]", 23, "jsn", "did you mean json?"},
    {"json: data.jobs[*]", "json: data.jobs[*", 23, "json",
     "path \"data.jobs[*\", column 10: the bracket is never closed"},
    {"json: data.jobs[*]", "json: data..jobs", 23, "json", "path \"data..jobs\", column 6: a name is expected here"},
    {"    json: data.jobs[*]\n", "", 23, "answer", "must say one of json, ndjson, xml and csv"},
    {"total: data.total", "total: data.[total", 24, "total", "path \"data.[total\", column 6"},
    {"status: 401", "status: 4o1", 26, "status", "\"4o1\" is no HTTP status from 100 to 599"},
    {"status: 401", "status: 99", 26, "status", "\"99\" is no HTTP status"},
    {"is: credential", "is: credentials", 26, "is",
     "must be credential, quota, transient, permanent or empty, not \"credentials\""},
    {"is: credential, ", "", 26, "is", "is missing"},
    {"message: error.text", "mesage: error.text", 26, "mesage", "did you mean message?"},
    {"      - {status", "      {status", 26, "errors", "must be a list of maps, not a map"},
    {"    title: title or headline | html_text\n", "", 28, "title", "is missing"},
    {"title: title or", "titel: title or", 29, "titel", "unknown field; did you mean title?"},
    {"headline | html_text", "headline | htmltext", 29, "title",
     "unknown transform \"htmltext\"; did you mean html_text?"},
    {"headline | html_text", "headline | zzzz", 29, "title", "there are text, html_text,"},
    {"headline | html_text", "headline | truncate('x')", 29, "title", "truncate: \"x\" is no whole number from 1 to"},
    {"company.name | text", "company.name text", 30, "company", "\"|\" or \"or\" is missing before \"text\""},
    {"company.name | text", "company.name |", 30, "company", "a transform is missing behind \"|\""},
    {"join(', ')", "join", 31, "location", "join takes 1 argument, not 0"},
    {"join(', ')", "join(', '", 31, "location", "\")\" is missing at the end"},
    {"'%d/%m/%Y'", "'%d/%m/%Q'", 32, "posted_at", "\"%d/%m/%Q\" is no pattern of %Y %y %m"},
    {"'Europe/Paris'", "'Europe/Pariss'", 32, "posted_at", "\"Europe/Pariss\" is no pattern of"},
    {"{by: mode, r: remote, else: onsite}", "{by: mode, r: remote, esle: onsite}", 33, "remote", "did you mean else?"},
    {"{by: mode, r: remote, else: onsite}", "{mode: r}", 33, "remote",
     "must be an expression, or a map with \"by\" or \"format\""},
    {"\"= {currency}\"", "\"= {curency}\"", 34, "currency", "did you mean {currency}?"},
    {"period: = YEAR", "perod: = YEAR", 34, "perod", "did you mean period?"},
    {"salary: {min", "salary: {minimum", 34, "minimum", "unknown field; there are min, max"},
    {"salary: {min: pay | range_low, currency: \"= {currency}\", period: = YEAR}", "salary: pay", 34, "salary",
     "must be a map of fields, such as {min: ...}"},
    {"body | html_text", "body | regex('(')", 35, "description",
     "pattern \"(\", column 2: missing closing parenthesis"},
    {"    url: link | prefix('https://x.example')\n", "", 28, "url", "is missing"},
    {"    url: link", "   url: link", 36, "not YAML", "while parsing a block mapping that begins in line 13"},
    {"    url: link", "\turl: link", 36, "not YAML", "found a tab character that violates indentation"},
    {"    url: link", "      url: link", 36, "not YAML", "mapping values are not allowed in this context"},
    {"is('ad')", "is()", 37, "skip_if", "an argument is missing before \")\""},
    {"  default:\n    get", "  default:\n    gett", 40, "gett", "did you mean get?"},
    {"{since|date}", "{since|dte}", 41, "from", "unknown filter \"dte\"; did you mean date?"},
    {"every: 1h", "every: hourly", 42, "every", "not \"hourly\""},
    {"mode: mutable", "mode: mutible", 43, "mode", "must be mutable, append or aggregate, not \"mutible\""},
    {"    mode: mutable\n", "", 40, "mode", "must be mutable, append or aggregate"},
    {"{json: \"lines[*]\"}", "lines", 44, "answer", "must be a map, not \"lines\""},
    {"amount: money, ", "", 45, "amount", "is missing"},
    {"OK: approved", "OK: aproved", 45, "status", "\"aproved\" is none of pending, approved, reversed, paid"},
    {"query: sub", "qery: sub", 47, "qery", "did you mean query?"},
    {"letters_and_digits: 32", "letters_and_digits: many", 47, "letters_and_digits",
     "must be a whole number, not \"many\""},
    {"letters_and_digits: 32", "letters: 32", 47, "letters", "unknown key; there are query, macro"},
    {"bid: 0.10 USD", "bid: cheap", 48, "bid", "must be such as 0.10 USD, not \"cheap\""},
    {"click:\n", "clik:\n", 46, "clik", "did you mean click?"},
    {"source: x\n", "source: X Y\n", 1, "source", "\"X Y\" is no name: a-z, 0-9 and - are allowed"},
    {"source: x\n", "source: y\n", 1, "source", "must be the file's name, x"},
    {"docs: https", "docs https", 3, "not YAML", "could not find expected ':'"},
    {"partner: X", "partner: &a X", 2, "anchors are not allowed", ""},
    {"partner: X", "partner: [X", 3, "not YAML", "while parsing a flow sequence that begins in line 2"},
    {"partner: X\n", "partner: X\npartner: Z\n", 3, "partner", "is given twice"},
};

static char *
broken(const Breakage *breakage)
{
    const char *at = strstr(VALID, breakage->from);

    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int)(at - VALID), VALID, breakage->to, at + strlen(breakage->from));
}

static void
the_whole_definition_is_valid(void)
{
    g_autoptr(SourceSet) set = load_text("x", VALID);

    g_assert_cmpuint(source_set_count(set), ==, 1);
}

static void
each_mistake_is_told_with_its_place_and_what_is_allowed(void)
{
    unsigned bad = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(BREAKAGES); i++) {
        const Breakage *breakage = &BREAKAGES[i];
        g_autofree char *yaml = broken(breakage), *mistakes = mistakes_of("x", yaml);
        g_autofree char *place = g_strdup_printf("/x.yaml:%u: %s", breakage->line, breakage->key);
        const char *line = strstr(mistakes, place);
        g_autofree char *told = line != NULL ? g_strndup(line, strcspn(line, "\n")) : NULL;

        if (told != NULL && strstr(told, breakage->words) != NULL)
            continue;
        bad++;
        g_printerr("%s -> %s\nexpected %s ... %s\n     got %s\n", breakage->from, breakage->to, place, breakage->words,
                   mistakes);
    }
    g_assert_cmpuint(bad, ==, 0);
}

static size_t
key_size(const char *line)
{
    size_t size = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

    return line[size] == ':' ? size : 0;
}

/* Names that are the file's own: of headers, parameters, values, a query, reports. */
static bool
is_own_name(const char *line, size_t size)
{
    static const char *const OWN[] = {"key", "q", "page", "currency", "default", "from", "id"};

    for (size_t i = 0; i < G_N_ELEMENTS(OWN); i++)
        if (size == strlen(OWN[i]) && strncmp(line, OWN[i], size) == 0)
            return true;
    return false;
}

/* Every key of the definition with two of its letters swapped. */
static void
every_key_that_is_misspelt_is_recognised(void)
{
    g_auto(GStrv) lines = g_strsplit(VALID, "\n", -1);
    unsigned tried = 0;

    for (unsigned i = 0; lines[i] != NULL; i++) {
        char *at = lines[i] + strspn(lines[i], " ");
        size_t size = key_size(at);
        g_autofree char *key = g_strndup(at, size), *place = NULL, *words = NULL, *yaml = NULL, *mistakes = NULL;
        char swap = at[size / 2];

        if (size < 4 || is_own_name(at, size) || at[size / 2 - 1] == swap)
            continue;
        at[size / 2] = at[size / 2 - 1];
        at[size / 2 - 1] = swap;
        yaml = g_strjoinv("\n", lines);
        place = g_strdup_printf("/x.yaml:%u: %.*s: ", i + 1, (int)size, at);
        words = g_strdup_printf("did you mean %s?", key);
        mistakes = mistakes_of("x", yaml);
        if (strstr(mistakes, place) == NULL || strstr(mistakes, words) == NULL)
            g_error("expected %s%s\n     got %s", place, words, mistakes);
        memcpy(at, key, size);
        tried++;
    }
    g_assert_cmpuint(tried, >=, 25);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/the_whole_definition_is_valid", the_whole_definition_is_valid);
    g_test_add_func("/sources/each_mistake_is_told_with_its_place_and_what_is_allowed",
                    each_mistake_is_told_with_its_place_and_what_is_allowed);
    g_test_add_func("/sources/every_key_that_is_misspelt_is_recognised", every_key_that_is_misspelt_is_recognised);
    return g_test_run();
}
