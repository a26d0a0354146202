/* SPDX-License-Identifier: Apache-2.0 */
/* The shared config and credentials files of an instance. */
#include "aws/config/kept_config.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 16 * 1024 * 1024 };

bool kept_config_path(bool credentials, struct buffer *out)
{
    const char *path = host->environment(credentials ? "AWS_SHARED_CREDENTIALS_FILE" : "AWS_CONFIG_FILE");
    return files_expand(!text_empty(path) ? path : credentials ? "~/.aws/credentials" : "~/.aws/config", out);
}

/* For free(); NULL without a home folder. */
static enum mstr_code find(bool credentials, char **path, struct mstr_error *error)
{
    struct buffer found = BUFFER_INIT;
    bool located = kept_config_path(credentials, &found);
    *path = located ? text_copy(buffer_text(&found)) : NULL;
    bool failed = found.failed || (located && *path == NULL);
    buffer_release(&found);
    return failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

static bool is_known(const struct kept_config *kept, size_t i, const char *path)
{
    const char *known = kept->paths[i];
    return path == NULL || known == NULL ? path == known
                                         : strcmp(path, known) == 0 && files_is_known(path, &kept->identities[i]);
}

static enum mstr_code read_file(struct kept_config *kept, const struct mstr_call *call, size_t i,
                                struct shared_config *config, struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    const char *path = kept->paths[i];
    enum mstr_code code = MSTR_E_NOT_FOUND;
    if (path != NULL) {
        code = files_read_known(call, path, FILE_LIMIT, &text, &kept->identities[i], error);
    }
    if (code == MSTR_OK) {
        code = shared_config_add(config, i > 0, path, buffer_text(&text), text.length, error);
    }
    buffer_release(&text);
    return code == MSTR_E_NOT_FOUND ? MSTR_OK : code;
}

static void forget(struct kept_config *kept)
{
    shared_config_release(kept->latest);
    kept->latest = NULL;
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        free(kept->paths[i]);
        kept->paths[i] = NULL;
    }
}

static enum mstr_code read_both(struct kept_config *kept, const struct mstr_call *call, char *paths[CONFIG_FILES],
                                struct mstr_error *error)
{
    struct shared_config *config = shared_config_new();
    enum mstr_code code = config != NULL ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    forget(kept);
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        kept->paths[i] = paths[i];
        paths[i] = NULL;
        code = code == MSTR_OK ? read_file(kept, call, i, config, error) : code;
    }
    if (code == MSTR_OK) {
        kept->latest = config;
    } else {
        shared_config_release(config);
    }
    return code;
}

/* With the mutex held, which is given up meanwhile: a pipe may take long. */
static enum mstr_code renew(struct kept_config *kept, const struct mstr_call *call, char *paths[CONFIG_FILES],
                            struct mstr_error *error)
{
    flight_begin(&kept->flight);
    pthread_mutex_unlock(&kept->mutex);
    enum mstr_code code = read_both(kept, call, paths, error);
    pthread_mutex_lock(&kept->mutex);
    flight_land(&kept->flight, code, false);
    return code;
}

bool kept_config_init(struct kept_config *kept)
{
    *kept = (struct kept_config){.mutex = PTHREAD_MUTEX_INITIALIZER};
    return flight_init(&kept->flight);
}

enum mstr_code kept_config_get(struct kept_config *kept, const struct mstr_call *call, struct shared_config **out,
                               struct mstr_error *error)
{
    char *paths[CONFIG_FILES] = {NULL, NULL};
    enum mstr_code code = MSTR_OK;
    bool known = true;
    *out = NULL;
    pthread_mutex_lock(&kept->mutex);
    while (code == MSTR_OK && kept->flight.busy) {
        code = call_wait(&kept->flight.landed, &kept->mutex, call, "the shared config", error);
    }
    for (size_t i = 0; i < CONFIG_FILES && code == MSTR_OK; i++) {
        code = find(i > 0, &paths[i], error);
        known = known && kept->latest != NULL && is_known(kept, i, paths[i]);
    }
    if (code == MSTR_OK && !known) {
        code = renew(kept, call, paths, error);
    }
    if (code == MSTR_OK) {
        *out = shared_config_retain(kept->latest);
    }
    pthread_mutex_unlock(&kept->mutex);
    for (size_t i = 0; i < CONFIG_FILES; i++) {
        free(paths[i]);
    }
    return code;
}

enum mstr_code kept_config_read(const struct mstr_call *call, struct shared_config **out, struct mstr_error *error)
{
    struct kept_config once;
    *out = NULL;
    if (!kept_config_init(&once)) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = kept_config_get(&once, call, out, error);
    kept_config_destroy(&once);
    return code;
}

void kept_config_destroy(struct kept_config *kept)
{
    forget(kept);
    flight_destroy(&kept->flight);
}
