/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mstr-agent itself in the hands of a test program, which it ends with; CTest sets MSTR_AGENT_PROGRAM where it is
 * built.
 */
#ifndef MSTR_TESTS_SUPPORT_AGENT_PROGRAM_H
#define MSTR_TESTS_SUPPORT_AGENT_PROGRAM_H

#include "support/process.h"
#include "support/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct agent_program {
    pid_t pid;
    char folder[64];
    char config[80];
    char socket[80];
};

static inline bool agent_program_listens(const struct agent_program *agent)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", agent->socket);
    bool listens = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return listens;
}

/* With this configuration, until it listens. Its socket is not below /tmp. */
static inline void agent_program_start(struct agent_program *agent, const char *config)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    const char *base = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");
    int input = -1;
    int output = -1;
    snprintf(agent->folder, sizeof(agent->folder), "%.40s/mstr-test-XXXXXX", base != NULL ? base : "/var/tmp");
    assert_non_null(mkdtemp(agent->folder));
    snprintf(agent->config, sizeof(agent->config), "%s/config", agent->folder);
    snprintf(agent->socket, sizeof(agent->socket), "%s/agent.sock", agent->folder);
    int fd = open(agent->config, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    assert_int_equal(write(fd, config, strlen(config)), (ssize_t)strlen(config));
    close(fd);
    const char *const argv[] = {"setpriv",     "--pdeathsig", "KILL",        process_path("MSTR_AGENT_PROGRAM"),
                                "run",         "--config",    agent->config, "--socket",
                                agent->socket, NULL};
    agent->pid = process_start(argv, NULL, &input, &output);
    close(input);
    while (!agent_program_listens(agent)) {
        assert_int_equal(waitpid(agent->pid, NULL, WNOHANG), 0);
        nanosleep(&moment, NULL);
    }
    close(output);
}

/* At once, and what it left is removed. */
static inline void agent_program_kill(struct agent_program *agent)
{
    char lock[96];
    kill(agent->pid, SIGKILL);
    waitpid(agent->pid, NULL, 0);
    snprintf(lock, sizeof(lock), "%s/agent.lock", agent->folder);
    unlink(lock);
    unlink(agent->socket);
    unlink(agent->config);
    rmdir(agent->folder);
}

#endif
