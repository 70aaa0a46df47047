/*
 * weir source record: asks the partner once, or reads an answer that is there already, and writes that down as a golden
 * exchange (golden_exchange.h).
 *
 * Nothing secret or personal is kept: secrets and the login's token become ***, letters of mail addresses x, digits of
 * telephone numbers 0, all before anything is mapped.
 */
#pragma once

#include "commands/deployment.h"

/* Writes FOLDER/NAME.json, NAME being the time of the exchange. INVALID when the answer is no UTF-8 text or when the source
 * cannot be asked with its parameters' defaults; UNAVAILABLE when no whole answer came, and nothing is written. */
bool source_record(Deployment *deployment, const Source *source, const Question *question, const char *folder,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with an answer that is in a file, of the search or else of the feed: nobody is asked. */
bool source_record_file(Deployment *deployment, const Source *source, const Question *question, const char *file,
                        const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
