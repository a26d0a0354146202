/*
 * One instance of the AWS provider, and what its services share: how a call is signed with its keys and sent. The
 * plugin's entry point is in plugin.c.
 */
#ifndef MSTR_PROVIDERS_AWS_SERVICE_AWS_H
#define MSTR_PROVIDERS_AWS_SERVICE_AWS_H

#include "aws/identity/renewable_keys.h"
#include "aws/service/wanted.h"
#include "aws/wire/send.h"

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

/* A service that keeps secrets, and how they are fetched. */
struct secret_service {
    struct aws_service service;
    struct wanted_kind kind;
    void (*resolve)(const struct inquiry *inquiry, struct mstr_request *const *requests, size_t count);
};
extern const struct secret_service secrets_manager;
extern const struct secret_service ssm;

/* Whether a call for several that was refused for what it asks shall be followed by one for each, which then tells
 * its own failure; the log has why. */
bool aws_ask_singly(const struct inquiry *inquiry, size_t count, enum mstr_code code, const struct mstr_error *error);
/* Whether two references are of the same region; NULL = it names none. */
bool aws_same_region(const struct inquiry *inquiry, const char *a, const char *b);
/* Sends a call of the instance's own service with its keys, endpoint and retry policy, to the configured region where
 * it names none; keys that have expired on the way are renewed once. As aws_send(). */
enum mstr_code aws_send_as(const struct inquiry *inquiry, const struct aws_call *request,
                           struct mstr_http_response **answer, struct mstr_error *error);
/* Fails a request whose answer names another secret, `named`, than it asks for. */
void aws_refuse_another(struct mstr_request *request, const char *action, const char *named);

#endif
