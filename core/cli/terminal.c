/* SPDX-License-Identifier: Apache-2.0 */
/* Asking whoever sits at the terminal. */
#include "terminal.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Until there is something to read. */
static enum mstr_code await(int terminal, int cancelled, int64_t deadline)
{
    enum { LONGEST = 3600000 };
    struct pollfd sources[] = {{.fd = cancelled, .events = POLLIN}, {.fd = terminal, .events = POLLIN}};
    for (;;) {
        int64_t left = deadline - deadline_clock();
        if (left <= 0) {
            return MSTR_E_TIMEOUT;
        }
        int ready = poll(sources, 2, (int)(left < LONGEST ? left : LONGEST));
        if (ready < 0 && errno != EINTR) {
            return MSTR_E_UNEXPECTED;
        }
        if (ready > 0) {
            return sources[0].revents != 0 ? MSTR_E_CANCELLED : MSTR_OK;
        }
    }
}

/* The terminal hands over whole lines, so one that fits comes with one read. */
static enum mstr_code read_line(int terminal, const mstr_question *question, char *answer, size_t size)
{
    int64_t deadline = deadline_clock() + question->timeout;
    ssize_t length = -1;
    do {
        enum mstr_code code = await(terminal, question->cancelled, deadline);
        if (code != MSTR_OK) {
            return code;
        }
        length = read(terminal, answer, size);
    } while (length < 0 && errno == EINTR);
    if (length <= 0) {
        return length == 0 ? MSTR_E_CANCELLED : MSTR_E_UNEXPECTED; /* the end of input declines */
    }
    if (answer[length - 1] != '\n') {
        return MSTR_E_USAGE;
    }
    answer[length - 1] = '\0';
    return MSTR_OK;
}

static bool put(int terminal, const char *text)
{
    size_t length = strlen(text);
    return write(terminal, text, length) == (ssize_t)length;
}

/* Both changes drop what was typed before the question and what did not fit into the answer. */
static bool set_echo(int terminal, struct termios *before, bool echo)
{
    struct termios quiet;
    if (echo) {
        return tcsetattr(terminal, TCSAFLUSH, before) == 0;
    }
    if (tcgetattr(terminal, before) != 0) {
        return false;
    }
    quiet = *before;
    quiet.c_lflag = (quiet.c_lflag & ~(tcflag_t)ECHO) | ICANON | ISIG;
    return tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
}

enum mstr_code terminal_ask(const mstr_question *question, char *answer, size_t size, void *data)
{
    struct termios before;
    (void)data;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) {
        return MSTR_E_NOT_AVAILABLE;
    }
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    if (set_echo(terminal, &before, false)) {
        bool shown = put(terminal, question->text) && put(terminal, ": ");
        code = shown ? read_line(terminal, question, answer, size) : MSTR_E_UNEXPECTED;
        set_echo(terminal, &before, true);
        put(terminal, "\n");
    }
    close(terminal);
    return code;
}
