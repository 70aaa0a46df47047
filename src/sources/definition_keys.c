/* The keys of a definition file. docs/sources.md explains them; this is what is accepted. */
#include "sources/definition.h"

const YamlKey PARAMETER_KEYS[] = {
    {.name = "default", .type = YAML_TEXT, .help = "value when neither instance nor configuration gives one"},
    {.name = "one_of", .type = YAML_TEXTS, .help = "the values it may have"},
    {.name = "required", .type = YAML_BOOLEAN, .help = "without a value the source is disabled"},
    {.name = "help", .type = YAML_TEXT, .help = "what it is"},
    {.name = NULL},
};

const YamlKey VALUE_KEYS[] = {
    {.name = "text", .type = YAML_ANY, .required = true, .help = "what is signed or hashed"},
    {.name = "hash", .type = YAML_TEXT, .help = "md5, sha1, sha256, sha384 or sha512"},
    {.name = "hmac", .type = YAML_TEXT, .help = "the same, with a key"},
    {.name = "key", .type = YAML_TEXT, .help = "of hmac"},
    {.name = "as", .type = YAML_TEXT, .default_text = "hex", .help = "hex, HEX, base64 or base64url"},
    {.name = "pairs", .type = YAML_TEXT, .help = "query or form: whose pairs {pairs} is, sorted by name"},
    {.name = "between", .type = YAML_TEXT, .default_text = "=", .help = "name and value of a pair"},
    {.name = "join", .type = YAML_TEXT, .default_text = "&", .help = "what stands between pairs"},
    {.name = "encoded", .type = YAML_BOOLEAN, .help = "pairs as they are sent, percent-encoded"},
    {.name = NULL},
};

static const YamlKey BASIC_KEYS[] = {
    {.name = "user", .type = YAML_TEXT, .required = true, .help = "or the key, where it stands alone"},
    {.name = "password", .type = YAML_TEXT, .default_text = "", .help = "may be empty"},
    {.name = NULL},
};

/* Whatever is asked of a partner is written with these. */
#define REQUEST_KEYS(auth_help)                                                                                        \
    {.name = "get", .type = YAML_TEXT, .help = "URL to get"},                                                          \
        {.name = "post", .type = YAML_TEXT, .help = "URL to post to"},                                                 \
        {.name = "query", .type = YAML_ANY, .help = "name: value"},                                                    \
        {.name = "headers", .type = YAML_ANY, .help = "name: value"},                                                  \
        {.name = "form", .type = YAML_ANY, .help = "name: value of a form body"},                                      \
        {.name = "json", .type = YAML_ANY, .help = "JSON body"},                                                       \
        {.name = "xml", .type = YAML_TEXT, .help = "XML body"},                                                        \
        {.name = "graphql", .type = YAML_ANY, .help = "query and variables of a JSON body"},                           \
    {                                                                                                                  \
        .name = "auth", .type = YAML_ANY, .help = auth_help                                                            \
    }

const YamlKey LOGIN_KEYS[] = {
    REQUEST_KEYS("of the login itself: basic, bearer or header"),
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .help = "how it is read; default {json: .}"},
    {.name = "token", .type = YAML_TEXT, .help = "path of the token in its answer"},
    {.name = "expires_in", .type = YAML_TEXT, .help = "path of the seconds that it holds"},
    {.name = "cookies", .type = YAML_BOOLEAN, .help = "whether the cookies it sets are sent along"},
    {.name = "lifetime", .type = YAML_DURATION, .default_text = "1h", .help = "when the answer does not say"},
    {.name = "skew", .type = YAML_DURATION, .default_text = "60s", .help = "so much earlier it counts as ended"},
    {.name = "expired", .type = YAML_TEXTS, .help = "HTTP statuses that say it ended; default 401"},
    {.name = "timeout", .type = YAML_DURATION, .default_text = "10s", .help = "of the login"},
    {.name = NULL},
};

const YamlKey OAUTH2_KEYS[] = {
    {.name = "token_url", .type = YAML_TEXT, .required = true, .help = "where a token is given"},
    {.name = "grant",
     .type = YAML_TEXT,
     .default_text = "client_credentials",
     .help = "client_credentials, password or refresh_token"},
    {.name = "client_id", .type = YAML_TEXT, .required = true, .help = "ours"},
    {.name = "client_secret", .type = YAML_TEXT, .help = "ours"},
    {.name = "credentials", .type = YAML_TEXT, .default_text = "body", .help = "where the two stand: body or basic"},
    {.name = "username", .type = YAML_TEXT, .help = "of the password grant"},
    {.name = "password", .type = YAML_TEXT, .help = "of the password grant"},
    {.name = "refresh_token", .type = YAML_TEXT, .help = "of the grant of that name"},
    {.name = "scope", .type = YAML_TEXTS, .help = "one or several"},
    {.name = "query", .type = YAML_ANY, .help = "name: value"},
    {.name = "headers", .type = YAML_ANY, .help = "name: value"},
    {.name = "form", .type = YAML_ANY, .help = "more pairs of the body"},
    {.name = "lifetime", .type = YAML_DURATION, .default_text = "1h", .help = "when expires_in is absent"},
    {.name = "skew", .type = YAML_DURATION, .default_text = "60s", .help = "so much earlier it counts as ended"},
    {.name = "expired", .type = YAML_TEXTS, .help = "HTTP statuses that say it ended; default 401"},
    {.name = "timeout", .type = YAML_DURATION, .default_text = "10s", .help = "of the token call"},
    {.name = NULL},
};

const YamlKey DETAIL_KEYS[] = {
    REQUEST_KEYS("basic, bearer, header, oauth2 or login"),
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .required = true, .help = "how it is read"},
    {.name = "listing", .type = YAML_ANY, .required = true, .help = "fields; what is empty stays as it was"},
    {.name = "limit",
     .type = YAML_INTEGER,
     .min = 1,
     .max = 100000,
     .help = "listings of one answer; rest as they are"},
    {.name = "concurrency",
     .type = YAML_INTEGER,
     .default_text = "4",
     .min = 1,
     .max = 64,
     .help = "the most calls at once, for one answer"},
    {.name = "timeout", .type = YAML_DURATION, .default_text = "10s", .help = "of one call"},
    {.name = "size_limit_mib", .type = YAML_INTEGER, .default_text = "4", .min = 1, .max = 64, .help = "of one answer"},
    {.name = "redirects", .type = YAML_INTEGER, .default_text = "3", .min = 0, .max = 20, .help = "how many to follow"},
    {.name = "hosts", .type = YAML_TEXTS, .help = "where {item_url} may lead besides the host of the list"},
    {.name = NULL},
};

const YamlKey SUBMIT_KEYS[] = {
    REQUEST_KEYS("basic, bearer, header, oauth2 or login"),
    {.name = "ticket", .type = YAML_TEXT, .help = "path of the id or URL by which it is asked after"},
    {.name = "ticket_header", .type = YAML_TEXT, .help = "or the header that has it, such as Location"},
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .help = "how it is read; default {json: .}"},
    {.name = "timeout", .type = YAML_DURATION, .default_text = "30s", .help = "of the call"},
    {.name = NULL},
};

const YamlKey POLL_KEYS[] = {
    REQUEST_KEYS("basic, bearer, header, oauth2 or login"),
    {.name = "status", .type = YAML_TEXT, .help = "path of what the partner calls the state"},
    {.name = "ready", .type = YAML_TEXTS, .help = "what it is when the result is there"},
    {.name = "failed", .type = YAML_TEXTS, .help = "what it is when there will be none"},
    {.name = "message", .type = YAML_TEXT, .help = "path of the partner's own words"},
    {.name = "result", .type = YAML_TEXT, .help = "path of the URL or id of the result"},
    {.name = "result_header", .type = YAML_TEXT, .help = "or the header that has it, such as Location"},
    {.name = "every", .type = YAML_DURATION, .default_text = "10s", .help = "how often it is asked"},
    {.name = "deadline", .type = YAML_DURATION, .default_text = "30m", .help = "how long, from submit on"},
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .help = "how it is read; default {json: .}"},
    {.name = "timeout", .type = YAML_DURATION, .default_text = "30s", .help = "of one call"},
    {.name = NULL},
};

const YamlKey AUTH_KEYS[] = {
    {.name = "basic", .type = YAML_RECORD, .nested = BASIC_KEYS, .help = "user and password"},
    {.name = "bearer", .type = YAML_TEXT, .help = "Authorization: Bearer"},
    {.name = "header", .type = YAML_NAMED, .help = "name: value"},
    {.name = "oauth2", .type = YAML_RECORD, .nested = OAUTH2_KEYS, .help = "a token by RFC 6749"},
    {.name = "login", .type = YAML_RECORD, .nested = LOGIN_KEYS, .help = "a token or cookies in a way of their own"},
    {.name = NULL},
};

const YamlKey TERMS_KEYS[] = {
    {.name = "attribution", .type = YAML_TEXT, .help = "text to show beside its listings"},
    {.name = "attribution_url", .type = YAML_TEXT, .help = "where that text must lead"},
    {.name = "nofollow", .type = YAML_BOOLEAN, .default_text = "true", .help = "false: links must not be nofollow"},
    {.name = "noindex", .type = YAML_BOOLEAN, .help = "pages with its listings must not be indexed"},
    {.name = "not_to", .type = YAML_TEXTS, .help = "consumers who must not get its listings"},
    {.name = "cache", .type = YAML_DURATION, .help = "how long an answer may be kept; 0s: not at all"},
    {.name = "stale", .type = YAML_DURATION, .help = "how much longer, while a newer one is fetched"},
    {.name = "stale_if_error", .type = YAML_DURATION, .help = "how much longer, when there is no newer one"},
    {.name = "repeat", .type = YAML_TEXT, .help = "whether a search is asked twice: never, retry or hedge"},
    {.name = "store", .type = YAML_BOOLEAN, .default_text = "true", .help = "whether listings may be indexed"},
    {.name = "syndicate", .type = YAML_BOOLEAN, .default_text = "true", .help = "whether listings may be passed on"},
    {.name = NULL},
};

const YamlKey PAGES_KEYS[] = {
    {.name = "by", .type = YAML_TEXT, .help = "page, offset, cursor, next_link or part"},
    {.name = "first", .type = YAML_INTEGER, .min = 0, .max = 1000, .help = "number of the first page, offset or part"},
    {.name = "size", .type = YAML_INTEGER, .min = 1, .max = 100000, .help = "the most that a page holds"},
    {.name = "limit", .type = YAML_INTEGER, .min = 1, .max = 1000000, .help = "the most pages"},
    {.name = "max_offset", .type = YAML_INTEGER, .min = 1, .max = 1000000000, .help = "the greatest offset allowed"},
    {.name = "total_pages", .type = YAML_TEXT, .help = "path of the number of pages"},
    {.name = "complete", .type = YAML_TEXT, .help = "path of what is true when nothing follows"},
    {.name = "next_header", .type = YAML_TEXT, .help = "header of the next link (Link) or cursor"},
    {.name = "total_header", .type = YAML_TEXT, .help = "header of the total, such as Content-Range"},
    {.name = "window", .type = YAML_DURATION, .help = "reports: the most time that is asked for at once"},
    {.name = NULL},
};

const YamlKey RULE_KEYS[] = {
    {.name = "status", .type = YAML_TEXTS, .help = "HTTP status, or a list"},
    {.name = "path", .type = YAML_TEXT, .help = "a value of the document that must be there"},
    {.name = "equals", .type = YAML_TEXT, .help = "and be this"},
    {.name = "not_equals", .type = YAML_TEXT, .help = "and not be this"},
    {.name = "missing", .type = YAML_TEXT, .help = "a member of the document that must not be there"},
    {.name = "header", .type = YAML_TEXT, .help = "a header that must be there"},
    {.name = "content_type", .type = YAML_TEXT, .help = "what the answer says it is, such as text/html"},
    {.name = "contains", .type = YAML_TEXT, .help = "text within the first 4 KiB of the body"},
    {.name = "is", .type = YAML_TEXT, .required = true, .help = "credential, quota, transient, permanent or empty"},
    {.name = "message", .type = YAML_TEXT, .help = "path of the partner's own words"},
    {.name = "wait", .type = YAML_DURATION, .help = "how long the source is left alone"},
    {.name = "wait_header", .type = YAML_TEXT, .help = "header that says until when"},
    {.name = NULL},
};

const YamlKey CSV_KEYS[] = {
    {.name = "delimiter", .type = YAML_TEXT, .default_text = ",", .help = "one character, or tab"},
    {.name = "quote", .type = YAML_TEXT, .default_text = "\"", .help = "one character"},
    {.name = "header",
     .type = YAML_BOOLEAN,
     .default_text = "true",
     .help = "whether the first line names the columns"},
    {.name = "skip_lines", .type = YAML_INTEGER, .min = 0, .max = 1000, .help = "lines before the header"},
    {.name = "skip_to", .type = YAML_TEXT, .help = "text of the first line of the table, for a preamble of any length"},
    {.name = NULL},
};

const YamlKey EMBEDDED_KEYS[] = {
    {.name = "after", .type = YAML_TEXT, .required = true, .help = "the text behind which the JSON stands"},
    {.name = "as", .type = YAML_TEXT, .help = "entities or string: how it is written there; absent: as it is"},
    {.name = NULL},
};

const YamlKey ANSWER_KEYS[] = {
    {.name = "json", .type = YAML_TEXTS, .help = "path of the records of a JSON document, or several"},
    {.name = "ndjson", .type = YAML_TEXT, .help = "path of the record in each line"},
    {.name = "xml", .type = YAML_TEXTS, .help = "path of the records of an XML document, or several"},
    {.name = "csv", .type = YAML_RECORD, .nested = CSV_KEYS, .help = "how the table is written"},
    {.name = "charset", .type = YAML_TEXT, .help = "when none or a wrong one is declared"},
    {.name = "compression", .type = YAML_TEXT, .default_text = "auto", .help = "auto, none, gzip or zip"},
    {.name = "zip", .type = YAML_TEXT, .help = "which member of a zip archive, with * and ?"},
    {.name = "embedded", .type = YAML_RECORD, .nested = EMBEDDED_KEYS, .help = "JSON that stands in a page"},
    {.name = "columns", .type = YAML_TEXT, .help = "JSON: path of the names of the items of each record"},
    {.name = "for_each", .type = YAML_TEXT, .help = "path within a record that stands for as many as it finds"},
    {.name = "merge_within",
     .type = YAML_INTEGER,
     .min = 1,
     .max = 10000,
     .help = "rows of one id are one listing when at most so many ids lie between; 1: adjacent ones"},
    {.name = "ignore_prefix", .type = YAML_BOOLEAN, .help = "XML names without what stands before their colon"},
    {.name = "ignore_case", .type = YAML_BOOLEAN, .help = "XML names in any case"},
    {.name = "total", .type = YAML_TEXT, .help = "path of the number found"},
    {.name = "next", .type = YAML_TEXT, .help = "path of the next link or cursor"},
    {.name = "errors", .type = YAML_RECORDS, .nested = RULE_KEYS, .help = "rules; the first that fits decides"},
    {.name = NULL},
};

const YamlKey TOLERANCE_KEYS[] = {
    {.name = "amount", .type = YAML_TEXT, .default_text = "1.00", .help = "of the currency, such as 0.50"},
    {.name = "percent", .type = YAML_TEXT, .default_text = "1", .help = "of the partner's figure, such as 2.5"},
    {.name = NULL},
};

const YamlKey OPERATION_KEYS[] = {
    REQUEST_KEYS("basic, bearer, header, oauth2 or login"),
    {.name = "requires", .type = YAML_TEXTS, .help = "placeholders that must have a value"},
    {.name = "unsupported", .type = YAML_TEXTS, .help = "words that Weir filters itself"},
    {.name = "pages", .type = YAML_RECORD, .nested = PAGES_KEYS, .help = "how to go on"},
    {.name = "timeout", .type = YAML_DURATION, .help = "of the whole exchange"},
    {.name = "size_limit_mib", .type = YAML_INTEGER, .min = 1, .max = 1048576, .help = "of the answer as received"},
    {.name = "redirects", .type = YAML_INTEGER, .default_text = "3", .min = 0, .max = 20, .help = "how many to follow"},
    {.name = "every", .type = YAML_DURATION, .help = "how often it is asked by itself; not for searches"},
    {.name = "full", .type = YAML_BOOLEAN, .help = "feeds: whether absence means closed"},
    {.name = "detail", .type = YAML_RECORD, .nested = DETAIL_KEYS, .help = "what is asked about each listing"},
    {.name = "submit", .type = YAML_RECORD, .nested = SUBMIT_KEYS, .help = "asks the partner to prepare it"},
    {.name = "poll", .type = YAML_RECORD, .nested = POLL_KEYS, .help = "asks whether it is ready"},
    {.name = "hosts", .type = YAML_TEXTS, .help = "where URLs that the partner gives may lead besides its own host"},
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .help = "how the answer is read"},
    {.name = "listing", .type = YAML_ANY, .help = "fields of a listing"},
    {.name = "line", .type = YAML_ANY, .help = "reports: fields of a line"},
    {.name = "total", .type = YAML_ANY, .help = "totals: fields of a day's sum"},
    {.name = "ask_by", .type = YAML_TEXT, .default_text = "window", .help = "totals: window, or day: one request each"},
    {.name = "maturity", .type = YAML_DURATION, .default_text = "1d", .help = "totals: when a day that ended is final"},
    {.name = "tolerance", .type = YAML_RECORD, .nested = TOLERANCE_KEYS, .help = "totals: beyond both is drift"},
    {.name = "mode", .type = YAML_TEXT, .help = "reports: mutable, append or aggregate"},
    {.name = "upload", .type = YAML_BOOLEAN, .help = "reports: given by hand or posted"},
    {.name = "look_back_days",
     .type = YAML_INTEGER,
     .default_text = "3",
     .min = 0,
     .max = 1100,
     .help = "reports and totals: how far back each pull asks"},
    {.name = "zone", .type = YAML_TEXT, .help = "of days and of times without one"},
    {.name = "numbers", .type = YAML_TEXT, .default_text = "1234.56", .help = "how numbers are written, as an example"},
    {.name = NULL},
};

const YamlKey SUBID_KEYS[] = {
    {.name = "query", .type = YAML_TEXT, .help = "parameter that takes the click id"},
    {.name = "macro", .type = YAML_TEXT, .help = "or the text of the URL that it takes the place of"},
    {.name = "letters_and_digits", .type = YAML_INTEGER, .min = 1, .max = 1000, .help = "how many fit"},
    {.name = "digits", .type = YAML_INTEGER, .min = 1, .max = 1000, .help = "how many fit, when only digits do"},
    {.name = NULL},
};

const YamlKey CLICK_KEYS[] = {
    {.name = "subid", .type = YAML_RECORD, .nested = SUBID_KEYS, .help = "where the click id goes"},
    {.name = "append", .type = YAML_ANY, .help = "name: value added to the URL's query"},
    {.name = "macros", .type = YAML_ANY, .help = "text of the URL: value that takes its place"},
    {.name = "lifetime", .type = YAML_DURATION, .help = "a click after so long is not paid"},
    {.name = "bid", .type = YAML_TEXT, .help = "what a click is worth when the listing does not say: 0.10 USD"},
    {.name = NULL},
};

const YamlKey DEFINITION_KEYS[] = {
    {.name = "source", .type = YAML_TEXT, .required = true, .help = "name: a-z, 0-9 and -"},
    {.name = "partner", .type = YAML_TEXT, .required = true, .help = "the company behind it"},
    {.name = "docs", .type = YAML_TEXT, .help = "where its documentation is"},
    {.name = "status", .type = YAML_TEXT, .help = "documented, recorded or needs-account: what it was tried on"},
    {.name = "countries", .type = YAML_TEXTS, .help = "ISO codes it covers; absent: everywhere"},
    {.name = "parameters", .type = YAML_NAMED, .nested = PARAMETER_KEYS, .help = "values the configuration may set"},
    {.name = "values", .type = YAML_ANY, .help = "NAME: value computed from others; a signature"},
    {.name = "instances", .type = YAML_ANY, .help = "NAME: {PARAMETER: VALUE}; one source for each"},
    {.name = "secrets", .type = YAML_TEXTS, .help = "environment variables it needs"},
    {.name = "limits", .type = YAML_TEXTS, .help = "such as 25/minute or 1/5s; all hold at once"},
    {.name = "concurrency", .type = YAML_INTEGER, .min = 1, .max = 1000, .help = "the most calls at once"},
    {.name = "budget", .type = YAML_TEXT, .help = "limits are counted together with sources of the same budget"},
    {.name = "terms", .type = YAML_RECORD, .nested = TERMS_KEYS, .help = "what the partner asks of us"},
    {.name = "auth", .type = YAML_ANY, .help = "of whatever has none of its own"},
    {.name = "private_hosts", .type = YAML_BOOLEAN, .help = "its hosts may be loopback or private addresses"},
    {.name = "search", .type = YAML_RECORD, .nested = OPERATION_KEYS, .help = "a live search"},
    {.name = "feed", .type = YAML_RECORD, .nested = OPERATION_KEYS, .help = "a file of listings"},
    {.name = "reports", .type = YAML_NAMED, .nested = OPERATION_KEYS, .help = "what the partner says it owes"},
    {.name = "totals", .type = YAML_RECORD, .nested = OPERATION_KEYS, .help = "the partner's own sums by day"},
    {.name = "answer", .type = YAML_RECORD, .nested = ANSWER_KEYS, .help = "of search and feed where they have none"},
    {.name = "listing", .type = YAML_ANY, .help = "of search and feed where they have none"},
    {.name = "click", .type = YAML_RECORD, .nested = CLICK_KEYS, .help = "what is done to a URL that is clicked"},
    {.name = NULL},
};
