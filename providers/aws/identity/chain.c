/* SPDX-License-Identifier: Apache-2.0 */
/* Which identity signs: the table of them. */
#include "aws/identity/chain.h"

#include "aws/identity/sts.h"
#include "base/text.h"
#include "sdk/chain.h"
#include "sdk/host.h"

static const struct identity {
    struct chain_step step;
    const char *option; /* as credential_source names it */
    identity_fn *get;
} identities[] = {
    {{.name = "environment", .hint = "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither"},
     "environment",
     environment_keys},
    {{.name = "profile", .hint = "check the profile and those it names in ~/.aws/config and ~/.aws/credentials"},
     "profile",
     profile_keys},
    {{.name = "web identity", .hint = "check AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and the role's trust policy"},
     "web_identity",
     web_identity_keys},
    {{.name = "container",
      .hint = "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
     "container",
     container_keys},
    {{.name = "IMDS", .hint = "check the instance's role and its metadata options"}, "imds", imds_keys},
};
enum { IDENTITIES = sizeof(identities) / sizeof(*identities) };

static enum mstr_code ask(struct chain_search *walk, const void *step, struct mstr_error *error)
{
    const struct identity *identity = step;
    return identity->get(walk->data, walk->out, error);
}

static const char set_up_hint[] = "log in with the AWS CLI, set AWS_ACCESS_KEY_ID, or give this machine a role";

static const struct chain_table table = {"AWS", set_up_hint, identities, IDENTITIES, sizeof(*identities), ask};

/* A pinned identity is asked alone, and the environment not beside a profile that was configured. */
static bool takes_part(const struct identity *identity, const struct aws_settings *settings)
{
    if (settings->imds != NULL &&
        (identity->get == profile_keys || (identity->get == imds_keys && settings->imds->keys == NULL))) {
        return false;
    }
    return settings->credential_source != NULL ? text_equal_nocase(settings->credential_source, identity->option)
                                               : identity->get != environment_keys || text_empty(settings->profile);
}

static enum mstr_code select_identities(const struct aws_settings *settings, bool omit[IDENTITIES],
                                        struct mstr_error *error)
{
    size_t asked = 0;
    for (size_t i = 0; i < IDENTITIES; i++) {
        omit[i] = !takes_part(&identities[i], settings);
        asked += !omit[i];
    }
    return asked > 0 ? MSTR_OK
                     : host->error_set(error, MSTR_E_CONFIG,
                                       "credential_source \"%.60s\" is none of environment, profile, web_identity, "
                                       "container and imds",
                                       settings->credential_source);
}

enum mstr_code chain_check(const struct aws_settings *settings, struct mstr_error *error)
{
    bool omit[IDENTITIES];
    return select_identities(settings, omit, error);
}

enum mstr_code chain_walk(const struct surroundings *around, struct mstr_report *report, struct aws_keys **out,
                          struct mstr_error *error)
{
    const struct aws_settings *settings = around->config->settings;
    const struct role role = {
        .arn = settings->role_arn, .external_id = settings->external_id, .mfa_serial = settings->mfa_serial};
    bool omit[IDENTITIES];
    struct aws_keys *found = NULL;
    struct chain_search walk = {.call = around->call, .report = report, .omit = omit, .data = around, .out = &found};
    *out = NULL;
    enum mstr_code code = select_identities(settings, omit, error);
    code = code == MSTR_OK ? chain_search(&table, &walk, error) : code;
    if (code != MSTR_OK || role.arn == NULL) {
        *out = found;
        return code;
    }
    code = sts_assume(around, &role, found, out, error);
    host->error_detail(code != MSTR_OK ? error : NULL, MSTR_DETAIL_STEP, "role_arn");
    aws_keys_release(found);
    return code;
}
