/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator that fails when it is told to. */
#include "support/allocator.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Who allocates in truth: the C library, or the sanitizer's runtime. */
#ifdef ALLOCATOR_OF_SANITIZER
#define REAL(name) __interceptor_##name
enum { KEEPS_ACCOUNT = 0 };
#else
#define REAL(name) __libc_##name
enum { KEEPS_ACCOUNT = 1 };
#endif
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *block, size_t size);
void *REAL(memalign)(size_t alignment, size_t size);
void REAL(free)(void *block);

static atomic_long until = -1; /* allocations until one fails; below 0 = none does */
static atomic_bool failed;
static atomic_long held;
static bool rest; /* once one has failed, all do */
static int report = -1;
static _Thread_local bool armed; /* this thread is the one that asked for a failure */

void allocator_fail(long at, bool for_good)
{
    rest = for_good;
    armed = true;
    atomic_store(&failed, false);
    atomic_store(&until, at);
}

bool allocator_succeed(void)
{
    atomic_store(&until, -1);
    return atomic_load(&failed);
}

long allocator_held(void)
{
    return KEEPS_ACCOUNT ? atomic_load(&held) : 0;
}

static bool tell(void)
{
    if (!atomic_exchange(&failed, true) && report >= 0) {
        (void)!write(report, "f", 1);
    }
    errno = ENOMEM;
    return true;
}

/* Counts down to 1 where all that follow fail, and past it where one alone does. */
static bool fails(void)
{
    long left = atomic_load(&until);
    while (left > 0 && (KEEPS_ACCOUNT || armed)) { /* a sanitizer's runtime cannot begin a thread without memory */
        long next = left > 1 ? left - 1 : rest ? 1 : -1;
        if (atomic_compare_exchange_weak(&until, &left, next)) {
            return left == 1 && tell();
        }
    }
    return false;
}

static void *counted(void *block)
{
    atomic_fetch_add(&held, block != NULL);
    return block;
}

__attribute__((constructor)) static void read_environment(void)
{
    const char *at = getenv("MSTR_ALLOCATOR_FAIL");
    const char *descriptor = getenv("MSTR_ALLOCATOR_REPORT");
    if (at != NULL && descriptor != NULL) {
        char *end = NULL;
        long number = strtol(at, &end, 10);
        report = atoi(descriptor);
        allocator_fail(number, *end == '+');
    }
}

#pragma GCC visibility push(default) /* for the libraries too */
void *malloc(size_t size)
{
    return fails() ? NULL : counted(REAL(malloc)(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(REAL(calloc)(count, size));
}

void *realloc(void *block, size_t size)
{
    if (fails()) {
        return NULL;
    }
    return block == NULL ? counted(REAL(realloc)(block, size)) : REAL(realloc)(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = fails() ? NULL : counted(REAL(memalign)(alignment, size));
    return *block != NULL ? 0 : ENOMEM;
}

void free(void *block)
{
    atomic_fetch_sub(&held, block != NULL);
    REAL(free)(block);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    if (fails()) {
        return MAP_FAILED;
    }
    void *memory = (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
    atomic_fetch_add(&held, memory != MAP_FAILED);
    return memory;
}

int munmap(void *address, size_t length)
{
    atomic_fetch_sub(&held, 1);
    return (int)syscall(SYS_munmap, address, length);
}
#pragma GCC visibility pop
