/*
 * An access token, in memory that is wiped.
 */
#ifndef MSTR_PROVIDERS_SDK_TOKEN_H
#define MSTR_PROVIDERS_SDK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token {
    char *text;      /* in secret memory */
    int64_t expires; /* ms since 1970 */
    int64_t renew;   /* ms since 1970 from which on a new one should be asked for; 0 = whoever keeps it decides */
};

/* Copies the text; false without memory. */
bool token_set(struct token *token, const char *text, size_t length, int64_t expires);
/* Wipes; a zeroed token is accepted. */
void token_release(struct token *token);

#endif
