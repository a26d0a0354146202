/* The keys with which requests are signed. */
#include "aws/identity.h"

#include "common/common.h"

#include <string.h>

static char *copy(const char *text)
{
    size_t length = strlen(text) + 1;
    char *memory = host->secret_alloc(length);
    if (memory != NULL) {
        memcpy(memory, text, length);
    }
    return memory;
}

struct identity *identity_new(const char *source, const char *access_key, const char *secret_key,
                              const char *session_token)
{
    struct identity *identity = host->secret_alloc(sizeof(*identity));
    if (identity == NULL) {
        return NULL;
    }
    identity->source = source;
    identity->access_key = copy(access_key);
    identity->secret_key = copy(secret_key);
    identity->session_token = session_token != NULL ? copy(session_token) : NULL;
    if (identity->access_key == NULL || identity->secret_key == NULL ||
        (session_token != NULL && identity->session_token == NULL)) {
        identity_free(identity);
        return NULL;
    }
    return identity;
}

void identity_free(struct identity *identity)
{
    if (identity != NULL) {
        host->secret_free(identity->access_key);
        host->secret_free(identity->secret_key);
        host->secret_free(identity->session_token);
        host->secret_free(identity);
    }
}
