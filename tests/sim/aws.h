/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AWS service of the simulator, in parts: aws.c (which API a request is for), aws_sigv4.c (whether its signature
 * holds), aws_keys.c (who owns an access key), aws_secrets.c (Secrets Manager), aws_ssm.c (Parameter Store),
 * aws_sts.c, aws_metadata.c (IMDS and containers), aws_sso.c, aws_login.c. All under the service's lock.
 */
#ifndef MSTR_SIM_AWS_H
#define MSTR_SIM_AWS_H

#include "sim.h"

/* An access key: of the seed, or issued by one of the APIs for some time. */
struct aws_key {
    struct aws_key *next;
    char id[33];
    char secret[65];
    char token[129]; /* "" for a long-term key */
    char account[13];
    char arn[256];
    int64_t expires; /* 0: never */
    bool denied;     /* may sign, but nothing else */
};

/* Why a request is refused: what the service would name, and what the log says. */
struct aws_refusal {
    int status;
    const char *code;
    char message[1024];
};
void aws_refuse(struct aws_refusal *refusal, int status, const char *code, const char *format, ...) MSTR_PRINTF(4, 5);

/* aws_sigv4.c: the key that signed the request for `service`; NULL with the refusal. `region` gets the scope's. */
const struct aws_key *aws_verify(const struct sim_request *request, const char *service, char region[64],
                                 struct aws_refusal *refusal);

/* aws_keys.c */
void aws_keys_load(struct json_object *section);
void aws_keys_unload(void);
const struct aws_key *aws_key_named(const char *id);
/* A temporary key; never NULL. */
const struct aws_key *aws_key_issue(const char *account, const char *arn, int64_t seconds);

/* aws.c: answers that the APIs share. */
void aws_json_error(struct sim_reply *reply, int status, const char *code, const char *message);
void aws_xml_error(struct sim_reply *reply, int status, const char *code, const char *message);
void aws_add_request_id(struct sim_reply *reply);
/* The section of the seed. */
struct json_object *aws_seed(const char *name);
struct json_object *aws_find(const char *list, const char *member, const char *value);

struct aws_call {
    const struct sim_request *request;
    struct sim_reply *reply;
    const struct aws_key *key;
    char region[64];
    struct json_object *input;
};

/* Operations of a JSON 1.1 service. */
struct aws_operation {
    const char *name;
    void (*run)(struct aws_call *call);
};
extern const struct aws_operation aws_secrets_operations[];
extern const struct aws_operation aws_ssm_operations[];

/* aws_sts.c: a refusal's code as the query protocol has it. */
const char *aws_query_code(const char *code);
bool aws_is_sts(const struct sim_request *request);
void aws_sts(struct aws_call *call);

/* APIs known by their path: false if the request is for another one. */
bool aws_imds(struct aws_call *call);
bool aws_container(struct aws_call *call);
bool aws_oidc(struct aws_call *call);
bool aws_portal(struct aws_call *call);
bool aws_login(struct aws_call *call);
/* aws_metadata.c: forgets the metadata tokens. */
void aws_metadata_load(void);

/* The value that /aws/reference/secretsmanager/… and the batch need: a version as GetSecretValue shows it, or NULL
 * with the error. */
struct json_object *aws_secret_value(const struct aws_call *call, const char *id, const char *version,
                                     const char *stage, struct aws_refusal *refusal);
/* POST /secrets of the admin listener. */
void aws_secrets_admin(struct json_object *arguments, struct sim_reply *reply);

#endif
