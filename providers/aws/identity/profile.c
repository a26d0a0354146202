/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by the shared config: roles over source profiles, web identities, SSO, logins, static keys, helper
 * programs. */
#include "aws/identity/login.h"
#include "aws/identity/sso.h"
#include "aws/identity/sts.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

/* Longer chains of source profiles are taken for a mistake. */
enum { DEPTH_MAX = 8 };

struct walk {
    const struct surroundings *around;
    const char *visited[DEPTH_MAX];
    size_t depth;
};

static enum mstr_code resolve_profile(struct walk *walk, const struct section *profile, struct aws_keys **out,
                                      struct mstr_error *error);

static bool has_keys(const struct section *profile)
{
    return section_get(profile, "aws_access_key_id") != NULL || section_get(profile, "aws_secret_access_key") != NULL;
}

static enum mstr_code static_keys(const struct section *profile, struct aws_keys **out, struct mstr_error *error)
{
    bool old_token = section_get(profile, "aws_security_token") != NULL; /* as AWS_SECURITY_TOKEN */
    const char *const names[] = {"aws_access_key_id", "aws_secret_access_key",
                                 old_token ? "aws_security_token" : "aws_session_token"};
    const struct aws_keys_parts parts = {.identity = "profile",
                                         .profile = profile->name,
                                         .names = names,
                                         .access_key = section_get(profile, names[0]),
                                         .secret_key = section_get(profile, names[1]),
                                         .session_token = section_get(profile, names[2])};
    if (parts.access_key == NULL || parts.secret_key == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "profile missing %s: \"%.100s\" holds half a key pair",
                               parts.access_key == NULL ? "aws_access_key_id" : "aws_secret_access_key",
                               profile->name);
    }
    return aws_keys_make(&parts, out, error);
}

static enum mstr_code from_credential_source(const struct walk *walk, const char *name, struct aws_keys **out,
                                             struct mstr_error *error)
{
    static const struct {
        const char *name;
        identity_fn *get;
    } identities[] = {{"Environment", environment_keys},
                      {"Ec2InstanceMetadata", imds_standing_in},
                      {"EcsContainer", container_keys}};
    for (size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
        if (text_equal_nocase(name, identities[i].name)) {
            enum mstr_code code = identities[i].get(walk->around, out, error);
            return code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code;
        }
    }
    return host->error_set(error, MSTR_E_CONFIG,
                           "credential_source \"%.60s\" is none of Environment, Ec2InstanceMetadata and EcsContainer",
                           name);
}

static enum mstr_code from_source_profile(struct walk *walk, const struct section *profile, const char *name,
                                          struct aws_keys **out, struct mstr_error *error)
{
    const struct section *source = shared_config_find(walk->around->config->files, SECTION_PROFILE, name);
    if (source == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "could not find source profile %.100s referenced from %.100s",
                               name, profile->name);
    }
    if (source == profile && has_keys(profile)) {
        return static_keys(profile, out, error);
    }
    for (size_t i = 0; i < walk->depth; i++) {
        if (strcmp(walk->visited[i], name) == 0) {
            return host->error_set(error, MSTR_E_CONFIG, "the source profiles form a loop at %.100s", name);
        }
    }
    if (walk->depth == DEPTH_MAX) {
        return host->error_set(error, MSTR_E_CONFIG, "more than %d source profiles in a row", DEPTH_MAX);
    }
    enum mstr_code code = resolve_profile(walk, source, out, error);
    return code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code;
}

static enum mstr_code assume_role(struct walk *walk, const struct section *profile, const char *arn,
                                  struct aws_keys **out, struct mstr_error *error)
{
    const char *source = section_get(profile, "source_profile");
    const char *credential_source = section_get(profile, "credential_source");
    struct aws_keys *keys = NULL;
    enum mstr_code code = MSTR_OK;
    const char *token_file = section_get(profile, "web_identity_token_file");
    const struct role role = {.arn = arn,
                              .session_name = section_get(profile, "role_session_name"),
                              .external_id = section_get(profile, "external_id"),
                              .duration = section_get(profile, "duration_seconds"),
                              .token_file = token_file,
                              .mfa_serial = token_file == NULL ? section_get(profile, "mfa_serial") : NULL};
    if (token_file != NULL) {
        return sts_assume(walk->around, &role, NULL, out, error);
    }
    if ((source == NULL) == (credential_source == NULL)) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "profile must contain `source_profile` or `credential_source`%s: \"%.100s\"",
                               source != NULL ? ", but not both" : " beside role_arn", profile->name);
    }
    code = source != NULL ? from_source_profile(walk, profile, source, &keys, error)
                          : from_credential_source(walk, credential_source, &keys, error);
    if (code == MSTR_OK) {
        code = sts_assume(walk->around, &role, keys, out, error);
    }
    aws_keys_release(keys);
    return code;
}

static enum mstr_code resolve_profile(struct walk *walk, const struct section *profile, struct aws_keys **out,
                                      struct mstr_error *error)
{
    const char *role = section_get(profile, "role_arn");
    const char *command = section_get(profile, "credential_process");
    bool first = walk->depth == 0;
    walk->visited[walk->depth++] = profile->name;
    if (role != NULL && (first || !has_keys(profile))) {
        return assume_role(walk, profile, role, out, error);
    }
    if (section_get(profile, "web_identity_token_file") != NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "profile \"%.100s\" has web_identity_token_file but no role_arn",
                               profile->name);
    }
    if (sso_is_configured(profile)) {
        return sso_keys(walk->around, profile, out, error);
    }
    if (section_get(profile, "login_session") != NULL) {
        return login_keys(walk->around, profile, out, error);
    }
    if (has_keys(profile)) {
        return static_keys(profile, out, error);
    }
    if (command != NULL) {
        return process_keys(walk->around, command, out, error);
    }
    return host->error_set(error, MSTR_E_NOT_AVAILABLE, "profile \"%.100s\" holds no credentials", profile->name);
}

enum mstr_code profile_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    struct walk walk = {.around = around};
    *out = NULL;
    if (around->config->profile == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "there is no profile \"%.100s\"",
                               around->config->profile_name);
    }
    return resolve_profile(&walk, around->config->profile, out, error);
}
