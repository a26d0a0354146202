/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the agent's memory out of swap and core dumps. */
#include "memory.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Where this kernel has it, pages are locked as they come, so that the threads' stacks take no more than they use. */
static bool lock_all(void)
{
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

/* Whether more than the limit would be granted, as to root of the first user namespace with CAP_IPC_LOCK: once what
 * comes later is locked too, the kernel refuses a map that is beyond it, and this one takes nothing. */
static bool is_endless(const struct rlimit *limit)
{
    size_t beyond = (size_t)limit->rlim_cur + 1;
    if (limit->rlim_cur == RLIM_INFINITY) {
        return true;
    }
    void *map = mmap(NULL, beyond, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return map != MAP_FAILED && munmap(map, beyond) == 0;
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
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || !lock_all()) {
        return false;
    }
    bool locked = is_endless(&limit);
    if (!locked) {
        munlockall();
    }
    return locked;
}
