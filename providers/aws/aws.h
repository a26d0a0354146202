/*
 * One instance of the AWS provider, and what its files share: which service, which region and endpoint, and how a
 * signed request is sent. The plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AWS_AWS_H
#define MSTR_PROVIDERS_AWS_AWS_H

#include "aws/identity.h"
#include "common/common.h"
#include "util/buffer.h"

struct service;

struct aws {
    const struct mstr_instance *instance;
    const struct service *service;
};

/* A service whose secrets the plugin fetches. */
struct service {
    const char *name;     /* as in configuration and in the signature's scope */
    const char *endpoint; /* as in AWS_ENDPOINT_URL_… */
    const char *host;     /* first label of its host names */
    void (*resolve)(struct aws *aws, struct mstr_request *const *requests, size_t count,
                    const struct mstr_call *call);
};
extern const struct service secrets_manager;

/* The region for a request: `preferred` (from an ARN or a reference, NULL = none), the option, AWS_REGION,
 * AWS_DEFAULT_REGION. MSTR_E_CONFIG if there is none or it is none. The text lives as long as the environment. */
enum mstr_code aws_region(const struct aws *aws, const char *preferred, const char **region,
                          struct mstr_error *error);

/* One call of a service's JSON 1.1 protocol. */
struct aws_call {
    const char *target; /* of X-Amz-Target */
    const char *region;
    const char *body;
    size_t body_length;
};
/* Signs and sends it. MSTR_OK with an answer of status 200, which the caller frees; else the error is told in full.
 */
enum mstr_code aws_send(const struct aws *aws, const struct aws_call *request, const struct identity *identity,
                        const struct mstr_call *call, struct mstr_http_response **answer, struct mstr_error *error);

#endif
