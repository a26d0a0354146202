/* SPDX-License-Identifier: Apache-2.0 */
/* A program that runs with another user's rights must not let the caller choose where secrets and plugins come from.
 * The test runs a copy of itself that belongs to another user and has the set-user-id bit, which only root can
 * make. */
#include "support/context.h"
#include "support/process.h"
#include "support/unit.h"

#include <mstr/context.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { OTHER_USER = 65534 };

static int surprises;

static void expect(bool good, const char *what)
{
    if (!good) {
        printf("%s\n", what);
        surprises++;
    }
}

static int watch(const mstr_config_item *item, void *data)
{
    (void)data;
    expect(strstr(item->file, "setuid-test") == NULL, item->file);
    expect(strcmp(item->file, "environment") != 0, "a setting came from the environment");
    return 0;
}

static enum mstr_code look_up(mstr_context *context, const char *reference)
{
    mstr_secret *secret = NULL;
    enum mstr_code code = mstr_context_get(context, reference, NULL, &secret, NULL);
    mstr_secret_release(secret);
    return code;
}

/* Whoever listens says nothing, so that he is done without. False where nobody came. */
static bool is_asked(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* At a path that an agent may have. */
static int listen_as_agent(char folder[32], char path[64])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_non_null(mkdtemp(strcpy(folder, "/var/tmp/mstr-setuid-XXXXXX")));
    chmod(folder, 0755);
    snprintf(path, 64, "%s/agent.sock", folder);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* A value that this configuration has an agent asked for. */
static enum mstr_code look_up_through(const char *config, const char *agent)
{
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = config;
    options.agent = agent;
    enum mstr_code code = mstr_context_new(&options, &context, NULL);
    code = code == MSTR_OK ? look_up(context, "file:/etc/passwd") : code;
    mstr_context_free(context);
    return code;
}

/* What the copy does: uses the library as if nothing were special. Exits 77 where the bit has no effect. */
static int be_privileged(const char *config, const char *open_config, const char *agent)
{
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    if (getauxval(AT_SECURE) == 0) {
        return 77;
    }
    expect(mstr_config_visit(NULL, MSTR_CONFIG_SETTINGS | MSTR_CONFIG_PATHS, watch, NULL, NULL) == MSTR_OK,
           "the configuration was not read");
    options.config_file = config; /* the program's own choice counts */
    expect(mstr_context_new(&options, &context, NULL) == MSTR_OK, "there is no context");
    expect(look_up(context, "env:SETUID_TEST") == MSTR_E_NOT_FOUND, "the environment was trusted");
    expect(look_up(context, "double:x") == MSTR_E_PLUGIN, "MSTR_PLUGIN_PATH, or its own place, was trusted");
    mstr_context_free(context);
    options.config_file = open_config;
    expect(mstr_context_new(&options, &context, NULL) == MSTR_E_CONFIG, "MSTR_TRUSTED_FOLDERS was trusted");
    expect(look_up_through(config, agent) == MSTR_OK, "there is no value without the agent");
    return surprises;
}

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t got; (got = fread(block, 1, sizeof(block), in)) > 0;) {
        assert_int_equal(fwrite(block, 1, got, out), got);
    }
    fclose(in);
    fclose(out);
}

static void run(const char *const *argv)
{
    struct process_result result = child_run(argv, NULL);
    assert_int_equal(result.status, 0);
    child_release(&result);
}

static void surroundings_are_not_trusted(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("only root can make a set-user-id program of another user\n");
        return;
    }
    char folder[] = "/tmp/mstr-setuid-test-XXXXXX";
    char bin[64];
    char lib[64];
    char copy[96];
    char own[96];
    char config[64];
    char plugins[512];
    char xdg[96];
    char named[96];
    char open_config[96];
    char trusted[96];
    char sockets[32];
    char agent[64];
    char agent_variable[96];
    int listener = listen_as_agent(sockets, agent);
    assert_non_null(mkdtemp(folder));
    chmod(folder, 0755);
    snprintf(bin, sizeof(bin), "%s/" PROGRAM_FOLDER, folder);
    snprintf(lib, sizeof(lib), "%s/" LIBRARY_FOLDER, folder);
    snprintf(copy, sizeof(copy), "%s/copy", bin);
    snprintf(own, sizeof(own), "%s/mstr", lib);
    run((const char *const[]){"/bin/mkdir", "-p", bin, lib, NULL});
    assert_int_equal(symlink(getenv("MSTR_TEST_PLUGINS"), own), 0); /* as in an installation that was moved */
    snprintf(config, sizeof(config), "%s/config", folder);
    snprintf(plugins, sizeof(plugins), "MSTR_PLUGIN_PATH=%s", getenv("MSTR_TEST_PLUGINS"));
    snprintf(xdg, sizeof(xdg), "XDG_CONFIG_HOME=%s", folder);
    snprintf(named, sizeof(named), "MSTR_CONFIG=%s", config);
    FILE *file = fopen(config, "w");
    fputs("[provider double]\nplugin = echo\n[agent]\nallow = file:**\nuse = require\n", file);
    fclose(file);
    snprintf(open_config, sizeof(open_config), "%s/open-config", folder);
    snprintf(agent_variable, sizeof(agent_variable), "MSTR_AGENT=%s", agent);
    snprintf(trusted, sizeof(trusted), "MSTR_TRUSTED_FOLDERS=%s", folder);
    copy_file(config, open_config);
    assert_int_equal(chmod(open_config, 0666), 0);
    copy_file("/proc/self/exe", copy);
    assert_int_equal(chown(copy, OTHER_USER, (gid_t)-1), 0);
    assert_int_equal(chmod(copy, 04755), 0);

    const char *const environment[] = {
        plugins, xdg, named, trusted, agent_variable, "SETUID_TEST=canary", "MSTR_USERNAME=canary", NULL};
    const char *const argv[] = {copy, "privileged", config, open_config, agent, NULL};
    const struct process_options options = {.environment = environment};
    struct process_result result = child_run(argv, &options);
    if (result.status == 77) {
        print_message("set-user-id has no effect here: nothing to see\n");
    } else if (result.status != 0) {
        fail_msg("status %d: %s%s", result.status, result.output, result.errors);
    }
    child_release(&result);
    assert_false(is_asked(listener));
    close(listener);
    unlink(agent);
    rmdir(sockets);
    run((const char *const[]){"/bin/rm", "-rf", folder, NULL});
}

/* The same calls in a program without privileges do trust what the user says, or the test would prove nothing. */
static void surroundings_are_trusted_otherwise(void **state)
{
    (void)state;
    setenv("SETUID_TEST", "canary", 1);
    setenv("MSTR_PLUGIN_PATH", getenv("MSTR_TEST_PLUGINS"), 1);
    mstr_context *context = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    static const char text[] = "[provider double]\nplugin = echo\n[agent]\nallow = file:**\n";
    char sockets[32];
    char agent[64];
    int listener = listen_as_agent(sockets, agent);
    char *path = test_file(text, strlen(text));
    options.config_file = path;
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);
    assert_int_equal(look_up(context, "env:SETUID_TEST"), MSTR_OK);
    assert_int_equal(look_up(context, "double:x"), MSTR_OK);
    mstr_context_free(context);
    assert_int_equal(look_up_through(path, agent), MSTR_OK);
    assert_true(is_asked(listener));
    close(listener);
    unlink(agent);
    rmdir(sockets);
    unlink(path);
    free(path);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "privileged") == 0) {
        return be_privileged(argv[2], argv[3], argv[4]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surroundings_are_trusted_otherwise),
        cmocka_unit_test(surroundings_are_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
