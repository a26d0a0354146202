/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes API server of the simulator, in parts: k8s.c (which resource a request is for, discovery, and how
 * the server refuses), k8s_accounts.c (who asks, and what RBAC lets him do) and k8s_secrets.c. All under the
 * service's lock.
 */
#ifndef MSTR_SIM_K8S_H
#define MSTR_SIM_K8S_H

#include "sim.h"

enum { K8S_TEXT_MAX = 256 };

struct k8s_call {
    const struct sim_request *request;
    struct sim_reply *reply;
    char user[K8S_TEXT_MAX]; /* who asks, "system:anonymous" without a credential */
    char namespace[K8S_TEXT_MAX];
    char resource[K8S_TEXT_MAX];
    char name[K8S_TEXT_MAX]; /* "" for a list */
    const char *verb;        /* as RBAC calls the method */
};

/* k8s.c: the section of the seed, and a Status (api-conventions, "Response Status Kind"). With `details` it tells
 * what the call is about. */
struct json_object *k8s_seed(const char *list);
void k8s_refuse(struct k8s_call *call, int code, const char *reason, bool details, const char *format, ...)
    MSTR_PRINTF(5, 6);

/* k8s_accounts.c: fills in `user`; false with the refusal. */
bool k8s_authenticate(struct k8s_call *call);
/* Whether RBAC lets the user do this with the secret, which may be NULL; false with the refusal. */
bool k8s_authorize(struct k8s_call *call, struct json_object *secret);
/* Whose bearer token this is, NULL if it is nobody's, for another audience ("" is the API server), or its time is
 * over. */
const char *k8s_token_user(const char *token, const char *audience);
void k8s_accounts_load(void);
void k8s_accounts_unload(void);
/* POST /tokens of the admin listener. */
void k8s_tokens_admin(struct json_object *arguments, struct sim_reply *reply);

/* k8s_secrets.c: …/namespaces/NAMESPACE/secrets[/NAME] */
void k8s_secrets(struct k8s_call *call);
/* POST /secrets of the admin listener. */
void k8s_secrets_admin(struct json_object *arguments, struct sim_reply *reply);

#endif
