/* Words of many languages for kinds of employment, periods of pay and remote work, compared after folding. */
#include "listings/listing.h"
#include "listings/text.h"

#define TEXT_LIMIT_BYTES 400 /* no label is longer; a description in the wrong field must not be searched */
#define ARENA_BYTES      512

/* A bit for the first two characters of a word. */
#define BEGINNING(first, second) (UINT64_C(1) << (((unsigned char)(first)*11 + (unsigned char)(second)) % 64))
#define WORD(words, value)                                                                                             \
    {                                                                                                                  \
        {" " words " ", sizeof(" " words " ") - 1}, BEGINNING((words " ")[0], (words " ")[1]), (value)                 \
    }

typedef struct {
    Str words; /* folded, with a blank at either end */
    uint64_t beginning;
    int value;
} Word;

/* What the words say for certain. */
static const Word EMPLOYMENT_WORDS[] = {
    WORD("full time", EMPLOYMENT_FULL_TIME),
    WORD("fulltime", EMPLOYMENT_FULL_TIME),
    WORD("vollzeit", EMPLOYMENT_FULL_TIME),
    WORD("temps plein", EMPLOYMENT_FULL_TIME),
    WORD("temps complet", EMPLOYMENT_FULL_TIME),
    WORD("jornada completa", EMPLOYMENT_FULL_TIME),
    WORD("tiempo completo", EMPLOYMENT_FULL_TIME),
    WORD("tempo pieno", EMPLOYMENT_FULL_TIME),
    WORD("tempo integral", EMPLOYMENT_FULL_TIME),
    WORD("voltijd", EMPLOYMENT_FULL_TIME),
    WORD("heltid", EMPLOYMENT_FULL_TIME),
    WORD("f t", EMPLOYMENT_FULL_TIME),
    WORD("part time", EMPLOYMENT_PART_TIME),
    WORD("parttime", EMPLOYMENT_PART_TIME),
    WORD("teilzeit", EMPLOYMENT_PART_TIME),
    WORD("temps partiel", EMPLOYMENT_PART_TIME),
    WORD("media jornada", EMPLOYMENT_PART_TIME),
    WORD("jornada parcial", EMPLOYMENT_PART_TIME),
    WORD("tiempo parcial", EMPLOYMENT_PART_TIME),
    WORD("meio periodo", EMPLOYMENT_PART_TIME),
    WORD("deeltijd", EMPLOYMENT_PART_TIME),
    WORD("deltid", EMPLOYMENT_PART_TIME),
    WORD("minijob", EMPLOYMENT_PART_TIME),
    WORD("p t", EMPLOYMENT_PART_TIME),
    WORD("contract", EMPLOYMENT_CONTRACTOR),
    WORD("contractor", EMPLOYMENT_CONTRACTOR),
    WORD("contractors", EMPLOYMENT_CONTRACTOR),
    WORD("freelance", EMPLOYMENT_CONTRACTOR),
    WORD("freelancer", EMPLOYMENT_CONTRACTOR),
    WORD("freiberuflich", EMPLOYMENT_CONTRACTOR),
    WORD("independant", EMPLOYMENT_CONTRACTOR),
    WORD("autonomo", EMPLOYMENT_CONTRACTOR),
    WORD("contract to hire", EMPLOYMENT_CONTRACTOR),
    WORD("b2b", EMPLOYMENT_CONTRACTOR),
    WORD("temporary", EMPLOYMENT_TEMPORARY),
    WORD("temp", EMPLOYMENT_TEMPORARY),
    WORD("seasonal", EMPLOYMENT_TEMPORARY),
    WORD("fixed term", EMPLOYMENT_TEMPORARY),
    WORD("befristet", EMPLOYMENT_TEMPORARY),
    WORD("interim", EMPLOYMENT_TEMPORARY),
    WORD("interimaire", EMPLOYMENT_TEMPORARY),
    WORD("cdd", EMPLOYMENT_TEMPORARY),
    WORD("mission", EMPLOYMENT_TEMPORARY),
    WORD("temporal", EMPLOYMENT_TEMPORARY),
    WORD("ctt", EMPLOYMENT_TEMPORARY),
    WORD("temporaire", EMPLOYMENT_TEMPORARY),
    WORD("intern", EMPLOYMENT_INTERN),
    WORD("internship", EMPLOYMENT_INTERN),
    WORD("interns", EMPLOYMENT_INTERN),
    WORD("praktikum", EMPLOYMENT_INTERN),
    WORD("praktikant", EMPLOYMENT_INTERN),
    WORD("stage", EMPLOYMENT_INTERN),
    WORD("stagiaire", EMPLOYMENT_INTERN),
    WORD("alternance", EMPLOYMENT_INTERN),
    WORD("apprentissage", EMPLOYMENT_INTERN),
    WORD("apprenticeship", EMPLOYMENT_INTERN),
    WORD("practicas", EMPLOYMENT_INTERN),
    WORD("werkstudent", EMPLOYMENT_INTERN),
    WORD("trainee", EMPLOYMENT_INTERN),
    WORD("tirocinio", EMPLOYMENT_INTERN),
    WORD("volunteer", EMPLOYMENT_VOLUNTEER),
    WORD("voluntary", EMPLOYMENT_VOLUNTEER),
    WORD("volontariat", EMPLOYMENT_VOLUNTEER),
    WORD("ehrenamt", EMPLOYMENT_VOLUNTEER),
    WORD("per diem", EMPLOYMENT_PER_DIEM),
    WORD("perdiem", EMPLOYMENT_PER_DIEM),
    WORD("prn", EMPLOYMENT_PER_DIEM),
    WORD("other", EMPLOYMENT_OTHER),
};

/* What says that a contract has no end, and hints at full time when nothing else is said. */
static const Word PERMANENT_WORDS[] = {
    WORD("permanent", 1),        WORD("cdi", 1),         WORD("regular", 1),
    WORD("direct placement", 1), WORD("direct hire", 1), WORD("indefinido", 1),
    WORD("festanstellung", 1),   WORD("unbefristet", 1), WORD("tempo indeterminato", 1),
};

static const Word PERIOD_WORDS[] = {
    WORD("hour", PERIOD_HOUR),     WORD("hourly", PERIOD_HOUR),   WORD("hours", PERIOD_HOUR),
    WORD("hr", PERIOD_HOUR),       WORD("hrs", PERIOD_HOUR),      WORD("heure", PERIOD_HOUR),
    WORD("stunde", PERIOD_HOUR),   WORD("hora", PERIOD_HOUR),     WORD("ora", PERIOD_HOUR),
    WORD("uur", PERIOD_HOUR),      WORD("day", PERIOD_DAY),       WORD("daily", PERIOD_DAY),
    WORD("days", PERIOD_DAY),      WORD("jour", PERIOD_DAY),      WORD("tag", PERIOD_DAY),
    WORD("dia", PERIOD_DAY),       WORD("diem", PERIOD_DAY),      WORD("week", PERIOD_WEEK),
    WORD("weekly", PERIOD_WEEK),   WORD("semaine", PERIOD_WEEK),  WORD("woche", PERIOD_WEEK),
    WORD("semana", PERIOD_WEEK),   WORD("month", PERIOD_MONTH),   WORD("monthly", PERIOD_MONTH),
    WORD("months", PERIOD_MONTH),  WORD("mois", PERIOD_MONTH),    WORD("monat", PERIOD_MONTH),
    WORD("mes", PERIOD_MONTH),     WORD("mese", PERIOD_MONTH),    WORD("maand", PERIOD_MONTH),
    WORD("mensuel", PERIOD_MONTH), WORD("year", PERIOD_YEAR),     WORD("yearly", PERIOD_YEAR),
    WORD("annual", PERIOD_YEAR),   WORD("annually", PERIOD_YEAR), WORD("annum", PERIOD_YEAR),
    WORD("yr", PERIOD_YEAR),       WORD("pa", PERIOD_YEAR),       WORD("p a", PERIOD_YEAR),
    WORD("an", PERIOD_YEAR),       WORD("annuel", PERIOD_YEAR),   WORD("jahr", PERIOD_YEAR),
    WORD("ano", PERIOD_YEAR),      WORD("anno", PERIOD_YEAR),     WORD("jaar", PERIOD_YEAR),
};

static const Word PERIOD_LETTERS[] = {
    WORD("h", PERIOD_HOUR),  WORD("d", PERIOD_DAY),  WORD("w", PERIOD_WEEK),
    WORD("m", PERIOD_MONTH), WORD("y", PERIOD_YEAR), WORD("a", PERIOD_YEAR),
};

/* In this order: what denies comes before what it denies. */
static const Word REMOTE_WORDS[] = {
    WORD("pas teletravail", REMOTE_NO),
    WORD("pas de teletravail", REMOTE_NO),
    WORD("no remote", REMOTE_NO),
    WORD("not remote", REMOTE_NO),
    WORD("non remote", REMOTE_NO),
    WORD("hybrid", REMOTE_HYBRID),
    WORD("hybride", REMOTE_HYBRID),
    WORD("hibrido", REMOTE_HYBRID),
    WORD("partially remote", REMOTE_HYBRID),
    WORD("teletravail partiel", REMOTE_HYBRID),
    WORD("remote", REMOTE_YES),
    WORD("remotely", REMOTE_YES),
    WORD("telecommute", REMOTE_YES),
    WORD("telecommuting", REMOTE_YES),
    WORD("telework", REMOTE_YES),
    WORD("teletravail", REMOTE_YES),
    WORD("teletrabajo", REMOTE_YES),
    WORD("remoto", REMOTE_YES),
    WORD("distanciel", REMOTE_YES),
    WORD("a distance", REMOTE_YES),
    WORD("home office", REMOTE_YES),
    WORD("homeoffice", REMOTE_YES),
    WORD("home based", REMOTE_YES),
    WORD("work from home", REMOTE_YES),
    WORD("wfh", REMOTE_YES),
    WORD("anywhere", REMOTE_YES),
    WORD("worldwide", REMOTE_YES),
    WORD("onsite", REMOTE_NO),
    WORD("on site", REMOTE_NO),
    WORD("in office", REMOTE_NO),
    WORD("in person", REMOTE_NO),
    WORD("presentiel", REMOTE_NO),
    WORD("presencial", REMOTE_NO),
    WORD("vor ort", REMOTE_NO),
};

/* The text folded, with a blank at either end, so that whole words are found. Few of the tables' words can be in it, as
 * the beginnings of its words tell. */
typedef struct {
    Str text;
    uint64_t beginnings;
} Folded;

static Folded
fold_words(Arena *arena, Str text)
{
    Str words = text_fold(arena, str_slice(text, 0, TEXT_LIMIT_BYTES));
    Folded folded = {.text = ARENA_JOIN(arena, STR(" "), words, STR(" "))};

    for (size_t i = 1; i + 1 < folded.text.size; i++) {
        if (folded.text.at[i - 1] == ' ')
            folded.beginnings |= BEGINNING(folded.text.at[i], folded.text.at[i + 1]);
    }
    return folded;
}

static bool
has_word(const Folded *folded, const Word *word)
{
    Str text = folded->text;

    if ((folded->beginnings & word->beginning) == 0)
        return false;
    for (size_t i = 0; i + word->words.size <= text.size; i++) {
        if (text.at[i] == ' ' && memcmp(text.at + i, word->words.at, word->words.size) == 0)
            return true;
    }
    return false;
}

static const Word *
find_word(const Folded *folded, const Word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_word(folded, &words[i]))
            return &words[i];
    }
    return NULL;
}

unsigned
employment_type_parse(Str text)
{
    ARENA_ON_STACK(arena, ARENA_BYTES);
    Folded folded;
    unsigned types = 0;

    if (str_is_empty(text))
        return 0;
    folded = fold_words(arena, text);
    for (size_t i = 0; i < G_N_ELEMENTS(EMPLOYMENT_WORDS); i++) {
        if (has_word(&folded, &EMPLOYMENT_WORDS[i]))
            types |= (unsigned)EMPLOYMENT_WORDS[i].value;
    }
    if (types == 0 && find_word(&folded, PERMANENT_WORDS, G_N_ELEMENTS(PERMANENT_WORDS)) != NULL)
        return EMPLOYMENT_FULL_TIME;
    return types;
}

Period
period_parse(Str text)
{
    ARENA_ON_STACK(arena, ARENA_BYTES);
    const Word *word;
    Folded folded;

    if (str_is_empty(text))
        return PERIOD_UNKNOWN;
    folded = fold_words(arena, text);
    word = find_word(&folded, PERIOD_WORDS, G_N_ELEMENTS(PERIOD_WORDS));
    if (word == NULL && folded.text.size == 3)
        word = find_word(&folded, PERIOD_LETTERS, G_N_ELEMENTS(PERIOD_LETTERS));
    return word != NULL ? (Period)word->value : PERIOD_UNKNOWN;
}

Remote
remote_parse(Str text)
{
    ARENA_ON_STACK(arena, ARENA_BYTES);
    const Word *word;
    Folded folded;

    if (str_is_empty(text))
        return REMOTE_UNKNOWN;
    folded = fold_words(arena, text);
    word = find_word(&folded, REMOTE_WORDS, G_N_ELEMENTS(REMOTE_WORDS));
    return word != NULL ? (Remote)word->value : REMOTE_UNKNOWN;
}
