/*
 * The one door to CLD2, which is C++. It keeps no state, so that it may be called from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a text is made of, for the most part. */
typedef struct {
    const char *code; /* CLD2's: mostly ISO 639; lives as long as the program */
    bool is_reliable;
    int letter_bytes; /* of how much of the text this was found: without digits, signs, blanks */
} LanguageGuess;

/* text: UTF-8. domain: of the country, as "uk", or NULL. */
LanguageGuess language_guess(const char *text, size_t size, const char *domain);

#ifdef __cplusplus
}
#endif
