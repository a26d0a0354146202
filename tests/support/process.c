/* SPDX-License-Identifier: Apache-2.0 */
/* Running programs for tests, by posix_spawn and poll. */
#define _GNU_SOURCE /* pipe2, posix_spawn_file_actions_addchdir_np */
#include "support/process.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct stream {
    int fd;
    char *data;
    size_t length;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000.0 + (double)now.tv_nsec / 1e6;
}

static bool same_name(const char *a, const char *b)
{
    size_t length = strcspn(a, "=");
    return length == strcspn(b, "=") && strncmp(a, b, length) == 0;
}

static bool replaced(const char *variable, const char *const *changes)
{
    for (size_t i = 0; changes && changes[i]; i++)
        if (same_name(variable, changes[i]))
            return true;
    return false;
}

/* A list of borrowed texts for free(). */
static const char **make_environment(const struct process_options *options)
{
    size_t count = 1;
    for (size_t i = 0; environ[i]; i++)
        count++;
    for (size_t i = 0; options->environment && options->environment[i]; i++)
        count++;
    const char **list = calloc(count, sizeof(*list));
    assert_non_null(list);
    size_t used = 0;
    for (size_t i = 0; !options->clean_environment && environ[i]; i++)
        if (!replaced(environ[i], options->environment))
            list[used++] = environ[i];
    for (size_t i = 0; options->environment && options->environment[i]; i++)
        if (strchr(options->environment[i], '='))
            list[used++] = options->environment[i];
    return list;
}

static void make_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static pid_t spawn(const char *const *argv, const struct process_options *options, int in, int out, int err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t child = -1;
    const char **environment = make_environment(options);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (err >= 0)
        posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    if (options->directory)
        posix_spawn_file_actions_addchdir_np(&files, options->directory);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    int failure = posix_spawnp(&child, argv[0], &files, &attributes, (char *const *)(uintptr_t)argv,
                               (char **)(uintptr_t)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(environment);
    if (failure)
        fail_msg("%s: %s", argv[0], strerror(failure));
    return child;
}

pid_t process_start(const char *const *argv, const struct process_options *options, int *input, int *output)
{
    const struct process_options none = {0};
    int in[2], out[2];
    make_pipe(in);
    make_pipe(out);
    pid_t child = spawn(argv, options ? options : &none, in[0], out[1], -1);
    close(in[0]);
    close(out[1]);
    *input = in[1];
    *output = out[0];
    return child;
}

/* False at the end of the stream. */
static bool take_output(struct stream *stream)
{
    char chunk[16384];
    ssize_t size = read(stream->fd, chunk, sizeof(chunk));
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (size <= 0)
        return false;
    stream->data = realloc(stream->data, stream->length + (size_t)size + 1);
    assert_non_null(stream->data);
    memcpy(stream->data + stream->length, chunk, (size_t)size);
    stream->length += (size_t)size;
    return true;
}

/* Writes what the pipe takes; closes it at the end or when nobody reads. */
static void give_input(int *fd, const char **input, size_t *left)
{
    ssize_t size = *left ? write(*fd, *input, *left) : 0;
    if (size > 0) {
        *input += size;
        *left -= (size_t)size;
    }
    if (*left == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        close(*fd);
        *fd = -1;
    }
}

/* Moves octets until both streams ended; false past the deadline. */
static bool exchange(int in, struct stream streams[2], const struct process_options *options, double deadline)
{
    const char *input = options->input;
    size_t left = options->input_length ? options->input_length : input ? strlen(input) : 0;
    bool within = true;
    fcntl(in, F_SETFL, O_NONBLOCK);
    while (within && (streams[0].fd >= 0 || streams[1].fd >= 0)) {
        struct pollfd fds[3] = {{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}, {in, POLLOUT, 0}};
        int wait = (int)(deadline - now_ms());
        within = wait > 0 && poll(fds, 3, wait) != 0;
        for (size_t i = 0; i < 2; i++) {
            if (fds[i].revents && !take_output(&streams[i])) {
                close(streams[i].fd);
                streams[i].fd = -1;
            }
        }
        if (fds[2].revents)
            give_input(&in, &input, &left);
    }
    if (in >= 0)
        close(in);
    return within;
}

/* Its status once it ended; false past the deadline. A program may live on after closing its output. */
static bool wait_for(pid_t child, double deadline, int *status)
{
    while (waitpid(child, status, WNOHANG) == 0) {
        if (now_ms() > deadline)
            return false;
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
    }
    return true;
}

static char *finish(struct stream *stream, size_t *length)
{
    if (stream->fd >= 0)
        close(stream->fd);
    char *text = stream->data ? stream->data : malloc(1);
    assert_non_null(text);
    text[stream->length] = '\0';
    *length = stream->length;
    return text;
}

struct process_result child_run(const char *const *argv, const struct process_options *options)
{
    const struct process_options none = {0};
    struct process_result result = {.status = -1};
    int in[2], out[2], err[2], status = 0;
    if (!options)
        options = &none;
    signal(SIGPIPE, SIG_IGN);
    make_pipe(in);
    make_pipe(out);
    make_pipe(err);
    const double begun = now_ms();
    const double deadline = begun + (options->timeout_ms ? options->timeout_ms : PROCESS_TIMEOUT_MS);
    pid_t child = spawn(argv, options, in[0], out[1], err[1]);
    close(in[0]);
    close(out[1]);
    close(err[1]);

    struct stream streams[2] = {{out[0], NULL, 0}, {err[0], NULL, 0}};
    if (!exchange(in[1], streams, options, deadline) || !wait_for(child, deadline, &status)) {
        result.timed_out = true;
        kill(-child, SIGKILL);
        waitpid(child, &status, 0);
    }
    result.wall_ms = now_ms() - begun;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result.output = finish(&streams[0], &result.output_length);
    result.errors = finish(&streams[1], &result.errors_length);
    return result;
}

void child_release(struct process_result *result)
{
    free(result->output);
    free(result->errors);
    *result = (struct process_result){0};
}

const char *process_path(const char *variable)
{
    const char *path = getenv(variable);
    if (!path || !*path)
        fail_msg("%s is not set: run the tests through ctest", variable);
    return path;
}
