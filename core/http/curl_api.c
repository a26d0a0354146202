/* SPDX-License-Identifier: Apache-2.0 */
/* Opens libcurl on first use, or starts the one that is linked in. */
#include "http/curl_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct curl_api api;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool opened;
static char problem[256]; /* why it never will be */
static atomic_uint generation;

#define LIBRARY "libcurl.so.4" /* the ABI that curl has kept since 2006 */

#ifdef MSTR_CURL_LINKED

#include <openssl/ssl.h>

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

static bool open_library(void)
{
    return true;
}

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

#else

/* No list of needed libraries names what is opened at run time; those who make packages read it here (UAPI.12, ELF
 * notes of dlopen). */
/* clang-format off */
#define DLOPEN_NOTE "[{\"soname\":[\"" LIBRARY "\"],\"feature\":\"http\",\"description\":\"All requests\",\"priority\":\"required\"}]"
/* clang-format on */
static const struct {
    uint32_t owner_size;
    uint32_t text_size;
    uint32_t type;
    char owner[sizeof("FDO")];
    char text[sizeof(DLOPEN_NOTE)];
} note __attribute__((used, section(".note.dlopen"), aligned(4))) = {
    sizeof("FDO"), sizeof(DLOPEN_NOTE), 0x407c0c0a, "FDO", DLOPEN_NOTE,
};

static void *library;

/* Lazy binding: of libcurl's and its libraries' thousands of symbols few are ever called. Never closed again. */
static bool open_library(void)
{
    errno = 0;
    library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        bool memory = errno != ENOMEM;
        const char *why = dlerror();
        if (memory) {
            snprintf(problem, sizeof(problem), "%s", why != NULL ? why : LIBRARY " cannot be loaded");
        }
    }
    return library != NULL;
}

bool curl_api_find(const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

#endif

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define ROW(name) {"curl_" #name, offsetof(struct curl_api, name)},
    CURL_API_FUNCTIONS(ROW)
#undef ROW
};

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
    if (memory != NULL && length != 0 && length <= had && length >= had / 2) {
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

static bool load_functions(void)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (!curl_api_find(functions[i].name, (char *)&api + functions[i].offset)) {
            snprintf(problem, sizeof(problem), "%s has no %s", LIBRARY, functions[i].name);
            return false;
        }
    }
    return true;
}

static bool start(void)
{
    if (!open_library() || !load_functions()) {
        return false;
    }
    CURLcode result = api.global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, wipe_and_realloc, copy, zeroed);
    if (result != CURLE_OK && errno != ENOMEM) {
        snprintf(problem, sizeof(problem), "libcurl: %s", api.easy_strerror(result));
    }
    return result == CURLE_OK && pthread_atfork(NULL, NULL, count_fork) == 0;
}

enum mstr_code curl_api_failure(void)
{
    pthread_mutex_lock(&opening);
    enum mstr_code code = problem[0] != '\0' ? MSTR_E_UNEXPECTED : MSTR_E_MEMORY;
    pthread_mutex_unlock(&opening);
    return code;
}

/* What failed once is tried again by the next: a lack of files or memory passes. */
const struct curl_api *curl_api_get(mstr_error *error)
{
    bool good = true;
    if (atomic_load_explicit(&opened, memory_order_acquire)) {
        return &api;
    }
    pthread_mutex_lock(&opening);
    if (!atomic_load_explicit(&opened, memory_order_relaxed)) {
        problem[0] = '\0';
        good = start();
        atomic_store_explicit(&opened, good, memory_order_release);
    }
    if (!good && problem[0] == '\0') {
        error_set(error, MSTR_E_MEMORY, "out of memory for libcurl");
    } else if (!good) {
        error_set(error, MSTR_E_UNEXPECTED, "no HTTP client: %s", problem);
        error_set_hint(error, "%s",
                       strstr(problem, strerror(EMFILE)) != NULL ? CURL_API_HINT_OPEN_FILES
                                                                 : "install libcurl 7.74 or later");
    }
    pthread_mutex_unlock(&opening);
    return good ? &api : NULL;
}

unsigned curl_api_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}
