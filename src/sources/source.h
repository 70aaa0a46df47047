/*
 * Source: one partner network as a definition file describes it, loaded and checked.
 *
 *     sources/NAME.yaml ──load──> Source ──┬── search:  a question becomes a request, an answer becomes listings
 *                                          ├── feed:    a file of listings, pulled whole
 *                                          ├── reports: what the partner says it owes, line by line
 *                                          ├── totals:  the partner's own sums by day, to check ours against
 *                                          └── click:   where the click id goes in the partner's URL
 *
 * A source does no I/O: it turns a question into an HttpRequest and bytes into listings or lines, so that every one is
 * tested by golden exchanges. It is immutable once loaded and shared by all threads; reloading makes a new SourceSet.
 */
#pragma once

#include "base/clock.h"
#include "base/yaml.h"
#include "listings/listing.h"
#include "net/http.h"
#include "sources/rate_limit.h"
#include "sources/tally.h"
#include "stream/reader.h"

typedef struct Source Source;
typedef struct SourceSet SourceSet;
/* One thing that can be asked of a source: its search, its feed, one of its reports, or its totals. */
typedef struct Operation Operation;

typedef struct {
    const char *directory;         /* of *.yaml, read in order of name */
    const char *const *more_files; /* NULL-terminated; may be NULL */
    /* The value of a secret (an environment variable's name), NULL when not set. */
    const char *(*secret)(void *data, const char *name);
    void *data;
    /* Values for parameters that the configuration sets: source, parameter -> value; NULL: the default. */
    const char *(*parameter)(void *data, const char *source, const char *parameter);
    /* More instances of a file, as they would stand in it under `instances`; NULL: none. May be NULL itself. */
    const YamlNode *(*instances)(void *data, const char *source);
} SourceSetSpec;

/* Loads all definitions. Every mistake of every file is reported, each as "file:line: key: what is wrong" (one a line
 * in the message). A missing secret is no mistake: the source is loaded but disabled, with the reason. */
SourceSet *source_set_load(const SourceSetSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
SourceSet *source_set_ref(SourceSet *set);
void source_set_unref(SourceSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceSet, source_set_unref)
size_t source_set_count(const SourceSet *set);
const Source *source_set_at(const SourceSet *set, size_t i);   /* in order of name */
const Source *source_set_find(const SourceSet *set, Str name); /* NULL when unknown */
/* Whether no source before it is of the same definition, whose instances are one network. */
bool source_set_is_first_of_definition(const SourceSet *set, size_t i);

const char *source_name(const Source *source);
const char *source_partner(const Source *source);
const char *source_docs(const Source *source); /* NULL when not given */
/* The name in its file: the source's own without that of its instance. */
const char *source_definition(const Source *source);
/* What it was tried on, as the definition says: "documented", "recorded" or "needs-account"; NULL when not given. */
const char *source_status(const Source *source);
/* How its partner knows us, in words: "OAuth2", "key in query"; ends in NULL, and none when everybody is answered. */
const char *const *source_auth(const Source *source, Arena *arena);
/* NULL when it may be used, else why not: "needs ADZUNA_APP_ID, ADZUNA_APP_KEY". */
const char *source_disabled(const Source *source);
/* Countries it covers (ISO alpha-2 capitals), NULL-terminated; empty: everywhere. */
const char *const *source_countries(const Source *source);
const char *source_attribution(const Source *source); /* NULL when none is asked */
/* What the partner's terms say of keeping its answers. */
typedef struct {
    bool said;              /* false: nothing, and the rest is 0 */
    int64_t fresh_us;       /* how long an answer may be given to others who ask the same; 0: not at all */
    int64_t stale_us;       /* how much longer while a newer one is fetched */
    int64_t stale_error_us; /* how much longer when the partner gives no newer one */
} CacheTerms;
CacheTerms source_cache_terms(const Source *source);
/* Another when the definition or the values of its parameters are others, so that what was kept under one is not taken
 * for an answer under the other. The same in every process. */
uint64_t source_revision(const Source *source);
Money source_default_bid(const Source *source);           /* currency "" when none */
const char *source_attribution_url(const Source *source); /* where it must lead; NULL: anywhere or nowhere */
bool source_wants_follow(const Source *source);           /* links to its listings must not be nofollow */
bool source_forbids_robots(const Source *source);         /* pages with its listings must not be indexed */
bool source_may_store(const Source *source);              /* false: its listings may only be shown, not indexed */
/* Whether its listings may leave in the unified feed, for a consumer (absent: whoever); some partners forbid some. */
bool source_may_syndicate_to(const Source *source, Str consumer);
const char *const *source_not_to(const Source *source); /* the consumers that it names; ends in NULL */
int64_t source_click_lifetime_us(const Source *source); /* a click on an older price is not paid; 0: no bound */
/* Until when clicks are paid at the price that the partner stood by at that moment; INT64_MAX: there is no bound. */
int64_t source_price_until_us(const Source *source, int64_t confirmed_at_us);

/* The name under which its calls are counted: its own, or one that it shares with other sources. */
const char *source_budget(const Source *source);
unsigned source_concurrency(const Source *source); /* calls at once; 0: any number */
size_t source_limit_count(const Source *source);
RateLimit source_limit(const Source *source, size_t i); /* all hold at once */

const Operation *source_search(const Source *source); /* NULL when it has none */
const Operation *source_feed(const Source *source);
size_t source_report_count(const Source *source);
const Operation *source_report(const Source *source, size_t i);
const Operation *source_report_find(const Source *source, Str name); /* NULL when unknown; a single one is "default" */

/* The partner's own sums by day: NULL when the definition does not say where they are. */
const Operation *source_totals(const Source *source);

/* When a day of the partner counts as final, and how far apart sums may be. Drift is what passes both. */
typedef struct {
    int64_t maturity_us;             /* after the end of the day */
    int64_t absolute_micros;         /* of the currency unit */
    int64_t relative_percent_micros; /* of the partner's figure: 1500000 is 1.5 per cent */
} TotalsTolerance;

/* ---- asking ---- */

/* A question in Weir's own words. Absent members are left out of the request as the definition says. */
typedef struct {
    Str keywords, location, country; /* country: ISO alpha-2 capitals */
    Str company;                     /* only of employers whose name has these words */
    bool has_position;               /* where the location is, when that is known */
    double latitude, longitude;      /* degrees */
    int64_t radius_km;               /* 0: not given */
    bool remote;
    int64_t page; /* from 1 */
    int64_t per_page;
    int64_t posted_within_days; /* 0: any */
    int64_t salary_min_micros;  /* 0: any */
    unsigned employment_types;
    Str user_ip, user_agent, page_url; /* of the visitor, for partners that demand them */
    int64_t since_us, until_us;        /* the window of a report */
    int64_t part;                      /* from 1, for feeds in parts */
    Str cursor;                        /* the next-page token or link of the answer before */
    Str item_id, item_title, item_url; /* of a listing, when its detail is asked for */
    Str ticket, result;                /* what submit and poll gave, of what is prepared first */
    int64_t window;                    /* from 0: the stretch of since_us to until_us, for partners that bound it */
    uint64_t first_page,
        page_before; /* what answers before held, by which one that is served again is known; 0: none */
} Question;

/* The words of a question that narrow it down; sets of them are an unsigned. */
typedef enum {
    WORD_KEYWORDS = 1,
    WORD_LOCATION = 2,
    WORD_COUNTRY = 4,
    WORD_RADIUS = 8,
    WORD_REMOTE = 16,
    WORD_PAGE = 32, /* another than the first */
    WORD_POSTED_WITHIN = 64,
    WORD_SALARY_MIN = 128,
    WORD_EMPLOYMENT_TYPE = 256,
} QuestionWord;
#define WORDS_ALL 511
/* Which of them a search passes on to its partner, or looks at itself. Of a disabled source all. */
unsigned operation_heeds(const Operation *operation);

/* What a login gave: goes along with what is asked afterwards. */
typedef struct {
    Str token, cookies; /* cookies: as the Cookie header; each absent when there is none */
} Session;

/* Makes the request of an operation; all its memory is in arena. INVALID when the question lacks what the partner
 * demands (e.g. user_ip), naming it. session: what operation_login() gave; NULL when it needs none. clock feeds signatures
 * and timestamps. exchange/ is what sends it. */
bool operation_request(const Operation *operation, const Question *question, const Session *session, const Clock *clock,
                       Arena *arena, HttpRequest *ret_request, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What must be asked first, once for many questions; NULL when nothing. It is asked with an empty question, and
 * session_read() makes a session of its answer. Two logins with the same request give the same session. */
const Operation *operation_login(const Operation *operation);
/* Whether the same may be asked twice when it may bring an answer sooner. What terms.repeat says, else what the method allows: GET
 * is safe to send again, POST is not (RFC 9110, 9.2.2). Never what is prepared first, and nothing beside a call that asks
 * for details of each listing. */
typedef enum {
    REPEAT_NEVER,
    REPEAT_RETRY, /* again when the first call has failed */
    REPEAT_HEDGE, /* also beside a first call that is slow */
} OperationRepeat;
OperationRepeat operation_repeat(const Operation *operation);
/* Whether an answer with that status says that the session has ended. */
bool operation_ends_session(const Operation *operation, int status);
/* The URL with secrets hidden, for logs and the terminal. */
Str operation_redact(const Operation *operation, Str text, Arena *arena);
/* What is asked about each listing of its answer, as question_about(); NULL when nothing. Its answer has one listing, which
 * completes the first: listing_with_detail(). */
const Operation *operation_detail(const Operation *operation);
int64_t operation_detail_limit(const Operation *operation); /* listings of one answer that are asked about; 0: all */
unsigned operation_detail_concurrency(const Operation *operation);
Question question_about(const Question *question, const Listing *listing);
Listing listing_with_detail(const Listing *listing, const Listing *detail);
/* What the partner must be asked to prepare first, and what is asked until it is ready; NULL when the operation can be asked
 * at once. Their answers are for submit_read() and poll_read(). How often, and how long at most. */
const Operation *operation_submit(const Operation *operation);
const Operation *operation_poll(const Operation *operation);
int64_t operation_poll_every_us(const Operation *operation);
int64_t operation_poll_deadline_us(const Operation *operation);
int64_t operation_timeout_us(const Operation *operation);
int64_t operation_every_us(const Operation *operation); /* feeds and reports: pull interval; 0: never by itself */
/* Reports: how many days back each pull asks for. */
int64_t operation_look_back_days(const Operation *operation);
/* Totals: see above; the zone of the partner's days (NULL: UTC; the operation's); and whether it is asked for one day at
 * a time, since_us to until_us of the question, rather than for the whole window. */
TotalsTolerance operation_tolerance(const Operation *operation);
GTimeZone *operation_zone(const Operation *operation);
bool operation_asks_by_day(const Operation *operation);
/* How the lines of a report stand to each other. */
typedef enum {
    REPORT_MUTABLE,   /* a line is found again by its key, and may change */
    REPORT_APPEND,    /* each line is new; a correction is a line of its own */
    REPORT_AGGREGATE, /* totals of a day or channel, which may change */
} ReportMode;
ReportMode operation_report_mode(const Operation *operation);
/* Feeds: whether the file holds every live listing, so that absence means closed. */
bool operation_is_full(const Operation *operation);
/* False for a report that is only uploaded or posted to us: it has no request. */
bool operation_can_be_asked(const Operation *operation);
const char *operation_name(const Operation *operation); /* "search", "feed", "totals", or the report's name */
const Source *operation_source(const Operation *operation);

/* ---- answering ---- */

/* What a whole answer means, beyond its records. */
typedef enum {
    ANSWER_OK,
    ANSWER_EMPTY,      /* nothing found: as good as OK */
    ANSWER_CREDENTIAL, /* our key is refused: a person must act */
    ANSWER_QUOTA,      /* asked too often */
    ANSWER_TRANSIENT,  /* the partner's fault, try later */
    ANSWER_PERMANENT,  /* our fault or theirs, trying again won't help */
    ANSWER_MALFORMED,  /* not of the format, or cut off */
} AnswerStatus;
const char *answer_status_name(AnswerStatus status);

/* What became of the money of a line, after the definition's map. */
#define REPORT_STATUSES "pending, approved, reversed, paid"
/* The status of that name, as long as the program lives; NULL when text is none. */
const char *report_status_find(Str text);

/* One line of a report, as mapped; see revenue/. Texts live during the call. */
typedef struct {
    Str key;          /* the partner's transaction id; absent when the report has none */
    Str original_key; /* of the transaction that this one corrects */
    Str sub_id;       /* what came back in the slot of our click id */
    Str status;       /* one of REPORT_STATUSES */
    int64_t amount_micros;
    Currency currency;
    int64_t event_at_us, click_at_us, validated_at_us, version_at_us; /* TIMESTAMP_NONE when absent */
    int64_t clicks, impressions;                                      /* of aggregates; -1 when absent */
    Str description;
    uint64_t row, position;
    Str canonical; /* all mapped fields in one canonical text: equal text, equal content */
} ReportLine;

typedef struct {
    bool (*listing)(void *data, const Listing *listing); /* of a search or feed; false stops */
    /* Of a report, or of totals (then event_at_us is the beginning of the day); false stops. */
    bool (*line)(void *data, const ReportLine *line);
    /* A record that was dropped, or (dropped == false) kept without one field. Row 0 is the answer as a whole, of a
     * search or feed: what is wrong with its charset. reason is one word for a metric; text
     * a sentence that names field and value. */
    void (*rejected)(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text);
} AnswerEvents;

typedef struct Answer Answer;

/* Reads one answer in pieces. Texts given to events are valid during the call (copy with listing_copy()). question is
 * what was asked: constants such as the country of the request come from it. Both must outlive the answer. */
Answer *answer_new(const Operation *operation, const Question *question, const Clock *clock, const AnswerEvents *events,
                   void *data);
void answer_free(Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)
/* Call first, when it came by HTTP. */
void answer_head(Answer *answer, int status, HttpHeaders headers);
/* False when nothing more need be read (format error, stop, limit): answer_finish() then says why. */
bool answer_push(Answer *answer, Str bytes);
/* The end: applies the error rules to status, headers and body. ret_message (may be NULL): the partner's own words or
 * ours, redacted, in the answer's memory; "" for OK. complete: false when the transfer itself broke off. */
AnswerStatus answer_finish(Answer *answer, bool complete, Str *ret_message);
/* The partner's total; -1 when it gives none. */
int64_t answer_total(const Answer *answer);
uint64_t answer_record_count(const Answer *answer);
/* The set of characters that it was read in, and how many of its bytes are of no character of it. */
const char *answer_charset(const Answer *answer);
uint64_t answer_replaced_count(const Answer *answer);
/* What became of the records so far; in the answer's memory. */
const MappingTally *answer_tally(const Answer *answer);
/* How long the partner asks us to wait (Retry-After), 0 when it does not say. */
int64_t answer_retry_after_us(const Answer *answer);
/* What must not be shown either, beside the source's secrets: a partner may repeat it in its errors. */
void answer_hide(Answer *answer, const Session *session);
/* Adds what Set-Cookie headers set to a Cookie header's value. */
void session_take_cookies(HttpHeaders headers, GString *cookies);
/* The session that the answer of a login gave, finished as `status`: its texts in arena, and how long it may be used. Not ANSWER_OK:
 * why there is none, in *message (the answer's own unless it gave no token). */
AnswerStatus session_read(const Operation *operation, const Answer *answer, AnswerStatus status, Str cookies,
                          Arena *arena, Session *ret_session, int64_t *ret_lifetime_us, Str *message);
/* The ticket that the answer of a submit gave, finished as `status`, for Question.ticket. Not ANSWER_OK: why there is
 * none, in *message (the answer's own unless it gave no ticket). */
AnswerStatus submit_read(const Answer *answer, AnswerStatus status, Arena *arena, Str *ret_ticket, Str *message);
typedef enum {
    ORDER_READY,
    ORDER_WAITING, /* *message: what for */
    ORDER_FAILED,  /* *status and *message: why */
} OrderState;
/* Whether the operation can be asked, by the answer of its poll, finished as *status, and with which Question.result. */
OrderState poll_read(const Operation *operation, const Answer *answer, AnswerStatus *status, Arena *arena,
                     Str *ret_result, Str *message);
/* False when the head of a poll's answer says everything: its body may be the result itself. */
bool poll_reads_body(const Operation *operation);
/* Whether it holds the same records as the first page or the one before: nothing follows then. */
bool answer_repeats(const Answer *answer);
/* Whether another page or part can be asked, and as which question (cursor, page or part moved on). Texts of the question
 * are those of the one before; the cursor is the answer's, so copy it before answer_free(). */
bool answer_next(const Answer *answer, Question *ret_next);

/* ---- clicking ---- */

typedef struct {
    bool has_slot;         /* the partner takes a sub-id */
    const char *parameter; /* of the query; NULL: it is a macro */
    const char *macro;     /* text of the URL that the sub-id takes the place of */
    bool digits_only;
    size_t length_limit;
} SubIdSlot;
SubIdSlot source_sub_id_slot(const Source *source);
/* The partner's URL with the sub-id in its slot, macros replaced, and the visitor's data where the definition wants them. The URL
 * is otherwise left as it is, byte for byte. */
Str source_click_url(const Source *source, Str url, Str sub_id, const Question *visitor, Arena *arena);
