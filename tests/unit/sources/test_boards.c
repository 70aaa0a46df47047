/* Recorded answers of employers' boards, small boards and French networks: how many listings, and one of each in full. */
#include "recorded.h"

typedef struct {
    const char *source, *file;
    guint listings;
    const char *id, *title, *company, *location, *country, *posted_at;
    unsigned employment_types;
    int64_t salary_max; /* in whole units; 0: none */
} Board;

static const Board BOARDS[] = {
    {"recruitee-bunq", "json/recruitee.json", 2, "2697184",
     "Partner Development Representative (f/m/d) - Berlin, Germany", "Acme", "Berlin, Berlin, Germany", "DE",
     "2026-07-31T22:26:40Z", EMPLOYMENT_FULL_TIME, 90000},
    {"personio-personio", "xml/personio.xml", 2, "1834171", "Staff Software Engineer, Data Platform",
     "Acme SE & Co. KG", "Munich; Berlin", NULL, "2024-11-13T14:10:41Z", EMPLOYMENT_FULL_TIME, 0},
    {"bamboohr-prezi", "json/bamboohr.json", 2, "87", "Marketing & Social Media Intern", "prezi",
     "Fort Lauderdale, Florida", NULL, "none", EMPLOYMENT_INTERN, 0},
    {"oracle-recruiting-akamai", "json/oracle_orc.json", 2, "25587", "Bridge Inspector", "Akamai",
     "PERTH, WESTERN AUSTRALIA, Australia", "AU", "2026-08-07T00:00:00Z", 0, 0},
    {"workingnomads", "json/workingnomads.json", 4, "1712616", "Data Analyst (No Experience Required)", "Peroptyx",
     "Japan - Remote", NULL, "2026-07-07T10:32:47Z", 0, 0},
    {"digitalrecruiters-acme", "json/decathlon-digitalrecruiters.json", 3, "KWYLVLYSRRKVGO513",
     "ALTERNANCE Manager Commerce (H/F)", "DECATHLON Retail Omnichannel", "Vélizy-Villacoublay, Île-de-France", "FR",
     "2025-11-24T10:18:17Z", EMPLOYMENT_FULL_TIME | EMPLOYMENT_INTERN, 0},
    {"hellowork-acme", "xml/hellowork-buddi.xml", 3, "104010054",
     "?????ALTERNANCE - Équipier·ère Polyvalent·e de Restauration", "Institut des Métiers Network - Lille", "Leers",
     "FR", "2026-01-15T07:54:36Z", EMPLOYMENT_FULL_TIME | EMPLOYMENT_INTERN, 1823},
    {"manatal-ghostwerks", "json/manatal-ghostwerks.json", 6, "5WW46353", "Engineering Technician", "ghostwerks",
     "Wharton, New Jersey, United States", "US", "none", 0, 85000},
    {"jobteaser-acme", "xml/jobteaser.xml", 2, "d495551f-394a-462a-94e2-01ec47abfd37",
     "Alternance - Ingénieur R&D Commercial Véhicles 2025-2028", "Valeo", "Amiens, Hauts-de-France", "FR",
     "2025-09-19T23:27:00Z", EMPLOYMENT_INTERN, 0},
    {"cleverconnect-acme", "xml/meteojob.xml", 3, "00000629", "Commercial(e) H/F", "Tralala Intérim", "Poitiers", "FR",
     "2025-02-25T02:46:34.914Z", EMPLOYMENT_FULL_TIME | EMPLOYMENT_INTERN, 30000},
    {"talentview-acme", "xml/kelio-talentview.xml", 2, "147171", "Alternance |Assistant(e) Chef de Projet H/F",
     "Groupe Tada", "Neuilly-sur-Loire", "FR", "2025-02-27T14:37:33Z", EMPLOYMENT_FULL_TIME | EMPLOYMENT_INTERN, 0},
    {"engagement-jeunes-acme", "json/engagement-jeunes.json", 2, "34161720", "Agent de tri en alternance (F/H)",
     "Veolia", "Bègles, GIRONDE", "FR", "2025-12-09T23:00:00Z", EMPLOYMENT_INTERN, 0},
    {"hacker-news-july", "json/hn-who-is-hiring-2026-07.json", 6, "48868436", "Senior Software Engineer, Frontend",
     "ResortPass", NULL, NULL, "2026-07-11T03:28:07Z", EMPLOYMENT_FULL_TIME, 0},
    {"simplify-newgrad", "json/simplify-newgrad-2024-10-25.json", 138, "6b914596-3d09-4136-b34d-72d820620116",
     "Software Engineer – New Grad", "Replo", "SF", NULL, "2024-06-13T09:50:46Z", EMPLOYMENT_FULL_TIME, 0},
};

static void
assert_listing(const Listing *listing, const Board *board)
{
    assert_text(listing->title, board->title);
    assert_text(listing->company, board->company);
    assert_text(listing->location, board->location);
    assert_text(listing->country, board->country);
    assert_moment(listing->posted_at_us, board->posted_at);
    g_assert_cmphex(listing->employment_types, ==, board->employment_types);
    g_assert_cmpint(listing->salary.has_max, ==, board->salary_max != 0);
    if (listing->salary.has_max)
        g_assert_cmpint(listing->salary.max_micros, ==, board->salary_max * MICROS_PER_UNIT);
    g_assert_true(str_starts_with(listing->url, STR("https://")));
}

static void
each_board_is_read_as_it_was_sent(Recorded *f, gconstpointer data)
{
    const Board *board = data;
    g_auto(Collected) c = {0};

    if (!recorded_read(f, board->source, board->file, NULL, &c))
        return;
    g_assert_cmpuint(c.listings->len, ==, board->listings);
    g_assert_cmpuint(c.rejected->len, ==, 0);
    assert_listing(listing_with_id(&c, board->id), board);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(BOARDS); i++) {
        g_autofree char *path = g_strconcat("/sources/boards/", BOARDS[i].source, NULL);

        g_test_add(path, Recorded, &BOARDS[i], recorded_setup, each_board_is_read_as_it_was_sent, recorded_teardown);
    }
    return g_test_run();
}
