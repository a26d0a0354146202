/* AWS's shared config and credentials files, in any order of mistakes: what is read can be asked for. */
#include "aws/config/arn.h"
#include "aws/config/shared_config.h"
#include "base/text.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values are arbitrary text; those that look like an ARN are taken apart. */
static void check_section(const struct section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct property *property = &section->properties[i];
        struct arn arn;
        if (property->key == NULL || property->value == NULL) {
            abort();
        }
        if (arn_is(property->value) && arn_parse(property->value, &arn) && arn.resource[0] == '\0') {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shared_config config = {NULL, 0};
    const char *text = (const char *)data;
    host = &host_table;
    enum mstr_code code = shared_config_add(&config, false, "config", text, size, NULL);
    shared_config_settle_default(&config);
    if (code == MSTR_OK) {
        code = shared_config_add(&config, true, "credentials", text, size, NULL);
    }
    for (size_t i = 0; code == MSTR_OK && i < config.count; i++) {
        check_section(&config.sections[i]);
    }
    shared_config_release(&config);
    return 0;
}
