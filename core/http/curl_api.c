/* SPDX-License-Identifier: Apache-2.0 */
/* Opens libcurl on first use, or starts the one that is linked in. */
#include "http/curl_api.h"

#include "base/library.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct curl_api api;
static atomic_uint generation;

static bool start(struct library *library);

#ifdef MSTR_LINKED_IN

#include <openssl/ssl.h>

static struct library library = LIBRARY_INIT(NULL, start);

static const struct {
    const char *name;
    void (*address)(void);
} linked[] = {
#define CURL_ROW(name) {"curl_" #name, (void (*)(void))curl_##name},
#define TLS_ROW(name)  {#name, (void (*)(void))name},
    CURL_API_FUNCTIONS(CURL_ROW) CURL_API_TLS_FUNCTIONS(TLS_ROW)
#undef TLS_ROW
#undef CURL_ROW
};
enum { LINKED = sizeof(linked) / sizeof(linked[0]) };

bool curl_api_find(const char *name, void *function)
{
    size_t i = 0;
    while (i < LINKED && strcmp(linked[i].name, name) != 0) {
        i++;
    }
    if (i < LINKED) {
        memcpy(function, &linked[i].address, sizeof(linked[i].address));
    }
    return i < LINKED;
}

static bool load_functions(struct library *from)
{
    (void)from;
#define SET(name) api.name = curl_##name;
    CURL_API_FUNCTIONS(SET)
#undef SET
    return true;
}

#else

#define SONAME    "libcurl.so.4" /* the ABI that curl has kept since 2006 */
LIBRARY_PUT_NOTE(LIBRARY_NOTE(SONAME, "http", "All requests", "required"));
static struct library library = LIBRARY_INIT(SONAME, start);

bool curl_api_find(const char *name, void *function)
{
    return library_find(&library, name, function);
}

static bool load_functions(struct library *from)
{
    static const struct library_function functions[] = {
#define ROW(name) {"curl_" #name, offsetof(struct curl_api, name)},
        CURL_API_FUNCTIONS(ROW)
#undef ROW
    };
    return library_fill(from, functions, sizeof(functions) / sizeof(functions[0]), &api);
}

#endif

/* curl's memory passes through these, since its buffers hold passwords and tokens. */
static void wipe_and_free(void *memory)
{
    if (memory != NULL) {
        explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
    }
}

static void *wipe_and_realloc(void *memory, size_t length)
{
    size_t had = memory != NULL ? malloc_usable_size(memory) : 0;
    if (memory != NULL && length <= had && length >= had / 2) {
        return memory;
    }
    void *moved = malloc(length != 0 ? length : 1);
    if (moved != NULL && memory != NULL) {
        memcpy(moved, memory, had < length ? had : length);
        wipe_and_free(memory);
    }
    return moved;
}

static char *copy(const char *text)
{
    return strdup(text);
}

static void *zeroed(size_t count, size_t size)
{
    return calloc(count, size);
}

static void count_fork(void)
{
    atomic_fetch_add(&generation, 1);
}

static bool start(struct library *from)
{
    if (!load_functions(from)) {
        return false;
    }
    errno = 0;
    CURLcode result = api.global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, wipe_and_realloc, copy, zeroed);
    if (result != CURLE_OK && errno != ENOMEM) {
        snprintf(from->problem, sizeof(from->problem), "libcurl: %s", api.easy_strerror(result));
    }
    return result == CURLE_OK && pthread_atfork(NULL, NULL, count_fork) == 0;
}

enum mstr_code curl_api_failure(void)
{
    return library_failure(&library);
}

const struct curl_api *curl_api_get(mstr_error *error)
{
    char problem[LIBRARY_PROBLEM];
    enum mstr_code code = library_get(&library, problem);
    if (code == MSTR_E_MEMORY) {
        error_set(error, code, "out of memory for libcurl");
    } else if (code != MSTR_OK) {
        error_set(error, MSTR_E_UNEXPECTED, "no HTTP client: %s", problem);
        error_set_hint(error, "%s",
                       strstr(problem, strerror(EMFILE)) != NULL ? CURL_API_HINT_OPEN_FILES
                                                                 : "install libcurl 7.74 or later");
    }
    return code == MSTR_OK ? &api : NULL;
}

unsigned curl_api_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}
