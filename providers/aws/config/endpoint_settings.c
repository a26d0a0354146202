/* SPDX-License-Identifier: Apache-2.0 */
/* What the user says of a service's endpoint. */
#include "aws/config/endpoint_settings.h"

#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

static const char *variable(const char *name)
{
    const char *value = host->environment(name);
    return text_empty(value) ? NULL : value;
}

static enum mstr_code from_services(const struct configuration *config, const char *service, const char **url,
                                    struct mstr_error *error)
{
    const char *name = section_get(config->profile, "services");
    if (name == NULL) {
        return MSTR_OK;
    }
    const struct section *services = shared_config_find(config->files, SECTION_SERVICES, name);
    if (services == NULL) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "profile \"%.100s\" names the services section \"%.100s\", which is missing",
                               config->profile->name, name);
    }
    *url = section_get_sub(services, service, "endpoint_url"); /* names count without case */
    return MSTR_OK;
}

static enum mstr_code read_legacy(const struct section *profile, bool *legacy, struct mstr_error *error)
{
    const char *text = section_setting(profile, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
    *legacy = text != NULL && text_equal_nocase(text, "legacy");
    return text == NULL || *legacy || text_equal_nocase(text, "regional")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG,
                                 "AWS_STS_REGIONAL_ENDPOINTS or sts_regional_endpoints is \"%.40s\"; it must be "
                                 "regional or legacy",
                                 text);
}

enum mstr_code endpoint_settings_read(const struct configuration *config, const char *own, const char *service,
                                      struct endpoint_settings *settings, struct mstr_error *error)
{
    const struct section *profile = config->profile;
    struct buffer name = BUFFER_INIT;
    *settings = (struct endpoint_settings){
        .custom = own,
        .fips = section_switch(profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        .dual_stack = section_switch(profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
    };
    enum mstr_code code = strcmp(service, "STS") == 0 ? read_legacy(profile, &settings->legacy, error) : MSTR_OK;
    if (code != MSTR_OK || own != NULL ||
        section_switch(profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) {
        return code;
    }
    buffer_printf(&name, "AWS_ENDPOINT_URL_%s", service);
    settings->custom = variable(buffer_text(&name));
    buffer_release(&name);
    if (settings->custom == NULL) {
        settings->custom = variable("AWS_ENDPOINT_URL");
    }
    if (settings->custom == NULL) {
        code = from_services(config, service, &settings->custom, error);
    }
    if (settings->custom == NULL) {
        settings->custom = section_get(profile, "endpoint_url");
    }
    return code;
}
