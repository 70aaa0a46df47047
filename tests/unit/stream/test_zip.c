/* Members of zip archives, read while the archive arrives. */
#include "stream/read_all.h"
#include "stream/zip_of.h"

#include "base/random.h"

#define CSV STR("a\none\ntwo\n")

static Plan *
csv_plan(const char *member)
{
    Plan *plan = plan_new(STREAM_CSV, NULL, "a", NULL);

    plan->spec.zip_member = member;
    return plan;
}

static void
assert_zip_read(const char *wanted, const ZipMember *members, size_t count, const char *records)
{
    g_autoptr(Plan) plan = csv_plan(wanted);
    g_autoptr(GString) zip = zip_of(members, count);

    assert_read(plan, str_of_gstring(zip), records);
}

static void
assert_zip_fails(const char *wanted, const ZipMember *members, size_t count, const char *message_part)
{
    g_autoptr(Plan) plan = csv_plan(wanted);
    g_autoptr(GString) zip = zip_of(members, count);

    assert_fails(plan, str_of_gstring(zip), WEIR_ERROR_INVALID, message_part);
    assert_same_in_pieces(plan, str_of_gstring(zip));
}

static void
a_zip_archive_is_recognised_by_its_first_bytes(void)
{
    const ZipMember member = {.name = "jobs.csv", .content = CSV, .method = 8};
    g_autoptr(Plan) plan = csv_plan(NULL);
    g_autoptr(GString) zip = zip_of(&member, 1), gzip = gzip_of(CSV);

    assert_read(plan, str_of_gstring(zip), "one\ntwo\n");
    plan->spec.compression = STREAM_COMPRESSION_ZIP;
    assert_read(plan, str_of_gstring(zip), "one\ntwo\n");
    assert_fails(plan, CSV, WEIR_ERROR_INVALID, "expected zip, found: a");
    assert_fails(plan, STR("PK\3"), WEIR_ERROR_INVALID, "expected zip, found: PK");
    assert_fails(plan, str_of_gstring(gzip), WEIR_ERROR_INVALID, "expected zip, found:");
    plan->spec.compression = STREAM_COMPRESSION_GZIP;
    assert_fails(plan, str_of_gstring(zip), WEIR_ERROR_INVALID, "expected gzip, found: PK");
}

static void
text_that_begins_like_an_archive_is_text(void)
{
    static const char *const TEXTS[] = {"P", "PK", "PK\3", "PK\5", "PKW,a\n", "PK\3\5\n"};
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "0", NULL);

    plan->spec.csv.no_header = true;
    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autofree char *cell = g_strndup(TEXTS[i], strcspn(TEXTS[i], ",\n"));
        g_autofree char *record = g_strconcat(cell, "\n", NULL);

        assert_read(plan, str_of(TEXTS[i]), record);
    }
}

static void
members_are_read_however_their_sizes_are_told(void)
{
    for (unsigned i = 0; i < 64; i++) {
        ZipMember member = {.name = "jobs.csv",
                            .content = CSV,
                            .method = i & 1 ? 0 : 8,
                            .has_descriptor = (i & 2) != 0,
                            .has_no_signature = (i & 4) != 0,
                            .has_zip64_field = (i & 8) != 0,
                            .has_large_sizes = (i & 16) != 0};
        const ZipMember members[] = {{.name = "note.txt", .content = STR("no csv"), .method = member.method}, member};

        if (member.method == 0 && member.has_descriptor)
            continue;
        if (i & 32)
            assert_zip_read("*.csv", members, 2, "one\ntwo\n");
        else
            assert_zip_read(NULL, &member, 1, "one\ntwo\n");
    }
}

static void
a_member_is_chosen_by_its_name(void)
{
    const ZipMember members[] = {
        {.name = "2026/", .method = 0},
        {.name = "2026/readme.txt", .content = STR("x"), .method = 8, .has_descriptor = true},
        {.name = "2026/empty.txt", .content = STR(""), .method = 8, .has_descriptor = true, .has_zip64_field = true},
        {.name = "2026/stored.txt", .content = STR("x"), .method = 0},
        {.name = "2026/jobs.csv", .content = CSV, .method = 8, .has_descriptor = true},
        {.name = "__MACOSX/2026/._jobs.csv", .content = STR("\0\5\26\7"), .method = 8},
        {.name = "2026/last.txt", .content = STR(""), .method = 0},
    };

    assert_zip_read("*.csv", members, G_N_ELEMENTS(members), "one\ntwo\n");
    assert_zip_read("202?/jobs.*", members, G_N_ELEMENTS(members), "one\ntwo\n");
    assert_zip_fails("jobs.csv", members, G_N_ELEMENTS(members),
                     "no member is named \"jobs.csv\", there are \"2026/readme.txt\", \"2026/empty.txt\", ");
}

static void
of_two_members_that_fit_none_is_lost_in_silence(void)
{
    const ZipMember members[] = {{.name = "a.csv", .content = CSV, .method = 8},
                                 {.name = "b.csv", .content = CSV, .method = 8}};
    g_autoptr(Plan) plan = csv_plan(NULL);
    g_autoptr(GString) zip = zip_of(members, 2);
    g_autoptr(Reading) reading = read_whole(plan, str_of_gstring(zip));

    g_assert_cmpstr(reading->records->str, ==, "one\ntwo\n");
    assert_zip_fails(NULL, members, 2, "member \"b.csv\"");
    assert_zip_fails("*.csv", members, 2, "is one more beside \"a.csv\", and only one is read: say which with zip");
    assert_zip_read("a.csv", members, 2, "one\ntwo\n");
}

static void
an_archive_without_members_is_an_error(void)
{
    const ZipMember folder = {.name = "empty/"};

    assert_zip_fails(NULL, NULL, 0, "the archive holds no member");
    assert_zip_fails(NULL, &folder, 1, "the archive holds no member");
}

static void
what_cannot_be_read_is_told_by_its_member_and_reason(void)
{
    const ZipMember encrypted = {.name = "x.csv", .content = CSV, .method = 8, .flags = 1};
    const ZipMember deflate64 = {.name = "x.csv", .content = CSV, .method = 9};
    const ZipMember strange = {.name = "x.csv", .content = CSV, .method = 77};
    const ZipMember endless = {.name = "x.csv", .content = CSV, .method = 0, .has_descriptor = true};
    ZipMember members[] = {encrypted, {.name = "jobs.csv", .content = CSV, .method = 8}};

    assert_zip_fails(NULL, &encrypted, 1, "zip, member \"x.csv\", byte 44: is encrypted");
    assert_zip_fails(NULL, &deflate64, 1, "compressed by method 9 (Deflate64)");
    assert_zip_fails(NULL, &strange, 1, "compressed by method 77 (unknown)");
    assert_zip_fails(NULL, &endless, 1, "stored without its size");
    /* Of a member that is passed over only its end must be known. */
    assert_zip_read("jobs.csv", members, 2, "one\ntwo\n");
    members[0] = strange;
    assert_zip_read("jobs.csv", members, 2, "one\ntwo\n");
    members[0].has_descriptor = true;
    assert_zip_fails("jobs.csv", members, 2, "compressed by method 77 (unknown)");
}

static void
a_checksum_or_size_that_is_wrong_is_an_error_and_what_was_read_stays(void)
{
    for (unsigned i = 0; i < 12; i++) {
        ZipMember member = {.name = "x.csv",
                            .content = CSV,
                            .method = 8,
                            .has_descriptor = (i & 1) != 0,
                            .has_zip64_field = (i & 2) != 0,
                            .crc_error = i / 4 == 0,
                            .size_error = i / 4 == 1,
                            .packed_error = i / 4 == 2};
        g_autoptr(Plan) plan = csv_plan(NULL);
        g_autoptr(GString) zip = zip_of(&member, 1);
        g_autoptr(Reading) reading = read_whole(plan, str_of_gstring(zip));

        assert_zip_fails(NULL, &member, 1, "zip, member \"x.csv\"");
        g_assert_cmpstr(reading->records->str, ==, "one\ntwo\n");
    }
}

static void
an_archive_that_is_cut_off_or_goes_on_with_something_else_is_an_error(void)
{
    const ZipMember members[] = {
        {.name = "a.txt", .content = STR("x"), .method = 0},
        {.name = "jobs.csv", .content = CSV, .method = 8, .has_descriptor = true},
        {.name = "b.txt", .content = STR("x"), .method = 8},
    };
    g_autoptr(Plan) plan = csv_plan("*.csv");
    g_autoptr(GString) zip = zip_of(members, G_N_ELEMENTS(members));
    ptrdiff_t directory = str_find(str_of_gstring(zip), STR("PK\1\2"));

    plan->spec.compression = STREAM_COMPRESSION_ZIP;
    for (size_t size = 0; size < (size_t)directory + 4; size++)
        assert_fails(plan, str_slice(str_of_gstring(zip), 0, size), WEIR_ERROR_INVALID, "");
    assert_fails(plan, str_slice(str_of_gstring(zip), 0, (size_t)directory), WEIR_ERROR_INVALID,
                 "the archive ends before its time");
    zip->str[directory] = 'X';
    assert_fails(plan, str_of_gstring(zip), WEIR_ERROR_INVALID, "neither a member nor the directory begins here");
}

static void
a_name_that_is_no_text_is_shown_as_text(void)
{
    const ZipMember member = {.name = "caf\xe9.csv", .content = CSV, .method = 8, .flags = 1};
    g_autofree char *endless = g_strnfill(5000, 'x');
    const ZipMember nameless = {.name = endless, .content = CSV, .method = 8};

    assert_zip_fails(NULL, &member, 1, "member \"caf\xef\xbf\xbd.csv\"");
    assert_zip_fails(NULL, &nameless, 1, "the name of a member has 5000 bytes, more than 4096");
}

static void
a_zip_bomb_is_refused_long_before_it_is_inflated(void)
{
    g_autofree char *blanks = g_strnfill(50 * 1024 * 1024, ' ');
    ZipMember members[] = {{.name = "bomb.txt", .content = str_of(blanks), .method = 8, .has_descriptor = true},
                           {.name = "jobs.csv", .content = CSV, .method = 8}};
    g_autoptr(Plan) plan = csv_plan(NULL), beside = csv_plan("*.csv"), small = csv_plan(NULL);
    g_autoptr(GString) zip = zip_of(members, 2), tiny = zip_of(&members[1], 1);

    assert_fails(plan, str_of_gstring(zip), WEIR_ERROR_LIMIT, "zip, byte");
    assert_fails(plan, str_of_gstring(zip), WEIR_ERROR_LIMIT, "inflates more than 200 times");
    assert_fails(beside, str_of_gstring(zip), WEIR_ERROR_LIMIT, "inflates more than 200 times");
    small->spec.limits.inflated_bytes = CSV.size - 1;
    assert_fails(small, str_of_gstring(tiny), WEIR_ERROR_LIMIT, "more than 9 bytes after inflating");
}

/* Members of any content, written in any way, in any order, with the one that is wanted among them. */
static void
any_archive_gives_what_was_put_into_it(void)
{
    SeededRandom seeded;
    Random *random = &seeded.random;

    seeded_random_init(&seeded, 20261124);
    for (unsigned round = 0; round < 200; round++) {
        size_t count = 1 + (size_t)random_below(random, 5), wanted = (size_t)random_below(random, count);
        ZipMember members[5] = {{0}};
        g_autoptr(GString) content = g_string_new("a\n"), records = g_string_new(NULL), noise = g_string_new(NULL);

        for (uint64_t i = random_below(random, 400); i > 0; i--)
            g_string_append_printf(records, "%" G_GUINT64_FORMAT "\n", random_u64(random));
        str_append(content, str_of_gstring(records));
        for (uint64_t i = random_below(random, 300); i > 0; i--)
            g_string_append_c(noise, (char)random_below(random, 256));
        for (size_t i = 0; i < count; i++) {
            members[i] = (ZipMember){.name = i == wanted ? "jobs.csv" : "noise.bin",
                                     .content = str_of_gstring(i == wanted ? content : noise),
                                     .method = random_below(random, 2) == 0 ? 0 : 8,
                                     .has_no_signature = random_below(random, 2) == 0,
                                     .has_zip64_field = random_below(random, 2) == 0,
                                     .has_large_sizes = random_below(random, 2) == 0};
            members[i].has_descriptor = members[i].method == 8 && random_below(random, 2) == 0;
        }
        assert_zip_read("jobs.*", members, count, records->str);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/zip/" #test, test)
    ADD(a_zip_archive_is_recognised_by_its_first_bytes);
    ADD(text_that_begins_like_an_archive_is_text);
    ADD(members_are_read_however_their_sizes_are_told);
    ADD(a_member_is_chosen_by_its_name);
    ADD(of_two_members_that_fit_none_is_lost_in_silence);
    ADD(an_archive_without_members_is_an_error);
    ADD(what_cannot_be_read_is_told_by_its_member_and_reason);
    ADD(a_checksum_or_size_that_is_wrong_is_an_error_and_what_was_read_stays);
    ADD(an_archive_that_is_cut_off_or_goes_on_with_something_else_is_an_error);
    ADD(a_name_that_is_no_text_is_shown_as_text);
    ADD(a_zip_bomb_is_refused_long_before_it_is_inflated);
    ADD(any_archive_gives_what_was_put_into_it);
    return g_test_run();
}
