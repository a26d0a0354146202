/* SPDX-License-Identifier: Apache-2.0 */
/* A program that was started: its end, and what comes out of its pipes. */
#include "sdk/process_child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A pipe holds 1 MiB at most, as /proc/sys/fs/pipe-max-size has it for users. */
enum { PIECES_MOST = 1024 * 1024 / CHILD_PIECE + 1 };

/* So many programs left behind leave no zombie. */
enum { LEFT_MOST = 64 };

void child_close(int *fd)
{
    const int closed = *fd;
    *fd = -1;
    if (closed >= 0) {
        close(closed);
    }
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

bool child_drain(int fd, struct buffer *into, size_t tail)
{
    char piece[CHILD_PIECE];
    ssize_t length = 1;
    size_t most = 0;
    for (int i = 0; i < PIECES_MOST && fd >= 0 && !into->failed && length > 0; i++) {
        length = read(fd, piece, sizeof(piece));
        most = length > (ssize_t)most ? (size_t)length : most;
        if (length > 0 && tail > 0) {
            keep_tail(into, piece, (size_t)length, tail);
        } else if (length > 0) {
            buffer_append(into, piece, (size_t)length);
        }
    }
    const bool more = length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
    explicit_bzero(piece, most);
    return more;
}

/* Those left behind; their status is taken when others end. No number is in two hands, since it may be given anew. */
static pid_t left_behind[LEFT_MOST]; /* atomic */

static void leave_behind(pid_t pid)
{
    bool left = false;
    for (size_t i = 0; i < LEFT_MOST && !left; i++) {
        pid_t none = 0;
        left = __atomic_compare_exchange_n(&left_behind[i], &none, pid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    }
}

static void bury_left_behind(void)
{
    for (size_t i = 0; i < LEFT_MOST; i++) {
        pid_t pid = __atomic_exchange_n(&left_behind[i], 0, __ATOMIC_ACQ_REL);
        if (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0) {
            leave_behind(pid);
        }
    }
}

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
    child->pid = 0;
    /* ECHILD: this program ignores SIGCHLD or waits for all children, so nobody can tell how it ended. */
    result->signal = got > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result->exit_status = got > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return true;
}

bool child_reap(struct child *child, struct process_result *result)
{
    return child->pid == 0 || reap(child, result, WNOHANG);
}

void child_kill(struct child *child, struct process_result *result)
{
    kill(-child->pid, SIGKILL);
    if (kill(child->pid, SIGKILL) != 0 && errno == EPERM && !reap(child, result, WNOHANG)) {
        leave_behind(child->pid);
        child->pid = 0;
        *result = (struct process_result){-1, 0, true, result->output, result->errors};
    }
}

/* Of a secret and the label before it the label alone may be gone; so what is left of its line, or word, goes too. */
void child_begin_whole(struct buffer *tail, size_t limit)
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

void child_finish(struct child *child, struct process_result *result)
{
    bury_left_behind();
    if (child->pid > 0) {
        child_kill(child, result);
    }
    if (child->pid > 0) {
        reap(child, result, 0);
    }
    child_close(&child->ended);
    child_close(&child->input);
    child_close(&child->output);
    child_close(&child->errors);
}

void process_release(struct process_result *result)
{
    buffer_release(&result->output);
    buffer_release(&result->errors);
}
