/*
 * The keys with which requests are signed, where they came from, and until when they hold. In secret memory
 * throughout.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_H
#define MSTR_PROVIDERS_AWS_IDENTITY_H

#include <mstr/provider.h>
#include <stdint.h>

struct identity {
    const char *source; /* "environment", … */
    char *access_key;
    char *secret_key;
    char *session_token; /* NULL = none */
    int64_t expires;     /* ms since 1970, 0 = never */
};

/* Copies the texts; `session_token` may be NULL. NULL without memory. */
struct identity *identity_new(const char *source, const char *access_key, const char *secret_key,
                              const char *session_token);
/* Wipes; NULL is accepted. */
void identity_free(struct identity *identity);

/* Keys from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. MSTR_E_NOT_AVAILABLE when none is set,
 * MSTR_E_CONFIG when one of the first two is. */
enum mstr_code environment_identity(struct identity **out, struct mstr_error *error);

#endif
