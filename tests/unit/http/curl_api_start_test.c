/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/curl_api.c: a libcurl that does not start, and the memory that it is given once it does */
#include "support/allocator.h"
#include "support/unit.h"

#include "base/library.h"
#include "http/curl_api.h"
#include "support/memory_search.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* What stands in for libcurl's start, and for the system's list of who wants to know of forks. */
static struct {
    const char *problem; /* of finding its functions; NULL = they are there */
    CURLcode result;
    int failure; /* what it sets errno to; 0 = it does not */
    int forks;   /* what pthread_atfork() answers */
} curl;
/* What libcurl was given for its memory, the last time. */
static struct {
    curl_malloc_callback allocate;
    curl_free_callback release;
    curl_realloc_callback resize;
    curl_strdup_callback copy;
    curl_calloc_callback zeroed;
} memory;
static mstr_error *error;

static CURLcode start(long flags, curl_malloc_callback allocate, curl_free_callback release,
                      curl_realloc_callback resize, curl_strdup_callback copy, curl_calloc_callback zeroed)
{
    assert_int_equal(flags, CURL_GLOBAL_DEFAULT);
    memory.allocate = allocate;
    memory.release = release;
    memory.resize = resize;
    memory.copy = copy;
    memory.zeroed = zeroed;
    errno = curl.failure != 0 ? curl.failure : errno;
    return curl.result;
}

bool __real_library_fill(struct library *library, const struct library_function *functions, size_t count,
                         void *table);
bool __wrap_library_fill(struct library *library, const struct library_function *functions, size_t count,
                         void *table);

bool __wrap_library_fill(struct library *library, const struct library_function *functions, size_t count, void *table)
{
    if (curl.problem != NULL) {
        snprintf(library->problem, sizeof(library->problem), "%s", curl.problem);
        return false;
    }
    bool filled = __real_library_fill(library, functions, count, table);
    ((struct curl_api *)table)->global_init_mem = start;
    return filled;
}

int pthread_atfork(void (*before)(void), void (*parent)(void), void (*child)(void))
{
    assert_null(before);
    assert_null(parent);
    assert_non_null(child);
    return curl.forks;
}

static int begin(void **state)
{
    (void)state;
    memset(&curl, 0, sizeof(curl));
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    return 0;
}

static void assert_told(enum mstr_code code, const char *message, const char *hint)
{
    assert_null(curl_api_get(error));
    assert_int_equal(curl_api_failure(), code);
    assert_int_equal(mstr_error_code(error), code);
    assert_string_equal(mstr_error_message(error), message);
    if (hint != NULL) {
        assert_string_equal(mstr_error_hint(error), hint);
    } else {
        assert_null(mstr_error_hint(error));
    }
}

static void a_libcurl_that_is_too_old_is_told_by_what_it_lacks(void **state)
{
    (void)state;
    curl.problem = "libcurl.so.4 has no curl_multi_poll";
    assert_told(MSTR_E_UNEXPECTED, "no HTTP client: libcurl.so.4 has no curl_multi_poll",
                "install libcurl 7.74 or later");
}

static void a_lack_of_files_is_told_apart(void **state)
{
    (void)state;
    char problem[128];
    snprintf(problem, sizeof(problem), "libssl.so.3: cannot open shared object file: %s", strerror(EMFILE));
    curl.problem = problem;
    assert_null(curl_api_get(error));
    assert_string_equal(mstr_error_hint(error), CURL_API_HINT_OPEN_FILES);
}

static void a_libcurl_that_does_not_start_tells_why(void **state)
{
    (void)state;
    curl.result = CURLE_FAILED_INIT;
    errno = ENOMEM; /* of something else, before */
    assert_told(MSTR_E_UNEXPECTED, "no HTTP client: libcurl: Failed initialization", "install libcurl 7.74 or later");
}

static void a_lack_of_memory_is_no_fault_of_libcurl(void **state)
{
    (void)state;
    curl.result = CURLE_FAILED_INIT;
    curl.failure = ENOMEM;
    assert_told(MSTR_E_MEMORY, "out of memory for libcurl", NULL);
}

/* A child that does not know it is one would write to its parent's connections. */
static void without_word_of_forks_there_is_no_client(void **state)
{
    (void)state;
    curl.forks = ENOMEM;
    assert_told(MSTR_E_MEMORY, "out of memory for libcurl", NULL);
}

static void what_failed_is_tried_again(void **state)
{
    (void)state;
    assert_non_null(curl_api_get(error));
    assert_int_equal(mstr_error_code(error), MSTR_OK);
    curl.result = CURLE_FAILED_INIT; /* but not what went well */
    assert_non_null(curl_api_get(error));
}

enum { MASK = 0x55, LENGTH = 64, LOST = 16 /* octets at the begin of a block that free() itself writes over */ };

/* A block that begins with a text that is nowhere else in memory, and the same masked, for the search. */
static char *secret_block(size_t size, char masked[LENGTH])
{
    char *block = memory.allocate(size);
    assert_non_null(block);
    memset(block, 'x', size);
    for (int i = 0; i < LENGTH; i++) {
        masked[i] = (char)(('a' + rand() % 26) ^ MASK);
        block[i] = (char)(masked[i] ^ MASK);
    }
    return block;
}

static bool holds(const char *block, const char masked[LENGTH])
{
    for (int i = 0; i < LENGTH; i++) {
        if ((char)(block[i] ^ MASK) != masked[i]) {
            return false;
        }
    }
    return true;
}

static void a_block_that_is_moved_takes_its_octets_along_and_leaves_none(void **state)
{
    (void)state;
    static const struct {
        int percent; /* of what it had */
        int more;
        bool moved;
    } cases[] = {{100, 1, true}, {10000, 0, true}, {100, 0, false}, {50, 0, false}, {50, -1, true}, {10, 0, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char masked[LENGTH];
        char *block = secret_block(1000, masked);
        uintptr_t before = (uintptr_t)block;
        size_t length = malloc_usable_size(block) * (size_t)cases[i].percent / 100 + (size_t)cases[i].more;

        block = memory.resize(block, length);

        assert_int_equal((uintptr_t)block != before, cases[i].moved);
        assert_true(holds(block, masked));
        assert_int_equal(memory_search_masked(masked + LOST, LENGTH - LOST, MASK), 1);
        assert_true(malloc_usable_size(block) >= length);
        memory.release(block);
        assert_int_equal(memory_search_masked(masked + LOST, LENGTH - LOST, MASK), 0);
    }
}

static void a_block_of_nothing_is_one(void **state)
{
    (void)state;
    char masked[LENGTH];
    void *block = memory.resize(secret_block(1000, masked), 0);
    assert_non_null(block);
    assert_int_equal(memory_search_masked(masked + LOST, LENGTH - LOST, MASK), 0);
    memory.release(block);
    block = memory.resize(NULL, 0);
    assert_non_null(block);
    memory.release(block);
    memory.release(NULL);
}

static void a_block_that_cannot_be_moved_stays(void **state)
{
    (void)state;
    char masked[LENGTH];
    char *block = secret_block(1000, masked);
    allocator_fail(1, true);
    void *moved = memory.resize(block, 100000);
    assert_true(allocator_succeed());
    assert_null(moved);
    assert_true(holds(block, masked));
    memory.release(block);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_libcurl_that_is_too_old_is_told_by_what_it_lacks),
        EACH(a_lack_of_files_is_told_apart),
        EACH(a_libcurl_that_does_not_start_tells_why),
        EACH(a_lack_of_memory_is_no_fault_of_libcurl),
        EACH(without_word_of_forks_there_is_no_client),
        EACH(what_failed_is_tried_again),
        EACH(a_block_that_is_moved_takes_its_octets_along_and_leaves_none),
        EACH(a_block_of_nothing_is_one),
        EACH(a_block_that_cannot_be_moved_stays),
    };
    return RUN_TESTS("http/curl_api_start");
}
