/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vault and OpenBao in the simulator, in parts: vault.c (what a request is for, and what befalls all of them),
 * vault_answer.c (envelopes and refusals), vault_mounts.c (namespaces, mounts and the look-up of a mount),
 * vault_tokens.c (tokens, what they may do and their own calls), vault_kv.c (the two versions of the key-value
 * engine), vault_leases.c (credentials with a lease), vault_login.c (the logins and AppRole), vault_proof.c (other
 * proofs of who one is: a service account, a JWT, a certificate), vault_aws.c (a signed request to AWS) and
 * vault_wrapping.c. All under the service's lock.
 */
#ifndef MSTR_SIM_VAULT_H
#define MSTR_SIM_VAULT_H

#include "sim.h"

enum { VAULT_TEXT_MAX = 256, VAULT_MAX_TTL = 32 * 24 * 3600 };

struct vault_token {
    struct vault_token *next;
    char text[VAULT_TEXT_MAX];
    char accessor[40];
    char namespace[VAULT_TEXT_MAX];
    char path[VAULT_TEXT_MAX]; /* that made it */
    char index[64];            /* without which only the node that made it knows it; "" = all do */
    struct json_object *policies;
    int64_t created;
    int64_t ttl;     /* s, as it was made with; 0: never ends */
    int64_t expires; /* 0: never */
    int64_t latest;  /* to which it can be renewed */
    int64_t period;
    int64_t uses; /* that are left, 0: any number */
    bool renewable;
    bool batch;
    bool revoked;
};

struct vault_call {
    const struct sim_request *request;
    struct sim_reply *reply;
    char namespace[VAULT_TEXT_MAX]; /* without slashes at its ends; "" is the root */
    const char *path;               /* below the namespace, without /v1/ */
    const char *operation;          /* read, list, update or delete */
    struct json_object *input;      /* NULL without a body */
    struct vault_token *token;      /* NULL where none is needed */
    struct json_object *mount;      /* of the engine that is asked */
};

/* vault.c */
struct json_object *vault_seed(const char *list);
bool vault_is(const struct vault_call *call, const char *operation);
/* A member of the input; NULL where there is none. */
const char *vault_input(const struct vault_call *call, const char *name);

/* vault_answer.c: the form of every answer, to be filled in and sent. */
struct json_object *vault_envelope(const struct vault_call *call);
void vault_send(struct vault_call *call, int status, struct json_object *envelope);
void vault_send_data(struct vault_call *call, struct json_object *data);
void vault_done(struct vault_call *call);
void vault_refuse(struct vault_call *call, int status, const char *format, ...) MSTR_PRINTF(3, 4);
/* 404 as the server has it for what is not there, which has nothing to say. */
void vault_nothing(struct vault_call *call);
void vault_unsupported(struct vault_call *call);
void vault_denied(struct vault_call *call);
/* RFC 3339 with nanoseconds, as Go writes a time. */
void vault_time(int64_t milliseconds, char out[40]);
/* Seconds, as a number or a duration as Go writes it; `otherwise` for NULL and what is neither. */
int64_t vault_seconds(struct json_object *value, int64_t otherwise);

/* vault_mounts.c: takes the namespaces that the path begins with off it, and adds them to the name; false if there is
 * none of that name. */
bool vault_enter_namespace(char namespace[VAULT_TEXT_MAX], const char **path);
/* The mount in a list of the seed that the path leads to; `rest` is what follows it. */
struct json_object *vault_mount_of(const char *list, const char *namespace, const char *path, const char **rest);
/* GET sys/internal/ui/mounts/PATH */
void vault_preflight(struct vault_call *call, const char *path);

/* vault_tokens.c */
void vault_tokens_load(void);
void vault_tokens_unload(void);
/* A token with the settings of a role, or of the seed's entry for a token. */
struct vault_token *vault_token_issue(struct json_object *settings, const char *namespace, const char *path);
/* The call's token, if the server knows it; NULL with the refusal. */
struct vault_token *vault_token_of(struct vault_call *call);
bool vault_token_is_live(const struct vault_token *token);
/* Whether the policies of the call's token let it do this in its namespace. */
bool vault_allows(const struct vault_call *call, const char *path);
bool vault_touches(const struct vault_call *call, const char *namespace, const char *mount);
/* Adds how long it lives, and whether that can be made longer. */
void vault_put_auth(struct json_object *envelope, const struct vault_token *token);
void vault_token_self(struct vault_call *call, const char *what);
void vault_tokens_admin(struct json_object *arguments, struct sim_reply *reply);
int64_t vault_tokens_count(void);

/* Engines: answer what a token was let in for; `path` follows the mount. */
void vault_kv(struct vault_call *call, const char *path);
void vault_kv_admin(struct json_object *arguments, struct sim_reply *reply);
void vault_dynamic(struct vault_call *call, const char *path);

/* vault_leases.c: sys/leases/renew and revoke. */
void vault_lease(struct vault_call *call, const char *what);
void vault_leases_unload(void);
int64_t vault_leases_count(void);

/* vault_login.c: auth/PATH, `path` without its beginning; is it a login, which needs no token. */
bool vault_is_login(const struct vault_call *call, const char *path);
void vault_auth(struct vault_call *call, const char *path);
/* Who may log in with a role's proof; false with the refusal. */
bool vault_proof_kubernetes(struct vault_call *call, struct json_object *role);
bool vault_proof_jwt(struct vault_call *call, struct json_object *role);
bool vault_proof_certificate(struct vault_call *call, struct json_object *role);
/* Without a role in the input, `role` becomes the one named as the caller is. */
bool vault_proof_aws(struct vault_call *call, struct json_object *mount, struct json_object **role);

/* vault_wrapping.c: puts the answer into a wrapping token if that was asked for; sys/wrapping/lookup and unwrap. */
void vault_wrap(struct vault_call *call);
void vault_wrapping(struct vault_call *call, const char *what);
void vault_wrapping_unload(void);

#endif
