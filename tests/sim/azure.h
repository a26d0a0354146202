/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Azure service of the simulator, in parts: azure.c (which API a request is for), azure_entra.c (token
 * endpoints), azure_assertions.c (client assertions and federated tokens), azure_tokens.c (access tokens),
 * azure_managed.c (the hosts of managed identities), azure_pipelines.c (the issuer of Azure Pipelines), azure_vault.c
 * (whom a vault lets in) and azure_secrets.c (what it then shows). All under the service's lock.
 */
#ifndef MSTR_SIM_AZURE_H
#define MSTR_SIM_AZURE_H

#include "sim.h"

enum { AZURE_LIFETIME = 3599, AZURE_MANAGED_LIFETIME = 86399 };

struct azure_call {
    const struct sim_request *request;
    struct sim_reply *reply;
    char vault_url[512]; /* by which the vault that is asked calls itself */
};

/* azure.c: an object of one of the seed's lists. */
struct json_object *azure_seed(const char *list);
struct json_object *azure_find(const char *list, const char *member, const char *value);
/* The same where letters may be of either case, as in ids. */
struct json_object *azure_find_id(const char *list, const char *member, const char *value);
/* The tenant of an id or domain, NULL if there is none; "adfs" is one. */
struct json_object *azure_tenant(const char *name, size_t length);
/* scheme://host[:port] as the request named it, or as a client on loopback would. */
void azure_own_origin(const struct sim_request *request, char *out, size_t size);

/* Why a token endpoint refuses: the number that a description begins with, and OAuth's word with its status. */
struct azure_refusal {
    int number;
    int status;
    const char *word;
    const char *text;
};

/* azure_assertions.c: whether an application proves who it is; NULL, or why not. */
const struct azure_refusal *azure_assertion_refusal(struct azure_call *call, struct json_object *app,
                                                    const char *assertion);
/* Forgets the certificates and the ids. */
void azure_assertions_load(void);
/* POST /certificates of the admin listener. */
void azure_certificates_admin(struct json_object *arguments, struct sim_reply *reply);

/* azure_tokens.c */
struct azure_token {
    struct azure_token *next;
    char text[160];
    char client[64];
    char object[64];
    char tenant[64];
    char audience[256];
    int64_t expires;
    bool claims; /* issued in answer to a claims challenge */
};
struct azure_token *azure_token_issue(struct json_object *principal, const char *tenant, const char *audience,
                                      int64_t seconds);
const struct azure_token *azure_token_named(const char *text);
/* The lower-case hexadecimal SHA-256 of one that was issued. */
bool azure_token_has_hash(const char *hash);
void azure_tokens_unload(void);

/* APIs known by their path: false if the request is for another one. */
bool azure_entra(struct azure_call *call);
bool azure_managed(struct azure_call *call);
bool azure_pipelines(struct azure_call *call);
bool azure_vault(struct azure_call *call);

/* azure_managed.c and azure_vault.c: forget the key of Arc, and how many requests there were. */
void azure_managed_load(void);
void azure_vault_load(void);

/* azure_vault.c: a vault of the seed, and how one refuses. */
struct json_object *azure_vault_named(const char *name);
void azure_vault_error(struct azure_call *call, int status, const char *code, const char *inner, const char *format,
                       ...) MSTR_PRINTF(5, 6);

/* azure_secrets.c: answers a request that was let in. */
void azure_secrets_answer(struct azure_call *call, struct json_object *vault, const char *path,
                          const struct azure_token *caller);
/* POST /secrets of the admin listener. */
void azure_secrets_admin(struct json_object *arguments, struct sim_reply *reply);

#endif
