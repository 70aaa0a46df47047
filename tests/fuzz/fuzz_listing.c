/* The first byte chooses the country that is known; the rest is a place and a salary, apart and in a whole listing. */
#include "listings/language.h"
#include "listings/normalise.h"
#include "listings/place.h"
#include "listings/salary.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_salary(const Salary *salary)
{
    int64_t min_micros, max_micros;

    g_assert(!salary->has_min || salary->min_micros >= 0);
    g_assert(!(salary->has_min && salary->has_max) || salary->min_micros <= salary->max_micros);
    if (salary_annual(salary, &min_micros, &max_micros))
        g_assert(min_micros <= max_micros);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const Str COUNTRIES[] = {STR_NONE, STR("US"), STR("DE"), STR("GB"), STR("CH"), STR("JP")};
    g_autoptr(Arena) arena = arena_new(4096);
    Str text = {(const char *)bytes + 1, size - 1}, country, language;
    Salary salary = {0};
    Listing listing;
    Place place;

    if (size == 0)
        return 0;
    country = COUNTRIES[bytes[0] % G_N_ELEMENTS(COUNTRIES)];
    if (place_parse(text, country, &place)) {
        g_assert(place.country[0] != '\0');
        g_assert(country.at == NULL || str_is(country, place.country));
        g_assert(!place.has_position ||
                 (place.latitude >= -90 && place.latitude <= 90 && place.longitude >= -180 && place.longitude <= 180));
    }
    if (salary_parse(text, country, &salary)) {
        g_assert(salary.has_min || salary.has_max);
        g_assert(salary.currency.code[0] != '\0');
        check_salary(&salary);
        salary_complete(&salary, country);
        check_salary(&salary);
    }
    listing = (Listing){
        .title = text, .url = STR("https://x/"), .location = text, .country = country, .salary = {.text = text}};
    listing_normalise(arena, NULL, &listing);
    language = language_detect(text, text, country);
    g_assert(language.at == NULL || str_equal(language_parse(language, arena), language));
    language = language_parse(text, arena);
    g_assert(language.at == NULL || str_equal(language_parse(language, arena), language));
    check_salary(&listing.salary);
    return 0;
}
