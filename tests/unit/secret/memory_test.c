/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/memory.c */
#include "secret/memory.h"
#include "support/memory_search.h"
#include "support/unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* On both sides of every size of block, and of the limit past which a block is mapped by itself. */
static const size_t lengths[] = {0, 1, 15, 47, 48, 49, 112, 113, 1000, 4080, 8176, 8177, 70000, 1 << 20};

static void memory_is_zeroed_aligned_and_usable(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            unsigned char *memory = secure_alloc(lengths[i]);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 16, 0);
            for (size_t at = 0; at < lengths[i]; at++) {
                assert_int_equal(memory[at], 0);
            }
            memset(memory, 0xa5, lengths[i]);
            secure_free(memory);
        }
    }
    secure_free(NULL);
}

static void blocks_do_not_overlap(void **state)
{
    (void)state;
    unsigned char *blocks[500];
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = secure_alloc(lengths[i % 8] + 1);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)(i & 0xff), lengths[i % 8] + 1);
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        for (size_t at = 0; at <= lengths[i % 8]; at++) {
            assert_int_equal(blocks[i][at], i & 0xff);
        }
        secure_free(blocks[i]);
    }
}

static void impossible_lengths_are_refused(void **state)
{
    (void)state;
    assert_null(secure_alloc(SIZE_MAX));
    assert_null(secure_alloc(SIZE_MAX / 8 * 7));
}

/* Sanitizers put an mlock() that does nothing in place of the real one. */
static bool mlock_is_real(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool real = page != MAP_FAILED && mlock(page, 4096) == 0 && memory_has_flag(page, "lo");
    munmap(page, 4096);
    return real;
}

static void pages_stay_out_of_core_dumps(void **state)
{
    (void)state;
    void *small = secure_alloc(10);
    void *large = secure_alloc(100000);
    assert_true(memory_has_flag(small, "dd"));
    assert_true(memory_has_flag(large, "dd"));
    if (secure_locked() && mlock_is_real()) {
        assert_true(memory_has_flag(small, "lo"));
        assert_true(memory_has_flag(large, "lo"));
    }
    secure_free(small);
    secure_free(large);
}

static void freed_blocks_hold_nothing(void **state)
{
    (void)state;
    static const char mask = 0x55;
    static const size_t sizes[] = {64, 5000, 50000};
    char masked[24];
    for (size_t i = 0; i < sizeof(masked); i++) {
        masked[i] = (char)((0x30 + i * 7 % 61) ^ 0x13);
    }
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        char *memory = secure_alloc(sizes[s]);
        for (size_t i = 0; i < sizeof(masked); i++) {
            memory[sizes[s] - sizeof(masked) + i] = (char)(masked[i] ^ mask);
        }
        assert_true(memory_search_masked(masked, sizeof(masked), mask) >= 1);
        secure_free(memory);
        assert_int_equal(memory_search_masked(masked, sizeof(masked), mask), 0);
    }
}

/* In a child, which must die of it. A large block ends less than a page before its guard. */
static void running_past_a_large_block_hits_a_guard(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* CMocka's handler would go on with the next test, in the child */
        volatile char *memory = secure_alloc(100000);
        memory[100000 + 4096] = 1;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void *churn(void *data)
{
    unsigned char mark = *(unsigned char *)data;
    for (size_t round = 0; round < 2000; round++) {
        size_t length = lengths[round % 9] + 1;
        unsigned char *memory = secure_alloc(length);
        if (memory == NULL || memory[0] != 0 || memory[length - 1] != 0) {
            return data;
        }
        memset(memory, mark, length);
        if (memory[0] != mark || memory[length - 1] != mark) {
            return data;
        }
        secure_free(memory);
    }
    return NULL;
}

static void threads_share_the_arenas(void **state)
{
    (void)state;
    pthread_t threads[6];
    unsigned char marks[6] = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &marks[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_usable),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(impossible_lengths_are_refused),
        cmocka_unit_test(pages_stay_out_of_core_dumps),
        cmocka_unit_test(freed_blocks_hold_nothing),
        cmocka_unit_test(running_past_a_large_block_hits_a_guard),
        cmocka_unit_test(threads_share_the_arenas),
    };
    return RUN_TESTS("secret/memory");
}
