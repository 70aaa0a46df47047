/*
 * Assets: the files of the pages and the description of the API, compiled into the binary, with what is the same for every
 * request made once: tag, type and compressed form.
 */
#pragma once

#include "api/etag.h"

typedef struct Assets Assets;

Assets *assets_new(void);
void assets_free(Assets *assets);
/* Answers with the file; false when there is none of that name. The assets must outlive the server. */
bool assets_respond(const Assets *assets, HttpExchange *exchange, Str name);
