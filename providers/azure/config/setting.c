/* SPDX-License-Identifier: Apache-2.0 */
/* Settings. */
#include "azure/config/setting.h"

#include "base/text.h"
#include "sdk/host.h"

static const char *filled(const char *value)
{
    return text_empty(value) ? NULL : value;
}

const char *setting_option(const struct mstr_instance *instance, const char *option)
{
    return filled(host->option(instance, option));
}

const char *setting_variable(const char *variable)
{
    return filled(host->environment(variable));
}

const char *setting_find(const struct mstr_instance *instance, const char *option, const char *variable,
                         const char **from)
{
    const char *value = setting_option(instance, option);
    if (from != NULL) {
        *from = value != NULL ? option : variable;
    }
    return value != NULL || variable == NULL ? value : setting_variable(variable);
}

int64_t setting_duration(const struct mstr_instance *instance, const char *option, int64_t otherwise)
{
    int64_t milliseconds = 0;
    const char *value = setting_option(instance, option);
    return value != NULL && text_to_int64(value, &milliseconds) && milliseconds > 0 ? milliseconds : otherwise;
}
