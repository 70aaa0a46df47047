/*
 * Addresses as keys: two listings that lead to one page of one posting are one position, whatever else they say.
 */
#pragma once

#include "listings/fingerprint.h"

/* Of a click URL without what only follows visitors about (utm_*, ref, source, ...), fragment, case of the host, and a
 * last "/apply". False when the URL does not name one posting: it must hold a number of at least five digits or a UUID,
 * for many postings share "https://acme.example/careers". */
bool fingerprint_of_address(Str url, Fingerprint *ret_fingerprint);
