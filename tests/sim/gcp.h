/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Google service of the simulator, in parts: gcp.c (which API a request is for, and how they refuse), gcp_keys.c
 * (keys of service accounts, and whether a JWT's signature holds), gcp_tokens.c (access tokens, and whom a bearer
 * stands for), gcp_oauth.c (grants), gcp_sts.c (federation), gcp_iam.c (impersonation), gcp_metadata.c, and
 * gcp_secrets.c (Secret Manager). All under the service's lock.
 */
#ifndef MSTR_SIM_GCP_H
#define MSTR_SIM_GCP_H

#include "sim.h"

#define GCP_SCOPE "https://www.googleapis.com/auth/cloud-platform"

enum { GCP_LIFETIME = 3599, GCP_JWT_LIFETIME_MAX = 3600 };

struct gcp_call {
    const struct sim_request *request;
    struct sim_reply *reply;
};

/* gcp.c: the section of the seed, and an object of one of its lists. */
struct json_object *gcp_seed(const char *name);
struct json_object *gcp_find(const char *list, const char *member, const char *value);
/* Refusals: as Google's APIs (AIP-193; `reason` NULL = without ErrorInfo), and as its token endpoints. */
void gcp_error(struct sim_reply *reply, const char *status, const char *reason, const char *format, ...)
    MSTR_PRINTF(4, 5);
void gcp_oauth_error(struct sim_reply *reply, int status, const char *error, const char *description);

/* gcp_keys.c: a JWT whose signature holds, with its claims; release the claims with json_object_put(). */
enum gcp_jwt_fault { GCP_JWT_GOOD, GCP_JWT_MALFORMED, GCP_JWT_UNKNOWN_ISSUER, GCP_JWT_BAD_SIGNATURE };
enum gcp_jwt_fault gcp_jwt_verify(const char *text, struct json_object **claims);
/* iat and exp: at most an hour apart, and around now. */
bool gcp_jwt_is_timely(struct json_object *claims);
void gcp_keys_load(void);
void gcp_keys_unload(void);
/* POST /keys of the admin listener: a new key of a service account, as its file. */
void gcp_keys_admin(struct json_object *arguments, struct sim_reply *reply);

/* gcp_tokens.c */
struct gcp_token {
    struct gcp_token *next;
    char text[192];
    char principal[320];
    char scopes[512]; /* between blanks */
    int64_t expires;
};
const struct gcp_token *gcp_token_issue(const char *prefix, const char *principal, const char *scopes,
                                        int64_t seconds);
void gcp_tokens_unload(void);
/* Whom the Authorization header stands for; NULL with the refusal. A self-signed JWT must be meant for `service`. */
const struct gcp_token *gcp_bearer(struct gcp_call *call, const char *service);
/* Answers with the token as a grant's outcome. */
void gcp_tokens_answer(struct sim_reply *reply, const struct gcp_token *token, const char *issued_type);

/* APIs known by their path: false if the request is for another one. */
bool gcp_oauth(struct gcp_call *call);
bool gcp_sts(struct gcp_call *call);
bool gcp_iam(struct gcp_call *call);
/* gcp_iam.c: from where an account may be used, encoded; "0x0" = anywhere. */
const char *gcp_allowed_locations(const char *email);
bool gcp_metadata(struct gcp_call *call);
bool gcp_secrets(struct gcp_call *call);
/* gcp_metadata.c: forgets the token it hands out. */
void gcp_metadata_load(void);
/* POST /secrets of the admin listener. */
void gcp_secrets_admin(struct json_object *arguments, struct sim_reply *reply);

#endif
