/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This machine's clock beside a server's. Tokens and signatures are good around now only, so a clock that is wrong
 * explains refusals which say something else; where it is known by how much, requests are signed with the server's.
 */
#ifndef MSTR_PROVIDERS_SDK_CLOCK_SKEW_H
#define MSTR_PROVIDERS_SDK_CLOCK_SKEW_H

#include <mstr/provider.h>

/* How far a service's clock is ahead of ours. All zero is a new one; any number of threads. */
struct clock_skew {
    _Alignas(8) int64_t ahead; /* ms */
};

/* NULL is a clock that is not ahead. */
int64_t clock_skew_get(const struct clock_skew *clock);
/* Takes over what an answer tells, also into `ahead`, which else stays. `clock` may be NULL. */
void clock_skew_learn(struct clock_skew *clock, struct mstr_http_response *response, int64_t *ahead);
/* Tells as a hint by how much they differ, by the answer's Date, where that is worth a word. */
void clock_skew_tell(struct mstr_http_response *response, struct mstr_error *error);

#endif
