/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent in a process of its own, for tests that count the memory or the descriptors of theirs. It ends with them.
 */
#ifndef MSTR_TESTS_SUPPORT_AGENT_PROCESS_H
#define MSTR_TESTS_SUPPORT_AGENT_PROCESS_H

#include "support/agent_peer.h"

#include <sys/wait.h>

struct agent_process {
    struct local_peer peer; /* as that process has it; its path is for all */
    pid_t pid;
    int ending;
};

/* As local_peer_start(). */
static inline void agent_process_start(struct agent_process *agent,
                                       void (*serve)(struct local_peer *peer, int fd, unsigned connection),
                                       const void *script)
{
    int ready[2];
    int ending[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(ending), 0);
    agent->pid = fork();
    if (agent->pid == 0) {
        char end = 0;
        close(ending[1]);
        local_peer_start(&agent->peer, serve, script);
        assert_int_equal(write(ready[1], &agent->peer, sizeof(agent->peer)), sizeof(agent->peer));
        while (read(ending[0], &end, 1) < 0) {
        }
        local_peer_stop(&agent->peer);
        _exit(0);
    }
    close(ready[1]);
    close(ending[0]);
    assert_int_equal(read(ready[0], &agent->peer, sizeof(agent->peer)), sizeof(agent->peer));
    close(ready[0]);
    agent->ending = ending[1];
}

/* No connection of this process may be open. */
static inline void agent_process_stop(const struct agent_process *agent)
{
    close(agent->ending);
    waitpid(agent->pid, NULL, 0);
}

#endif
