/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as something to wait for. */
#include "signals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct {
    const char *name;
    int number;
} named[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"TERM", SIGTERM}, {"USR1", SIGUSR1},
    {"USR2", SIGUSR2}, {"CONT", SIGCONT}, {"WINCH", SIGWINCH}, {"TSTP", SIGTSTP},
};

bool signals_open(struct signals *signals)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        sigaddset(&set, named[i].number);
    }
    pthread_sigmask(SIG_BLOCK, &set, &signals->before);
    signals->descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return signals->descriptor >= 0;
}

int signals_next(struct signals *signals, bool *group)
{
    struct signalfd_siginfo info;
    if (read(signals->descriptor, &info, sizeof info) != (ssize_t)sizeof info) {
        return 0;
    }
    *group = info.ssi_code == SI_KERNEL;
    return (int)info.ssi_signo;
}

bool signals_is_end(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

void signals_restore(const struct signals *signals)
{
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
}

void signals_close(struct signals *signals)
{
    if (signals->descriptor >= 0) {
        close(signals->descriptor);
    }
    signals_restore(signals);
}

int signals_number(const char *name)
{
    name += strncmp(name, "SIG", 3) == 0 ? 3 : 0;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(name, named[i].name) == 0) {
            return named[i].number;
        }
    }
    char *end = NULL;
    long number = strtol(name, &end, 10);
    return *name >= '0' && *name <= '9' && *end == '\0' && number < NSIG ? (int)number : 0;
}
