/* Which identity signs: the walk along them. */
#include "aws/identity/chain.h"

#include "aws/identity/sts.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

static const struct identity {
    const char *option; /* as credential_source names it */
    const char *step;   /* as errors and reports name it */
    identity_fn *get;
    const char *hint; /* where a failure has none of its own */
} identities[] = {
    {"environment", "environment", environment_keys,
     "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither"},
    {"profile", "profile", profile_keys,
     "check the profile and those it names in ~/.aws/config and ~/.aws/credentials"},
    {"web_identity", "web identity", web_identity_keys,
     "check AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and the role's trust policy"},
    {"container", "container", container_keys,
     "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
    {"imds", "IMDS", imds_keys, "check the instance's role and its metadata options"},
};
enum { IDENTITIES = sizeof(identities) / sizeof(*identities) };

static void tell_step(struct mstr_report *report, const struct identity *identity, enum mstr_code code,
                      const struct mstr_error *error, int64_t milliseconds)
{
    enum mstr_step outcome = code == MSTR_OK                ? MSTR_STEP_USED
                             : code == MSTR_E_NOT_AVAILABLE ? MSTR_STEP_SKIPPED
                                                            : MSTR_STEP_FAILED;
    if (report != NULL) {
        host->report_step(report, outcome, identity->step, code == MSTR_OK ? NULL : host->error_message(error),
                          code == MSTR_OK ? NULL : host->error_text(error, MSTR_DETAIL_HINT), milliseconds);
    }
}

/* Whether an identity takes part: a pinned one alone, and the environment not beside a profile that was configured.
 */
static bool takes_part(const struct identity *identity, const char *pinned, const struct surroundings *around)
{
    if (pinned != NULL) {
        return text_equal_nocase(pinned, identity->option);
    }
    return identity->get != environment_keys || text_empty(around->config->settings->profile);
}

static enum mstr_code try_identities(const struct surroundings *around, struct mstr_report *report,
                                     struct aws_keys **out, struct mstr_error *error)
{
    const char *pinned = around->config->settings->credential_source;
    struct buffer reasons = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    for (size_t i = 0; i < IDENTITIES && code == MSTR_E_NOT_AVAILABLE; i++) {
        if (takes_part(&identities[i], pinned, around)) {
            int64_t start = host->monotonic();
            code = identities[i].get(around, out, error);
            tell_step(report, &identities[i], code, error, host->monotonic() - start);
            if (code == MSTR_E_NOT_AVAILABLE) {
                buffer_printf(&reasons, "%s%s: %s", reasons.length > 0 ? "; " : "", identities[i].step,
                              host->error_message(error));
            } else if (code != MSTR_OK) {
                bool hinted = host->error_text(error, MSTR_DETAIL_HINT) != NULL;
                host->error_detail(error, MSTR_DETAIL_STEP, identities[i].step);
                host->error_detail(error, MSTR_DETAIL_HINT, hinted ? NULL : identities[i].hint);
            }
        }
    }
    if (code == MSTR_E_NOT_AVAILABLE) {
        host->error_set(error, code, "no AWS credentials: %s", buffer_text(&reasons));
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "log in with the AWS CLI, set AWS_ACCESS_KEY_ID, or give this "
                           "machine a role");
    }
    buffer_release(&reasons);
    return code;
}

enum mstr_code chain_walk(const struct surroundings *around, struct mstr_report *report, struct aws_keys **out,
                          struct mstr_error *error)
{
    const struct aws_settings *settings = around->config->settings;
    const struct role role = {
        .arn = settings->role_arn, .external_id = settings->external_id, .mfa_serial = settings->mfa_serial};
    struct aws_keys *found = NULL;
    *out = NULL;
    enum mstr_code code = try_identities(around, report, &found, error);
    if (code != MSTR_OK || role.arn == NULL) {
        *out = found;
        return code;
    }
    code = sts_assume(around, &role, found, out, error);
    host->error_detail(code != MSTR_OK ? error : NULL, MSTR_DETAIL_STEP, "role_arn");
    aws_keys_release(found);
    return code;
}
