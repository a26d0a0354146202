/*
 * One instance of the AWS provider, and what its files share: which service, which region and endpoint, and how a
 * signed request is sent. The plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AWS_AWS_H
#define MSTR_PROVIDERS_AWS_AWS_H

#include "aws/identity/chain.h"
#include "base/buffer.h"
#include "sdk/host.h"

struct aws {
    const struct mstr_instance *instance;
    const struct service *service;
    struct chain chain;
};

/* A service that is called, and how its secrets are fetched if it has any. */
struct service {
    const char *name;     /* as in configuration and in the signature's scope */
    const char *endpoint; /* as in AWS_ENDPOINT_URL_… */
    const char *host;     /* first label of its host names */
    void (*resolve)(struct aws *aws, struct mstr_request *const *requests, size_t count,
                    const struct mstr_call *call);
};
extern const struct service secrets_manager;
extern const struct service ssm;

/* One call of a service. */
struct aws_call {
    const struct mstr_instance *instance;
    /* NULL = none. aws_send_as() takes the instance's. */
    struct pace *pace;
    const struct shared_config *config;
    const struct section *profile;
    const struct service *service;
    const char *action; /* for messages, and after the prefix of X-Amz-Target */
    const char *prefix; /* "secretsmanager."; NULL = the query protocol, whose body is a form */
    const char *region;
    const char *body;
    size_t body_length;
    bool once;         /* what the body holds is good for one attempt alone */
    bool own_endpoint; /* goes where the option `endpoint` says although it fetches no secret */
};
/* Where a call goes; `own` is the instance whose option may tell, NULL for services on the way. */
enum mstr_code aws_endpoint(const struct aws_call *request, const struct mstr_instance *own, struct buffer *url,
                            struct mstr_error *error);
/* Signs (with an identity) and sends it, again where that makes sense. MSTR_OK with an answer of status 200, which
 * the caller frees; else the error is told in full. */
enum mstr_code aws_send(const struct aws_call *request, struct identity *identity, const struct mstr_call *call,
                        struct mstr_http_response **answer, struct mstr_error *error);
/* The same with the instance's identity; one that has expired on the way is renewed once. */
enum mstr_code aws_send_as(struct aws *aws, const struct aws_call *request, const struct mstr_call *call,
                           struct mstr_http_response **answer, struct mstr_error *error);

#endif
