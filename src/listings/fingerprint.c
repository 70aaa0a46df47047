#include "listings/fingerprint.h"

#include "base/id.h"
#include "listings/text.h"

#include <sodium.h>

/* Legal forms that one source writes and another leaves out, as folding leaves them. */
static const Str LEGAL_FORMS[] = {
    STR("inc"),  STR("incorporated"), STR("llc"), STR("ltd"),     STR("limited"), STR("plc"),
    STR("corp"), STR("corporation"),  STR("co"),  STR("company"), STR("gmbh"),    STR("ag"),
    STR("kg"),   STR("ug"),           STR("se"),  STR("sa"),      STR("sas"),     STR("sarl"),
    STR("sl"),   STR("slu"),          STR("srl"), STR("spa"),     STR("bv"),      STR("nv"),
    STR("ab"),   STR("oy"),           STR("as"),  STR("aps"),     STR("pty"),     STR("lp"),
    STR("llp"),  STR("ev"),           STR("eg"),  STR("mbh"),     STR("kgaa"),    STR("pvt")};

static Fingerprint
fingerprint_of_hash(const unsigned char *hash)
{
    Fingerprint fingerprint;

    memcpy(&fingerprint.high, hash, 8);
    memcpy(&fingerprint.low, hash + 8, 8);
    fingerprint.high = GUINT64_FROM_LE(fingerprint.high);
    fingerprint.low = GUINT64_FROM_LE(fingerprint.low);
    return fingerprint;
}

Fingerprint
fingerprint_of_id(Str source, Str id)
{
    const Str parts[] = {source, id};
    crypto_generichash_state state;
    unsigned char hash[16];

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        uint64_t size = GUINT64_TO_LE((uint64_t)parts[i].size);

        /* The size goes first, so that ("ab", "c") and ("a", "bc") differ. */
        crypto_generichash_update(&state, (const unsigned char *)&size, sizeof size);
        if (parts[i].size > 0)
            crypto_generichash_update(&state, (const unsigned char *)parts[i].at, parts[i].size);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    return fingerprint_of_hash(hash);
}

/* SipHash's 128 bits. Its key may be known: who wants two listings to be taken for one can as well give them the same
 * words. */
Fingerprint
fingerprint_of_text(Str text)
{
    static const unsigned char KEY[crypto_shorthash_siphashx24_KEYBYTES];
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];

    crypto_shorthash_siphashx24(hash, (const unsigned char *)text.at, text.size, KEY);
    return fingerprint_of_hash(hash);
}

static bool
is_legal_form(Str word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(LEGAL_FORMS); i++) {
        if (str_equal(word, LEGAL_FORMS[i]))
            return true;
    }
    return false;
}

/* Index just behind the last blank: where the last word begins. */
static size_t
last_word_start(Str text)
{
    size_t at = text.size;

    while (at > 0 && text.at[at - 1] != ' ')
        at--;
    return at;
}

/* "Acme Robotics GmbH & Co. KG" and "ACME Robotics" are one company; "Co" alone stays. */
Str
company_normalise(Arena *arena, Str company)
{
    Str name = text_fold(arena, company);

    for (;;) {
        size_t start = last_word_start(name);

        if (start == 0 || !is_legal_form(str_slice(name, start, name.size)))
            return name;
        name = str_slice(name, 0, start - 1);
    }
}

static bool
is_gender_letter(Str word)
{
    return word.size == 1 && str_find_char(STR("mwfdxhi"), word.at[0]) >= 0;
}

static bool
has_gender_letter(Str folded)
{
    for (size_t i = 0; i < folded.size; i++) {
        if ((i == 0 || folded.at[i - 1] == ' ') && (i + 1 == folded.size || folded.at[i + 1] == ' ') &&
            is_gender_letter(str_slice(folded, i, i + 1)))
            return true;
    }
    return false;
}

/* Takes out "(m/w/d)", "H/F", "f/m/x": two or more single letters of that set in a row, after folding. */
static Str
normal_title(Arena *arena, Str title)
{
    Str rest = text_fold(arena, title), pending[4];
    g_autoptr(GString) normal = NULL;
    size_t count = 0;

    if (!has_gender_letter(rest))
        return rest;
    normal = g_string_sized_new(rest.size + 1);
    while (rest.at != NULL) {
        Str word = str_cut(&rest, ' ');

        if (is_gender_letter(word) && count < G_N_ELEMENTS(pending)) {
            pending[count++] = word;
            continue;
        }
        if (count == 1)
            g_string_append_printf(normal, "%c ", pending[0].at[0]);
        count = 0;
        str_append(normal, word);
        g_string_append_c(normal, ' ');
    }
    if (count == 1)
        g_string_append_printf(normal, "%c ", pending[0].at[0]);
    return arena_str(arena, str_trim(str_of_gstring(normal)));
}

/* The city where it is certain, so that "Berlin" and "Berlin, Germany" are one; else the words. */
static Str
normal_place(Arena *arena, const Listing *listing)
{
    if (!str_is_empty(listing->city))
        return ARENA_JOIN(arena, listing->city, STR("|"), listing->region, STR("|"), listing->country);
    return text_fold(arena, str_is_empty(listing->location) ? listing->country : listing->location);
}

bool
fingerprint_of_position(const Listing *listing, Str company, Fingerprint *ret_fingerprint)
{
    ARENA_ON_STACK(arena, 2048);
    Str title = normal_title(arena, listing->title);

    if (str_is_empty(title) || str_is_empty(company))
        return false;
    *ret_fingerprint =
        fingerprint_of_text(ARENA_JOIN(arena, title, STR("\n"), company, STR("\n"), normal_place(arena, listing)));
    return true;
}

const char *
fingerprint_format(Fingerprint fingerprint, char *to)
{
    for (int i = FINGERPRINT_TEXT_SIZE - 2; i >= 0; i--) {
        to[i] = BASE32_DIGITS[fingerprint.low & 31];
        fingerprint.low = fingerprint.low >> 5 | fingerprint.high << 59;
        fingerprint.high >>= 5;
    }
    to[FINGERPRINT_TEXT_SIZE - 1] = '\0';
    return to;
}

bool
fingerprint_parse(Str text, Fingerprint *ret_fingerprint)
{
    Fingerprint fingerprint = {0, 0};

    /* 26 digits hold 130 bits: the first may only be 0 to 7. */
    if (text.size != FINGERPRINT_TEXT_SIZE - 1 || base32_value(text.at[0]) > 7)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int digit = base32_value(text.at[i]);

        if (digit < 0)
            return false;
        fingerprint.high = fingerprint.high << 5 | fingerprint.low >> 59;
        fingerprint.low = fingerprint.low << 5 | (uint64_t)digit;
    }
    *ret_fingerprint = fingerprint;
    return true;
}
