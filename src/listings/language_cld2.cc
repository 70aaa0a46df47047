#include "listings/language_cld2.h"

/* Its header uses FILE without saying so. */
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

LanguageGuess
language_guess(const char *text, size_t size, const char *domain)
{
    const CLD2::CLDHints hints = {nullptr, domain, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language best, languages[3];
    int percents[3], letter_bytes = 0, valid_bytes = 0;
    double scores[3];
    bool is_reliable = false;

    best = CLD2::ExtDetectLanguageSummaryCheckUTF8(text, static_cast<int>(size), true, &hints, 0, languages, percents,
                                                   scores, nullptr, &letter_bytes, &is_reliable, &valid_bytes);
    /* The best one may be English only because nothing else is, and then it is not the most frequent. */
    return {CLD2::LanguageCode(best), is_reliable && best == languages[0], letter_bytes};
}
