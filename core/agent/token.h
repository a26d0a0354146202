/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access token of the TCP listener: a file that only its owner can read, made with 32 random octets where there
 * is none. Compared without telling by its time where two differ. Ten wrong ones a second are told so, further ones
 * that there are too many; nobody is made to wait for a wrong one, as the one thread that serves would wait with him.
 * The right one always passes.
 */
#ifndef MSTR_AGENT_TOKEN_H
#define MSTR_AGENT_TOKEN_H

#include "base/buffer.h"

#include <mstr/secret.h>
#include <stdint.h>

struct token {
    struct buffer text;
    int64_t since; /* when the present second of wrong ones began */
    unsigned wrong;
};

enum token_verdict { TOKEN_GOOD, TOKEN_WRONG, TOKEN_TOO_MANY };

/* Finds or makes the file. MSTR_E_CONFIG for one that others can read, that is another's or too short. */
enum mstr_code token_open(const char *path, struct token *token, mstr_error *error);
/* NULL is a wrong one. `now` in ms, monotonic. */
enum token_verdict token_check(struct token *token, const char *given, int64_t now);
/* Wipes and frees. */
void token_release(struct token *token);

#endif
