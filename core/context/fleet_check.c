/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps a fleet from being used. */
#include "context/fleet_check.h"

#include "context/option_check.h"
#include "fleet/fetch_shared.h"
#include "fleet/settings.h"
#include "plugin/store_instance.h"
#include "reference/template.h"

#include <stdlib.h>

/* A key that stands in the file, or a text of a reference. */
static void check_key(struct faults *faults, const char *section, const char *key)
{
    const struct config_value *value = config_get(context_config(faults->context), section, key);
    struct template *template = NULL;
    struct buffer text = BUFFER_INIT;
    if (value != NULL && template_parse(value->text, &template, NULL) == MSTR_OK && template_known(template, &text) &&
        text.length > 0 && fleet_settings_check_key(key, buffer_text(&text), text.length, faults->now) != MSTR_OK) {
        faults_tell(faults, section, key);
    }
    buffer_release(&text);
    template_free(template);
}

static void check_patterns(struct faults *faults, const char *section)
{
    struct patterns *patterns = NULL;
    if (fetch_shared_patterns(context_config(faults->context), section, &patterns, faults->now) == MSTR_E_CONFIG) {
        faults_tell(faults, section, "share_secrets");
    }
    patterns_free(patterns);
}

/* Makes the store of options that are known; it asks nobody. */
static enum mstr_code make(const struct faults *faults, const char *section, struct store_instance *store)
{
    const struct config *config = context_config(faults->context);
    const char *key = NULL;
    size_t count = 0;
    while (config_key_at(config, section, count) != NULL) {
        count++;
    }
    struct mstr_header *given = calloc(count + 1, sizeof(*given));
    if (given == NULL) {
        return error_set(faults->now, MSTR_E_MEMORY, "out of memory");
    }
    size_t filled = 0;
    for (size_t i = 0; (key = config_key_at(config, section, i)) != NULL; i++) {
        const char *text = config_get(config, section, key)->text;
        if (!fleet_settings_keeps_key(key) && *text != '\0') {
            given[filled++] = (struct mstr_header){key, text};
        }
    }
    enum mstr_code code = store_instance_create(store, given, faults->now);
    free(given);
    return code;
}

static void check_store(struct faults *faults, const char *section)
{
    const struct config_value *module = config_get(context_config(faults->context), section, "store");
    struct store_instance *store = NULL;
    if (store_instance_load(context_services(faults->context), section, module->text, &store, faults->now) !=
        MSTR_OK) {
        faults_tell(faults, section, "store");
        return;
    }
    const struct mstr_store *table = store_instance_table(store);
    const struct option_table options = {table->options, table->option_size, fleet_settings_keeps_key};
    if (options_are_known(faults, section, &options) && make(faults, section, store) != MSTR_OK) {
        faults_tell_section(faults, section);
    }
    store_instance_free(store);
}

void fleet_check(struct faults *faults, const char *section)
{
    check_key(faults, section, "seal_key");
    check_key(faults, section, "seal_key_old");
    check_patterns(faults, section);
    if (fleet_settings_check(context_config(faults->context), section, faults->now) != MSTR_OK) {
        faults_tell_section(faults, section);
    } else {
        check_store(faults, section);
    }
}
