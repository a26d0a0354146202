/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/memory.c */
#include "secret/memory.h"
#include "support/memory_search.h"
#include "support/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEADER = 16, SMALLEST = 64, LARGEST = 8192, CHUNK = 65536, NOBODY = 65534 };

static size_t page; /* of the system */

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
static bool can_lock(void)
{
    void *pages = mmap(NULL, 4 * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool real = pages != MAP_FAILED && mlock(pages, 4 * CHUNK) == 0 && memory_has_flag(pages, "lo");
    munmap(pages, 4 * CHUNK);
    return real;
}

/* The first of all tests. */
static void pages_are_locked_and_stay_out_of_core_dumps(void **state)
{
    (void)state;
    bool lockable = can_lock();
    void *small = secure_alloc(10);
    void *large = secure_alloc(100000);
    assert_true(memory_has_flag(small, "dd"));
    assert_true(memory_has_flag(large, "dd"));
    if (lockable) {
        assert_true(secure_locked());
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

/* How a child ends that does so. */
static int status_of(int (*does)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* CMocka's handler would go on with the next test, in the child */
        _exit(does());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* A block of whole pages, which ends at its guard. */
static int run_past(void)
{
    volatile char *memory = secure_alloc(25 * page - HEADER);
    memory[25 * page - HEADER] = 1;
    return 0;
}

static int run_before(void)
{
    volatile char *memory = secure_alloc(25 * page - HEADER);
    memory[-HEADER - 1] = 1;
    return 0;
}

static void running_out_of_a_large_block_hits_a_guard(void **state)
{
    (void)state;
    int past = status_of(run_past);
    int before = status_of(run_before);
    assert_true(WIFSIGNALED(past) && WTERMSIG(past) == SIGSEGV);
    assert_true(WIFSIGNALED(before) && WTERMSIG(before) == SIGSEGV);
}

/* As somebody who may lock nothing. */
static int do_without_locks(void)
{
    const struct rlimit none = {0, 0};
    if ((geteuid() == 0 && setuid(NOBODY) != 0) || setrlimit(RLIMIT_MEMLOCK, &none) != 0) {
        return 1;
    }
    char *memory = secure_alloc(100000);
    if (memory == NULL) {
        return 2;
    }
    memory[99999] = 1;
    return secure_locked() ? 3 : 0;
}

static void memory_that_cannot_be_locked_serves_and_is_told(void **state)
{
    (void)state;
    if (!can_lock()) {
        print_message("nothing is locked here\n");
        skip();
    }
    assert_int_equal(status_of(do_without_locks), 0);
}

/* Pages of this process. */
static unsigned long mapped(void)
{
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    assert_true(read(file, text, sizeof(text) - 1) > 0);
    close(file);
    return strtoul(text, NULL, 10);
}

/* Sizes at which a page more or less would be counted with the header or without. */
static void a_large_block_is_given_back_with_its_guards(void **state)
{
    (void)state;
    unsigned long before = mapped();
    for (size_t length = 25 * page - 2 * HEADER; length <= 25 * page + HEADER; length++) {
        void *memory = secure_alloc(length);
        assert_int_equal(mapped(), before + (length + HEADER > 25 * page ? 26 : 25) + 2);
        secure_free(memory);
        assert_int_equal(mapped(), before);
    }
}

/* The system refuses to let pages be written where their process has too many already. */
static void what_could_not_be_had_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit kept;
    getrlimit(RLIMIT_DATA, &kept);
    const struct rlimit few = {page, kept.rlim_max};
    unsigned long before = mapped();
    setrlimit(RLIMIT_DATA, &few);
    void *memory = secure_alloc(100000);
    setrlimit(RLIMIT_DATA, &kept);
    assert_int_equal(mapped(), before + (memory != NULL ? 100000 / page + 3 : 0)); /* not all systems do */
    secure_free(memory);
}

/* What was freed last comes first where a block of its size is asked for. */
static void assert_same_size(size_t first, size_t second, bool same)
{
    void *memory = secure_alloc(first);
    secure_free(memory);
    void *again = secure_alloc(second);
    assert_int_equal(again == memory, same);
    secure_free(again);
}

static void small_blocks_come_in_powers_of_two(void **state)
{
    (void)state;
    for (size_t size = SMALLEST; size <= LARGEST; size *= 2) {
        assert_same_size(size - HEADER, size == SMALLEST ? 0 : size / 2 - HEADER + 1, true);
        if (size < LARGEST) {
            assert_same_size(size - HEADER, size - HEADER + 1, false);
        }
    }
}

/* By blocks of the largest size, of which the last are none that were freed before. */
static void a_chunk_is_used_up_to_its_end(void **state)
{
    (void)state;
    enum { BLOCKS = 64, IN_CHUNK = CHUNK / LARGEST };
    char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = secure_alloc(LARGEST - HEADER);
    }
    size_t begin = BLOCKS - 2 * IN_CHUNK + 1;
    while (blocks[begin] == blocks[begin - 1] + LARGEST) {
        begin++;
    }
    for (size_t i = 1; i < IN_CHUNK; i++) {
        assert_ptr_equal(blocks[begin + i], blocks[begin] + i * LARGEST);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        secure_free(blocks[i]);
    }
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
    page = (size_t)sysconf(_SC_PAGESIZE);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_locked_and_stay_out_of_core_dumps),
        cmocka_unit_test(memory_that_cannot_be_locked_serves_and_is_told),
        cmocka_unit_test(memory_is_zeroed_aligned_and_usable),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(impossible_lengths_are_refused),
        cmocka_unit_test(freed_blocks_hold_nothing),
        cmocka_unit_test(running_out_of_a_large_block_hits_a_guard),
        cmocka_unit_test(a_large_block_is_given_back_with_its_guards),
        cmocka_unit_test(what_could_not_be_had_leaves_nothing),
        cmocka_unit_test(small_blocks_come_in_powers_of_two),
        cmocka_unit_test(a_chunk_is_used_up_to_its_end),
        cmocka_unit_test(threads_share_the_arenas),
    };
    return RUN_TESTS("secret/memory");
}
