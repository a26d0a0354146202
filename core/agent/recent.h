/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which secrets were fetched anew a moment ago at somebody's wish, so that refresh and invalidate act at most once in
 * five seconds for each. Remembers a thousand, by a hash: one that shares its place with another may be fetched once
 * more. Thread-safe.
 */
#ifndef MSTR_AGENT_RECENT_H
#define MSTR_AGENT_RECENT_H

#include <stdbool.h>
#include <stdint.h>

struct recent;

/* NULL without memory. */
struct recent *recent_new(void);
void recent_free(struct recent *recent);
/* Whether the key may be fetched anew at the time `now` (ms, monotonic), which then counts as done. */
bool recent_may(struct recent *recent, const char *key, int64_t now);
/* What a key is remembered by; with a basis that nobody knows, nobody makes two look alike. */
uint64_t recent_hash(uint64_t basis, const char *key);

#endif
