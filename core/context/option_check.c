/* SPDX-License-Identifier: Apache-2.0 */
/* The options in a section of the configuration against a table. */
#include "context/option_check.h"

#include "plugin/options.h"

#include <string.h>

bool options_are_known(struct faults *faults, const char *section, const struct option_table *options)
{
    const struct config *config = context_config(faults->context);
    const char *key = NULL;
    bool whole = true;
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const struct config_value *value = config_get(config, section, key);
        const char *literal = strstr(value->text, "${") == NULL ? value->text : NULL;
        if (!options->keeps_key(key) &&
            (options_check_one(options->table, options->stride, key, literal, faults->now) != MSTR_OK ||
             options_check_written(options->table, options->stride, key, value, faults->now) != MSTR_OK)) {
            faults_tell(faults, section, key);
            whole = false;
        }
        whole = whole && literal != NULL;
    }
    const struct mstr_option *option = NULL;
    for (size_t i = 0; (option = options_at(options->table, options->stride, i)) != NULL; i++) {
        if (config_get(config, section, option->name) == NULL &&
            options_check_absent(option, faults->now) != MSTR_OK) {
            faults_tell_section(faults, section);
            whole = false;
        }
    }
    return whole;
}
