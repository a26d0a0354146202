/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points in time as services write them, to and from ms since 1970 UTC. Pure, no locale, no TZ.
 */
#ifndef MSTR_BASE_TIMESTAMP_H
#define MSTR_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 3339: 2026-01-15T12:00:00[.frac](Z|+hh:mm), also with " UTC" or "UTC" in place of Z. */
bool timestamp_parse_rfc3339(const char *text, int64_t *milliseconds);
/* ISO 8601 as programs of all kinds write it: that, without separators too, without a time, without seconds, with an
 * offset of +hh, +hhmm, GMT or none, which is UTC. */
bool timestamp_parse_iso8601(const char *text, int64_t *milliseconds);
/* HTTP date, IMF-fixdate (RFC 9110 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT. */
bool timestamp_parse_http(const char *text, int64_t *milliseconds);
/* A Retry-After value (RFC 9110 10.2.3), seconds or a date, as ms from `now` on; false if it is neither. */
bool timestamp_parse_retry_after(const char *text, int64_t now, int64_t *delay);
/* Civil time in UTC to ms; false out of range (years 1970 to 9999). */
bool timestamp_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *milliseconds);
/* 20260115T120000Z and 2026-01-15T12:00:00Z; `out` must hold 17 or 21 octets. */
void timestamp_format_basic(int64_t milliseconds, char out[17]);
void timestamp_format_rfc3339(int64_t milliseconds, char out[21]);

#endif
