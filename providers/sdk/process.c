/* Runs a helper program and gathers what it prints. */
#define _GNU_SOURCE /* memfd_create(), pipe2(), posix_spawn_file_actions_addclosefrom_np() */
#include "sdk/process.h"

#include "sdk/host.h"
#include "sdk/process_split.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* A cancellation is looked for this often, ms. */
enum { SLICE = 25 };

/* Output is read in pieces of so many octets. */
enum { PIECE = 4096 };

/* Of standard error so many octets are kept where the caller does not say. */
enum { ERRORS_KEPT = 4096 };

/* What a running program needs to be watched and ended. */
struct child {
    pid_t pid;
    int ended; /* becomes readable when it ends; -1 where the kernel has no such thing */
    int output;
    int errors;
    int64_t deadline;
};

static void close_if_open(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

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
            close_if_open(&fd);
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
    failure =
        posix_spawn_file_actions_adddup2(&actions, input, 0) | posix_spawn_file_actions_adddup2(&actions, output, 1) |
        posix_spawn_file_actions_adddup2(&actions, errors, 2) | posix_spawn_file_actions_addclosefrom_np(&actions, 3);
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

/* A pipe whose ends are above the standard descriptors, should the program have closed those. */
static bool open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (ends[i] <= 2) {
            int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
            close(ends[i]);
            ends[i] = moved;
        }
    }
    return ends[0] >= 0 && ends[1] >= 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static enum mstr_code start(const struct process_spec *spec, struct child *child, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    int output[2] = {-1, -1};
    int errors[2] = {-1, -1};
    int input = -1;
    char **environment = NULL;
    enum mstr_code code = find_checked(spec, &path, error);
    if (code != MSTR_OK) {
        goto cleanup;
    }
    environment = make_environment(spec);
    input = open_input(spec);
    if (environment == NULL || input < 0 || !open_pipe(output) || !open_pipe(errors)) {
        code = cannot_start(spec->argv[0], MSTR_E_UNEXPECTED, environment == NULL ? ENOMEM : errno, error);
        goto cleanup;
    }
    int failure = spawn(spec, buffer_text(&path), environment, input, output[1], errors[1], &child->pid);
    if (failure != 0) {
        code = tell_start(spec, buffer_text(&path), failure, error);
        goto cleanup;
    }
    child->ended = pidfd_open(child->pid, 0);
    child->output = output[0];
    child->errors = errors[0];
    output[0] = errors[0] = -1;

cleanup:
    close_if_open(&output[0]);
    close_if_open(&output[1]);
    close_if_open(&errors[0]);
    close_if_open(&errors[1]);
    close_if_open(&input);
    process_free_arguments(environment);
    buffer_release(&path);
    return code;
}

/* Appends, dropping from the front what goes beyond the limit. */
static void keep_tail(struct buffer *tail, const char *octets, size_t length, size_t limit)
{
    if (length > limit) {
        octets += length - limit;
        length = limit;
    }
    if (tail->length + length > limit) {
        size_t surplus = tail->length + length - limit;
        memmove(tail->data, tail->data + surplus, tail->length - surplus);
        tail->length -= surplus;
    }
    buffer_append(tail, octets, length);
}

static size_t error_limit(const struct process_spec *spec)
{
    return spec->error_limit > 0 ? spec->error_limit : ERRORS_KEPT;
}

/* Reads all that is there; closes the descriptor at its end. */
static void drain(int *fd, struct buffer *into, size_t tail)
{
    char piece[PIECE];
    ssize_t length = 0;
    while (*fd >= 0 && !into->failed && (length = read(*fd, piece, sizeof(piece))) > 0) {
        if (tail > 0) {
            keep_tail(into, piece, (size_t)length, tail);
        } else {
            buffer_append(into, piece, (size_t)length);
        }
    }
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
        close_if_open(fd);
    }
    explicit_bzero(piece, sizeof(piece));
}

/* True once it has ended; its status is then taken. */
static bool reap(struct child *child, struct process_result *result, int flags)
{
    int status = 0;
    pid_t got = 0;
    do {
        got = waitpid(child->pid, &status, flags);
    } while (got < 0 && errno == EINTR);
    if (got == 0) {
        return false;
    }
    /* ECHILD: this program ignores SIGCHLD or waits for all children, so nobody can tell how it ended. */
    result->signal = got > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result->exit_status = got > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return true;
}

static int64_t time_left(const struct child *child, const struct mstr_call *call)
{
    int64_t left = child->deadline - host->monotonic();
    int64_t allowed = host->remaining(call);
    left = left < allowed ? left : allowed;
    return left > 0 ? left : 0;
}

/* Until it has ended and its pipes are read. What a grandchild keeps open after that is not waited for. */
static enum mstr_code watch(struct child *child, const struct process_spec *spec, const struct mstr_call *call,
                            struct process_result *result)
{
    for (;;) {
        if (host->cancelled(call)) {
            return MSTR_E_CANCELLED;
        }
        int64_t left = time_left(child, call);
        if (left == 0) {
            return MSTR_E_TIMEOUT;
        }
        struct pollfd waited[] = {{child->output, POLLIN, 0}, {child->errors, POLLIN, 0}, {child->ended, POLLIN, 0}};
        poll(waited, 3, left < SLICE ? (int)left : SLICE);
        bool ended = reap(child, result, WNOHANG);
        child->pid = ended ? 0 : child->pid;
        drain(&child->output, &result->output, 0);
        drain(&child->errors, &result->errors, error_limit(spec));
        if (result->output.failed) {
            return result->output.length + PIECE > result->output.limit ? MSTR_E_PROTOCOL : MSTR_E_MEMORY;
        }
        if (ended) {
            return MSTR_OK;
        }
    }
}

/* Where the beginning was dropped, so is the rest of its last line, or word: of a secret and the label before it, the
 * label alone may be gone. */
static void begin_whole(struct buffer *tail, size_t limit)
{
    if (tail->length < limit) {
        return;
    }
    const char *whole = memchr(tail->data, '\n', tail->length);
    whole = whole != NULL ? whole : memchr(tail->data, ' ', tail->length);
    size_t past = whole != NULL ? (size_t)(whole + 1 - tail->data) : tail->length;
    memmove(tail->data, tail->data + past, tail->length - past);
    buffer_truncate(tail, tail->length - past);
}

static void finish(struct child *child, struct process_result *result)
{
    if (child->pid > 0) {
        kill(-child->pid, SIGKILL);
        reap(child, result, 0);
    }
    close_if_open(&child->ended);
    close_if_open(&child->output);
    close_if_open(&child->errors);
}

static enum mstr_code tell(enum mstr_code code, const struct process_spec *spec, struct mstr_error *error)
{
    switch (code) {
    case MSTR_E_TIMEOUT:
        return host->error_set(error, code, "program %s did not end in time and was killed", spec->argv[0]);
    case MSTR_E_CANCELLED:
        return host->error_set(error, code, "cancelled; program %s was killed", spec->argv[0]);
    case MSTR_E_PROTOCOL:
        return host->error_set(error, code, "program %s printed more than %zu octets and was killed", spec->argv[0],
                               spec->output_limit);
    case MSTR_E_MEMORY:
        return host->error_set(error, code, "out of memory for what program %s prints", spec->argv[0]);
    default:
        return code;
    }
}

enum mstr_code process_run(const struct mstr_call *call, const struct process_spec *spec,
                           struct process_result *result, struct mstr_error *error)
{
    struct child child = {0, -1, -1, -1, INT64_MAX};
    *result = (struct process_result){.exit_status = -1, .output = {.limit = spec->output_limit}};
    if (spec->timeout > 0) {
        child.deadline = host->monotonic() + spec->timeout;
    }
    enum mstr_code code = start(spec, &child, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = watch(&child, spec, call, result);
    finish(&child, result);
    begin_whole(&result->errors, error_limit(spec));
    return tell(code, spec, error);
}

void process_release(struct process_result *result)
{
    buffer_release(&result->output);
    buffer_release(&result->errors);
}
