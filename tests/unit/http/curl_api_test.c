/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/curl_api.c */
#include "support/unit.h"

#include "http/curl_api.h"
#include "support/memory_search.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *get(void *data)
{
    const struct curl_api **api = data;
    *api = curl_api_get(NULL);
    return NULL;
}

/* The first test: nobody has asked before. */
static void libcurl_is_opened_once_by_the_first_who_asks(void **state)
{
    (void)state;
    pthread_t threads[4];
    const struct curl_api *found[COUNT_OF(threads)];
    assert_null(dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD));

    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get, &found[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }

    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
    assert_non_null(library);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_non_null(found[i]);
        assert_ptr_equal(found[i], found[0]);
    }
    dlclose(library);
}

static void every_function_is_libcurls_own(void **state)
{
    (void)state;
    const struct curl_api *api = curl_api_get(NULL);
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
    void *function = NULL;
    assert_non_null(library);
#define CHECK(name)                                                                                                  \
    memcpy(&function, &api->name, sizeof(function));                                                                 \
    assert_non_null(function);                                                                                       \
    assert_ptr_equal(function, dlsym(library, "curl_" #name));
    CURL_API_FUNCTIONS(CHECK)
#undef CHECK
    dlclose(library);
}

static void functions_beside_the_table_are_found_by_name(void **state)
{
    (void)state;
    void *function = NULL;
    assert_non_null(curl_api_get(NULL));
#define CHECK(name)                                                                                                  \
    assert_true(curl_api_find(#name, &function));                                                                    \
    assert_non_null(function);
    CURL_API_TLS_FUNCTIONS(CHECK)
#undef CHECK
    assert_false(curl_api_find("curl_easy_guess", &function));
}

enum { MASK = 0x55, LENGTH = 64, LOST = 16 /* octets at the begin of a block that free() itself writes over */ };

/* A text that is nowhere else in memory, and the same masked, for the search. */
static void make_canary(char text[LENGTH + 1], char masked[LENGTH])
{
    for (int i = 0; i < LENGTH; i++) {
        masked[i] = (char)(('a' + rand() % 26) ^ MASK);
        text[i] = (char)(masked[i] ^ MASK);
    }
    text[LENGTH] = '\0';
}

static void what_libcurl_frees_is_wiped(void **state)
{
    (void)state;
    char text[LENGTH + 1];
    char masked[LENGTH];
    const struct curl_api *api = curl_api_get(NULL);
    CURL *easy = api->easy_init();
    make_canary(text, masked);
    assert_int_equal(api->easy_setopt(easy, CURLOPT_PASSWORD, text), CURLE_OK);
    explicit_bzero(text, sizeof(text));
    assert_true(memory_search_masked(masked, LENGTH, MASK) > 0);

    api->easy_cleanup(easy);

    assert_int_equal(memory_search_masked(masked + LOST, LENGTH - LOST, MASK), 0);
}

/* An escaped text is written into a buffer that grows with it, octet by octet. */
static void what_libcurl_outgrows_is_wiped(void **state)
{
    (void)state;
    enum { COPIES = 4000 };
    char text[LENGTH + 1];
    char masked[LENGTH];
    __typeof__(curl_easy_escape) *escape = NULL;
    __typeof__(curl_free) *release = NULL;
    assert_true(curl_api_find("curl_easy_escape", &escape));
    assert_true(curl_api_find("curl_free", &release));
    char *whole = malloc(COPIES * LENGTH);
    make_canary(text, masked);
    for (int i = 0; i < COPIES; i++) {
        memcpy(whole + i * LENGTH, text, LENGTH);
    }

    char *escaped = escape(NULL, whole, COPIES * LENGTH);
    assert_int_equal(strlen(escaped), COPIES * LENGTH);
    assert_memory_equal(escaped, whole, COPIES * LENGTH); /* nothing was lost as it grew */
    explicit_bzero(text, sizeof(text));
    explicit_bzero(whole, COPIES * LENGTH);
    release(escaped);

    assert_int_equal(memory_search_masked(masked, LENGTH, MASK), 0);
    free(whole);
}

/* What a process that is so many forks further down knows. */
static unsigned generation_below(int depth)
{
    int status = 0;
    if (depth == 0) {
        return curl_api_generation();
    }
    pid_t child = fork();
    if (child == 0) {
        _exit((int)generation_below(depth - 1));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return (unsigned)WEXITSTATUS(status);
}

static void a_process_knows_how_many_forks_it_is_away(void **state)
{
    (void)state;
    assert_non_null(curl_api_get(NULL));
    for (int depth = 0; depth < 4; depth++) {
        assert_int_equal(generation_below(depth), depth);
        assert_int_equal(curl_api_generation(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libcurl_is_opened_once_by_the_first_who_asks),
        cmocka_unit_test(every_function_is_libcurls_own),
        cmocka_unit_test(functions_beside_the_table_are_found_by_name),
        cmocka_unit_test(what_libcurl_frees_is_wiped),
        cmocka_unit_test(what_libcurl_outgrows_is_wiped),
        cmocka_unit_test(a_process_knows_how_many_forks_it_is_away),
    };
    return RUN_TESTS("http/curl_api");
}
