/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of identities out of developers' tools share: a folder of tools that are scripts, which is all that
 * PATH names, and no metadata service beside them.
 */
#ifndef MSTR_TESTS_UNIT_AZURE_TOOLS_H
#define MSTR_TESTS_UNIT_AZURE_TOOLS_H

#include "unit/azure/support.h"

#include "azure/identity/imds.h"

#include <sys/stat.h>

#define CLI_TOKEN "echo '{\"accessToken\":\"cli\",\"expires_on\":1768482000,\"expiresOn\":\"x\",\"tenant\":\"t\"}'"

static char folder[] = "/tmp/mstr-tools-XXXXXX";

static inline int tools_setup(void **state)
{
    int result = plugin_setup(state);
    strcpy(folder, "/tmp/mstr-tools-XXXXXX");
    assert_non_null(mkdtemp(folder));
    fake_host_env("PATH", folder);
    imds_asset_tag_file = "/nowhere"; /* whatever machine the tests run on */
    return result;
}

static inline int tools_teardown(void **state)
{
    static const char *const names[] = {"az", "azd", "pwsh"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    return plugin_teardown(state);
}

/* Installs a tool that notes its arguments in the file at file_path and then does as the script says. */
static inline void install(const char *name, const char *script)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nprintf '%%s|' \"$@\" >>%s\necho \"${PWD##*/}\" >>%s\n%s\n", file_path, file_path,
            script);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static inline const char *noted(void)
{
    static char text[4096];
    FILE *file = fopen(file_path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static inline const char *bearer_of_last(void)
{
    return authorization(fake_host_requests() - 1);
}

#define WITH_TOOLS(test) cmocka_unit_test_setup_teardown(test, tools_setup, tools_teardown)

#endif
