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

const YamlKey TERMS_KEYS[] = {
    {.name = "attribution", .type = YAML_TEXT, .help = "text to show beside its listings"},
    {.name = "cache", .type = YAML_DURATION, .help = "how long an answer may be kept"},
    {.name = "store", .type = YAML_BOOLEAN, .default_text = "true", .help = "whether listings may be indexed"},
    {.name = "syndicate", .type = YAML_BOOLEAN, .default_text = "true", .help = "whether listings may be passed on"},
    {.name = NULL},
};

const YamlKey PAGES_KEYS[] = {
    {.name = "by", .type = YAML_TEXT, .required = true, .help = "page, offset, cursor, next_link or part"},
    {.name = "first", .type = YAML_INTEGER, .min = 0, .max = 1000, .help = "number of the first page, offset or part"},
    {.name = "size", .type = YAML_INTEGER, .min = 1, .max = 100000, .help = "the most that a page holds"},
    {.name = "limit", .type = YAML_INTEGER, .min = 1, .max = 1000000, .help = "the most pages"},
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
    {.name = NULL},
};

const YamlKey ANSWER_KEYS[] = {
    {.name = "json", .type = YAML_TEXT, .help = "path of the records of a JSON document"},
    {.name = "ndjson", .type = YAML_TEXT, .help = "path of the record in each line"},
    {.name = "xml", .type = YAML_TEXT, .help = "path of the records of an XML document"},
    {.name = "csv", .type = YAML_RECORD, .nested = CSV_KEYS, .help = "how the table is written"},
    {.name = "charset", .type = YAML_TEXT, .help = "when none or a wrong one is declared"},
    {.name = "compression", .type = YAML_TEXT, .default_text = "auto", .help = "auto, none or gzip"},
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
    {.name = "get", .type = YAML_TEXT, .help = "URL to get"},
    {.name = "post", .type = YAML_TEXT, .help = "URL to post to"},
    {.name = "query", .type = YAML_ANY, .help = "name: value"},
    {.name = "headers", .type = YAML_ANY, .help = "name: value"},
    {.name = "form", .type = YAML_ANY, .help = "name: value of a form body"},
    {.name = "json", .type = YAML_ANY, .help = "JSON body"},
    {.name = "graphql", .type = YAML_ANY, .help = "query and variables of a JSON body"},
    {.name = "auth", .type = YAML_ANY, .help = "basic, bearer or header"},
    {.name = "requires", .type = YAML_TEXTS, .help = "placeholders that must have a value"},
    {.name = "unsupported", .type = YAML_TEXTS, .help = "words that Weir filters itself"},
    {.name = "pages", .type = YAML_RECORD, .nested = PAGES_KEYS, .help = "how to go on"},
    {.name = "timeout", .type = YAML_DURATION, .help = "of the whole exchange"},
    {.name = "size_limit_mib", .type = YAML_INTEGER, .min = 1, .max = 1048576, .help = "of the answer as received"},
    {.name = "redirects", .type = YAML_INTEGER, .default_text = "3", .min = 0, .max = 20, .help = "how many to follow"},
    {.name = "every", .type = YAML_DURATION, .help = "how often it is asked by itself; not for searches"},
    {.name = "full", .type = YAML_BOOLEAN, .help = "feeds: whether absence means closed"},
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
    {.name = "query", .type = YAML_TEXT, .required = true, .help = "parameter that takes the click id"},
    {.name = "letters_and_digits", .type = YAML_INTEGER, .min = 1, .max = 1000, .help = "how many fit"},
    {.name = "digits", .type = YAML_INTEGER, .min = 1, .max = 1000, .help = "how many fit, when only digits do"},
    {.name = NULL},
};

const YamlKey CLICK_KEYS[] = {
    {.name = "subid", .type = YAML_RECORD, .nested = SUBID_KEYS, .help = "where the click id goes"},
    {.name = "append", .type = YAML_ANY, .help = "name: value added to the URL's query"},
    {.name = "bid", .type = YAML_TEXT, .help = "what a click is worth when the listing does not say: 0.10 USD"},
    {.name = NULL},
};

const YamlKey DEFINITION_KEYS[] = {
    {.name = "source", .type = YAML_TEXT, .required = true, .help = "name: a-z, 0-9 and -"},
    {.name = "partner", .type = YAML_TEXT, .required = true, .help = "the company behind it"},
    {.name = "docs", .type = YAML_TEXT, .help = "where its documentation is"},
    {.name = "countries", .type = YAML_TEXTS, .help = "ISO codes it covers; absent: everywhere"},
    {.name = "parameters", .type = YAML_NAMED, .nested = PARAMETER_KEYS, .help = "values the configuration may set"},
    {.name = "values", .type = YAML_ANY, .help = "NAME: value computed from others; a signature"},
    {.name = "instances", .type = YAML_ANY, .help = "NAME: {PARAMETER: VALUE}; one source for each"},
    {.name = "secrets", .type = YAML_TEXTS, .help = "environment variables it needs"},
    {.name = "limits", .type = YAML_TEXTS, .help = "such as 25/minute; all hold at once"},
    {.name = "terms", .type = YAML_RECORD, .nested = TERMS_KEYS, .help = "what the partner asks of us"},
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
