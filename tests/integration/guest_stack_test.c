/* SPDX-License-Identifier: Apache-2.0 */
/* How much stack the library takes of the thread that calls it, which libmstr(3) tells. Sanitizers and valgrind are
 * left out, since frames are larger there than those that programs meet. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "support/guest.h"

#include <pthread.h>
#include <sys/mman.h>

enum { PROMISED = 256 * 1024, MARGIN = 64 * 1024, GUARD = 64 * 1024, FILLING = 0xa5 };

/* A stack of the promised size, whose untouched end still has its filling. Below it nothing may be written. */
static unsigned char *make_stack(void)
{
    unsigned char *pages =
        mmap(NULL, GUARD + PROMISED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages, GUARD, PROT_NONE), 0);
    return memset(pages + GUARD, FILLING, PROMISED);
}

static size_t measure(const unsigned char *stack)
{
    size_t untouched = 0;
    while (untouched < PROMISED && stack[untouched] == FILLING) {
        untouched++;
    }
    return PROMISED - untouched;
}

/* It is the first of this process, so that it also loads libcurl, OpenSSL's settings and the plugins. */
static void a_whole_work_fits_into_the_stack_that_is_promised(void **state)
{
    pthread_t thread;
    pthread_attr_t attributes;
    struct work work = {.meanwhile = NULL};
    unsigned char *stack = make_stack();
    (void)state;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstack(&attributes, stack, PROMISED), 0);

    assert_int_equal(pthread_create(&thread, &attributes, guest_work, &work), 0);
    pthread_join(thread, NULL);

    pthread_attr_destroy(&attributes);
    assert_worked(&work);
    print_message("           %zu KiB of stack\n", measure(stack) / 1024);
    assert_in_range(measure(stack), 1, PROMISED - MARGIN);
    munmap(stack - GUARD, GUARD + PROMISED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_work_fits_into_the_stack_that_is_promised),
    };
    return cmocka_run_group_tests_name("guest_stack", tests, guest_start, guest_stop);
}
