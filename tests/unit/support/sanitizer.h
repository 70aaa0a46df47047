/*
 * Whether the size of the process can be measured: AddressSanitizer keeps what was freed, so that it says nothing.
 */
#pragma once

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__)
#define CAN_MEASURE_MEMORY false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_MEASURE_MEMORY false
#endif
#endif
#ifndef CAN_MEASURE_MEMORY
#define CAN_MEASURE_MEMORY true
#endif
