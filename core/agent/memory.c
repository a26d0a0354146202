/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the agent's memory out of swap and core dumps. */
#include "memory.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Where this kernel has it, pages are locked as they come, so that the threads' stacks take no more than they use. */
static bool lock_all(void)
{
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

bool memory_protect(void)
{
    struct rlimit limit;
    const struct rlimit none = {0, 0};
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &none);
    /* Who may lift the limit needs none. */
    const struct rlimit endless = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &endless);
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY && lock_all();
}
