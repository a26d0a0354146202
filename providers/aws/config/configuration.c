/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the user, the environment and the shared config. */
#include "aws/config/configuration.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

static const char *first_set(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_empty(texts[i])) {
            return texts[i];
        }
    }
    return NULL;
}

enum mstr_code configuration_load(const struct mstr_call *call, const struct aws_settings *settings,
                                  struct configuration *config, struct mstr_error *error)
{
    /* The older variable comes first, as boto3 has it. */
    const char *const names[] = {settings->profile, host->environment("AWS_DEFAULT_PROFILE"),
                                 host->environment("AWS_PROFILE")};
    const char *chosen = first_set(names, sizeof(names) / sizeof(*names));
    *config = (struct configuration){.settings = settings, .profile_name = chosen != NULL ? chosen : "default"};
    enum mstr_code code = settings->kept != NULL ? kept_config_get(settings->kept, call, &config->files, error)
                                                 : kept_config_read(call, &config->files, error);
    if (code != MSTR_OK) {
        return code;
    }
    config->profile = shared_config_find(config->files, SECTION_PROFILE, config->profile_name);
    const char *const regions[] = {settings->region, host->environment("AWS_REGION"),
                                   host->environment("AWS_DEFAULT_REGION"), section_get(config->profile, "region")};
    config->region = first_set(regions, sizeof(regions) / sizeof(*regions));
    if (chosen != NULL && config->profile == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "there is no profile \"%.100s\" in the shared config", chosen);
        host->error_detail(error, MSTR_DETAIL_HINT, "see `aws configure list-profiles`");
        return MSTR_E_CONFIG;
    }
    return MSTR_OK;
}

void configuration_release(struct configuration *config)
{
    shared_config_release(config->files);
}

const char *configuration_ca_file(const struct configuration *config)
{
    const char *own = config->settings->ca_file;
    return own != NULL ? own : section_setting(config->profile, "AWS_CA_BUNDLE", "ca_bundle");
}

const char *configuration_ca_source(const struct configuration *config)
{
    if (config->settings->ca_file != NULL || configuration_ca_file(config) == NULL) {
        return NULL;
    }
    return text_empty(host->environment("AWS_CA_BUNDLE")) ? "ca_bundle" : "AWS_CA_BUNDLE";
}

void configuration_name_ca_file(const struct configuration *config, struct mstr_error *error)
{
    const char *source = configuration_ca_source(config);
    struct buffer hint = BUFFER_INIT;
    if (source == NULL || error == NULL ||
        strstr(host->error_message(error), configuration_ca_file(config)) == NULL) {
        return;
    }
    char *told = text_copy(host->error_message(error));
    buffer_printf(&hint, "%s must name a readable PEM file of certificates", source);
    host->error_set(error, MSTR_E_CONFIG, "%s: %s", source, told != NULL ? told : "it cannot be used");
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    free(told);
}
