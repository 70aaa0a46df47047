/*
 * weir source test: one question to a source, told step by step: the request with its secrets hidden, the answer, each
 * listing with all its fields, what was rejected and why, and how many of the records had each field.
 */
#pragma once

#include "commands/deployment.h"

/* Asks the partner. */
bool source_test(Deployment *deployment, const Source *source, const Question *question,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks nobody: reads an answer kept in a file, of the source's search, or of its feed when it has no search. */
bool source_test_file(Deployment *deployment, const Source *source, const Question *question, const char *path,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
