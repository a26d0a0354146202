/* SPDX-License-Identifier: Apache-2.0 */
/* The fleets of a context. */
#include "fleet/fleets.h"

#include "base/text.h"
#include "fleet/settings.h"

#include <stdlib.h>
#include <string.h>

struct fleets_entry {
    struct fleets_entry *next;
    char *section;
    struct fleet *fleet;
};

bool fleets_init(struct fleets *fleets, const struct services *services, const struct config *config)
{
    *fleets = (struct fleets){.services = services, .config = config};
    return gate_init(&fleets->making);
}

static void entry_free(struct fleets_entry *entry)
{
    if (entry != NULL) {
        fleet_free(entry->fleet);
        free(entry->section);
        free(entry);
    }
}

void fleets_release(struct fleets *fleets)
{
    if (fleets->services == NULL) { /* it was not begun */
        return;
    }
    while (fleets->first != NULL) {
        struct fleets_entry *entry = fleets->first;
        fleets->first = entry->next;
        entry_free(entry);
    }
    gate_destroy(&fleets->making);
}

/* The store of a section, made live. */
static enum mstr_code make_store(const struct fleets *fleets, const struct fleet_settings *settings,
                                 struct store_instance **out, mstr_error *error)
{
    enum mstr_code code = store_instance_load(fleets->services, settings->section, settings->store, out, error);
    code = code == MSTR_OK ? store_instance_create(*out, settings->options, error) : code;
    if (code != MSTR_OK) {
        store_instance_free(*out);
        *out = NULL;
    }
    return code;
}

static enum mstr_code make(const struct fleets *fleets, const char *section, const struct resolver *resolver,
                           const struct limits *limits, struct fleets_entry **out, mstr_error *error)
{
    struct fleet_settings settings = {.section = NULL};
    struct fleets_entry *entry = calloc(1, sizeof(*entry));
    struct store_instance *store = NULL;
    *out = NULL;
    if (entry == NULL || (entry->section = text_copy(section)) == NULL) {
        entry_free(entry);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = fleet_settings_read(fleets->config, section, resolver, limits, &settings, error);
    code = code == MSTR_OK ? make_store(fleets, &settings, &store, error) : code;
    if (code == MSTR_OK) {
        const struct fleet_options options = {.name = entry->section,
                                              .store = store,
                                              .keys = settings.keys,
                                              .rules = settings.rules,
                                              .log = fleets->services->log};
        entry->fleet = fleet_new(&options);
        code = entry->fleet != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        settings.keys = NULL;
        *out = entry;
    } else {
        store_instance_free(store);
        entry_free(entry);
    }
    fleet_settings_release(&settings);
    return code;
}

enum mstr_code fleets_get(struct fleets *fleets, const char *section, const struct resolver *resolver,
                          const struct limits *limits, struct fleet **out, mstr_error *error)
{
    enum mstr_code code = gate_enter(&fleets->making, limits);
    *out = NULL;
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while [%s] was being set up", mstr_code_text(code), section);
    }
    struct fleets_entry *entry = fleets->first;
    while (entry != NULL && strcmp(entry->section, section) != 0) {
        entry = entry->next;
    }
    if (entry == NULL && (code = make(fleets, section, resolver, limits, &entry, error)) == MSTR_OK) {
        entry->next = fleets->first;
        fleets->first = entry;
    }
    *out = entry != NULL ? entry->fleet : NULL;
    gate_leave(&fleets->making);
    return code;
}
