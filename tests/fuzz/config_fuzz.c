/* Configuration files: reading ends, tells problems where it fails, and each setting it tells of can be asked for. */
#define _GNU_SOURCE /* memfd_create() */
#include "config/config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const struct config *config)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        const char *key = NULL;
        for (size_t j = 0; (key = config_key_at(config, section, j)) != NULL; j++) {
            const struct config_value *value = config_get(config, section, key);
            if (value == NULL || value->text == NULL || value->file == NULL) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    int file = memfd_create("config", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        abort();
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    enum mstr_code code = config_read(&options, &config, NULL);
    if (code != MSTR_OK && (config == NULL || config_problem_at(config, 0) == NULL)) {
        abort();
    }
    check_settings(config);
    config_free(config);
    close(file);
    return 0;
}
