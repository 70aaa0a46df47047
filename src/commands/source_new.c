#include "commands/source_new.h"

#include "base/json_writer.h"

#include "commands/answer_file.h"
#include "commands/command.h"
#include "commands/fetching.h"
#include "commands/listing_fields.h"
#include "drafting/draft.h"

#include <glib/gstdio.h>

#define FETCH_TIMEOUT_US (60 * US_PER_SECOND)
#define EXAMPLE_CHARS    60

/* ---- the sample ---- */

typedef struct {
    GString *body;
    HttpOutcome outcome;
    char *message;
    int status;
    bool is_cut, done;
} Fetched;

static bool
on_body(void *data, Str bytes)
{
    Fetched *fetched = data;

    str_append(fetched->body, str_slice(bytes, 0, SAMPLE_LIMIT_BYTES - fetched->body->len));
    fetched->is_cut = fetched->body->len == SAMPLE_LIMIT_BYTES;
    return !fetched->is_cut;
}

static void
on_done(void *data, const HttpResult *result)
{
    Fetched *fetched = data;

    fetched->outcome = result->outcome;
    fetched->status = result->status;
    fetched->message = g_strdup(result->message);
    fetched->done = true;
}

static bool
fetch_sample(const Deployment *deployment, const char *url, GString *body, bool *ret_is_cut, GError **error)
{
    static const HttpReceiver RECEIVER = {.body = on_body, .done = on_done};
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    const HttpRequest request = {.method = "GET",
                                 .url = url,
                                 .timeout_us = FETCH_TIMEOUT_US,
                                 .allow_private_hosts = deployment_allows_private_hosts(deployment),
                                 .redirects = 3};
    Fetched fetched = {.body = body};
    g_autofree char *message = NULL;

    http_client_send(uv_loop_client(loop), &request, &RECEIVER, &fetched);
    uv_loop_run_until(loop, &fetched.done);
    message = fetched.message;
    *ret_is_cut = fetched.is_cut;
    if (fetched.outcome != HTTP_OUTCOME_ANSWERED && !fetched.is_cut)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "the sample can't be fetched: %s", message);
    if (fetched.status < 200 || fetched.status > 299)
        return weir_fail(
            error, WEIR_ERROR_UNAVAILABLE,
            "the sample can't be fetched: status %d; when it needs headers or a login, save an answer to a "
            "file and give that, with --list-url",
            fetched.status);
    return true;
}

static bool
is_url(const char *text)
{
    return g_str_has_prefix(text, "http://") || g_str_has_prefix(text, "https://");
}

/* Without its query, which may hold keys. */
static char *
origin_of(const char *sample)
{
    return is_url(sample) ? g_strndup(sample, strcspn(sample, "?#")) : g_path_get_basename(sample);
}

static bool
is_name(const char *name)
{
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return size > 0 && size <= 60 && name[size] == '\0' && name[0] != '-';
}

/* ---- the trial ---- */

typedef struct {
    Arena *arena;
    GHashTable *examples; /* field -> text of the first listing that has it */
    uint64_t listings, rejected;
    char *first_loss;
} Trial;

static void
on_field(void *data, const char *field, Str text)
{
    Trial *trial = data;

    if (!g_hash_table_contains(trial->examples, field))
        g_hash_table_insert(trial->examples, g_strdup(field), str_dup(text));
}

static bool
on_listing(void *data, const Listing *listing)
{
    Trial *trial = data;

    arena_reset(trial->arena);
    trial->listings++;
    listing_each_field(listing, trial->arena, on_field, trial);
    return true;
}

static void
on_rejected(void *data, uint64_t row G_GNUC_UNUSED, bool dropped G_GNUC_UNUSED, const char *field G_GNUC_UNUSED,
            const char *reason G_GNUC_UNUSED, Str text)
{
    Trial *trial = data;

    trial->rejected++;
    if (trial->first_loss == NULL)
        trial->first_loss = str_dup(text);
}

typedef struct {
    SourceSet *set;
    Answer *answer;
    Trial trial;
    AnswerStatus status;
    Str message;
} Run;

static void
run_clear(Run *run)
{
    answer_free(run->answer);
    source_set_unref(run->set);
    arena_free(run->trial.arena);
    g_clear_pointer(&run->trial.examples, g_hash_table_unref);
    g_free(run->trial.first_loss);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* Loads the text as a file of its name in a folder that goes away again. */
static bool
load_text(const char *name, const GString *yaml, SourceSet **ret_set, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("weir-new-XXXXXX", error);
    g_autofree char *file = folder != NULL ? g_strdup_printf("%s/%s.yaml", folder, name) : NULL;
    const char *const files[] = {file, NULL};
    const SourceSetSpec spec = {.more_files = files};
    bool ok = folder != NULL && g_file_set_contents(file, yaml->str, (gssize)yaml->len, error);

    ok = ok && (*ret_set = source_set_load(&spec, error)) != NULL;
    if (folder != NULL) {
        g_unlink(file);
        g_rmdir(folder);
    }
    return ok;
}

static bool
run_draft(const Deployment *deployment, const SourceNewSpec *spec, const Draft *draft, Str sample, bool is_cut,
          Run *run, GError **error)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};
    static const Question QUESTION = {.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE, .page = 1, .part = 1};
    const Source *source;

    if (!load_text(spec->name, draft->yaml, &run->set, error))
        return g_prefix_error(error, "what was drafted does not load, which is a mistake of Weir's: "), false;
    source = source_set_find(run->set, str_of(spec->name));
    run->trial.arena = arena_new(4096);
    run->trial.examples = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run->answer = answer_new(draft->is_search ? source_search(source) : source_feed(source), &QUESTION,
                             deployment->clock, &EVENTS, &run->trial);
    answer_push(run->answer, sample);
    run->status = answer_finish(run->answer, !is_cut, &run->message);
    return true;
}

/* ---- telling ---- */

/* Fields of the tally by the name that a proposal has. */
static unsigned
tally_field(const char *field)
{
    for (unsigned i = FIELD_TITLE; i < FIELD_COUNT; i++)
        if (strcmp(listing_field_name(i), field) == 0)
            return i;
    if (strcmp(field, "longitude") == 0)
        return FIELD_LATITUDE;
    return g_str_has_prefix(field, "bid") ? FIELD_BID : FIELD_RECORD;
}

static const char *
example_of(const Run *run, const char *field)
{
    if (strcmp(field, "latitude") == 0 || strcmp(field, "longitude") == 0)
        field = "position";
    else if (g_str_has_prefix(field, "bid"))
        field = "bid";
    else if (strcmp(field, "description") == 0)
        field = "snippet";
    return g_hash_table_lookup(run->trial.examples, field);
}

static void
print_table(const Draft *draft, const Run *run)
{
    static const char *const HEADS[] = {"FIELD", "PATH", ">FILLED", ">OF", "EXAMPLE", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);
    const MappingTally *tally = answer_tally(run->answer);

    for (guint i = 0; i < draft->proposals->len; i++) {
        const DraftProposal *proposal = &g_array_index(draft->proposals, DraftProposal, i);
        const char *example = example_of(run, proposal->field);
        unsigned field = tally_field(proposal->field);
        g_autofree char *cut = example != NULL
                                   ? g_utf8_substring(example, 0, MIN(g_utf8_strlen(example, -1), EXAMPLE_CHARS))
                                   : g_strdup("-");

        text_table_add(table, str_of(proposal->field));
        text_table_add(table, str_of(proposal->expression));
        text_table_printf(table, "%" G_GINT64_FORMAT, tally->filled[field]);
        text_table_printf(table, "%" G_GINT64_FORMAT, tally->seen[field]);
        text_table_add(table, str_of(cut));
    }
    command_print_table(table, "no field was recognised");
}

static void
print_next_steps(const SourceNewSpec *spec, const Draft *draft, const char *output)
{
    size_t step = 1;

    command_print("\nNext:\n");
    for (guint i = 0; i < draft->notes->len; i++)
        command_print("  %" G_GSIZE_FORMAT ". %s\n", step++, (const char *)draft->notes->pdata[i]);
    if (spec->list_url == NULL && !is_url(spec->sample))
        command_print("  %" G_GSIZE_FORMAT ". say where the list is: `get` in %s\n", step++, output);
    command_print("  %" G_GSIZE_FORMAT ". read %s: each proposal says what it rests on\n", step++, output);
    command_print("  %" G_GSIZE_FORMAT ". weir check; weir source test %s --file SAMPLE; then without --file\n", step++,
                  spec->name);
    command_print("  %" G_GSIZE_FORMAT ". docs/new-partner.md says how it goes on\n", step++);
}

static void
print_result(const SourceNewSpec *spec, const Draft *draft, const Run *run, const char *output)
{
    command_print("sample       %s\nrecords      %" G_GSIZE_FORMAT " at %s%s%s\n", draft->format, draft->record_count,
                  draft->records, draft->columns != NULL ? ", columns named at " : "",
                  draft->columns != NULL ? draft->columns : "");
    for (guint i = 0; i < draft->hints->len; i++) {
        const DraftHint *hint = &g_array_index(draft->hints, DraftHint, i);

        command_print("beside them  %s: %s %s\n", hint->what, hint->path, hint->example);
    }
    command_print("\n");
    print_table(draft, run);
    command_print("\nstatus       %s%s%.*s\nlistings     %" G_GUINT64_FORMAT "\nlost         %" G_GUINT64_FORMAT
                  "%s%s\n",
                  answer_status_name(run->status), run->message.size > 0 ? ": " : "", STR_FORMAT(run->message),
                  run->trial.listings, run->trial.rejected, run->trial.first_loss != NULL ? ", first: " : "",
                  run->trial.first_loss != NULL ? run->trial.first_loss : "");
    command_print("not mapped   %u paths, listed at the end of the file\nwritten      %s\n", draft->unmapped->len,
                  output);
    print_next_steps(spec, draft, output);
}

static void
write_proposals(JsonWriter *json, const Draft *draft, const Run *run)
{
    const MappingTally *tally = answer_tally(run->answer);

    json_key(json, "fields");
    json_begin_array(json);
    for (guint i = 0; i < draft->proposals->len; i++) {
        const DraftProposal *proposal = &g_array_index(draft->proposals, DraftProposal, i);
        unsigned field = tally_field(proposal->field);

        json_begin_object(json);
        json_member_text(json, "field", str_of(proposal->field));
        json_member_text(json, "expression", str_of(proposal->expression));
        json_member_text(json, "path", str_of(proposal->path));
        json_member_text(json, "why", str_of(proposal->why));
        json_member_text_if(json, "others", str_of(proposal->others));
        json_member_int(json, "filled", tally->filled[field]);
        json_member_int(json, "of", tally->seen[field]);
        json_member_text_if(json, "example", str_of(example_of(run, proposal->field)));
        json_end_object(json);
    }
    json_end_array(json);
}

static void
write_texts(JsonWriter *json, const char *key, const GPtrArray *texts)
{
    json_key(json, key);
    json_begin_array(json);
    for (guint i = 0; i < texts->len; i++)
        json_text(json, str_of(texts->pdata[i]));
    json_end_array(json);
}

static void
print_json(const SourceNewSpec *spec, const Draft *draft, const Run *run, const char *output)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    json_member_text(&json, "source", str_of(spec->name));
    json_member_text(&json, "file", str_of(output));
    json_member_text(&json, "format", str_of(draft->format));
    json_member_text(&json, "operation", draft->is_search ? STR("search") : STR("feed"));
    json_member_text(&json, "records", str_of(draft->records));
    json_member_text_if(&json, "columns", str_of(draft->columns));
    json_member_int(&json, "record_count", (int64_t)draft->record_count);
    write_proposals(&json, draft, run);
    json_key(&json, "beside");
    json_begin_object(&json);
    for (guint i = 0; i < draft->hints->len; i++) {
        const DraftHint *hint = &g_array_index(draft->hints, DraftHint, i);

        json_member_text(&json, hint->what, str_of(hint->path));
    }
    json_end_object(&json);
    write_texts(&json, "unmapped", draft->unmapped);
    write_texts(&json, "to_see_to", draft->notes);
    json_member_text(&json, "status", str_of(answer_status_name(run->status)));
    json_member_int(&json, "listings", (int64_t)run->trial.listings);
    json_member_int(&json, "lost", (int64_t)run->trial.rejected);
    json_end_object(&json);
    g_print("%s\n", text->str);
}

/* ---- all of it ---- */

static bool
check_spec(const SourceNewSpec *spec, const char *output, GError **error)
{
    if (!is_name(spec->name))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no name for a source: a-z, 0-9 and - are, at most 60",
                         spec->name);
    if (spec->list_url != NULL && !is_url(spec->list_url))
        return weir_fail(error, WEIR_ERROR_INVALID, "--list-url must be a URL, not \"%s\"", spec->list_url);
    if (!spec->force && g_file_test(output, G_FILE_TEST_EXISTS))
        return weir_fail(error, WEIR_ERROR_CONFLICT, "%s is there already; --force overwrites it", output);
    return true;
}

bool
source_new(Deployment *deployment, const SourceNewSpec *spec, GError **error)
{
    g_autofree char *file = g_strdup_printf("%s.yaml", spec->name);
    g_autofree char *output =
        spec->output != NULL ? g_strdup(spec->output) : g_build_filename(deployment->config->sources, file, NULL);
    g_autofree char *origin = origin_of(spec->sample);
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(Sample) sample = NULL;
    g_autoptr(Draft) draft = NULL;
    g_auto(Run) run = {0};
    const DraftSpec draft_spec = {spec->name, origin,
                                  spec->list_url != NULL ? spec->list_url
                                  : is_url(spec->sample) ? spec->sample
                                                         : NULL};
    bool is_cut = false;

    if (!check_spec(spec, output, error))
        return false;
    if (!(is_url(spec->sample) ? fetch_sample(deployment, spec->sample, body, &is_cut, error)
                               : answer_file_beginning(spec->sample, SAMPLE_LIMIT_BYTES, body, &is_cut, error)))
        return false;
    if ((sample = sample_read(str_of_gstring(body), is_cut, spec->format, error)) == NULL ||
        (draft = draft_new(sample, &draft_spec, error)) == NULL) {
        g_prefix_error(error, "%s: ", origin);
        return false;
    }
    if (!run_draft(deployment, spec, draft, str_of_gstring(body), sample->is_cut, &run, error) ||
        !g_file_set_contents(output, draft->yaml->str, (gssize)draft->yaml->len, error))
        return false;
    if (spec->as_json)
        print_json(spec, draft, &run, output);
    else
        print_result(spec, draft, &run, output);
    return true;
}
