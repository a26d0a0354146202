/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges: whatever a vault sends, nothing outside the resource above its own host is allowed. */
#include "azure/wire/challenge.h"

#include "azure/config/cloud.h"
#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct demand *demand)
{
    static const char prefix[] = "https://";
    if (!challenge_is_allowed(demand->resource, "corp.vault.azure.net", 443, NULL)) {
        return;
    }
    char host_name[RESOURCE_MAX + 1];
    strcpy(host_name, demand->resource + strlen(prefix));
    host_name[strcspn(host_name, ":")] = '\0';
    if (!cloud_is_below("corp.vault.azure.net", host_name)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct demand demand;
    struct buffer header = BUFFER_INIT;
    struct buffer realm = BUFFER_INIT;
    buffer_append(&header, data, size);
    if (challenge_read(buffer_text(&header), &demand)) {
        check(&demand);
    }
    challenge_parameter(buffer_text(&header), "Basic", "realm", &realm);
    buffer_release(&realm);
    buffer_release(&header);
    return 0;
}
