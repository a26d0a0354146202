/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/memory.c */
#include "agent/memory.h"

#include "support/unit.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void nobody_dumps_the_process_and_what_can_be_locked_is(void **state)
{
    (void)state;
    struct rlimit limit;
    bool locked = memory_protect();
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    if (locked && limit.rlim_cur != RLIM_INFINITY) { /* by a capability */
        size_t beyond = (size_t)limit.rlim_cur * 2;
        void *map = mmap(NULL, beyond, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert_ptr_not_equal(map, MAP_FAILED);
        munmap(map, beyond);
    }
    munlockall();
    prctl(PR_SET_DUMPABLE, 1); /* leak checkers need it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_dumps_the_process_and_what_can_be_locked_is),
    };
    return RUN_TESTS("agent/memory");
}
