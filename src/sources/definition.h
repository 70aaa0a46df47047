/*
 * Definition: what the loader makes of a YAML file, and what requests, answers and clicks are made from. Private to this
 * room; everybody else sees source.h.
 */
#pragma once

#include "sources/expression.h"
#include "sources/template.h"

/* A name with the template of its value. */
typedef struct {
    const char *name;
    const Template *value;
} Assignment;

typedef struct {
    const Assignment *items;
    size_t count;
} Assignments;

/* A JSON body as the definition draws it. */
typedef struct BodyNode BodyNode;
struct BodyNode {
    enum { BODY_RAW, BODY_LITERAL, BODY_TEXT, BODY_LIST, BODY_MAP } kind;
    Str raw; /* a number, boolean or null as written; of a literal, a text without placeholders */
    const Template *text;
    size_t count;
    const char **names; /* of a map */
    const BodyNode **items;
};

/* How a token or cookies are got before anything is asked. */
typedef struct {
    Operation *operation;        /* the login itself */
    ptrdiff_t token, expires_in; /* document paths of its answer; -1: none */
    bool oauth2;                 /* made of what OAuth2 always says */
    bool cookies;                /* what it sets is sent along */
    int64_t lifetime_us;         /* when the answer does not say */
    int64_t skew_us;             /* so much earlier it counts as ended */
    const int64_t *expired;      /* statuses that say it ended */
    size_t expired_count;
} Login;

/* What a partner prepares first: it is asked for, then asked after until it is ready. */
typedef struct {
    Operation *submit, *poll;
    ptrdiff_t status, message;                /* document paths of poll's answer; -1: none */
    const char *const *ready, *const *failed; /* what the status may be; NULL-terminated */
    int64_t every_us, deadline_us;
} OrderSteps;

typedef enum { AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_HEADER } AuthKind;
typedef struct {
    Login *login; /* NULL: none */
    AuthKind kind;
    const Template *user, *password; /* basic */
    const Template *token;           /* bearer */
    Assignments headers;
} Auth;

/* What an answer means when it looks so. All that is given must hold. */
typedef struct {
    const int64_t *statuses;
    size_t status_count; /* 0: any */
    ptrdiff_t path;      /* index of a document path; -1: none */
    ptrdiff_t missing;   /* index of a presence path; -1: none */
    const char *header;  /* NULL: none */
    Str content_type;
    Str equals, not_equals, contains;
    AnswerStatus is;
    ptrdiff_t message; /* index of a document path; -1: none */
    int64_t wait_us;   /* how long the source is left alone; 0: not said */
    const char *wait_header;
} AnswerRule;

typedef struct {
    const Expression *id, *title, *company, *location, *country, *latitude, *longitude, *remote, *employment_type,
        *posted_at, *expires_at, *snippet, *description, *category, *language, *url;
    const Expression *salary_min, *salary_max, *salary_currency, *salary_period, *salary_predicted, *salary_text;
    const Expression *bid_amount, *bid_currency;
} ListingMap;

typedef struct {
    const Expression *key, *original_key, *sub_id, *status, *amount, *currency, *event_at, *click_at, *validated_at,
        *version_at, *clicks, *impressions, *description;
} LineMap;

typedef enum {
    OPERATION_SEARCH,
    OPERATION_FEED,
    OPERATION_REPORT,
    OPERATION_TOTALS,
    OPERATION_LOGIN,
    OPERATION_DETAIL,
    OPERATION_SUBMIT,
    OPERATION_POLL,
} OperationKind;

/* Words of the question that the partner does not look at. */
enum { FILTER_KEYWORDS = 1, FILTER_LOCATION = 2, FILTER_COUNTRY = 4, FILTER_REMOTE = 8 };

struct Operation {
    const Source *source;
    const char *name;
    OperationKind kind;

    /* asking */
    const char *method; /* NULL: it cannot be asked, only be given */
    const Template *url;
    Assignments query, headers, form;
    const BodyNode *body;
    const Template *xml; /* a body of XML */
    Auth auth;
    const int *required; /* variables */
    size_t required_count;
    unsigned filters;
    unsigned heeds; /* of a search: operation_heeds() */
    Pages pages;
    int64_t timeout_us, every_us, look_back_days;
    uint64_t size_limit_bytes;
    unsigned redirects;
    bool full;
    Operation *detail;    /* what is asked about each listing; NULL: nothing */
    int64_t detail_limit; /* listings of one answer that are asked about; 0: all */
    unsigned detail_concurrency;
    OrderSteps *order; /* NULL: it can be asked at once */
    /* To whose URL, which the definition says, those that the partner gives are relative: the submit, or of a detail the
     * list; NULL: none. */
    const Operation *relative_to;
    const char *const *hosts; /* where they may lead besides its host; NULL-terminated */
    ReportMode mode;
    GTimeZone *zone; /* NULL: UTC */
    NumberStyle numbers;
    TotalsTolerance tolerance; /* of totals */
    bool by_day;

    /* answering */
    ReaderSpec reader;
    const Path *records; /* NULL: the whole */
    const Path *more_records[READER_MORE_RECORDS];
    const Path *columns, *for_each; /* NULL: none */
    FieldSet fields, document, presence;
    ptrdiff_t total, next;    /* document paths; -1: none */
    ptrdiff_t given;          /* of submit and poll: the path of ticket or result; -1: none */
    const char *given_header; /* or the header */
    const AnswerRule *rules;
    size_t rule_count;
    unsigned merge_within; /* ids whose rows are waited for at once; 0: each record is a listing */
    const Expression **skips;
    size_t skip_count;
    ListingMap listing;
    bool id_is_of_item;   /* of those of for_each, the id or key tells one from the other */
    ListingFields mapped; /* of those that the definition says */
    LineMap line;
};

/* What operation_heeds() tells, found out by making requests: of an operation of an enabled source. */
unsigned operation_find_heeds(const Operation *operation);

struct Source {
    Arena *arena; /* of everything here */
    const char *name, *definition, *partner, *docs, *status, *disabled, *attribution, *attribution_url;
    const char *const *countries;
    bool private_hosts, store, syndicate, nofollow, noindex;
    const char *const *not_to; /* consumers */
    CacheTerms cache;
    bool says_repeat; /* else as the method allows */
    OperationRepeat repeat;
    uint64_t revision;
    int64_t click_lifetime_us;
    Money default_bid;
    const RateLimit *limits;
    size_t limit_count;
    const char *budget; /* under which they are counted */
    unsigned concurrency;
    Parameters parameters;
    const char *const *secret_names;
    const char *const *secret_values;
    size_t secret_count;
    Operation *search, *feed, *totals;
    Operation **reports;
    size_t report_count;
    SubIdSlot slot;
    Assignments click_append, click_macros;
};

/* Loads one file: a source, or one for each of its instances, each added to sources. Mistakes are added. */
void definition_load(const char *path, const SourceSetSpec *spec, GPtrArray *sources, YamlMistakes *mistakes);
void source_free(Source *source);

/* ---- parts of the loader ---- */

typedef struct {
    Source *source;
    TemplateScope scope;
    Arena *arena;
    YamlMistakes *mistakes;
    const YamlNode *root;
} DefinitionLoader;

/* definition_operation.c: one that says nothing yet. */
Operation *definition_new_operation(DefinitionLoader *loader, OperationKind kind, const char *name);
/* definition_operation.c: search, feed, totals or a report from its mapping. NULL when it has mistakes. */
Operation *definition_load_operation(DefinitionLoader *loader, const YamlNode *node, OperationKind kind,
                                     const char *name);
/* definition_answer.c: how its answer is read. */
void definition_load_answer(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* The same for an answer without records: its own, else {json: .}. */
void definition_load_small_answer(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* A path of a map's key, added to paths; -1 when the key is absent or a mistake. */
ptrdiff_t definition_load_path(DefinitionLoader *loader, const YamlNode *map, const char *key, FieldSet *paths);
/* definition_fields.c: the fields of its listings, lines or totals; after the answer, within whose records they stand. */
void definition_load_fields(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* definition_request.c: the template of a map's key; NULL when the key is absent or a mistake. */
const Template *definition_load_template(DefinitionLoader *loader, const YamlNode *map, const char *key);
/* definition_rules.c: the HTTP statuses of a map's key, none below least, in the loader's arena. */
const int64_t *definition_load_statuses(DefinitionLoader *loader, const YamlNode *map, const char *key, int64_t least,
                                        size_t *ret_count);
/* What an answer means. */
void definition_load_rules(DefinitionLoader *loader, const YamlNode *errors, Operation *operation);
/* definition_detail.c: the second step, if there is one. */
void definition_load_detail(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* definition_order.c: what is prepared first, if anything is. {ticket} and {result} are then in scope. */
void definition_load_order(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* definition_auth.c: keys and logins; the operation's own, else the file's. */
void definition_load_auth(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
/* definition_request.c: URL, query, headers, bodies, auth. */
void definition_load_url(DefinitionLoader *loader, const YamlNode *node, const char *key, Operation *operation);
void definition_load_request(DefinitionLoader *loader, const YamlNode *node, Operation *operation);
Assignments definition_load_assignments(DefinitionLoader *loader, const YamlNode *map, const char *key);
/* Adds to an array of Assignment, unless the value is NULL: absent or a mistake. */
void assignments_add(GArray *assignments, const char *name, const Template *value);
/* The reader's spec points into the operation, so it is completed when all paths are known. */
void definition_finish_reader(Operation *operation);
void operation_free(Operation *operation);

/* definition_parameters.c: what the configuration, the instance (NULL: none) and the file say, in this order. The
 * parameters have room behind them for `values`. */
Parameter *definition_load_parameters(DefinitionLoader *loader, const SourceSetSpec *spec, const YamlNode *instance);
void definition_load_secrets(DefinitionLoader *loader, const SourceSetSpec *spec, const YamlNode *instance);
/* That an instance names only what the file has. */
void definition_check_instance(DefinitionLoader *loader, const YamlNode *instance);
/* definition_values.c: computed values, put behind the parameters, which have room for them. */
void definition_load_values(DefinitionLoader *loader, Parameter *parameters);

/* definition_keys.c: the tables of keys. */
extern const YamlKey VALUE_KEYS[];
extern const YamlKey AUTH_KEYS[];
extern const YamlKey LOGIN_KEYS[];
extern const YamlKey DETAIL_KEYS[];
extern const YamlKey SUBMIT_KEYS[];
extern const YamlKey POLL_KEYS[];
extern const YamlKey OAUTH2_KEYS[];
extern const YamlKey DEFINITION_KEYS[];
extern const YamlKey OPERATION_KEYS[];
extern const YamlKey TOLERANCE_KEYS[];
extern const YamlKey ANSWER_KEYS[];
extern const YamlKey CSV_KEYS[];
extern const YamlKey EMBEDDED_KEYS[];
extern const YamlKey PAGES_KEYS[];
extern const YamlKey RULE_KEYS[];
extern const YamlKey TERMS_KEYS[];
extern const YamlKey CLICK_KEYS[];
extern const YamlKey SUBID_KEYS[];
extern const YamlKey PARAMETER_KEYS[];

/* request.c: user and password of Basic authentication (RFC 7617), in base64. */
Str auth_basic_credentials(const Auth *auth, const Ask *ask, Arena *arena);
/* redact.c: text with *** for the secret, however it is encoded. */
Str secret_hide(Str text, Str secret, Arena *arena);

/* ---- mapping, used by answer.c ---- */

/* listing_map.c: false when the record was dropped (and reported). ret_filled: the fields that have a value, which for
 * the id means one of the partner's. */
bool listing_map_record(const Operation *operation, const Ask *ask, const Record *record, Arena *arena,
                        const AnswerEvents *events, void *data, Listing *ret_listing, ListingFields *ret_filled);
/* The fields that a map says; title and url always. */
ListingFields listing_map_fields(const ListingMap *map);
/* line_map.c: the same for a line of a report. */
bool line_map_record(const Operation *operation, const Ask *ask, const Record *record, Arena *arena,
                     const AnswerEvents *events, void *data, ReportLine *ret_line);
/* Whether a skip_if of the operation holds for the record. */
bool operation_skips(const Operation *operation, const Ask *ask, const Record *record, Arena *arena);
/* redact.c: hides secrets, and what the question says of its visitor. */
Str operation_redact_record(const Operation *operation, const Question *question, Str text, Arena *arena);
/* The ask for a question to an operation. */
Ask operation_ask(const Operation *operation, const Question *question);
/* Whether the listing fits the words that the partner ignored. */
bool operation_keeps(const Operation *operation, const Question *question, const Listing *listing, Arena *arena);
