/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: proofs of who one is that somebody else has issued: Kubernetes, an OpenID provider, an authority. */
#include "core.h"
#include "jwt.h"
#include "k8s.h"
#include "services.h"
#include "vault.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

static const char *proof_of(const struct vault_call *call)
{
    const char *text = vault_input(call, "jwt");
    return text ? text : "";
}

/* The API server of the simulator says whose token it is, as TokenReview would. */
bool vault_proof_kubernetes(struct vault_call *call, struct json_object *role)
{
    const char *audience = json_member_text(role, "audience");
    sim_service_lock(&sim_k8s);
    const char *user = k8s_token_user(proof_of(call), audience ? audience : "");
    const bool known = user != NULL;
    const bool allowed = sim_lists(json_member(role, "service_accounts"), user);
    sim_service_unlock(&sim_k8s);
    if (!vault_input(call, "jwt"))
        vault_refuse(call, 400, "missing jwt");
    else if (!known)
        vault_refuse(call, 403, "permission denied");
    else if (!allowed)
        vault_refuse(call, 403, "service account name not authorized");
    return known && allowed;
}

static bool says(const struct sim_jwt *jwt, const char *claim, struct json_object *role, const char *bound)
{
    const char *text = json_member_text(jwt->claims, claim);
    const char *expected = json_member_text(role, bound);
    return !expected || (text && !strcmp(text, expected));
}

/* Why a token is refused, NULL if it is good. */
static const char *fault_of(const char *text, struct json_object *role)
{
    struct sim_jwt jwt;
    int64_t expires = 0;
    const char *fault = NULL;
    if (!sim_jwt_read(text, &jwt) || !sim_jwt_is_of_issuer(&jwt))
        fault =
            "error validating token: error verifying token signature: no known key successfully validated the token "
            "signature";
    else if (!json_member_int64(jwt.claims, "exp", &expires) || expires <= sim_now() / 1000)
        fault = "error validating token: invalid expiration time (exp) claim: token is expired";
    else if (!says(&jwt, "iss", role, "bound_issuer"))
        fault = "error validating token: invalid issuer (iss) claim";
    else if (!says(&jwt, "aud", role, "bound_audience"))
        fault = "error validating token: invalid audience (aud) claim: audience claim does not match any expected "
                "audience";
    else if (!says(&jwt, "sub", role, "bound_subject"))
        fault = "error validating token: invalid subject (sub) claim";
    sim_jwt_release(&jwt);
    return fault;
}

bool vault_proof_jwt(struct vault_call *call, struct json_object *role)
{
    const char *type = json_member_text(role, "role_type");
    if (type && !strcmp(type, "oidc")) {
        vault_refuse(call, 400, "role with oidc role_type is not allowed");
        return false;
    }
    const char *fault = vault_input(call, "jwt") ? fault_of(proof_of(call), role) : "missing token";
    if (fault)
        vault_refuse(call, 400, "%s", fault);
    return !fault;
}

bool vault_proof_certificate(struct vault_call *call, struct json_object *role)
{
    return call->request->peer && sim_lists(json_member(role, "common_names"), call->request->peer);
}
