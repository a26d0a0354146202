/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration files: reading ends, tells problems where it fails, and each setting it tells of can be asked for. */
#define _GNU_SOURCE /* pipe2() */
#include "config/config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIPE_SIZE = 65536 };

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
    int ends[2];
    size = size < PIPE_SIZE ? size : PIPE_SIZE;
    if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], data, size) != (ssize_t)size) {
        abort();
    }
    close(ends[1]);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    enum mstr_code code = config_read(&options, &config, NULL);
    if (code != MSTR_OK && (config == NULL || config_problem_at(config, 0) == NULL)) {
        abort();
    }
    check_settings(config);
    config_free(config);
    close(ends[0]);
    return 0;
}
