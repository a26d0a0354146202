/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/read.c */
#define _GNU_SOURCE /* clearenv() */
#include "support/context.h"

#include "config/config.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* Nothing but this text is read. */
static enum mstr_code read_text(const char *text, struct config **config, mstr_error *error)
{
    char *path = test_file(text, strlen(text));
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.config_file = path;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    enum mstr_code code = config_read(&options, config, error);
    unlink(path);
    free(path);
    return code;
}

static void the_first_problem_is_the_error_with_file_and_line(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(read_text("[cache]\nttl = often\n", &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), ":2: \"ttl\" must be"));
    assert_null(mstr_error_hint(error));
    config_free(config);
    mstr_error_free(error);
}

static void reading_goes_on_behind_a_problem(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(read_text("[profil x]\nunseen = 1\n[cache]\nttl = often\nmax = 1\n[profile x]\nusernme = u\n"
                               "username = ann\n",
                               &config, error),
                     MSTR_E_CONFIG);
    assert_string_equal(mstr_error_hint(error), "there are 3 more problems; \"mstr config check\" shows all");
    assert_non_null(config_problem_at(config, 3));
    assert_null(config_problem_at(config, 4));
    assert_string_equal(config_get(config, "profile x", "username")->text, "ann");
    config_free(config);
    mstr_error_free(error);
}

static void the_environment_stands_over_the_files(void **state)
{
    (void)state;
    static const char text[] = "[profile work]\nusername = file\npassword = file\n";
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    char *path = test_file(text, strlen(text));
    setenv("MSTR_CONFIG", path, 1);
    setenv("MSTR_PROFILE", "work", 1);
    setenv("MSTR_USERNAME", "environment", 1);
    setenv("MSTR_PASSWORD", "", 1);

    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);

    assert_string_equal(config_default_profile(config), "work");
    assert_string_equal(config_get(config, "profile work", "username")->text, "environment");
    assert_string_equal(config_get(config, "profile work", "password")->text, "file");
    config_free(config);
    options.profile = "home";
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_string_equal(config_default_profile(config), "home");
    assert_string_equal(config_get(config, "profile home", "username")->text, "environment");
    assert_string_equal(config_get(config, "profile work", "username")->text, "file");
    config_free(config);
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT | MSTR_CONTEXT_NO_CONFIG;
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_null(config_section_at(config, 0));
    config_free(config);
    unsetenv("MSTR_CONFIG");
    unsetenv("MSTR_PROFILE");
    unsetenv("MSTR_USERNAME");
    unsetenv("MSTR_PASSWORD");
    unlink(path);
    free(path);
}

/* Writes a file below `folder`, whose last part may have to be made. */
static void put(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    *strrchr(path, '/') = '\0';
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void take_away(const char *folder)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void later_files_override_key_by_key(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *value;
        const char *file; /* its end */
    } expected[] = {
        {"username", "user", "xdg/mstr/config"},        {"password", "b", "config.d/20-b.conf"},
        {"project", "a", "config.d/10-a.conf"},         {"proxy", "upper", "config.d/B.conf"},
        {"base_url", "https://system/", "/etc/config"},
    };
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char etc[64];
    char xdg[64];
    struct config *config = NULL;
    assert_non_null(mkdtemp(folder));
    snprintf(etc, sizeof(etc), "%s/etc", folder);
    snprintf(xdg, sizeof(xdg), "%s/xdg", folder);
    mkdir(xdg, 0700);
    put(etc, "config",
        "[profile a]\nbase_url = https://system/\nusername = system\npassword = system\nproject = system\n");
    put(etc, "config.d/20-b.conf", "[profile a]\npassword = b\nusername = b\n");
    put(etc, "config.d/10-a.conf", "[profile a]\npassword = a\nproject = a\nproxy = a\n");
    put(etc, "config.d/B.conf", "[profile a]\nproxy = upper\n"); /* byte order: after digits */
    put(etc, "config.d/.hidden.conf", "[profile a]\nproxy = hidden\n");
    put(etc, "config.d/30-c.conf~", "[profile a]\nproxy = backup\n");
    put(xdg, "mstr/config", "[profile a]\nusername = user\n");
    setenv("XDG_CONFIG_HOME", xdg, 1);

    assert_int_equal(config_read_below(etc, NULL, &config, NULL), MSTR_OK);

    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct config_value *value = config_get(config, "profile a", expected[i].key);
        assert_string_equal(value->text, expected[i].value);
        assert_non_null(strstr(value->file, expected[i].file));
    }
    config_free(config);
    unsetenv("XDG_CONFIG_HOME");
    take_away(folder);
}

static void file_that_is_named_replaces_them_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char named[64];
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    assert_non_null(mkdtemp(folder));
    put(folder, "config", "[profile a]\nproject = system\n");
    put(folder, "named", "[profile a]\nusername = named\n");
    snprintf(named, sizeof(named), "%s/named", folder);
    for (int by_option = 0; by_option < 2; by_option++) {
        options.config_file = by_option ? named : NULL;
        setenv("MSTR_CONFIG", by_option ? "/nowhere" : named, 1);
        assert_int_equal(config_read_below(folder, &options, &config, NULL), MSTR_OK);
        assert_string_equal(config_get(config, "profile a", "username")->text, "named");
        assert_null(config_get(config, "profile a", "project"));
        config_free(config);
    }
    unsetenv("MSTR_CONFIG");
    take_away(folder);
}

static void what_cannot_be_read_is_a_problem(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config.d", ""); /* no folder */
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "config.d: Not a directory"));
    config_free(config);
    snprintf(path, sizeof(path), "%s/config", folder);
    assert_int_equal(symlink("gone", path), 0); /* a link that leads nowhere is no absence */
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "/config: No such file or directory"));
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

/* What a process without the rights of root comes to, which looks for its file below this HOME. */
static enum mstr_code read_as_other(const char *etc, const char *home, uid_t user)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct config *config = NULL;
        home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME");
        enum mstr_code code = setuid(user) == 0 ? config_read_below(etc, NULL, &config, NULL) : MSTR_E_UNEXPECTED;
        config_free(config);
        _exit((int)code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return (enum mstr_code)WEXITSTATUS(status);
}

/* As after su: what lies in another's home is not there, but what is in one's own reach must be readable. */
static void homes_out_of_reach_count_as_absent(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char home[64];
    char path[96];
    assert_non_null(mkdtemp(folder));
    chmod(folder, 0755);
    snprintf(home, sizeof(home), "%s/home", folder);
    snprintf(path, sizeof(path), "%s/home/.config", folder);
    mkdir(home, 0700);
    mkdir(path, 0700);
    put(path, "mstr/config", "[profile a]\nusername = ann\n");
    assert_int_equal(read_as_other("/nowhere", NULL, 12345), MSTR_OK);
    assert_int_equal(read_as_other("/nowhere", "/nowhere", 12345), MSTR_OK);
    assert_int_equal(read_as_other("/etc/passwd", "/etc/passwd", 12345), MSTR_OK); /* ENOTDIR */
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_OK);
    assert_int_equal(read_as_other(home, NULL, 12345), MSTR_E_CONFIG); /* the system's files are no home */
    chmod(home, 0755);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* .config is there, and closed */
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/home/.config/mstr", folder);
    chmod(path, 0755);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_OK);
    snprintf(path, sizeof(path), "%s/home/.config/mstr/config", folder);
    chmod(path, 0600);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* a file that is there */
    unlink(path);
    assert_int_equal(symlink("config", path), 0);
    assert_int_equal(read_as_other("/nowhere", home, 12345), MSTR_E_CONFIG); /* a loop */
    take_away(folder);
}

static void foreign_entries_among_drop_ins_are_named(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config.d/a.conf", "[profile a]\nusername = ann\n");
    put(folder, "config.d/b.conf", "[profile a]\npassword = b\n");
    snprintf(path, sizeof(path), "%s/config.d", folder);
    chmod(path, 01777); /* in which everybody may put files, but none exchange one */
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_OK);
    config_free(config);
    snprintf(path, sizeof(path), "%s/config.d/b.conf", folder);
    assert_int_equal(chown(path, 777, 777), 0);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(
        strstr(mstr_error_message(error), "config.d/b.conf: belongs to neither root nor this user (owner 777"));
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

/* Who can write to it could name a program to be run. */
static void file_that_others_can_write_is_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config", "[profile a]\nusername = ann\n");
    snprintf(path, sizeof(path), "%s/config", folder);
    chmod(path, 0666);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "config: is writable by others (owner "));
    assert_non_null(strstr(mstr_error_message(error), "chmod o-w /tmp/mstr-test-"));
    assert_null(config_get(config, "profile a", "username"));
    config_free(config);
    chmod(path, 0664);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_OK);
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

static void a_variable_with_a_bad_value_is_named(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.flags = MSTR_CONTEXT_NO_CONFIG;
    setenv("MSTR_LOGIN_MODE", "guesswork", 1);
    assert_int_equal(config_read(&options, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "environment: \"login_mode\" must be standard"));
    assert_non_null(strstr(mstr_error_message(error), "(from MSTR_LOGIN_MODE)"));
    assert_null(config_get(config, "profile default", "login_mode"));
    unsetenv("MSTR_LOGIN_MODE");
    config_free(config);
    mstr_error_free(error);
}

static void too_large_a_file_is_not_read(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    put(folder, "config", "");
    snprintf(path, sizeof(path), "%s/config", folder);
    assert_int_equal(truncate(path, 1024 * 1024 + 1), 0);
    assert_int_equal(config_read_below(folder, NULL, &config, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "config: File too large"));
    assert_string_equal(config_file_at(config, 0)->problem, "File too large");
    config_free(config);
    mstr_error_free(error);
    take_away(folder);
}

/* A pipe in the place of a configuration, to be unlinked and freed. */
static char *make_pipe(mstr_context_options *options)
{
    char *path = test_file("", 0);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    *options = (mstr_context_options)MSTR_CONTEXT_OPTIONS_INIT;
    options->config_file = path;
    options->flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    return path;
}

static void a_pipe_that_nobody_writes_is_waited_for_within_limits(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_error *error = mstr_error_new();
    mstr_cancel *cancel = mstr_cancel_new();
    mstr_context_options options;
    char *path = make_pipe(&options);
    options.timeout = 20;
    assert_int_equal(config_read(&options, &config, error), MSTR_E_TIMEOUT);
    assert_null(config);
    assert_non_null(strstr(mstr_error_message(error), path));
    options.timeout = 0;
    options.cancel = cancel;
    mstr_cancel_now(cancel);
    assert_int_equal(config_read(&options, &config, error), MSTR_E_CANCELLED);
    assert_null(config);
    mstr_cancel_free(cancel);
    mstr_error_free(error);
    unlink(path);
    free(path);
}

static void *write_late(void *path)
{
    int writer = open(path, O_WRONLY | O_CLOEXEC); /* waits for the reader */
    assert_int_equal(write(writer, "[profile a]\nuser", 16), 16);
    assert_int_equal(write(writer, "name = ann\n", 11), 11);
    close(writer);
    return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_context_options options;
    pthread_t writer;
    char *path = make_pipe(&options);
    pthread_create(&writer, NULL, write_late, path);
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_string_equal(config_get(config, "profile a", "username")->text, "ann");
    pthread_join(writer, NULL);
    config_free(config);
    unlink(path);
    free(path);
}

/* As a program has it that was compiled before they grew. */
static void shorter_options_are_read_as_far_as_they_go(void **state)
{
    (void)state;
    struct config *config = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT | MSTR_CONTEXT_NO_CONFIG;
    options.profile = "work";
    options.timeout = -1;
    options.size = offsetof(mstr_context_options, profile);
    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);
    assert_string_equal(config_default_profile(config), "default");
    config_free(config);
}

/* The processor time of reading so many sections. */
static clock_t cost_of(int sections)
{
    char *text = malloc((size_t)sections * 32);
    struct config *config = NULL;
    size_t length = 0;
    for (int i = 0; i < sections; i++) {
        length += (size_t)sprintf(text + length, "[env s%d]\nA=%d\n", i, i);
    }
    clock_t begin = clock();
    assert_int_equal(read_text(text, &config, NULL), MSTR_OK);
    clock_t cost = clock() - begin;
    assert_non_null(config_section_at(config, (size_t)sections - 1));
    config_free(config);
    free(text);
    return cost;
}

/* Were each section looked for among all before it, 16 times as many would cost 256 times as much. */
static void reading_costs_time_in_proportion_to_the_length(void **state)
{
    (void)state;
    assert_true(cost_of(40000) < 64 * cost_of(2500));
}

static void ignore(int number)
{
    (void)number;
}

/* Interrupts the reader while it waits, and only then writes. */
struct interruption {
    pthread_t reader;
    int into;
};

static void *interrupt_and_write(void *data)
{
    static const char text[] = "[cache]\nttl = 7s\n";
    const struct interruption *interruption = data;
    for (int i = 0; i < 50; i++) {
        pthread_kill(interruption->reader, SIGUSR1);
        usleep(500);
    }
    assert_int_equal(write(interruption->into, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
    close(interruption->into);
    return NULL;
}

static void a_signal_does_not_end_the_reading_of_a_pipe(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART */
    struct interruption interruption = {.reader = pthread_self()};
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    struct config *config = NULL;
    pthread_t thread;
    int ends[2];
    char path[64];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    interruption.into = ends[1];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    options.config_file = path;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_and_write, &interruption), 0);

    assert_int_equal(config_read(&options, &config, NULL), MSTR_OK);

    pthread_join(thread, NULL);
    assert_string_equal(config_get(config, "cache", "ttl")->text, "7s");
    config_free(config);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_does_not_end_the_reading_of_a_pipe),
        cmocka_unit_test(the_first_problem_is_the_error_with_file_and_line),
        cmocka_unit_test(reading_goes_on_behind_a_problem),
        cmocka_unit_test(the_environment_stands_over_the_files),
        cmocka_unit_test(later_files_override_key_by_key),
        cmocka_unit_test(file_that_is_named_replaces_them_all),
        cmocka_unit_test(what_cannot_be_read_is_a_problem),
        cmocka_unit_test(homes_out_of_reach_count_as_absent),
        cmocka_unit_test(foreign_entries_among_drop_ins_are_named),
        cmocka_unit_test(file_that_others_can_write_is_refused),
        cmocka_unit_test(a_variable_with_a_bad_value_is_named),
        cmocka_unit_test(too_large_a_file_is_not_read),
        cmocka_unit_test(a_pipe_that_nobody_writes_is_waited_for_within_limits),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(reading_costs_time_in_proportion_to_the_length),
        cmocka_unit_test(shorter_options_are_read_as_far_as_they_go),
    };
    clearenv(); /* whose variables and home are not the tests' */
    return RUN_TESTS("config/read");
}
