#include "listings/country.h"

#include "listings/text.h"

#define NAME_LIMIT_BYTES 60

typedef struct {
    const char *code, *long_code; /* ISO 3166-1 alpha-2 and alpha-3 */
    const char *names;            /* folded, each between bars */
} Country;

/* Countries that listings name in words. */
static const Country COUNTRIES[] = {
    {"AD", "AND", "|andorra|"},
    {"AE", "ARE", "|united arab emirates|uae|"},
    {"AF", "AFG", "|afghanistan|"},
    {"AL", "ALB", "|albania|"},
    {"AM", "ARM", "|armenia|"},
    {"AO", "AGO", "|angola|"},
    {"AR", "ARG", "|argentina|argentinien|"},
    {"AT", "AUT", "|austria|osterreich|autriche|"},
    {"AU", "AUS", "|australia|australien|australie|"},
    {"AZ", "AZE", "|azerbaijan|"},
    {"BA", "BIH", "|bosnia and herzegovina|bosnia|"},
    {"BB", "BRB", "|barbados|"},
    {"BD", "BGD", "|bangladesh|"},
    {"BE", "BEL", "|belgium|belgien|belgique|belgica|belgie|"},
    {"BG", "BGR", "|bulgaria|bulgarien|bulgarie|"},
    {"BH", "BHR", "|bahrain|"},
    {"BO", "BOL", "|bolivia|"},
    {"BR", "BRA", "|brazil|brasil|brasilien|bresil|"},
    {"BS", "BHS", "|bahamas|"},
    {"BW", "BWA", "|botswana|"},
    {"BY", "BLR", "|belarus|"},
    {"CA", "CAN", "|canada|kanada|"},
    {"CH", "CHE", "|switzerland|schweiz|suisse|svizzera|suiza|"},
    {"CI", "CIV", "|cote d ivoire|cote divoire|ivory coast|"},
    {"CL", "CHL", "|chile|chili|"},
    {"CM", "CMR", "|cameroon|cameroun|"},
    {"CN", "CHN", "|china|chine|prc|"},
    {"CO", "COL", "|colombia|kolumbien|colombie|"},
    {"CR", "CRI", "|costa rica|"},
    {"CU", "CUB", "|cuba|"},
    {"CY", "CYP", "|cyprus|zypern|chypre|"},
    {"CZ", "CZE", "|czechia|czech republic|tschechien|republique tcheque|"},
    {"DE", "DEU", "|germany|deutschland|allemagne|alemania|germania|duitsland|"},
    {"DK", "DNK", "|denmark|danmark|danemark|dinamarca|"},
    {"DO", "DOM", "|dominican republic|"},
    {"DZ", "DZA", "|algeria|algerie|"},
    {"EC", "ECU", "|ecuador|"},
    {"EE", "EST", "|estonia|estland|estonie|"},
    {"EG", "EGY", "|egypt|agypten|egypte|"},
    {"ES", "ESP", "|spain|espana|spanien|espagne|spagna|"},
    {"ET", "ETH", "|ethiopia|"},
    {"FI", "FIN", "|finland|finnland|finlande|suomi|"},
    {"FR", "FRA", "|france|frankreich|francia|frankrijk|"},
    {"GB", "GBR",
     "|united kingdom|uk|great britain|britain|england|scotland|wales|northern ireland|"
     "royaume uni|reino unido|vereinigtes konigreich|grossbritannien|"},
    {"GE", "GEO", "|georgia republic|"},
    {"GH", "GHA", "|ghana|"},
    {"GR", "GRC", "|greece|griechenland|grece|"},
    {"GT", "GTM", "|guatemala|"},
    {"HK", "HKG", "|hong kong|"},
    {"HN", "HND", "|honduras|"},
    {"HR", "HRV", "|croatia|kroatien|croatie|hrvatska|"},
    {"HU", "HUN", "|hungary|ungarn|hongrie|"},
    {"ID", "IDN", "|indonesia|"},
    {"IE", "IRL", "|ireland|irland|irlande|irlanda|republic of ireland|"},
    {"IL", "ISR", "|israel|"},
    {"IN", "IND", "|india|indien|inde|bharat|"},
    {"IQ", "IRQ", "|iraq|"},
    {"IR", "IRN", "|iran|"},
    {"IS", "ISL", "|iceland|island|"},
    {"IT", "ITA", "|italy|italien|italie|italia|"},
    {"JM", "JAM", "|jamaica|"},
    {"JO", "JOR", "|jordan|"},
    {"JP", "JPN", "|japan|japon|"},
    {"KE", "KEN", "|kenya|"},
    {"KH", "KHM", "|cambodia|"},
    {"KR", "KOR", "|south korea|korea|republic of korea|korea republic of|"},
    {"KW", "KWT", "|kuwait|"},
    {"KZ", "KAZ", "|kazakhstan|"},
    {"LB", "LBN", "|lebanon|"},
    {"LI", "LIE", "|liechtenstein|"},
    {"LK", "LKA", "|sri lanka|"},
    {"LT", "LTU", "|lithuania|litauen|lituanie|"},
    {"LU", "LUX", "|luxembourg|luxemburg|"},
    {"LV", "LVA", "|latvia|lettland|lettonie|"},
    {"MA", "MAR", "|morocco|maroc|marokko|"},
    {"MC", "MCO", "|monaco|"},
    {"MD", "MDA", "|moldova|"},
    {"ME", "MNE", "|montenegro|"},
    {"MK", "MKD", "|north macedonia|macedonia|"},
    {"MM", "MMR", "|myanmar|"},
    {"MN", "MNG", "|mongolia|"},
    {"MT", "MLT", "|malta|malte|"},
    {"MU", "MUS", "|mauritius|"},
    {"MX", "MEX", "|mexico|mexique|mexiko|"},
    {"MY", "MYS", "|malaysia|"},
    {"MZ", "MOZ", "|mozambique|"},
    {"NA", "NAM", "|namibia|"},
    {"NG", "NGA", "|nigeria|"},
    {"NI", "NIC", "|nicaragua|"},
    {"NL", "NLD", "|netherlands|the netherlands|holland|niederlande|nederland|pays bas|paises bajos|"},
    {"NO", "NOR", "|norway|norwegen|norvege|norge|"},
    {"NP", "NPL", "|nepal|"},
    {"NZ", "NZL", "|new zealand|neuseeland|"},
    {"OM", "OMN", "|oman|"},
    {"PA", "PAN", "|panama|"},
    {"PE", "PER", "|peru|"},
    {"PH", "PHL", "|philippines|the philippines|"},
    {"PK", "PAK", "|pakistan|"},
    {"PL", "POL", "|poland|polen|pologne|polska|polonia|"},
    {"PR", "PRI", "|puerto rico|"},
    {"PT", "PRT", "|portugal|"},
    {"PY", "PRY", "|paraguay|"},
    {"QA", "QAT", "|qatar|"},
    {"RO", "ROU", "|romania|rumanien|roumanie|"},
    {"RS", "SRB", "|serbia|serbien|serbie|"},
    {"RU", "RUS", "|russia|russian federation|russland|russie|"},
    {"RW", "RWA", "|rwanda|"},
    {"SA", "SAU", "|saudi arabia|ksa|"},
    {"SE", "SWE", "|sweden|schweden|suede|sverige|suecia|"},
    {"SG", "SGP", "|singapore|singapur|"},
    {"SI", "SVN", "|slovenia|slowenien|"},
    {"SK", "SVK", "|slovakia|slowakei|"},
    {"SN", "SEN", "|senegal|"},
    {"SV", "SLV", "|el salvador|"},
    {"TH", "THA", "|thailand|"},
    {"TN", "TUN", "|tunisia|tunisie|"},
    {"TR", "TUR", "|turkey|turkiye|turkei|"},
    {"TT", "TTO", "|trinidad and tobago|"},
    {"TW", "TWN", "|taiwan|"},
    {"TZ", "TZA", "|tanzania|"},
    {"UA", "UKR", "|ukraine|"},
    {"UG", "UGA", "|uganda|"},
    {"US", "USA",
     "|united states|united states of america|usa|u s a|u s|america|etats unis|estados unidos|"
     "vereinigte staaten|"},
    {"UY", "URY", "|uruguay|"},
    {"UZ", "UZB", "|uzbekistan|"},
    {"VE", "VEN", "|venezuela|"},
    {"VN", "VNM", "|vietnam|viet nam|"},
    {"ZA", "ZAF", "|south africa|sudafrika|"},
    {"ZM", "ZMB", "|zambia|"},
    {"ZW", "ZWE", "|zimbabwe|"},
};

/* The rest of ISO 3166-1, which appear as codes only. */
static const char OTHER_CODES[] = "AG AI AQ AS AW AX BF BI BJ BL BM BN BQ BT BV BZ CC CD CF CG CK CV CW CX DJ DM EH ER "
                                  "FJ FK FM FO GA GD GF GG GI GL GM GN GP GQ GS GU GW GY HM HT IM IO JE KG KI KM KN KP "
                                  "KY LA LC LR LS LY MF MG MH ML MO MP MQ MR MS MV MW NC NE NF NR NU PF PG PM PN PS PW "
                                  "RE SB SC SD SH SJ SL SM SO SR SS ST SX SY SZ TC TD TF TG TJ TK TL TM TO TV UM VA VC "
                                  "VG VI VU WF WS YE YT ";

static bool
set_code(const char *code, char *to)
{
    to[0] = code[0];
    to[1] = code[1];
    to[2] = '\0';
    return true;
}

static bool
find_code(Str text, char *to)
{
    char code[4];

    for (size_t i = 0; i < text.size; i++)
        code[i] = g_ascii_toupper(text.at[i]);
    code[text.size] = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(COUNTRIES); i++) {
        const char *other = text.size == 2 ? COUNTRIES[i].code : COUNTRIES[i].long_code;

        if (other[0] == code[0] && strcmp(code, other) == 0)
            return set_code(COUNTRIES[i].code, to);
    }
    for (size_t i = 0; text.size == 2 && i + 2 < sizeof OTHER_CODES; i += 3) {
        if (memcmp(OTHER_CODES + i, code, 2) == 0)
            return set_code(OTHER_CODES + i, to);
    }
    return false;
}

bool
country_parse(Str text, char *to)
{
    g_autoptr(Arena) arena = NULL;
    Str name;

    text = str_trim(text);
    if (str_is_empty(text) || text.size > NAME_LIMIT_BYTES)
        return false;
    if ((text.size == 2 || text.size == 3) && find_code(text, to))
        return true;
    arena = arena_new(512);
    name = arena_printf(arena, "|%.*s|", STR_FORMAT(text_fold(arena, text)));
    for (size_t i = 0; i < G_N_ELEMENTS(COUNTRIES); i++) {
        if (name.size > 2 && str_find(str_of(COUNTRIES[i].names), name) >= 0)
            return set_code(COUNTRIES[i].code, to);
    }
    return false;
}
