/* SPDX-License-Identifier: Apache-2.0 */
/* Asking whoever sits at the terminal. */
#include "terminal.h"

#include "deadline.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* A signal that comes between the look at its flag and the wait is seen after so many ms. */
enum { SLICE = 50, LONGEST = 3600000 };

/* A question, and whether what is typed may be seen, and what ends the run. */
struct asking {
    const mstr_question *question;
    bool shown;
    const volatile sig_atomic_t *interrupted; /* NULL = the question's descriptor tells */
};

/* Until there is something to read. */
static enum mstr_code await(int terminal, const struct asking *asking, int64_t deadline)
{
    struct pollfd sources[] = {{.fd = asking->question->cancelled, .events = POLLIN},
                               {.fd = terminal, .events = POLLIN}};
    const int64_t longest = asking->interrupted != NULL ? SLICE : LONGEST;
    for (;;) {
        int64_t left = deadline - deadline_clock();
        if (asking->interrupted != NULL && *asking->interrupted != 0) {
            return MSTR_E_CANCELLED;
        }
        if (left <= 0) {
            return MSTR_E_TIMEOUT;
        }
        int ready = poll(sources, 2, (int)(left < longest ? left : longest));
        if (ready < 0 && errno != EINTR) {
            return MSTR_E_UNEXPECTED;
        }
        if (ready > 0) {
            return sources[0].revents != 0 ? MSTR_E_CANCELLED : MSTR_OK;
        }
    }
}

/* The terminal hands over whole lines, so one that fits comes with one read. */
static enum mstr_code read_line(int terminal, const struct asking *asking, char *answer, size_t size)
{
    int64_t deadline = deadline_clock() + asking->question->timeout;
    ssize_t length = -1;
    do {
        enum mstr_code code = await(terminal, asking, deadline);
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

/* Text that may come from elsewhere. */
static bool put_question(int terminal, const char *text)
{
    char shown[1024];
    size_t length = strlen(text);
    size_t used = 0;
    while (length > 0 && used + 4 < sizeof shown) {
        unsigned character = 0;
        size_t size = output_character(text, length, &character);
        bool plain = size > 0 && output_is_plain(character);
        size = size > 0 ? size : 1;
        memcpy(shown + used, plain ? text : "?", plain ? size : 1);
        used += plain ? size : 1;
        text += size;
        length -= size;
    }
    shown[used] = '\0';
    return put(terminal, shown) && put(terminal, ": ");
}

/* Both changes drop what was typed before the question and what did not fit into the answer. */
static bool set_echo(int terminal, struct termios *before, bool shown)
{
    struct termios changed;
    if (tcgetattr(terminal, before) != 0) {
        return false;
    }
    changed = *before;
    changed.c_lflag = (changed.c_lflag & ~(tcflag_t)ECHO) | (shown ? ECHO : 0) | ICANON | ISIG;
    return tcsetattr(terminal, TCSAFLUSH, &changed) == 0;
}

static enum mstr_code ask(const struct asking *asking, char *answer, size_t size)
{
    struct termios before;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) {
        return MSTR_E_NOT_AVAILABLE;
    }
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    if (set_echo(terminal, &before, asking->shown)) {
        code = put_question(terminal, asking->question->text) ? read_line(terminal, asking, answer, size)
                                                              : MSTR_E_UNEXPECTED;
        tcsetattr(terminal, TCSAFLUSH, &before);
        put(terminal, asking->shown && code == MSTR_OK ? "" : "\n");
    }
    close(terminal);
    return code;
}

enum mstr_code terminal_ask(const mstr_question *question, char *answer, size_t size, void *data)
{
    (void)data;
    return ask(&(struct asking){.question = question}, answer, size);
}

enum mstr_code terminal_ask_shown(const struct tool *tool, const char *text, char *answer, size_t size)
{
    enum { DAY = 86400000 };
    int64_t left = deadline_left(tool);
    const mstr_question question = {
        .size = sizeof question, .text = text, .timeout = left > 0 ? left : DAY, .cancelled = -1};
    return ask(&(struct asking){&question, true, tool->interrupted}, answer, size);
}

bool terminal_is_there(void)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal >= 0) {
        close(terminal);
    }
    return terminal >= 0;
}
