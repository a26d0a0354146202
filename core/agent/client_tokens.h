/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens that clients of the session proxy get for their logins: the agent's own, each for one profile, of no
 * worth anywhere else and ended by an hour of disuse. The server's token is never among them. Serving thread only.
 */
#ifndef MSTR_AGENT_CLIENT_TOKENS_H
#define MSTR_AGENT_CLIENT_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

enum { CLIENT_TOKENS_MAX = 1024, CLIENT_TOKEN_SIZE = 44, CLIENT_TOKEN_DISUSE = 60 * 60 * 1000 };

struct client_tokens;

/* NULL without memory. */
struct client_tokens *client_tokens_new(void);
/* A new one, at `now` (ms, monotonic); where there are too many, the one that was used least lately ends. False
 * without memory or chance. */
bool client_tokens_issue(struct client_tokens *tokens, const char *profile, int64_t now,
                         char token[CLIENT_TOKEN_SIZE]);
/* Whether it is one of this profile, which has then been used. */
bool client_tokens_use(struct client_tokens *tokens, const char *profile, const char *token, int64_t now);
/* Ends one, if it is one of this profile. */
void client_tokens_end(struct client_tokens *tokens, const char *profile, const char *token);
/* Wipes and frees. NULL is accepted. */
void client_tokens_free(struct client_tokens *tokens);

#endif
