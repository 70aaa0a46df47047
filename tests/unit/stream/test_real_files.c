/* Files that real partners sent, when they lie beside the project. */
#include "stream/read_all.h"

typedef struct {
    const char *file;
    StreamFormat format;
    char delimiter;
    const char *records, *fields;
    unsigned count;
    const char *first; /* what the first record begins with */
} RealFile;

static const RealFile FILES[] = {
    {"json/simplify-internships-2024-10-25.json", STREAM_JSON, 0, "[*]", "company_name locations[0] date_posted terms",
     6000, "Capital One|McLean, VA|1683864000|Summer 2024\n"},
    {"json/adzuna-gb.json", STREAM_JSON, 0, "results[*]", "title salary_max $.count", 50,
     "Senior Project Manager [Experience & Engineering]|44493.92|173\n"},
    {"json/manatal-castelion-p1.json", STREAM_JSON, 0, "results[*]", "position_name", 10, NULL},
    {"json/linkedin-scrape.json", STREAM_JSON, 0, "**.title", ".", 450, NULL},
    {"xml/hellowork.xml", STREAM_XML, 0, "root.job", "job_id cpc title", 5,
     "68087320|0,28|Manager en Strat\xc3\xa9gie Management et Organisation H/F\n"},
    {"xml/meteojob.xml", STREAM_XML, 0, "source.job", "@id @reference @lang $.source.publisher", 3,
     "00000070|AD4310AL|fr|Meteojob\n"},
    {"xml/kelio-talentview.xml", STREAM_XML, 0, "source.jobs.job", ".", 2, NULL},
    {"xml/weworkremotely.rss", STREAM_XML, 0, "rss.channel.item", "media:content@type", 4, "image/png\n"},
    {"xml/personio.xml", STREAM_XML, 0, "workzag-jobs.position", "id additionalOffices.office", 2, "1834171|Berlin\n"},
    {"xml/usajobs-hrxml-2012.xml", STREAM_XML, 0, "ShowPositionOpening.DataArea.PositionOpening",
     "DocumentID $.ShowPositionOpening.DataArea.Show@recordSetCount", 3, "305972"},
    {"revenue/awin-soap-transactions-2015.xml", STREAM_XML, 0, "**.ns1:Transaction",
     "ns1:sStatus ns1:mCommissionAmount.ns1:dAmount", 2, "declined|12.47\n"},
    {"reencoded/justjoinit-atom-decoded.xml", STREAM_XML, 0, "feed.entry", "title", 794, NULL},
    {"xml/indeed-talia-2026-03-18.xml", STREAM_XML, 0, "source.job", "referencenumber", 32, "TAL_2026_29\n"},
    {"csv/jcyl-ofertas-de-empleo-2023.csv", STREAM_CSV, ';', NULL, "titulo provincia 2", 701,
     "JEFES DE EQUIPO EN TALLER ELECTROMEC\xc3\x81NICO|Le\xc3\xb3n|2023-10-26\n"},
    {"csv/headhunter-ru-2022.csv", STREAM_CSV, 0, NULL, "salary_from salary_to salary_currency", 18294,
     "32000.0|50000.0|RUR\n"},
    {"csv/dice-sample.csv", STREAM_CSV, 0, NULL, "0", 658, "0\n"},
    {"csv/linkedin-data-analyst-2019.csv", STREAM_CSV, 0, NULL, "title", 975, NULL},
    {"csv/indeed-data-scientist-california-2019.csv", STREAM_CSV, 0, NULL, "id", 506, NULL},
    {"revenue/display-ads-performance.csv", STREAM_CSV, 0, NULL, "month day cost", 15408, "April|1|0.006\n"},
    {"revenue/talkingdata-clicks.csv", STREAM_CSV, 0, NULL, "\"..ip\" is_attributed", 100000, NULL},
};

static GString *
data_file(const char *name)
{
    g_autofree char *path = g_build_filename("data", name, NULL);

    return shared_file(path);
}

static void
real_files_give_their_records(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
        const RealFile *file = &FILES[i];
        g_autoptr(GString) text = data_file(file->file);
        g_autoptr(Plan) plan = plan_new(file->format, file->records, file->fields, NULL);
        g_autoptr(Reading) whole = NULL, pieces = NULL;

        if (text == NULL)
            return;
        plan->spec.csv.delimiter = file->delimiter;
        whole = read_whole(plan, str_of_gstring(text));
        g_assert_no_error(whole->error);
        if (whole->record_count != file->count || whole->rejected_count > 0)
            g_error("%s: %" G_GUINT64_FORMAT " records, not %u; rejected: %s", file->file, whole->record_count,
                    file->count, whole->rejected->str);
        if (file->first != NULL && !g_str_has_prefix(whole->records->str, file->first))
            g_error("%s begins with: %.80s", file->file, whole->records->str);
        pieces = read_in_pieces(plan, str_of_gstring(text), -777, i);
        g_assert_cmpstr(pieces->records->str, ==, whole->records->str);
    }
}

static void
assert_reads_alike(const Plan *plan, const char *a, const char *b, const char *charset_b, unsigned count)
{
    g_autoptr(GString) text_a = data_file(a), text_b = data_file(b);
    g_autoptr(Reading) reading_a = NULL, reading_b = NULL;
    Plan other = *plan;

    if (text_a == NULL || text_b == NULL)
        return;
    other.spec.charset = charset_b;
    reading_a = read_whole(plan, str_of_gstring(text_a));
    reading_b = read_in_pieces(&other, str_of_gstring(text_b), -1000, 5);
    g_assert_no_error(reading_a->error);
    g_assert_no_error(reading_b->error);
    g_assert_cmpuint(reading_b->replaced, ==, 0);
    g_assert_cmpuint(reading_b->record_count, ==, count);
    if (reading_a->record_count == count)
        g_assert_cmpstr(reading_a->records->str, ==, reading_b->records->str);
    else
        g_assert_true(reading_a->record_count > count);
}

static void
the_same_records_in_another_charset_read_alike(void)
{
    g_autoptr(Plan) hellowork = plan_new(STREAM_XML, "root.job", "**", NULL);
    g_autoptr(Plan) source = plan_new(STREAM_XML, "source.job", "**", NULL);
    g_autoptr(Plan) jcyl =
        plan_new(STREAM_CSV, NULL, "titulo provincia descripcion localidad enlace_al_contenido", NULL);
    g_autoptr(Plan) headhunter = plan_new(STREAM_CSV, NULL, "name area_name", NULL);

    jcyl->spec.csv.delimiter = ';';
    assert_reads_alike(hellowork, "xml/hellowork.xml", "reencoded/hellowork.windows-1252.xml", NULL, 5);
    assert_reads_alike(source, "xml/meteojob.xml", "reencoded/meteojob.cp1252-labelled-iso-8859-1.xml", NULL, 3);
    assert_reads_alike(source, "xml/indeed-talia-2026-03-18.xml", "reencoded/indeed-talia-2026-03-18.utf-16le-bom.xml",
                       NULL, 32);
    assert_reads_alike(jcyl, "csv/jcyl-ofertas-de-empleo-2023.csv",
                       "reencoded/jcyl-ofertas-de-empleo-2023.iso-8859-15.csv", "iso-8859-15", 701);
    assert_reads_alike(headhunter, "csv/headhunter-ru-2022.csv",
                       "reencoded/headhunter-ru-2022-first-5000.windows-1251.csv", "windows-1251", 4997);
}

static void
what_is_not_xml_is_called_so(void)
{
    g_autoptr(GString) text = data_file("xml/justjoinit-atom-python-bytes-literal.xml");
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "feed.entry", "title", NULL);

    if (text != NULL)
        assert_fails(plan, str_of_gstring(text), WEIR_ERROR_INVALID, "expected XML, found: b'<?xml");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/real_files/real_files_give_their_records", real_files_give_their_records);
    g_test_add_func("/stream/real_files/the_same_records_in_another_charset_read_alike",
                    the_same_records_in_another_charset_read_alike);
    g_test_add_func("/stream/real_files/what_is_not_xml_is_called_so", what_is_not_xml_is_called_so);
    return g_test_run();
}
