/* Access tokens. */
#include "sdk/token.h"

#include "sdk/host.h"

#include <string.h>

bool token_set(struct token *token, const char *text, size_t length, int64_t expires)
{
    token->text = host->secret_alloc(length + 1);
    token->expires = expires;
    token->renew = 0;
    if (token->text != NULL) {
        memcpy(token->text, text, length);
    }
    return token->text != NULL;
}

void token_release(struct token *token)
{
    host->secret_free(token->text);
    token->text = NULL;
}
