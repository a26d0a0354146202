/*
 * One instance of the AWS provider, and what its services share: how a call is signed with its keys and sent. The
 * plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AWS_SERVICE_AWS_H
#define MSTR_PROVIDERS_AWS_SERVICE_AWS_H

#include "aws/identity/renewable_keys.h"
#include "aws/wire/send.h"

struct aws {
    struct aws_settings settings;
    const struct secret_service *service;
    struct renewable_keys keys;
};

/* A service that keeps secrets, and how they are fetched. */
struct secret_service {
    struct aws_service service;
    void (*resolve)(struct aws *aws, struct mstr_request *const *requests, size_t count,
                    const struct mstr_call *call);
};
extern const struct secret_service secrets_manager;
extern const struct secret_service ssm;

/* Sends a call of the instance's own service with its keys, endpoint and retry policy; keys that have expired on the
 * way are renewed once. As aws_send(). */
enum mstr_code aws_send_as(struct aws *aws, const struct aws_call *request, const struct mstr_call *call,
                           struct mstr_http_response **answer, struct mstr_error *error);

#endif
