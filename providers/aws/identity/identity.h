/*
 * The keys with which requests are signed, where they came from, and until when they hold. In secret memory
 * throughout, shared by counting; nothing changes once made but the derived key that is kept beside them. And the
 * sources that give them, one file each.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_AWS_IDENTITY_IDENTITY_H

#include "aws/config/shared_config.h"
#include "aws/wire/retry_policy.h"
#include "sdk/sigv4.h"

#include <mstr/provider.h>
#include <pthread.h>
#include <stdint.h>

struct identity {
    int owners;
    const char *source; /* "environment", … */
    char *access_key;
    char *secret_key;
    char *session_token;  /* NULL = none */
    int64_t expires;      /* ms since 1970, 0 = never */
    bool outlives;        /* serves past its end while its source fails, as IMDS promises */
    bool extended;        /* it had ended already when its source gave it */
    bool attended;        /* a person was asked on the way to it: not to be renewed before its time */
    pthread_mutex_t lock; /* guards the key */
    struct sigv4_key key; /* the latest that was derived; wiped with the rest */
};

/* The parts that a source found; all may be NULL. */
struct identity_parts {
    const char *source;
    const char *access_key;
    const char *secret_key;
    const char *session_token;
    int64_t expires;
    bool outlives;
};

/* Copies. MSTR_E_PROTOCOL when a key is missing, MSTR_E_AUTHENTICATION when it has expired already, unless it
 * outlives that: its end is then put off by identity_extension(). */
enum mstr_code identity_make(const struct identity_parts *parts, struct identity **out, struct mstr_error *error);
/* Out of the JSON object that containers, IMDS and helper programs answer with; names in any case. `known` are the
 * parts that do not come from there: source and outlives. */
enum mstr_code identity_from_json(const struct identity_parts *known, const char *text, size_t length,
                                  struct identity **out, struct mstr_error *error);
/* ms for which keys past their end serve before their source is asked again: ten to fifteen minutes by chance, so
 * that a fleet of machines does not ask at once. */
int64_t identity_extension(void);
/* Signs, deriving a key only for a new day, region or service. As sigv4_sign(). */
enum mstr_code identity_sign(struct identity *identity, const char *region, const char *service, int64_t time,
                             const struct sigv4_request *request, struct sigv4_signature *out);
struct identity *identity_retain(struct identity *identity);
/* The last owner wipes; NULL is accepted. */
void identity_release(struct identity *identity);

/* What a source may look at. */
struct surroundings {
    const struct mstr_instance *instance;
    const struct mstr_call *call;
    struct pace *pace;         /* of services on the way; NULL = none is kept */
    struct identity **standby; /* an instance's last keys, for the roles over them; NULL = none are kept */
    const struct shared_config *config;
    const char *profile_name;
    const struct section *profile; /* NULL where there is none of that name */
    const char *region;            /* for services on the way, NULL = none known */
};

/* MSTR_OK with an identity; MSTR_E_NOT_AVAILABLE, saying why, when it is not configured here; any other failure ends
 * the chain. */
typedef enum mstr_code source_fn(const struct surroundings *around, struct identity **out, struct mstr_error *error);

source_fn environment_identity; /* AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY */
source_fn profile_identity;     /* whatever the profile says */
source_fn web_identity;         /* AWS_WEB_IDENTITY_TOKEN_FILE */
source_fn container_identity;   /* AWS_CONTAINER_CREDENTIALS_… */
source_fn imds_identity;        /* EC2's metadata service */
source_fn imds_standing_in;     /* the same, or what it gave last */

/* A profile's own ways, for profile_identity(). */
enum mstr_code process_identity(const struct surroundings *around, const char *command, struct identity **out,
                                struct mstr_error *error);

#endif
