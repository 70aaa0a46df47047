#include "stream/extractor_type.h"

#include "stream/path_eval.h"

/* Nesting a record may not have makes it rejected; nesting that no document has stops the reading. */
static const unsigned HOPELESS_DEPTH_FACTOR = 64;

static const Path WHOLE_DOCUMENT = {.text = (char *)"."};
static const Path EACH_ROW = {.text = (char *)"[*]", .step_count = 1, .steps = {{.kind = STEP_EACH}}};

static void
extractor_plan(Extractor *ex)
{
    const ReaderSpec *spec = ex->spec;

    field_finder_init(&ex->finder, spec, &ex->limits, &ex->record, &ex->document);
    for (size_t i = 0; i < spec->document_count; i++)
        want_trie_add(&ex->document.wants, spec->document[i]);
    for (size_t i = 0; i < spec->presence_count; i++)
        want_trie_add_presence(&ex->document.wants, spec->presence[i]);
    if (spec->columns != NULL)
        want_trie_add(&ex->document.wants, spec->columns);
    for (size_t i = 0; i < ex->path_count; i++) {
        const Path *path = ex->paths[i];

        if (path->step_count > 0 && path->steps[path->step_count - 1].kind == STEP_FILTER)
            want_trie_add_member(&ex->record.wants, path->steps[path->step_count - 1].name);
    }
    want_trie_complete(&ex->record.wants);
    want_trie_complete(&ex->document.wants);
    ex->keeps_document = !want_trie_is_empty(&ex->document.wants);
}

/* Lines of NDJSON are the items of a list that is never written. */
static void
extractor_open_document(Extractor *ex)
{
    if (ex->spec->format == STREAM_NDJSON && ex->keeps_document)
        keeper_open(&ex->document, STR_NONE, NODE_LIST);
}

static uint64_t
no_position(void *data G_GNUC_UNUSED)
{
    return 0;
}

static void
extractor_take_paths(Extractor *ex)
{
    const ReaderSpec *spec = ex->spec;

    g_assert(spec->more_record_count <= READER_MORE_RECORDS);
    if (spec->format == STREAM_CSV)
        ex->paths[0] = &EACH_ROW;
    else
        ex->paths[0] = spec->records != NULL ? spec->records : &WHOLE_DOCUMENT;
    for (size_t i = 0; i < spec->more_record_count; i++)
        ex->paths[i + 1] = spec->more_records[i];
    ex->path_count = 1 + spec->more_record_count;
    ex->records = ex->paths[0];
}

Extractor *
extractor_new(const ReaderSpec *spec, const ReaderLimits *limits, const ReaderEvents *events, void *data)
{
    Extractor *ex = g_new0(Extractor, 1);

    *ex = (Extractor){.spec = spec,
                      .limits = *limits,
                      .events = events,
                      .data = data,
                      .position = no_position,
                      .span_begin = no_position,
                      .span_end = no_position};
    extractor_take_paths(ex);
    keeper_init(&ex->record, spec->xml_ignore_case, limits->record_bytes, limits->text_bytes, limits->depth);
    keeper_init(&ex->document, spec->xml_ignore_case, limits->record_bytes, limits->text_bytes, limits->depth + 1);
    ex->levels = g_new0(RecordLevel, (limits->depth + 2) * ex->path_count);
    ex->answers = arena_new(1024);
    extractor_plan(ex);
    extractor_open_document(ex);
    return ex;
}

void
extractor_free(Extractor *ex)
{
    if (ex == NULL)
        return;
    field_finder_clear(&ex->finder);
    keeper_clear(&ex->record);
    keeper_clear(&ex->document);
    g_free(ex->levels);
    g_free(ex->reject_detail);
    g_clear_error(&ex->failure);
    arena_free(ex->answers);
    g_free(ex);
}

void
extractor_set_position(Extractor *ex, uint64_t (*position)(void *data), void *data)
{
    ex->position = position;
    ex->position_data = data;
}

void
extractor_set_span(Extractor *ex, uint64_t (*begin)(void *data), uint64_t (*end)(void *data), void *data)
{
    ex->span_begin = begin;
    ex->span_end = end;
    ex->span_data = data;
}

bool
extractor_check(const Extractor *ex, GError **error)
{
    for (size_t i = 0; i < ex->path_count; i++)
        if (!record_match_check(ex->paths[i], error))
            return false;
    return true;
}

GError *
extractor_take_failure(Extractor *ex)
{
    return g_steal_pointer(&ex->failure);
}

static bool
extractor_check_kept(Extractor *ex)
{
    if (ex->finder.ancestors != NULL && !ancestors_check(ex->finder.ancestors, &ex->failure))
        return false;
    if (!ex->document.is_full)
        return true;
    return weir_fail(&ex->failure, WEIR_ERROR_LIMIT,
                     "values asked for outside of records take more than %" G_GSIZE_FORMAT " bytes",
                     ex->limits.record_bytes);
}

static bool
extractor_check_depth(Extractor *ex)
{
    unsigned limit = ex->limits.depth;

    if (ex->depth <= limit)
        return true;
    if (ex->record_depth == 0 || ex->depth > limit * HOPELESS_DEPTH_FACTOR)
        return weir_fail(&ex->failure, WEIR_ERROR_LIMIT, "nested deeper than %u levels",
                         ex->record_depth == 0 ? limit : limit * HOPELESS_DEPTH_FACTOR);
    if (ex->reject_reason == NULL) {
        g_autofree char *detail = g_strdup_printf("it is nested deeper than %u levels", limit);

        extractor_reject(ex, "too_deep", detail);
    }
    return true;
}

/* Takes a node that stands outside of all records; begins a record when it is one. Whether records may stand within. */
static bool
extractor_enter(Extractor *ex, Str name, NodeKind kind)
{
    RecordLevel *levels = &ex->levels[(ex->depth - 1) * ex->path_count];
    RecordLevel *parents = ex->depth > 1 ? levels - ex->path_count : NULL;
    bool leads = false;

    for (size_t i = 0; i < ex->path_count; i++) {
        levels[i] = record_match_enter(ex->paths[i], parents != NULL ? &parents[i] : NULL, name, kind,
                                       ex->spec->xml_ignore_case);
        leads = leads || levels[i].positions != 0;
        if (ex->record_depth == 0 && record_match_accepts(ex->paths[i], &levels[i])) {
            ex->records = ex->paths[i];
            extractor_begin_record(ex);
        }
    }
    return leads;
}

/* Names of columns hold for the whole document, so that they are looked up once. */
static bool
extractor_find_columns(Extractor *ex)
{
    Values values;
    bool cut = false;

    values = field_finder_eval(&ex->finder, ex->spec->columns, ex->document.root, ex->answers, &cut);
    if (values.count == 0)
        return weir_fail(&ex->failure, WEIR_ERROR_INVALID,
                         "the names of the columns, %s, are not there before the first row", ex->spec->columns->text);
    ex->columns = values.values;
    ex->column_count = values.count;
    return true;
}

static bool
extractor_is_row(const Extractor *ex, unsigned depth)
{
    return ex->is_row && ex->record_depth == depth;
}

/* The name of the next item of a row; one that nobody asks for behind the last column. */
static Str
extractor_column_name(Extractor *ex)
{
    size_t at = ex->column++;

    return at < ex->column_count && ex->columns[at].text.at != NULL ? ex->columns[at].text : STR("");
}

static bool
extractor_open_in_record(Extractor *ex, Str name, NodeKind kind)
{
    if (ex->record_depth == ex->depth) {
        ex->is_row = ex->spec->columns != NULL && kind == NODE_LIST;
        ex->column = 0;
        if (ex->is_row && ex->columns == NULL && !extractor_find_columns(ex))
            return false;
        keeper_open(&ex->record, name, ex->is_row ? NODE_OBJECT : kind);
    } else if (extractor_is_row(ex, ex->depth - 1)) {
        keeper_open(&ex->record, extractor_column_name(ex), kind);
    } else {
        keeper_open(&ex->record, name, kind);
    }
    return true;
}

bool
extractor_open(Extractor *ex, Str name, NodeKind kind)
{
    ex->depth++;
    if (!extractor_check_depth(ex))
        return false;
    if (ex->keeps_document)
        keeper_open(&ex->document, name, kind);
    if (ex->record_depth == 0) {
        bool leads = extractor_enter(ex, name, kind);

        if (ex->record_depth == 0 && ex->finder.ancestors != NULL)
            ancestors_open(ex->finder.ancestors, name, kind, leads);
    }
    if (ex->record_depth > 0 && ex->reject_reason == NULL)
        return extractor_open_in_record(ex, name, kind);
    return true;
}

static bool
extractor_is_in_map(const Extractor *ex)
{
    return ex->depth > 0 && ex->levels[(ex->depth - 1) * ex->path_count].kind != NODE_LIST;
}

bool
extractor_scalar(Extractor *ex, Str name, Value value)
{
    if (ex->keeps_document) {
        keeper_scalar(&ex->document, name, value);
        if (!extractor_check_kept(ex))
            return false;
    }
    if (ex->record_depth > 0) {
        if (ex->reject_reason == NULL)
            keeper_scalar(&ex->record, extractor_is_row(ex, ex->depth) ? extractor_column_name(ex) : name, value);
        return true;
    }
    if (value.kind == VALUE_NULL && extractor_is_in_map(ex))
        return true; /* some write it for an empty list */
    ex->depth++;
    extractor_enter(ex, name, NODE_SCALAR);
    ex->depth--;
    if (ex->record_depth == 0) {
        if (ex->finder.ancestors != NULL)
            ancestors_scalar(ex->finder.ancestors, name, value);
        return extractor_check_kept(ex);
    }
    keeper_scalar(&ex->record, name, value);
    return extractor_end_record(ex);
}

void
extractor_text(Extractor *ex, Str text)
{
    if (ex->keeps_document)
        keeper_text(&ex->document, text);
    if (ex->record_depth == 0 && ex->finder.ancestors != NULL)
        ancestors_text(ex->finder.ancestors, text);
    else if (ex->record_depth > 0 && ex->reject_reason == NULL)
        keeper_text(&ex->record, text);
}

bool
extractor_close(Extractor *ex)
{
    bool is_record = ex->record_depth > 0 && ex->depth == ex->record_depth;

    g_assert(ex->depth > 0);
    if (ex->keeps_document) {
        keeper_close(&ex->document);
        if (!extractor_check_kept(ex))
            return false;
    }
    if (ex->record_depth == 0 && ex->finder.ancestors != NULL) {
        ancestors_close(ex->finder.ancestors);
        if (!extractor_check_kept(ex))
            return false;
    }
    if (ex->record_depth > 0 && ex->reject_reason == NULL)
        keeper_close(&ex->record);
    ex->depth--;
    return !is_record || extractor_end_record(ex);
}

bool
extractor_is_skipping(const Extractor *ex)
{
    bool record = ex->record_depth > 0 && (ex->record.skipped > 0 || ex->reject_reason != NULL);

    return record && (!ex->keeps_document || ex->document.skipped > 0);
}

bool
extractor_wants_text(const Extractor *ex)
{
    if (ex->keeps_document && keeper_wants_text(&ex->document))
        return true;
    if (ex->record_depth == 0)
        return ex->finder.ancestors != NULL && ancestors_wants_text(ex->finder.ancestors);
    return ex->reject_reason == NULL && keeper_wants_text(&ex->record);
}

bool
extractor_wants_column(const Extractor *ex, Str name, bool is_number)
{
    const Want *root = ex->record.wants.root;

    return ex->keeps_document || (root->everything && !is_number) || want_has_child(&ex->record.wants, root, name);
}

void
extractor_each_column(const Extractor *ex, void (*fn)(void *data, Str name), void *data)
{
    for (const Want *column = ex->record.wants.root->children; column != NULL; column = column->next)
        fn(data, column->name);
}

void
extractor_break_off(Extractor *ex, const char *reason, const char *detail)
{
    if (ex->record_depth == 0) {
        ex->record_position = ex->position(ex->position_data);
        ex->record_begin = ex->record_position;
        keeper_reset(&ex->record);
    }
    extractor_reject(ex, reason, detail);
    ex->number++;
    ex->broke_off = true;
    extractor_report_rejected(ex);
    ex->broke_off = false;
    for (; ex->depth > 0; ex->depth--)
        if (ex->keeps_document)
            keeper_close(&ex->document);
    if (ex->finder.ancestors != NULL)
        ancestors_reset(ex->finder.ancestors);
    ex->record_depth = 0;
}

Values
extractor_document(Extractor *ex, size_t i)
{
    bool cut = false;

    g_assert(i < ex->spec->document_count);
    return field_finder_eval(&ex->finder, ex->spec->document[i], ex->document.root, ex->answers, &cut);
}

const Node *
extractor_document_tree(const Extractor *ex)
{
    return ex->document.root;
}

bool
extractor_document_has(const Extractor *ex, size_t i)
{
    g_assert(i < ex->spec->presence_count);
    return path_is_there(ex->spec->presence[i], ex->document.root, ex->spec->xml_ignore_case);
}

uint64_t
extractor_record_count(const Extractor *ex)
{
    return ex->given;
}
