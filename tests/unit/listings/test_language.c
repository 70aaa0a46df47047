#include "listings/language.h"

static void
assert_detected(const char *title, const char *text, const char *country, const char *expected)
{
    g_autofree char *found = str_dup(language_detect(str_of(title), str_of(text), str_of(country)));

    g_assert_cmpstr(found, ==, expected);
}

static void
the_language_of_a_text_is_found(void)
{
    assert_detected("Registered nurse", "You will care for patients on a busy ward and work with doctors.", "GB", "en");
    assert_detected("Krankenpfleger (m/w/d)", "Sie betreuen unsere Patienten und arbeiten eng mit den Ärzten zusammen.",
                    "DE", "de");
    assert_detected("Infirmier H/F", "Vous prenez en charge les patients du service et travaillez avec les médecins.",
                    NULL, "fr");
    assert_detected("Enfermero", "Buscamos una persona para atender a los pacientes de nuestro hospital en Burgos.",
                    "ES", "es");
    assert_detected("Enfermeiro", "Procuramos uma pessoa para cuidar dos pacientes do nosso hospital em Lisboa.", "PT",
                    "pt");
    assert_detected("Медсестра", "Требуется медсестра для работы с пациентами в нашей клинике, опыт от года.", "RU",
                    "ru");
    assert_detected("護士", "我們正在尋找一位有經驗的護士，在醫院照顧病人，並與醫生密切合作。", "TW", "zh-Hant");
    assert_detected("אחות", "אנחנו מחפשים אחות מנוסה לעבודה עם מטופלים בבית החולים שלנו בתל אביב", "IL", "he");
}

static void
the_text_counts_for_more_than_the_title(void)
{
    assert_detected(
        "Senior Software Engineer",
        "Wir suchen für unser Team in München eine erfahrene Person, die unsere Dienste weiterentwickelt und "
        "betreibt.",
        "DE", "de");
}

static void
what_is_not_certain_is_left_out(void)
{
    assert_detected("Gameplay Programmer Intern", NULL, "US", NULL);
    assert_detected("", "", NULL, NULL);
    assert_detected(NULL, NULL, NULL, NULL);
    assert_detected("12345", "67890 1234567890 1234567890 1234567890 1234567890 1234567890 - - - - - - - - - - -", NULL,
                    NULL);
    assert_detected("Xkcd", "qwrtp zxcvb mnbvc lkjhg fdsaz pqowi eurty ghtru woqpz mxncb vlkjs dfhgw qetyu", NULL,
                    NULL);
}

static void
only_the_beginning_of_a_long_text_is_looked_at_and_no_character_is_cut(void)
{
    static const char *const SENTENCE =
        "Wir suchen für die Küche unseres Hauses in Köln eine erfahrene Köchin, die gerne "
        "für größere Gesellschaften kocht und süße Nachspeisen zubereiten möchte. ";
    g_autofree char *french = g_strnfill(2000, ' ');
    g_autofree char *text = g_strconcat(SENTENCE, french, "Vous parlez couramment le français et l'anglais.\xff", NULL);

    for (size_t size = 0; size < 250; size++) {
        g_autofree char *title = g_strnfill(size, '-');

        assert_detected(title, text, "AT", "de");
        assert_detected("Köchin", text + strlen(SENTENCE) + size, "AT", NULL);
    }
}

static void
codes_are_written_as_the_standard_has_them(void)
{
    static const struct {
        const char *text, *code;
    } CASES[] = {
        {"fr", "fr"},
        {"FR", "fr"},
        {" fr_ca ", "fr-CA"},
        {"PT-br", "pt-BR"},
        {"es-419", "es-419"},
        {"zh-hant", "zh-Hant"},
        {"ZH_HANT_tw", "zh-Hant-TW"},
        {"deu", "deu"},
        {"", NULL},
        {"f", NULL},
        {"french", NULL},
        {"fr-", "fr"},
        {"fr--CA", NULL},
        {"fr-CA-x", NULL},
        {"fr-12", NULL},
        {"f1", NULL},
        {"zh-Hant-TW-x-private-use", NULL},
        {"fr CA", NULL},
        {"\xc3\xa9\xc3\xa9", NULL},
    };
    g_autoptr(Arena) arena = arena_new(256);

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *code = str_dup(language_parse(str_of(CASES[i].text), arena));

        g_test_message("%s", CASES[i].text);
        g_assert_cmpstr(code, ==, CASES[i].code);
    }
    g_assert_null(language_parse(STR_NONE, arena).at);
}

static void
what_the_partner_says_is_believed(void)
{
    const Str german = STR("Wir suchen eine erfahrene Person für unsere Küche, die gerne mit uns arbeiten möchte.");
    Listing listing = {.title = STR("Koch"), .snippet = german};

    g_assert_true(str_is(listing_language(&listing), "de"));
    listing.description = STR("We are looking for a cook who likes to work with the rest of our team in the evening.");
    g_assert_true(str_is(listing_language(&listing), "en"));
    listing.language = STR("nl");
    g_assert_true(str_is(listing_language(&listing), "nl"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/listings/language/" #test, test)
    ADD(the_language_of_a_text_is_found);
    ADD(the_text_counts_for_more_than_the_title);
    ADD(what_is_not_certain_is_left_out);
    ADD(only_the_beginning_of_a_long_text_is_looked_at_and_no_character_is_cut);
    ADD(codes_are_written_as_the_standard_has_them);
    ADD(what_the_partner_says_is_believed);
    return g_test_run();
}
