/*
 * A listening socket on a host and port. "::" takes IPv4 too.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

/* port 0: any free one, told in ret_port. WEIR_ERROR_UNAVAILABLE when the address is taken or unknown, naming it. */
bool http_listen(const char *host, uint16_t port, int *ret_fd, uint16_t *ret_port,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
