/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a program. */
#define _GNU_SOURCE /* memfd_create(), pipe2(), posix_spawn_file_actions_addchdir_np() */
#include "sdk/process_start.h"

#include "sdk/host.h"
#include "sdk/process_split.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum mstr_code tell_absent(const struct process_spec *spec, const char *path, const char *why,
                                  struct mstr_error *error)
{
    if (spec->absent == MSTR_OK) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "program %s %s", path, why);
    }
    host->error_set(error, spec->absent, "program %s %s", path, why);
    host->error_detail(error, MSTR_DETAIL_HINT, "install it, or correct the command where it is configured");
    return spec->absent;
}

/* A bare name becomes the file that PATH leads to. */
static enum mstr_code find_program(const struct process_spec *spec, struct buffer *path, struct mstr_error *error)
{
    const char *name = spec->argv[0];
    if (name[0] == '/') {
        return buffer_puts(path, name) ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (strchr(name, '/') != NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "program %s: write its absolute path", name);
    }
    const char *folders = host->environment("PATH");
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        buffer_clear(path);
        if (!buffer_printf(path, "%.*s/%s", (int)length, folders, name)) {
            return host->error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        if (folders[0] == '/' && access(buffer_text(path), X_OK) == 0) {
            return MSTR_OK;
        }
        folders += length + (folders[length] == ':');
    }
    return tell_absent(spec, name, "was not found on PATH", error);
}

enum mstr_code process_check(const char *path, struct mstr_error *error)
{
    if (!MSTR_HAS(host, struct mstr_host, read_trusted_file)) {
        return MSTR_OK; /* a host of ABI 1.1 cannot tell */
    }
    enum mstr_code code = host->read_trusted_file(NULL, path, 0, NULL, NULL, error);
    return code == MSTR_E_NOT_FOUND ? MSTR_OK : code;
}

static enum mstr_code tell_start(const struct process_spec *spec, const char *path, int failure,
                                 struct mstr_error *error)
{
    if (failure == ENOENT && access(path, F_OK) != 0) {
        return tell_absent(spec, path, "cannot be started: there is no such file", error);
    }
    return host->error_set(error, failure == ENOMEM ? MSTR_E_MEMORY : MSTR_E_CONFIG,
                           "program %s cannot be started: %s", path,
                           failure == ENOENT ? "it names an interpreter, or a folder to start in, that is not there"
                                             : strerror(failure));
}

/* That it may be executed is asked here too: the failure of the child would not be seen where the system emulates its
 * sharing of memory. */
static enum mstr_code find_checked(const struct process_spec *spec, struct buffer *path, struct mstr_error *error)
{
    enum mstr_code code = find_program(spec, path, error);
    if (code == MSTR_OK && (spec->trusted || geteuid() == 0)) {
        code = process_check(buffer_text(path), error);
    }
    return code == MSTR_OK && access(buffer_text(path), X_OK) != 0 ? tell_start(spec, buffer_text(path), errno, error)
                                                                   : code;
}

enum mstr_code process_can_start(const struct process_spec *spec, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    enum mstr_code code = find_checked(spec, &path, error);
    buffer_release(&path);
    return code;
}

static enum mstr_code cannot_start(const char *program, enum mstr_code code, int failure, struct mstr_error *error)
{
    return host->error_set(error, failure == ENOMEM ? MSTR_E_MEMORY : code, "program %s cannot be started: %s",
                           program, strerror(failure));
}

static bool is_set(const struct mstr_header *set, const char *entry)
{
    for (; set != NULL && set->name != NULL; set++) {
        size_t length = strlen(set->name);
        if (strncmp(entry, set->name, length) == 0 && entry[length] == '=') {
            return true;
        }
    }
    return false;
}

static bool is_kept(const char *const *names, const char *entry)
{
    for (; names != NULL && *names != NULL; names++) {
        size_t length = strlen(*names);
        if (strncmp(entry, *names, length) == 0 && entry[length] == '=') {
            return true;
        }
    }
    return names == NULL;
}

static bool append_entry(char ***entries, size_t *count, char *entry)
{
    char **grown = realloc(*entries, (*count + 2) * sizeof(char *));
    if (entry == NULL || grown == NULL) {
        *entries = grown != NULL ? grown : *entries;
        free(entry);
        return false;
    }
    grown[(*count)++] = entry;
    grown[*count] = NULL;
    *entries = grown;
    return true;
}

/* The program's environment, to be freed with process_free_arguments(); NULL without memory. The host's table tells
 * which variables may be trusted at all. */
static char **make_environment(const struct process_spec *spec)
{
    char **entries = calloc(1, sizeof(char *));
    size_t count = 0;
    bool good = entries != NULL;
    for (char **entry = environ; good && entry != NULL && *entry != NULL; entry++) {
        if (is_kept(spec->environment, *entry) && !is_set(spec->set, *entry)) {
            char *copy = strdup(*entry);
            char *equals = copy != NULL ? strchr(copy, '=') : NULL;
            if (equals != NULL) {
                *equals = '\0';
                bool trusted = host->environment(copy) != NULL;
                *equals = '=';
                if (!trusted) {
                    free(copy);
                    continue;
                }
            }
            good = append_entry(&entries, &count, copy);
        }
    }
    for (const struct mstr_header *set = spec->set; good && set != NULL && set->name != NULL; set++) {
        struct buffer entry = BUFFER_INIT;
        buffer_printf(&entry, "%s=%s", set->name, set->value);
        good = append_entry(&entries, &count, entry.failed ? NULL : strdup(buffer_text(&entry)));
        buffer_release(&entry);
    }
    if (!good) {
        process_free_arguments(entries);
        return NULL;
    }
    return entries;
}

/* Standard input: a file in memory, so that a program which does not read it blocks nobody and raises no signal. */
static int open_input(const struct process_spec *spec)
{
    if (spec->input_length == 0) {
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    int fd = memfd_create("mstr-input", MFD_CLOEXEC);
    const char *at = spec->input;
    size_t left = spec->input_length;
    while (fd >= 0 && left > 0) {
        ssize_t written = write(fd, at, left);
        if (written < 0 && errno != EINTR) {
            child_close(&fd);
        } else if (written > 0) {
            at += written;
            left -= (size_t)written;
        }
    }
    if (fd >= 0) {
        lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

/* What the program of this library has open is none of the child's business. */
static int close_others(posix_spawn_file_actions_t *actions)
{
#ifdef MSTR_HAVE_ADDCLOSEFROM
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
#else
    /* Those of this moment: one that another thread is about to open without O_CLOEXEC stays. */
    int failure = 0;
    DIR *descriptors = opendir("/proc/self/fd");
    for (struct dirent *entry; failure == 0 && descriptors != NULL && (entry = readdir(descriptors)) != NULL;) {
        int fd = atoi(entry->d_name);
        failure = fd > 2 ? posix_spawn_file_actions_addclose(actions, fd) : 0;
    }
    if (descriptors != NULL) {
        closedir(descriptors);
    }
    return failure;
#endif
}

static int spawn(const struct process_spec *spec, const char *path, char *const *environment, int input, int output,
                 int errors, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) {
        return failure;
    }
    if ((failure = posix_spawnattr_init(&attributes)) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return failure;
    }
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    failure = posix_spawn_file_actions_adddup2(&actions, input, 0) |
              posix_spawn_file_actions_adddup2(&actions, output, 1) |
              posix_spawn_file_actions_adddup2(&actions, errors, 2) | close_others(&actions);
    if (failure == 0 && spec->directory != NULL) {
        failure = posix_spawn_file_actions_addchdir_np(&actions, spec->directory);
    }
    if (failure == 0) {
        failure = posix_spawn(pid, path, &actions, &attributes, (char *const *)(uintptr_t)spec->argv, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/* Whoever is scheduled ahead of others, as an agent is of those it serves, is not so for the program's sake. */
static void take_its_turn(pid_t pid)
{
    if (getpriority(PRIO_PROCESS, (id_t)pid) < 0) {
        setpriority(PRIO_PROCESS, (id_t)pid, 0);
    }
}

/* Above the standard descriptors, should the program have closed those: it may open them again meanwhile. -1 where
 * there is none. */
static int move_up(int fd)
{
    int moved = fd;
    if (fd <= 2) {
        moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        child_close(&fd);
    }
    return moved;
}

static bool move_both_up(int ends[2])
{
    ends[0] = move_up(ends[0]);
    ends[1] = move_up(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

/* The reading end blocks nobody. */
static bool open_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && move_both_up(ends) && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

/* What the program reads from becomes ends[0]. Where it is spoken with, that is a socket: it can be written to
 * without a SIGPIPE for this process, and be ended whoever else has inherited the other end. */
static bool open_inputs(const struct process_spec *spec, int ends[2])
{
    if (spec->converses) {
        return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 && move_both_up(ends);
    }
    ends[0] = open_input(spec);
    return ends[0] >= 0;
}

static void close_both(int ends[2])
{
    child_close(&ends[0]);
    child_close(&ends[1]);
}

static int give_up(int *end)
{
    const int given = *end;
    *end = -1;
    return given;
}

enum mstr_code child_start(const struct process_spec *spec, struct child *child, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    int input[2] = {-1, -1};
    int output[2] = {-1, -1};
    int errors[2] = {-1, -1};
    char **environment = NULL;
    *child = (struct child)CHILD_NONE;
    enum mstr_code code = find_checked(spec, &path, error);
    if (code != MSTR_OK) {
        goto cleanup;
    }
    environment = make_environment(spec);
    if (environment == NULL || !open_inputs(spec, input) || !open_pipe(output) || !open_pipe(errors)) {
        code = cannot_start(spec->argv[0], MSTR_E_UNEXPECTED, environment == NULL ? ENOMEM : errno, error);
        goto cleanup;
    }
    int failure = spawn(spec, buffer_text(&path), environment, input[0], output[1], errors[1], &child->pid);
    if (failure != 0) {
        code = tell_start(spec, buffer_text(&path), failure, error);
        goto cleanup;
    }
    take_its_turn(child->pid);
    /* Older C libraries have no function for it. */
    child->ended = move_up((int)syscall(SYS_pidfd_open, child->pid, 0));
    child->input = give_up(&input[1]);
    child->output = give_up(&output[0]);
    child->errors = give_up(&errors[0]);

cleanup:
    close_both(input);
    close_both(output);
    close_both(errors);
    process_free_arguments(environment);
    buffer_release(&path);
    return code;
}
