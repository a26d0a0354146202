/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's shared config and credentials files, in any order of mistakes: what is read can be asked for. */
#define _GNU_SOURCE /* twalk_r() */
#include "aws/config/arn.h"
#include "aws/config/shared_config.h"
#include "base/text.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values are arbitrary text; those that look like an ARN are taken apart. */
static void check_property(const void *node, VISIT visit, void *data)
{
    const struct property *property = *(struct property *const *)node;
    struct arn arn;
    (void)visit;
    (void)data;
    if (property->key == NULL || property->value == NULL) {
        abort();
    }
    if (arn_is(property->value) && arn_parse(property->value, &arn) && arn.resource[0] == '\0') {
        abort();
    }
}

static void check_section(const void *node, VISIT visit, void *data)
{
    const struct section *section = *(struct section *const *)node;
    (void)visit;
    if (shared_config_find(data, section->kind, section->name) == NULL) {
        abort();
    }
    twalk_r(section->properties, check_property, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shared_config *config = shared_config_new();
    const char *text = (const char *)data;
    host = &host_table;
    enum mstr_code code = shared_config_add(config, false, "config", text, size, NULL);
    if (code == MSTR_OK) {
        code = shared_config_add(config, true, "credentials", text, size, NULL);
    }
    if (code == MSTR_OK) {
        twalk_r(config->sections, check_section, config);
    }
    shared_config_release(config);
    return 0;
}
