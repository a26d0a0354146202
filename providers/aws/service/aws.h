/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One instance of the AWS provider, and what its services share: how a call is signed with its keys and sent. The
 * plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AWS_SERVICE_AWS_H
#define MSTR_PROVIDERS_AWS_SERVICE_AWS_H

#include "aws/identity/renewable_keys.h"
#include "aws/service/wanted.h"
#include "aws/wire/send.h"
#include "sdk/batch.h"
#include "sdk/identity_digest.h"

struct aws {
    struct aws_settings settings;
    struct kept_config config;
    const struct secret_service *service;
    struct renewable_keys keys;
};

/* One call of the host: whose keys, by which configuration, within which limits. */
struct inquiry {
    struct aws *aws;
    const struct configuration *config;
    const struct mstr_call *call;
};

/* One secret wanted. */
struct asked {
    struct batch_item item; /* first; its batch is of a struct aws */
    struct wanted wanted;
    bool alone; /* it is not asked for together with others, or was already */
    bool again; /* it failed in passing: the next call asks for it once more */
};

/* What the service said, and whose keys it was told. */
struct aws_answer {
    struct json_object *body; /* an object, for json_release(); NULL without an answer */
    char identity[IDENTITY_SIZE];
};

/* A service that keeps secrets, and how they are fetched. */
struct secret_service {
    struct aws_service service;
    struct wanted_kind kind;
    const char *prefix; /* of its actions, with the dot */
    /* That its names are made of beside letters and digits. One that is malformed would spoil the call for all that
     * it is asked for with. */
    const char *id_octets;
    size_t together;     /* secrets of one region that one call asks for, at most */
    size_t side_by_side; /* calls for one each */
    /* Asks for several, all of one region. Those that still wait afterwards are asked for one by one. */
    void (*fetch_several)(const struct inquiry *inquiry, struct asked **asked, size_t count);
    void (*fetch_one)(const struct inquiry *inquiry, struct asked *asked);
};
extern const struct secret_service secrets_manager;
extern const struct secret_service ssm;

/* Of a batch_kind. */
enum mstr_code aws_read(struct batch_item *item);
void aws_fetch(const struct batch *batch);

/* Asks the instance's own service by its keys, endpoint and retry policy, in the configured region where `region` is
 * NULL; keys that have expired on the way are renewed once. */
enum mstr_code aws_ask(const struct inquiry *inquiry, const char *action, const char *region,
                       const struct buffer *body, struct aws_answer *answer, struct mstr_error *error);
/* After a call for several failed: fails them all, unless their calls may fare better. */
void aws_fail_several(const struct inquiry *inquiry, struct asked *const *asked, size_t count, enum mstr_code code,
                      const struct mstr_error *error);
/* Fails one whose answer names another secret, `named`, than it asks for. */
void aws_refuse_another(struct asked *asked, const char *action, const char *named);

#endif
