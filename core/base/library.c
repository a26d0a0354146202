/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is opened at run time. */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool open_once(struct library *library)
{
    if (library->handle != NULL || library->soname == NULL) {
        return true;
    }
    errno = 0;
    library->handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
    if (library->handle == NULL) {
        bool memory = errno != ENOMEM;
        const char *why = dlerror();
        if (memory) {
            snprintf(library->problem, sizeof(library->problem), "%s", why != NULL ? why : "it cannot be loaded");
        }
    }
    return library->handle != NULL;
}

/* The caller holds the mutex. */
static enum mstr_code failure(const struct library *library)
{
    return library->problem[0] != '\0' ? MSTR_E_UNEXPECTED : MSTR_E_MEMORY;
}

enum mstr_code library_get(struct library *library, char problem[LIBRARY_PROBLEM])
{
    if (atomic_load_explicit(&library->ready, memory_order_acquire)) {
        return MSTR_OK;
    }
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&library->mutex);
    if (!atomic_load_explicit(&library->ready, memory_order_relaxed)) {
        library->problem[0] = '\0';
        bool good = open_once(library) && library->start(library);
        code = good ? MSTR_OK : failure(library);
        memcpy(problem, library->problem, LIBRARY_PROBLEM);
        atomic_store_explicit(&library->ready, good, memory_order_release);
    }
    pthread_mutex_unlock(&library->mutex);
    return code;
}

enum mstr_code library_failure(struct library *library)
{
    pthread_mutex_lock(&library->mutex);
    enum mstr_code code = failure(library);
    pthread_mutex_unlock(&library->mutex);
    return code;
}

bool library_find(const struct library *library, const char *name, void *function)
{
    void *symbol = dlsym(library->handle, name);
    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

bool library_fill(struct library *library, const struct library_function *functions, size_t count, void *table)
{
    for (size_t i = 0; i < count; i++) {
        if (!library_find(library, functions[i].name, (char *)table + functions[i].offset)) {
            snprintf(library->problem, sizeof(library->problem), "%s has no %s", library->soname, functions[i].name);
            return false;
        }
    }
    return true;
}
