/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens that a service receives: read, and their signature held against a key. */
#ifndef MSTR_SIM_JWT_H
#define MSTR_SIM_JWT_H

#include "sim.h"

#include <openssl/evp.h>

struct sim_jwt {
    const char *text; /* borrowed */
    size_t signed_length;
    struct json_object *header;
    struct json_object *claims;
    struct buffer signature;
};

/* False if the text is no JWT. Release with sim_jwt_release() either way. */
bool sim_jwt_read(const char *text, struct sim_jwt *jwt);
void sim_jwt_release(struct sim_jwt *jwt);
bool sim_jwt_has_algorithm(const struct sim_jwt *jwt, const char *algorithm);
/* RS256, or PS256 with a salt as long as the digest, as the header says. */
bool sim_jwt_is_signed_by(const struct sim_jwt *jwt, EVP_PKEY *key);

/* issuer.c: appends a token with these claims, signed by the issuer that the simulator is itself; whether one is of
 * that issuer. Thread-safe. */
bool sim_jwt_issue(const char *claims, struct buffer *token);
bool sim_jwt_is_of_issuer(const struct sim_jwt *jwt);

#endif
