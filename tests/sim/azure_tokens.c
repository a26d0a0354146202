/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens: opaque to clients, and so no JSON Web Tokens here. */
#include "azure.h"

#include "base/json.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct azure_token *tokens;

void azure_tokens_unload(void)
{
    while (tokens) {
        struct azure_token *next = tokens->next;
        free(tokens);
        tokens = next;
    }
}

static void copy_text(struct json_object *object, const char *member, char *out, size_t size)
{
    const char *text = json_member_text(object, member);
    snprintf(out, size, "%s", text ? text : "");
}

struct azure_token *azure_token_issue(struct json_object *principal, const char *tenant, const char *audience,
                                      int64_t seconds)
{
    struct azure_token *token = calloc(1, sizeof(*token));
    if (!token)
        abort();
    memcpy(token->text, "sim.", 4);
    sim_random_text(token->text + 4, 128, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    copy_text(principal, "client_id", token->client, sizeof(token->client));
    copy_text(principal, "object_id", token->object, sizeof(token->object));
    snprintf(token->tenant, sizeof(token->tenant), "%s", tenant);
    snprintf(token->audience, sizeof(token->audience), "%s", audience);
    token->expires = sim_now() + seconds * 1000;
    token->next = tokens;
    tokens = token;
    return token;
}

const struct azure_token *azure_token_named(const char *text)
{
    const struct azure_token *token = tokens;
    while (token && strcmp(token->text, text) != 0)
        token = token->next;
    return token;
}

bool azure_token_has_hash(const char *hash)
{
    for (const struct azure_token *token = tokens; token; token = token->next) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        char text[2 * EVP_MAX_MD_SIZE + 1];
        EVP_Digest(token->text, strlen(token->text), digest, &length, EVP_sha256(), NULL);
        for (unsigned i = 0; i < length; i++)
            snprintf(text + 2 * (size_t)i, 3, "%02x", digest[i]);
        if (!strcmp(text, hash))
            return true;
    }
    return false;
}
