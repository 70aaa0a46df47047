/* What an answer tells of its records: how often each field had a value, what was lost, and how it looked. */
#include "support.h"

static const char DEFINITION[] = "source: x\npartner: X\nsecrets: [KEY]\nsearch:\n  get: https://x.example/?k=${KEY}\n"
                                 "  answer: {json: 'jobs[*]'}\n"
                                 "  listing: {title: t, url: u, id: id, company: c, posted_at: d | time}\n";

static Answer *
read_answer(const SourceSet *set, const Clock *clock, const Question *question, const char *body)
{
    static const AnswerEvents EVENTS = {0};
    Answer *answer = answer_new(source_search(source_set_at(set, 0)), question, clock, &EVENTS, NULL);

    g_assert_true(answer_push(answer, str_of(body)));
    answer_finish(answer, true, NULL);
    return answer;
}

static void
assert_filled(const MappingTally *tally, ListingField field, int64_t filled, int64_t seen)
{
    g_test_message("%s", listing_field_name(field));
    g_assert_cmpint(tally->filled[field], ==, filled);
    g_assert_cmpint(tally->seen[field], ==, seen);
}

static void
fields_are_counted_of_records_that_had_them(void)
{
    g_autoptr(SourceSet) set = load_text("x", DEFINITION);
    Question question = QUESTION_NONE;
    FakeClock clock;
    g_autoptr(Answer) answer = NULL;
    const MappingTally *tally;

    fake_clock_init(&clock, COLLECTED_AT_US);
    answer = read_answer(set, &clock.clock, &question,
                         "{\"jobs\": [{\"t\": \"A\", \"u\": \"https://a/\", \"id\": 1, \"c\": \"Acme\"},"
                         "{\"t\": \"B\", \"u\": \"https://b/\", \"c\": null},"
                         "{\"t\": \"C\"}, {\"u\": \"https://d/\"},"
                         "{\"t\": \"E\", \"u\": \"https://e/\", \"c\": \"Ebb\", \"d\": \"2026-02-31\"}]}");
    tally = answer_tally(answer);
    assert_filled(tally, FIELD_RECORD, 1, 1);
    assert_filled(tally, FIELD_TITLE, 4, 5);
    assert_filled(tally, FIELD_URL, 3, 4);
    assert_filled(tally, FIELD_ID, 1, 3);
    assert_filled(tally, FIELD_COMPANY, 2, 3);
    assert_filled(tally, FIELD_POSTED_AT, 0, 3);
    assert_filled(tally, FIELD_SALARY_MIN, 0, 0);
    g_assert_cmpuint(tally->loss_count, ==, 3);
    g_assert_cmpuint(tally->sample_count, ==, 3);
}

static void
an_answer_without_records_is_seen_and_not_filled(void)
{
    g_autoptr(SourceSet) set = load_text("x", DEFINITION);
    Question question = QUESTION_NONE;
    FakeClock clock;
    g_autoptr(Answer) answer = NULL;

    fake_clock_init(&clock, COLLECTED_AT_US);
    answer = read_answer(set, &clock.clock, &question, "{\"items\": []}");
    assert_filled(answer_tally(answer), FIELD_RECORD, 0, 1);
}

static void
a_lost_record_is_kept_as_written_with_secrets_and_visitor_hidden(void)
{
    g_autoptr(SourceSet) set = load_text("x", DEFINITION);
    Question question = QUESTION_NONE;
    FakeClock clock;
    g_autoptr(Answer) answer = NULL;
    const MappingSample *sample;
    g_autofree char *raw = NULL, *text = NULL;

    question.user_ip = STR("203.0.113.9");
    fake_clock_init(&clock, COLLECTED_AT_US);
    answer = read_answer(set, &clock.clock, &question,
                         "{\"jobs\": [ {\"title\": \"A\", \"u\": \"https://a/?k=SECRET-KEY&ip=203.0.113.9\"} ]}");
    sample = &answer_tally(answer)->samples[0];
    raw = str_dup(sample->raw);
    text = str_dup(sample->text);
    g_assert_cmpstr(raw, ==, "{\"title\": \"A\", \"u\": \"https://a/?k=***&ip=***\"}");
    g_assert_cmpstr(text, ==, "record 1: title: there is none");
    g_assert_cmpstr(sample->loss.field, ==, "title");
    g_assert_cmpstr(sample->loss.reason, ==, "missing");
    g_assert_true(sample->loss.dropped);
    g_assert_cmpuint(sample->row, ==, 1);
}

static void
however_many_are_lost_a_few_are_kept_and_all_are_counted(void)
{
    g_autoptr(SourceSet) set = load_text("x", DEFINITION);
    g_autoptr(GString) body = g_string_new("{\"jobs\": [");
    g_autoptr(MappingTally) sum = mapping_tally_new();
    Question question = QUESTION_NONE;
    FakeClock clock;
    g_autoptr(Answer) answer = NULL;

    for (unsigned i = 0; i < 10000; i++)
        g_string_append(body, i > 0 ? ", {\"u\": 1}" : "{\"u\": 1}");
    g_string_append(body, "]}");
    fake_clock_init(&clock, COLLECTED_AT_US);
    answer = read_answer(set, &clock.clock, &question, body->str);
    g_assert_cmpint(answer_tally(answer)->losses[0].count, ==, 10000);
    g_assert_cmpuint(answer_tally(answer)->sample_count, ==, TALLY_ALIKE);
    for (unsigned i = 0; i < 10; i++)
        mapping_tally_add(sum, answer_tally(answer));
    g_assert_cmpint(sum->losses[0].count, ==, 100000);
    g_assert_cmpuint(sum->sample_count, ==, TALLY_ALIKE);
    g_assert_cmpint(sum->left_out + TALLY_ALIKE, ==, 100000);
}

static void
kinds_of_losses_are_bounded(void)
{
    g_autoptr(MappingTally) tally = mapping_tally_new();
    int64_t count = 0;

    g_assert_true(mapping_tally_is_empty(tally));
    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *reason = g_strdup_printf("reason%u", i);

        mapping_tally_lose(tally, "title", g_intern_string(reason), true);
    }
    g_assert_cmpuint(tally->loss_count, ==, TALLY_LOSSES);
    g_assert_cmpstr(tally->losses[TALLY_LOSSES - 1].reason, ==, "other");
    for (size_t i = 0; i < tally->loss_count; i++)
        count += tally->losses[i].count;
    g_assert_cmpint(count, ==, 1000);
    g_assert_false(mapping_tally_is_empty(tally));
}

/* Words that are there and that nobody understands are lost, and said so; what is absent is no loss. */
static void
words_that_are_not_understood_are_told(void)
{
    g_autoptr(SourceSet) set =
        load_text("x", "source: x\npartner: X\nfeed:\n  get: https://x.example/\n  answer: {json: '[*]'}\n"
                       "  listing: {title: t, url: u, id: id, employment_type: 'e | map(F: FULL_TIME, Q: quux)', "
                       "salary: {min: m, period: p, currency: = EUR}, bid: {amount: b, currency: c}}\n");
    Question question = QUESTION_NONE;
    g_auto(Collected) c = collect(
        source_feed(source_set_at(set, 0)), &question, 0,
        STR("[{\"t\": \"A\", \"u\": \"https://a/\", \"e\": \"Z\", \"m\": 1, \"p\": \"fortnight of moons\", \"b\": -1},"
            "{\"t\": \"B\", \"u\": \"https://b/\", \"e\": \"Q\", \"b\": 0.5},"
            "{\"t\": \"C\", \"u\": \"https://c/\", \"e\": \"F\", \"m\": 1, \"p\": \"hour\", \"b\": 0.5, \"c\": "
            "\"EUR\"},"
            "{\"t\": \"D\", \"u\": \"https://d/\", \"e\": null, \"b\": 0.5, \"c\": \"shells\"}]"),
        true, NULL);
    g_autoptr(GString) reasons = g_string_new(NULL);

    for (guint i = 0; i < c.rejected->len; i++) {
        g_auto(GStrv) words = g_strsplit(c.rejected->pdata[i], " ", 3);

        g_string_append_printf(reasons, "%s %s; ", words[0], words[1]);
    }
    g_assert_cmpstr(reasons->str, ==,
                    "employment_type value; salary.period words; bid.amount negative; employment_type words; "
                    "bid.currency missing; bid.currency currency; ");
    g_assert_cmpuint(c.dropped, ==, 0);
    g_assert_true(g_array_index(c.listings, Listing, 2).has_bid);
    g_assert_false(g_array_index(c.listings, Listing, 3).has_bid);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/fields_are_counted_of_records_that_had_them",
                    fields_are_counted_of_records_that_had_them);
    g_test_add_func("/sources/an_answer_without_records_is_seen_and_not_filled",
                    an_answer_without_records_is_seen_and_not_filled);
    g_test_add_func("/sources/a_lost_record_is_kept_as_written_with_secrets_and_visitor_hidden",
                    a_lost_record_is_kept_as_written_with_secrets_and_visitor_hidden);
    g_test_add_func("/sources/however_many_are_lost_a_few_are_kept_and_all_are_counted",
                    however_many_are_lost_a_few_are_kept_and_all_are_counted);
    g_test_add_func("/sources/words_that_are_not_understood_are_told", words_that_are_not_understood_are_told);
    g_test_add_func("/sources/kinds_of_losses_are_bounded", kinds_of_losses_are_bounded);
    return g_test_run();
}
