"""What the words of real listings are understood to mean, through the real binary; docs/normalising.md has the figures."""
import pytest

from replay import DATA, Partners, recorded
from test_replay import FEEDS
from weir import Weir

if not DATA.is_dir():
    pytest.skip(f"the recorded files are not here: {DATA}", allow_module_level=True)

# Of the listings that say something, how many are understood at least. A place is understood when its country is known.
UNDERSTOOD = {
    "interns": {"location": 0.98},
    "jcyl": {"location": 1.0},
    "hellowork": {"location": 1.0},
    "indeed-feed": {"location": 1.0},
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A node that has pulled every recorded feed."""
    folder = tmp_path_factory.mktemp("normalising")
    partners = Partners(folder)
    for name, host, path, content_type, file in FEEDS:
        partners.use(name, host, partners.url + "/latin" if name == "jcyl-latin" else None, path)
        partners.serve(path, content_type, recorded(file))
    weir = Weir(folder, settings=f"allow_private_hosts: true\nsources: {partners.definitions}\n")
    try:
        for name, *_ in FEEDS:
            weir.command("feed", "pull", name)
        yield weir
    finally:
        weir.close()
        partners.close()


def share(shelf, source, of, condition):
    said, understood = shelf.rows(f"SELECT count(*), sum(CASE WHEN {condition} THEN 1 ELSE 0 END) FROM listing "
                                  f"WHERE source = '{source}' AND {of}")[0]
    return int(understood or 0) / int(said)


@pytest.mark.parametrize("source", UNDERSTOOD)
def test_places_are_understood(shelf, source):
    # What says only that the work is remote names no place, and some texts say that there is none to tell.
    said = ("location IS NOT NULL AND location NOT LIKE '%remote%' AND location NOT IN "
            "('Multiple Locations', 'Multiple', 'Multiple US Locations', 'LA', 'All', 'Global')")
    assert share(shelf, source, said, "country IS NOT NULL") >= UNDERSTOOD[source]["location"]


def test_what_is_understood_of_a_place_is_true(shelf):
    rows = dict(shelf.rows("SELECT DISTINCT location, city || ', ' || region || ', ' || country FROM listing "
                           "WHERE source = 'interns' AND location IN ('NYC', 'Austin, TX', 'London, UK', "
                           "'Toronto, ON, Canada', 'Cambridge, MA')"))
    assert rows == {"NYC": "New York City, New York, US", "Austin, TX": "Austin, Texas, US",
                    "London, UK": "London, England, GB", "Toronto, ON, Canada": "Toronto, Ontario, CA",
                    "Cambridge, MA": "Cambridge, Massachusetts, US"}


def test_every_salary_that_has_a_figure_is_read(shelf):
    texts = shelf.rows("SELECT DISTINCT salary_text FROM listing WHERE salary_text IS NOT NULL "
                       "AND salary_min_micros IS NULL AND salary_max_micros IS NULL")
    assert [text for (text,) in texts if any(c.isdigit() for c in text)] == []


# Of which listings a language is found at least, and which ones; the others are a title alone, or say too little.
LANGUAGES = {
    "interns": (0.05, {"en", "fr"}),
    "jcyl": (0.94, {"es", "en", "de"}),
    "hellowork": (1.0, {"fr"}),
    "indeed-feed": (1.0, {"en"}),
}


@pytest.mark.parametrize("source", LANGUAGES)
def test_languages_are_found(shelf, source):
    at_least, languages = LANGUAGES[source]
    assert share(shelf, source, "title IS NOT NULL", "language IS NOT NULL") >= at_least
    found = {language for (language,) in shelf.rows(f"SELECT DISTINCT language FROM listing WHERE source = '{source}' "
                                                    "AND language IS NOT NULL")}
    assert found == languages
