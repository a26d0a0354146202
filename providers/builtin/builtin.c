/* The providers that are linked into the library, by plugin name. */
#include "builtin/builtin.h"

#include <string.h>

builtin_entry_fn builtin_entry(const char *name)
{
    static const struct {
        const char *name;
        builtin_entry_fn entry;
    } providers[] = {{"env", env_provider_entry},
                     {"exec", exec_provider_entry},
                     {"file", file_provider_entry},
                     {"text", text_provider_entry}};
    for (size_t i = 0; i < sizeof(providers) / sizeof(*providers); i++) {
        if (strcmp(providers[i].name, name) == 0) {
            return providers[i].entry;
        }
    }
    return NULL;
}
