/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests of schemes: what is accepted names a plugin in the manifest's own folder and nowhere else; what is
 * refused is told with its file. */
#include "told.h"

#include "base/text.h"
#include "plugin/manifest.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/mstr-manifest-XXXXXX";
static char path[sizeof(folder) + 16];

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void write_manifest(const uint8_t *data, size_t size)
{
    if (path[0] == '\0') {
        if (mkdtemp(folder) == NULL) {
            abort();
        }
        snprintf(path, sizeof(path), "%s/fuzz.provider", folder);
        atexit(remove_folder);
    }
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        abort();
    }
    close(file);
}

static void check_manifest(const struct manifest *manifest)
{
    size_t length = strlen(folder);
    if (!text_is_made_of(manifest->plugin, "_-") || strcmp(manifest->path, path) != 0 ||
        strncmp(manifest->object, folder, length) != 0 || manifest->object[length] != '/' ||
        strchr(manifest->object + length + 1, '/') != NULL || !text_ends_with(manifest->object, ".so")) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest *manifest = NULL;
    mstr_error *error = mstr_error_new();
    write_manifest(data, size);
    enum mstr_code code = manifest_find("fuzz", folder, &manifest, error);
    if ((code == MSTR_OK) != (manifest != NULL) ||
        (code != MSTR_OK && (code != MSTR_E_PLUGIN || strstr(mstr_error_message(error), path) == NULL))) {
        abort();
    }
    check_told(code, error);
    if (manifest != NULL) {
        check_manifest(manifest);
    }
    manifest_free(manifest);
    mstr_error_free(error);
    return 0;
}
