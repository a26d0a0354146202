/* Which identity signs: the walk along the sources. */
#include "aws/identity/chain.h"

#include "aws/identity/sts.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

static const struct source {
    const char *option; /* as credential_source names it */
    const char *step;   /* as errors and reports name it */
    source_fn *get;
    const char *hint; /* where a failure has none of its own */
} sources[] = {
    {"environment", "environment", environment_identity,
     "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither"},
    {"profile", "profile", profile_identity,
     "check the profile and those it names in ~/.aws/config and ~/.aws/credentials"},
    {"web_identity", "web identity", web_identity,
     "check AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and the role's trust policy"},
    {"container", "container", container_identity,
     "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
    {"imds", "IMDS", imds_identity, "check the instance's role and its metadata options"},
};
enum { SOURCES = sizeof(sources) / sizeof(*sources) };

static const char *first_set(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_empty(texts[i])) {
            return texts[i];
        }
    }
    return NULL;
}

enum mstr_code chain_look_around(const struct mstr_instance *instance, const struct mstr_call *call,
                                 struct shared_config *config, struct surroundings *around, struct mstr_error *error)
{
    const char *const names[] = {host->option(instance, "profile"), host->environment("AWS_PROFILE")};
    const char *chosen = first_set(names, sizeof(names) / sizeof(*names));
    enum mstr_code code = shared_config_load(config, error);
    if (code != MSTR_OK) {
        return code;
    }
    *around = (struct surroundings){.instance = instance, .call = call, .config = config};
    around->profile_name = chosen != NULL ? chosen : "default";
    around->profile = shared_config_find(config, SECTION_PROFILE, around->profile_name);
    const char *const regions[] = {host->option(instance, "region"), host->environment("AWS_REGION"),
                                   host->environment("AWS_DEFAULT_REGION"), section_get(around->profile, "region")};
    around->region = first_set(regions, sizeof(regions) / sizeof(*regions));
    if (chosen != NULL && around->profile == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "there is no profile \"%.100s\" in the shared config", chosen);
        host->error_detail(error, MSTR_DETAIL_HINT, "see `aws configure list-profiles`");
        return MSTR_E_CONFIG;
    }
    return MSTR_OK;
}

enum mstr_code chain_region(const struct mstr_instance *instance, struct buffer *region, struct mstr_error *error)
{
    struct shared_config config = {NULL, 0};
    struct surroundings around = {.region = NULL};
    const char *const quick[] = {host->option(instance, "region"), host->environment("AWS_REGION"),
                                 host->environment("AWS_DEFAULT_REGION")};
    const char *found = first_set(quick, sizeof(quick) / sizeof(*quick));
    enum mstr_code code = found == NULL ? chain_look_around(instance, NULL, &config, &around, error) : MSTR_OK;
    found = found == NULL ? around.region : found;
    if (code == MSTR_OK && found == NULL) {
        code = host->error_set(error, MSTR_E_CONFIG, "no AWS region is configured");
        host->error_detail(error, MSTR_DETAIL_HINT, "set region in the provider's section or profile, or AWS_REGION");
    } else if (code == MSTR_OK && !buffer_puts(region, found)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    shared_config_release(&config);
    return code;
}

static void tell_step(struct mstr_report *report, const struct source *source, enum mstr_code code,
                      const struct mstr_error *error, int64_t milliseconds)
{
    enum mstr_step outcome = code == MSTR_OK                ? MSTR_STEP_USED
                             : code == MSTR_E_NOT_AVAILABLE ? MSTR_STEP_SKIPPED
                                                            : MSTR_STEP_FAILED;
    if (report != NULL) {
        host->report_step(report, outcome, source->step, code == MSTR_OK ? NULL : host->error_message(error),
                          code == MSTR_OK ? NULL : host->error_text(error, MSTR_DETAIL_HINT), milliseconds);
    }
}

/* Whether a source takes part: a pinned one alone, and the environment not beside a profile that was configured. */
static bool takes_part(const struct source *source, const char *pinned, const struct surroundings *around)
{
    if (pinned != NULL) {
        return text_equal_nocase(pinned, source->option);
    }
    return source->get != environment_identity || text_empty(host->option(around->instance, "profile"));
}

static enum mstr_code try_sources(const struct surroundings *around, struct mstr_report *report,
                                  struct identity **out, struct mstr_error *error)
{
    const char *pinned = host->option(around->instance, "credential_source");
    struct buffer reasons = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    for (size_t i = 0; i < SOURCES && code == MSTR_E_NOT_AVAILABLE; i++) {
        if (takes_part(&sources[i], pinned, around)) {
            int64_t start = host->monotonic();
            code = sources[i].get(around, out, error);
            tell_step(report, &sources[i], code, error, host->monotonic() - start);
            if (code == MSTR_E_NOT_AVAILABLE) {
                buffer_printf(&reasons, "%s%s: %s", reasons.length > 0 ? "; " : "", sources[i].step,
                              host->error_message(error));
            } else if (code != MSTR_OK) {
                bool hinted = host->error_text(error, MSTR_DETAIL_HINT) != NULL;
                host->error_detail(error, MSTR_DETAIL_STEP, sources[i].step);
                host->error_detail(error, MSTR_DETAIL_HINT, hinted ? NULL : sources[i].hint);
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

enum mstr_code chain_walk(const struct mstr_instance *instance, const struct mstr_call *call, struct chain *chain,
                          struct mstr_report *report, struct identity **out, struct mstr_error *error)
{
    struct shared_config config = {NULL, 0};
    struct surroundings around;
    const struct role role = {.arn = host->option(instance, "role_arn"),
                              .external_id = host->option(instance, "external_id"),
                              .mfa_serial = host->option(instance, "mfa_serial")};
    struct identity *found = NULL;
    *out = NULL;
    enum mstr_code code = chain_look_around(instance, call, &config, &around, error);
    if (code == MSTR_OK && chain != NULL) {
        around.pace = &chain->pace;
        around.standby = &chain->standby;
        code = pace_configure(around.pace, around.profile, error);
    }
    if (code == MSTR_OK) {
        code = try_sources(&around, report, &found, error);
    }
    if (code == MSTR_OK && role.arn != NULL) {
        code = sts_assume(&around, &role, found, out, error);
        identity_release(found);
        host->error_detail(code != MSTR_OK ? error : NULL, MSTR_DETAIL_STEP, "role_arn");
    } else {
        *out = found;
    }
    shared_config_release(&config);
    return code;
}
