/* Paths with ^: what stands around a record. */
#include "stream/read_all.h"

static void
a_record_knows_the_object_that_encloses_it(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "companies[*].jobs[*]", "id ^.name ^.address.city ^^.country", NULL);

    assert_read(plan,
                STR("{\"country\":\"DE\",\"companies\":["
                    "{\"name\":\"A\",\"address\":{\"street\":\"x\",\"city\":\"Ulm\"},\"jobs\":[{\"id\":1},{\"id\":2}]},"
                    "{\"name\":\"B\",\"jobs\":[{\"id\":3}]}]}"),
                "1|A|Ulm|DE\n2|A|Ulm|DE\n3|B|-|DE\n");
}

static void
nothing_of_one_object_is_told_of_the_next(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "c[*].jobs[*]", "id ^.name", NULL);
    g_autoptr(Plan) deep = plan_new(STREAM_JSON, "**.jobs[*]", "id ^.name ^^.name", NULL);

    assert_read(plan, STR("{\"c\":[{\"name\":\"A\",\"jobs\":{\"id\":1}},{\"jobs\":[{\"id\":2}]}]}"), "1|A\n2|-\n");
    assert_read(deep,
                STR("{\"name\":\"top\",\"x\":{\"name\":\"X\",\"jobs\":[{\"id\":1}],\"y\":{\"jobs\":[{\"id\":2}]}},"
                    "\"jobs\":[{\"id\":3}]}"),
                "1|X|top\n2|-|X\n3|top|-\n");
}

static void
only_what_stands_before_a_record_is_known(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "c[*].jobs[*]", "id ^.name", NULL);

    assert_read(plan, STR("{\"c\":[{\"jobs\":[{\"id\":1}],\"name\":\"A\",\"more\":1}]}"), "1|-\n");
}

static void
lists_do_not_count_and_several_values_are_all_told(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*][*]", "id ^.name", NULL);
    g_autoptr(Plan) values = plan_new(STREAM_JSON, "c[*].jobs[*]", "id ^.tags[*] ^.tags[-1] ^.o[k='2'].v", NULL);

    assert_read(plan, STR("[[{\"id\":1}],[{\"id\":2}]]"), "1|-\n2|-\n");
    assert_read(values,
                STR("{\"c\":[{\"tags\":[\"a\",\"b\"],\"o\":[{\"k\":1,\"v\":\"x\"},{\"k\":2,\"v\":\"y\"}],"
                    "\"jobs\":[{\"id\":1}]}]}"),
                "1|a,b|b|y\n");
}

static void
elements_and_their_attributes_enclose_records_too(void)
{
    g_autoptr(Plan) plan =
        plan_new(STREAM_XML, "source.company.job", "id ^.name ^@id ^^@country ^^.publisher ^^.p", NULL);

    assert_read(
        plan,
        STR("<source country='us'><publisher>P &amp; Q</publisher><p><![CDATA[x]]></p>"
            "<company id='7'><name>Acme</name><job><id>1</id></job><job><id>2</id><name>no</name></job></company>"
            "<company><job><id>3</id></job><name>late</name></company></source>"),
        "1|Acme|7|us|P & Q|x\n2|Acme|7|us|P & Q|x\n3|-|-|us|P & Q|x\n");
}

static void
scalars_may_be_the_records(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "c[*].ids[*]", ". ^.name", NULL);

    assert_read(plan, STR("{\"c\":[{\"name\":\"A\",\"ids\":[1,2]},{\"name\":\"B\",\"ids\":3}]}"), "1|A\n2|A\n3|B\n");
}

static void
lines_of_ndjson_know_nothing_of_each_other(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_NDJSON, "jobs[*]", "id ^.name", NULL);
    g_autoptr(Reading) reading = NULL;
    Str text = STR("{\"name\":\"A\",\"jobs\":[{\"id\":1}]}\n{\"name\":\"B\",\"jobs\":[{\"id\":2},}\n"
                   "{\"jobs\":[{\"id\":3}]}\n");

    reading = read_whole(plan, text);
    g_assert_no_error(reading->error);
    g_assert_cmpstr(reading->records->str, ==, "1|A\n2|B\n3|-\n");
    assert_same_in_pieces(plan, text);
}

static void
what_is_kept_around_records_is_bounded(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "c[*].jobs[*]", "id ^.tags[*]", NULL);
    g_autoptr(Plan) text = plan_new(STREAM_JSON, "c[*].jobs[*]", "id ^.name", NULL);
    g_autoptr(GString) json = g_string_new("{\"c\":[{\"tags\":[");
    g_autoptr(Reading) reading = NULL;

    for (int i = 0; i < 2000; i++)
        g_string_append_printf(json, "%s\"tag %d\"", i > 0 ? "," : "", i);
    g_string_append(json, "],\"jobs\":[{\"id\":1}]}]}");
    plan->spec.limits.record_bytes = 64 * 1024;
    assert_fails(plan, str_of_gstring(json), WEIR_ERROR_LIMIT, "around a record take more than 4096 bytes");

    g_string_assign(json, "{\"c\":[{\"name\":\"");
    for (int i = 0; i < 5000; i++)
        g_string_append_c(json, 'x');
    g_string_append(json, "\",\"jobs\":[{\"id\":1}]}]}");
    text->spec.limits.record_bytes = 64 * 1024;
    reading = read_whole(text, str_of_gstring(json));
    g_assert_no_error(reading->error);
    g_assert_cmpuint(reading->records->len, ==, strlen("1|\n") + 2048);
    g_assert_true(reading->any_truncated);
}

static void
a_hat_is_refused_where_it_means_nothing(void)
{
    g_autoptr(Plan) records = plan_new(STREAM_JSON, "^.jobs[*]", "id", NULL);
    g_autoptr(Plan) name = plan_new(STREAM_JSON, "[*]", "^x \"^\".y ^", NULL);
    g_autoptr(GError) error = NULL;

    assert_fails(records, STR("{}"), WEIR_ERROR_INVALID, "nothing encloses the document");
    assert_read(name, STR("[{\"^x\":1,\"^\":{\"y\":2}}]"), "1|2|-\n");
    g_assert_null(path_parse(STR("^^^^^^^^^.a"), &error));
    g_assert_nonnull(strstr(error->message, "no more than 8 of ^"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/ancestors/a_record_knows_the_object_that_encloses_it",
                    a_record_knows_the_object_that_encloses_it);
    g_test_add_func("/stream/ancestors/nothing_of_one_object_is_told_of_the_next",
                    nothing_of_one_object_is_told_of_the_next);
    g_test_add_func("/stream/ancestors/only_what_stands_before_a_record_is_known",
                    only_what_stands_before_a_record_is_known);
    g_test_add_func("/stream/ancestors/lists_do_not_count_and_several_values_are_all_told",
                    lists_do_not_count_and_several_values_are_all_told);
    g_test_add_func("/stream/ancestors/elements_and_their_attributes_enclose_records_too",
                    elements_and_their_attributes_enclose_records_too);
    g_test_add_func("/stream/ancestors/scalars_may_be_the_records", scalars_may_be_the_records);
    g_test_add_func("/stream/ancestors/lines_of_ndjson_know_nothing_of_each_other",
                    lines_of_ndjson_know_nothing_of_each_other);
    g_test_add_func("/stream/ancestors/what_is_kept_around_records_is_bounded", what_is_kept_around_records_is_bounded);
    g_test_add_func("/stream/ancestors/a_hat_is_refused_where_it_means_nothing",
                    a_hat_is_refused_where_it_means_nothing);
    return g_test_run();
}
