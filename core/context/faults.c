/* SPDX-License-Identifier: Apache-2.0 */
/* The faults of a configuration. */
#include "context/faults.h"

static void tell(struct faults *faults, const char *section, const char *key, const struct config_value *value)
{
    const mstr_config_item item = {.size = sizeof(item),
                                   .line = value != NULL ? value->line : 0,
                                   .file = value != NULL ? value->file : NULL,
                                   .section = section,
                                   .key = key,
                                   .problem = mstr_error_message(faults->now),
                                   .hint = mstr_error_hint(faults->now)};
    config_listener_tell(faults->listener, &item);
    if (faults->code == MSTR_OK) {
        faults->code = mstr_error_code(faults->now);
        error_copy(faults->error, faults->now);
    }
    mstr_error_clear(faults->now);
}

void faults_tell(struct faults *faults, const char *section, const char *key)
{
    tell(faults, section, key, config_get(context_config(faults->context), section, key));
}

void faults_tell_section(struct faults *faults, const char *section)
{
    const struct config *config = context_config(faults->context);
    const char *key = section != NULL ? config_key_at(config, section, 0) : NULL;
    if (section != NULL && mstr_error_message(faults->now)[0] != '[') { /* else it names the section itself */
        error_prefix(faults->now, "[%s]: ", section);
    }
    tell(faults, section, NULL, key != NULL ? config_get(config, section, key) : NULL);
}
