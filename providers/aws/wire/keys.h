/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys with which requests are signed, which identity gave them, and until when they hold. In secret memory
 * throughout, shared by counting; nothing changes once made but the derived key that is kept beside them.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_KEYS_H
#define MSTR_PROVIDERS_AWS_WIRE_KEYS_H

#include "sdk/renewable.h"
#include "sdk/sigv4.h"

struct aws_keys {
    struct kept kept;     /* first */
    const char *identity; /* "environment", … */
    char *access_key;
    char *secret_key;
    char *session_token;  /* NULL = none */
    char *principal;      /* whose they are by STS's word, in the session that it names; NULL = their id tells */
    char *region;         /* where the identity is, for whoever has no other; NULL = not known */
    int64_t expires;      /* ms since 1970, 0 = never */
    bool outlives;        /* serves past its end while its identity fails, as IMDS promises */
    bool extended;        /* it had ended already when its identity gave it */
    bool attended;        /* a person was asked on the way to it: not to be renewed before its time */
    pthread_mutex_t lock; /* guards the key */
    struct sigv4_key key; /* the latest that was derived; wiped with the rest */
};

/* The parts that an identity gave; all may be NULL. */
struct aws_keys_parts {
    const char *identity;
    const char *profile;      /* where it is one; for messages */
    const char *const *names; /* of the three below, where the user gave them; NULL = a service answered */
    const char *access_key;
    const char *secret_key;
    const char *session_token;
    const char *principal;
    const char *region;
    int64_t expires;
    bool outlives;
};

/* Copies without white space at the ends. MSTR_E_PROTOCOL when a key is missing or can be none, which is
 * MSTR_E_CONFIG where the user gave it; MSTR_E_AUTHENTICATION when they have expired already, unless they outlive
 * that: their end is then put off by aws_keys_extension(). */
enum mstr_code aws_keys_make(const struct aws_keys_parts *parts, struct aws_keys **out, struct mstr_error *error);
/* Out of the JSON object that containers, IMDS and helper programs answer with; names in any case. `known` are the
 * parts that do not come from there: identity and outlives. */
enum mstr_code aws_keys_from_json(const struct aws_keys_parts *known, const char *text, size_t length,
                                  struct aws_keys **out, struct mstr_error *error);
/* ms for which keys past their end serve before their identity is asked again: ten to fifteen minutes by chance, so
 * that a fleet of machines does not ask at once. */
int64_t aws_keys_extension(void);
/* Signs, deriving a key only for a new day, region or service. As sigv4_sign(). */
enum mstr_code aws_keys_sign(struct aws_keys *keys, const char *region, const char *service, int64_t time,
                             const struct sigv4_request *request, struct sigv4_signature *out);
/* What tells whose they are from all others, for identity_digest(). */
const char *aws_keys_proof(const struct aws_keys *keys);
struct aws_keys *aws_keys_retain(struct aws_keys *keys);
/* The last owner wipes; NULL is accepted. */
void aws_keys_release(struct aws_keys *keys);

#endif
