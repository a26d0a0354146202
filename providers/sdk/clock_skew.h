/*
 * This machine's clock beside a server's. Tokens are good around now only, so a clock that is wrong explains refusals
 * which say something else.
 */
#ifndef MSTR_PROVIDERS_SDK_CLOCK_SKEW_H
#define MSTR_PROVIDERS_SDK_CLOCK_SKEW_H

#include <mstr/provider.h>

/* Tells as a hint by how much they differ, by the answer's Date, where that is worth a word. */
void clock_skew_tell(struct mstr_http_response *response, struct mstr_error *error);

#endif
