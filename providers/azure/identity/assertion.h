/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assertions by which a service principal proves that it has its certificate's key.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_ASSERTION_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_ASSERTION_H

#include "azure/identity/certificate.h"

/* What an assertion says. */
struct assertion {
    const char *client_id;
    const char *audience;
    int64_t now;     /* ms since 1970 */
    bool with_chain; /* for applications that trust by subject and issuer */
    bool adfs;       /* which knows RS256 and SHA-1 thumbprints only */
};
/* Appends a JSON Web Token as Microsoft Entra wants it. False without memory, or when the key cannot sign. */
bool assertion_sign(const struct assertion *assertion, const struct certificate *certificate, struct buffer *out);

#endif
