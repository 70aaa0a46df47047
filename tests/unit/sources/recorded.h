/* Answers and feeds as partners sent them, read with the project's definitions. They stand beside the project, and a test
 * is skipped where they don't. */
#pragma once

#include "support.h"

typedef struct {
    SourceSet *sets[2]; /* of sources/, of tests/sources/definitions/ */
} Recorded;

void recorded_setup(Recorded *f, gconstpointer unused);
void recorded_teardown(Recorded *f, gconstpointer unused);
/* Reads the file twice, whole and in random pieces, and returns the second; both must agree. Question NULL: none. */
bool recorded_read(const Recorded *f, const char *source, const char *file, const Question *question,
                   Collected *ret_collected);
const Listing *listing_with_id(const Collected *collected, const char *id);
void assert_moment(int64_t us, const char *expected);
