/* Words of many languages for kinds of employment, periods of pay and remote work, compared after folding. */
#include "listings/listing.h"
#include "listings/text.h"

#define TEXT_LIMIT_BYTES 400 /* no label is longer; a description in the wrong field must not be searched */
#define ARENA_BYTES      512

typedef struct {
    const char *words; /* folded, with a blank at either end */
    int value;
} Word;

/* What the words say for certain. */
static const Word EMPLOYMENT_WORDS[] = {
    {" full time ", EMPLOYMENT_FULL_TIME},
    {" fulltime ", EMPLOYMENT_FULL_TIME},
    {" vollzeit ", EMPLOYMENT_FULL_TIME},
    {" temps plein ", EMPLOYMENT_FULL_TIME},
    {" temps complet ", EMPLOYMENT_FULL_TIME},
    {" jornada completa ", EMPLOYMENT_FULL_TIME},
    {" tiempo completo ", EMPLOYMENT_FULL_TIME},
    {" tempo pieno ", EMPLOYMENT_FULL_TIME},
    {" tempo integral ", EMPLOYMENT_FULL_TIME},
    {" voltijd ", EMPLOYMENT_FULL_TIME},
    {" heltid ", EMPLOYMENT_FULL_TIME},
    {" f t ", EMPLOYMENT_FULL_TIME},
    {" part time ", EMPLOYMENT_PART_TIME},
    {" parttime ", EMPLOYMENT_PART_TIME},
    {" teilzeit ", EMPLOYMENT_PART_TIME},
    {" temps partiel ", EMPLOYMENT_PART_TIME},
    {" media jornada ", EMPLOYMENT_PART_TIME},
    {" jornada parcial ", EMPLOYMENT_PART_TIME},
    {" tiempo parcial ", EMPLOYMENT_PART_TIME},
    {" meio periodo ", EMPLOYMENT_PART_TIME},
    {" deeltijd ", EMPLOYMENT_PART_TIME},
    {" deltid ", EMPLOYMENT_PART_TIME},
    {" minijob ", EMPLOYMENT_PART_TIME},
    {" p t ", EMPLOYMENT_PART_TIME},
    {" contract ", EMPLOYMENT_CONTRACTOR},
    {" contractor ", EMPLOYMENT_CONTRACTOR},
    {" contractors ", EMPLOYMENT_CONTRACTOR},
    {" freelance ", EMPLOYMENT_CONTRACTOR},
    {" freelancer ", EMPLOYMENT_CONTRACTOR},
    {" freiberuflich ", EMPLOYMENT_CONTRACTOR},
    {" independant ", EMPLOYMENT_CONTRACTOR},
    {" autonomo ", EMPLOYMENT_CONTRACTOR},
    {" contract to hire ", EMPLOYMENT_CONTRACTOR},
    {" b2b ", EMPLOYMENT_CONTRACTOR},
    {" temporary ", EMPLOYMENT_TEMPORARY},
    {" temp ", EMPLOYMENT_TEMPORARY},
    {" seasonal ", EMPLOYMENT_TEMPORARY},
    {" fixed term ", EMPLOYMENT_TEMPORARY},
    {" befristet ", EMPLOYMENT_TEMPORARY},
    {" interim ", EMPLOYMENT_TEMPORARY},
    {" interimaire ", EMPLOYMENT_TEMPORARY},
    {" cdd ", EMPLOYMENT_TEMPORARY},
    {" mission ", EMPLOYMENT_TEMPORARY},
    {" temporal ", EMPLOYMENT_TEMPORARY},
    {" ctt ", EMPLOYMENT_TEMPORARY},
    {" temporaire ", EMPLOYMENT_TEMPORARY},
    {" intern ", EMPLOYMENT_INTERN},
    {" internship ", EMPLOYMENT_INTERN},
    {" interns ", EMPLOYMENT_INTERN},
    {" praktikum ", EMPLOYMENT_INTERN},
    {" praktikant ", EMPLOYMENT_INTERN},
    {" stage ", EMPLOYMENT_INTERN},
    {" stagiaire ", EMPLOYMENT_INTERN},
    {" alternance ", EMPLOYMENT_INTERN},
    {" apprentissage ", EMPLOYMENT_INTERN},
    {" apprenticeship ", EMPLOYMENT_INTERN},
    {" practicas ", EMPLOYMENT_INTERN},
    {" werkstudent ", EMPLOYMENT_INTERN},
    {" trainee ", EMPLOYMENT_INTERN},
    {" tirocinio ", EMPLOYMENT_INTERN},
    {" volunteer ", EMPLOYMENT_VOLUNTEER},
    {" voluntary ", EMPLOYMENT_VOLUNTEER},
    {" volontariat ", EMPLOYMENT_VOLUNTEER},
    {" ehrenamt ", EMPLOYMENT_VOLUNTEER},
    {" per diem ", EMPLOYMENT_PER_DIEM},
    {" perdiem ", EMPLOYMENT_PER_DIEM},
    {" prn ", EMPLOYMENT_PER_DIEM},
    {" other ", EMPLOYMENT_OTHER},
};

/* What says that a contract has no end, and hints at full time when nothing else is said. */
static const Word PERMANENT_WORDS[] = {
    {" permanent ", 1},        {" cdi ", 1},         {" regular ", 1},
    {" direct placement ", 1}, {" direct hire ", 1}, {" indefinido ", 1},
    {" festanstellung ", 1},   {" unbefristet ", 1}, {" tempo indeterminato ", 1},
};

static const Word PERIOD_WORDS[] = {
    {" hour ", PERIOD_HOUR},    {" hourly ", PERIOD_HOUR}, {" hours ", PERIOD_HOUR},    {" hr ", PERIOD_HOUR},
    {" hrs ", PERIOD_HOUR},     {" heure ", PERIOD_HOUR},  {" stunde ", PERIOD_HOUR},   {" hora ", PERIOD_HOUR},
    {" ora ", PERIOD_HOUR},     {" uur ", PERIOD_HOUR},    {" day ", PERIOD_DAY},       {" daily ", PERIOD_DAY},
    {" days ", PERIOD_DAY},     {" jour ", PERIOD_DAY},    {" tag ", PERIOD_DAY},       {" dia ", PERIOD_DAY},
    {" diem ", PERIOD_DAY},     {" week ", PERIOD_WEEK},   {" weekly ", PERIOD_WEEK},   {" semaine ", PERIOD_WEEK},
    {" woche ", PERIOD_WEEK},   {" semana ", PERIOD_WEEK}, {" month ", PERIOD_MONTH},   {" monthly ", PERIOD_MONTH},
    {" months ", PERIOD_MONTH}, {" mois ", PERIOD_MONTH},  {" monat ", PERIOD_MONTH},   {" mes ", PERIOD_MONTH},
    {" mese ", PERIOD_MONTH},   {" maand ", PERIOD_MONTH}, {" mensuel ", PERIOD_MONTH}, {" year ", PERIOD_YEAR},
    {" yearly ", PERIOD_YEAR},  {" annual ", PERIOD_YEAR}, {" annually ", PERIOD_YEAR}, {" annum ", PERIOD_YEAR},
    {" yr ", PERIOD_YEAR},      {" pa ", PERIOD_YEAR},     {" p a ", PERIOD_YEAR},      {" an ", PERIOD_YEAR},
    {" annuel ", PERIOD_YEAR},  {" jahr ", PERIOD_YEAR},   {" ano ", PERIOD_YEAR},      {" anno ", PERIOD_YEAR},
    {" jaar ", PERIOD_YEAR},
};

static const Word PERIOD_LETTERS[] = {
    {" h ", PERIOD_HOUR},  {" d ", PERIOD_DAY},  {" w ", PERIOD_WEEK},
    {" m ", PERIOD_MONTH}, {" y ", PERIOD_YEAR}, {" a ", PERIOD_YEAR},
};

/* In this order: what denies comes before what it denies. */
static const Word REMOTE_WORDS[] = {
    {" pas teletravail ", REMOTE_NO},
    {" pas de teletravail ", REMOTE_NO},
    {" no remote ", REMOTE_NO},
    {" not remote ", REMOTE_NO},
    {" non remote ", REMOTE_NO},
    {" hybrid ", REMOTE_HYBRID},
    {" hybride ", REMOTE_HYBRID},
    {" hibrido ", REMOTE_HYBRID},
    {" partially remote ", REMOTE_HYBRID},
    {" teletravail partiel ", REMOTE_HYBRID},
    {" remote ", REMOTE_YES},
    {" remotely ", REMOTE_YES},
    {" telecommute ", REMOTE_YES},
    {" telecommuting ", REMOTE_YES},
    {" telework ", REMOTE_YES},
    {" teletravail ", REMOTE_YES},
    {" teletrabajo ", REMOTE_YES},
    {" remoto ", REMOTE_YES},
    {" distanciel ", REMOTE_YES},
    {" a distance ", REMOTE_YES},
    {" home office ", REMOTE_YES},
    {" homeoffice ", REMOTE_YES},
    {" home based ", REMOTE_YES},
    {" work from home ", REMOTE_YES},
    {" wfh ", REMOTE_YES},
    {" anywhere ", REMOTE_YES},
    {" worldwide ", REMOTE_YES},
    {" onsite ", REMOTE_NO},
    {" on site ", REMOTE_NO},
    {" in office ", REMOTE_NO},
    {" in person ", REMOTE_NO},
    {" presentiel ", REMOTE_NO},
    {" presencial ", REMOTE_NO},
    {" vor ort ", REMOTE_NO},
};

/* The text folded, with a blank at either end, so that whole words are found. Few of the tables' words can be in it:
 * beginnings has a bit for the first two characters of each of its words. */
typedef struct {
    Str text;
    uint64_t beginnings;
} Folded;

static uint64_t
beginning_of(const char *word)
{
    return UINT64_C(1) << (((unsigned char)word[0] * 11 + (unsigned char)word[1]) % 64);
}

static Folded
fold_words(Arena *arena, Str text)
{
    Str words = text_fold(arena, str_slice(text, 0, TEXT_LIMIT_BYTES));
    Folded folded = {.text = ARENA_JOIN(arena, STR(" "), words, STR(" "))};

    for (size_t i = 0; i + 1 < folded.text.size; i++) {
        if (folded.text.at[i] == ' ')
            folded.beginnings |= beginning_of(folded.text.at + i + 1);
    }
    return folded;
}

static bool
has_word(const Folded *folded, const Word *word)
{
    return (folded->beginnings & beginning_of(word->words + 1)) != 0 &&
           str_find(folded->text, str_of(word->words)) >= 0;
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
    g_autoptr(Arena) arena = NULL;
    Folded folded;
    unsigned types = 0;

    if (str_is_empty(text))
        return 0;
    arena = arena_new(ARENA_BYTES);
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
    g_autoptr(Arena) arena = NULL;
    const Word *word;
    Folded folded;

    if (str_is_empty(text))
        return PERIOD_UNKNOWN;
    arena = arena_new(ARENA_BYTES);
    folded = fold_words(arena, text);
    word = find_word(&folded, PERIOD_WORDS, G_N_ELEMENTS(PERIOD_WORDS));
    if (word == NULL && folded.text.size == 3)
        word = find_word(&folded, PERIOD_LETTERS, G_N_ELEMENTS(PERIOD_LETTERS));
    return word != NULL ? (Period)word->value : PERIOD_UNKNOWN;
}

Remote
remote_parse(Str text)
{
    g_autoptr(Arena) arena = NULL;
    const Word *word;
    Folded folded;

    if (str_is_empty(text))
        return REMOTE_UNKNOWN;
    arena = arena_new(ARENA_BYTES);
    folded = fold_words(arena, text);
    word = find_word(&folded, REMOTE_WORDS, G_N_ELEMENTS(REMOTE_WORDS));
    return word != NULL ? (Remote)word->value : REMOTE_UNKNOWN;
}
