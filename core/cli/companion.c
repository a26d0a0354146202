/* SPDX-License-Identifier: Apache-2.0 */
/* A program that the tool stays beside. */
#define _GNU_SOURCE /* pipe2(), posix_openpt() */
#include "companion.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

enum { HELD_MOST = 1000, STUCK_MOST = 1000, PIECE = 16384, PIECES_LEFT = (1 << 20) / PIECE /* no pipe holds more */ };

/* The size of the terminal that the stream goes to. */
static void copy_size(const struct companion_stream *stream)
{
    struct winsize size;
    if (stream->terminal && stream->from >= 0 && ioctl(stream->to, TIOCGWINSZ, &size) == 0) {
        ioctl(stream->from, TIOCSWINSZ, &size);
    }
}

/* A terminal of the same settings; what is made of a newline is left to the one behind it. */
static int open_terminal(struct companion_stream *stream, int *end)
{
    char name[64];
    struct termios settings;
    stream->from = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (stream->from < 0 || grantpt(stream->from) != 0 || unlockpt(stream->from) != 0 ||
        ptsname_r(stream->from, name, sizeof name) != 0) {
        return errno;
    }
    *end = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*end < 0 || tcgetattr(stream->to, &settings) != 0) {
        return errno;
    }
    settings.c_oflag &= ~(tcflag_t)OPOST;
    settings.c_lflag &= ~(tcflag_t)ECHO;
    copy_size(stream);
    return tcsetattr(*end, TCSANOW, &settings) == 0 ? 0 : errno;
}

/* *end is the child's. */
static int open_stream(struct companion_stream *stream, int *end)
{
    int ends[2];
    stream->terminal = isatty(stream->to) != 0;
    if (stream->terminal) {
        return open_terminal(stream, end);
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return errno;
    }
    stream->from = ends[0];
    *end = ends[1];
    return 0;
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

/* Whether our group is the one that the terminal of our session is for. */
static bool is_in_front(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool front = terminal >= 0 && tcgetpgrp(terminal) == getpgrp();
    close_one(&terminal);
    return front;
}

/* In the child. What it calls may be called between fork() and a program, whatever other threads did. */
static _Noreturn void become(const struct companion *child, char *const *words, char *const *environment,
                             const int *ends, int report, const struct signals *signals)
{
    if (!child->shares) {
        setpgid(0, 0);
    }
    bool masked = true;
    for (int i = 0; i < 2; i++) {
        masked = masked && (ends[i] < 0 || dup2(ends[i], child->streams[i].to) >= 0);
    }
    signals_restore(signals);
    environ = (char **)environment;
    if (masked) { /* what it writes passes through here */
        execvp(words[0], words);
    }
    int reason = errno;
    ssize_t written = write(report, &reason, sizeof reason);
    _exit(written == (ssize_t)sizeof reason ? 0 : 1);
}

static int await_program(struct companion *child, int report)
{
    int reason = 0;
    ssize_t got = -1;
    do {
        got = read(report, &reason, sizeof reason);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return 0;
    }
    waitpid(child->pid, NULL, 0);
    return reason;
}

static int start(struct companion *child, char *const *words, char *const *environment, const int *ends,
                 const struct signals *signals, bool ignores_pipe)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        return errno;
    }
    signal(SIGPIPE, ignores_pipe ? SIG_IGN : SIG_DFL); /* as the child inherits it */
    child->pid = fork();
    if (child->pid == 0) {
        become(child, words, environment, ends, report[1], signals);
    }
    int failure = child->pid < 0 ? errno : 0;
    signal(SIGPIPE, SIG_IGN);
    close(report[1]);
    if (failure == 0) {
        if (!child->shares) {
            setpgid(child->pid, child->pid); /* whoever comes first */
        }
        failure = await_program(child, report[0]);
    }
    close(report[0]);
    return failure;
}

static void release(struct companion *child)
{
    for (int i = 0; i < 2; i++) {
        close_one(&child->streams[i].from);
        mask_stream_release(&child->streams[i].masked);
        octets_release(&child->streams[i].out);
    }
}

int companion_start(struct companion *child, char *const *words, char *const *environment, const struct mask *mask,
                    const struct signals *signals, bool ignores_pipe)
{
    int ends[2] = {-1, -1};
    int failure = 0;
    *child = (struct companion){.shares = is_in_front()};
    for (int i = 0; i < 2; i++) {
        child->streams[i] = (struct companion_stream){.to = i + STDOUT_FILENO, .from = -1, .masked = {.mask = mask}};
        failure = failure == 0 && mask != NULL ? open_stream(&child->streams[i], &ends[i]) : failure;
    }
    failure = failure == 0 ? start(child, words, environment, ends, signals, ignores_pipe) : failure;
    close_one(&ends[0]);
    close_one(&ends[1]);
    if (failure != 0) {
        release(child);
    }
    return failure;
}

void companion_kill(const struct companion *child, int number, bool group)
{
    if (!child->ended) {
        kill(group && !child->shares ? -child->pid : child->pid, number);
    }
}

static void reap(struct companion *child)
{
    int status = 0;
    while (!child->ended && waitpid(child->pid, &status, WNOHANG | WUNTRACED) == child->pid) {
        if (WIFSTOPPED(status)) {
            /* We stop with it, so that the shell has the terminal; whoever continues one continues both. */
            if (child->shares) {
                kill(getpid(), SIGSTOP);
            }
            continue;
        }
        child->ended = true;
        child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

void companion_signal(struct companion *child, int number, bool group)
{
    if (number == SIGCHLD) {
        reap(child);
    } else if (number == SIGWINCH) { /* of which it heard when its own terminal still had the size of before */
        copy_size(&child->streams[0]);
        copy_size(&child->streams[1]);
        companion_kill(child, number, true);
    } else if (!child->shares || (!group && number != SIGTSTP)) {
        companion_kill(child, number, group);
    }
}

void companion_sources(const struct companion *child, struct pollfd *sources, int64_t *until)
{
    for (int i = 0; i < 2; i++) {
        const struct companion_stream *stream = &child->streams[i];
        bool full = stream->out.length > 0;
        sources[i] = (struct pollfd){.fd = full ? stream->to : stream->from, .events = full ? POLLOUT : POLLIN};
        if (mask_stream_holds(&stream->masked) && stream->held_until < *until) {
            *until = stream->held_until;
        }
    }
}

/* Nothing more is passed on. That is the child's to hear of, too: its next write fails. */
static void give_up(struct companion_stream *stream, int failure)
{
    stream->failure = stream->failure != 0 ? stream->failure : failure;
    close_one(&stream->from);
    octets_release(&stream->out);
}

/* To a reader that is ready, who takes so much without a wait (pipe(7)). */
static void write_some(struct companion_stream *stream)
{
    size_t length = stream->out.length < PIPE_BUF ? stream->out.length : PIPE_BUF;
    ssize_t done = write(stream->to, stream->out.data, length);
    if (done >= 0) {
        octets_drop(&stream->out, (size_t)done);
    } else if (errno != EINTR && errno != EAGAIN) {
        give_up(stream, errno);
    }
}

static void let_go(struct companion_stream *stream)
{
    if (!mask_stream_let_go(&stream->masked, &stream->out)) {
        give_up(stream, ENOMEM);
    }
}

/* False at its end. */
static bool read_some(struct companion_stream *stream)
{
    char piece[PIECE];
    ssize_t got = -1;
    do {
        got = read(stream->from, piece, sizeof piece);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return false;
    }
    bool held = mask_stream_holds(&stream->masked);
    if (!mask_stream_put(&stream->masked, piece, (size_t)got, &stream->out)) {
        give_up(stream, ENOMEM);
    }
    mstr_wipe(piece, (size_t)got);
    if (!held || stream->out.length > 0) {
        stream->held_until = deadline_clock() + HELD_MOST;
    }
    return stream->from >= 0;
}

void companion_pass_on(struct companion *child, const struct pollfd *sources)
{
    for (int i = 0; i < 2; i++) {
        struct companion_stream *stream = &child->streams[i];
        if (sources[i].revents != 0 && stream->out.length > 0) {
            write_some(stream);
        } else if (sources[i].revents != 0 && stream->from >= 0 && !read_some(stream)) {
            let_go(stream);
            close_one(&stream->from);
        }
        if (mask_stream_holds(&stream->masked) && deadline_clock() >= stream->held_until) {
            let_go(stream);
        }
    }
}

/* Whether one of the signals that came asks for an end. */
static bool is_to_end(struct signals *signals)
{
    bool group = false;
    bool end = false;
    for (int number; (number = signals_next(signals, &group)) != 0;) {
        end |= signals_is_end(number);
    }
    return end;
}

/* Until the reader has all of it. */
static void write_rest(struct companion_stream *stream, struct signals *signals, bool *ending)
{
    while (stream->out.length > 0) {
        struct pollfd sources[] = {{.fd = stream->to, .events = POLLOUT},
                                   {.fd = signals->descriptor, .events = POLLIN}};
        int ready = poll(sources, 2, *ending ? STUCK_MOST : -1);
        *ending |= is_to_end(signals);
        if (sources[0].revents != 0) {
            write_some(stream);
        } else if (ready == 0) {
            give_up(stream, ECANCELED);
        }
    }
}

void companion_finish(struct companion *child, struct signals *signals, bool ending)
{
    for (int i = 0; i < 2; i++) {
        struct companion_stream *stream = &child->streams[i];
        write_rest(stream, signals, &ending);
        /* What it left running may hold the other end open, and write on: nobody waits for that. */
        int pieces = stream->from >= 0 && fcntl(stream->from, F_SETFL, O_NONBLOCK) == 0 ? PIECES_LEFT : 0;
        while (pieces-- > 0 && read_some(stream)) {
            write_rest(stream, signals, &ending);
        }
        let_go(stream);
        write_rest(stream, signals, &ending);
    }
    release(child);
}
