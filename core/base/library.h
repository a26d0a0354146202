/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that is opened at run time, by the first who needs it, and stays: what a program never uses it should not
 * pay for. No list of needed libraries names it; those who make packages read a note (UAPI.12, ELF notes of dlopen).
 * Thread-safe.
 */
#ifndef MSTR_BASE_LIBRARY_H
#define MSTR_BASE_LIBRARY_H

#include <mstr/error.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define LIBRARY_NOTE(soname, feature, description, priority) "[{\"soname\":[\"" soname "\"],\"feature\":\"" feature \
    "\",\"description\":\"" description "\",\"priority\":\"" priority "\"}]"
/* clang-format on */
/* Puts the note into the object that is built. */
#define LIBRARY_PUT_NOTE(text)                                                                                       \
    static const struct {                                                                                            \
        uint32_t owner_size;                                                                                         \
        uint32_t text_size;                                                                                          \
        uint32_t type;                                                                                               \
        char owner[sizeof("FDO")];                                                                                   \
        char note[sizeof(text)];                                                                                     \
    } library_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {                                    \
        sizeof("FDO"), sizeof(text), 0x407c0c0a, "FDO", text,                                                        \
    }

/* A row of a table of functions: a member of a struct that is filled. */
struct library_function {
    const char *name;
    size_t offset;
};

enum { LIBRARY_PROBLEM = 256 };

struct library {
    const char *soname; /* NULL = its functions are linked in */
    bool (*start)(struct library *library);
    pthread_mutex_t mutex;
    atomic_bool ready;
    void *handle;                  /* NULL = not open */
    char problem[LIBRARY_PROBLEM]; /* why it cannot be used; "" where memory ran out */
};

#define LIBRARY_INIT(name, begin)                                                                                    \
    {                                                                                                                \
        .soname = (name), .start = (begin), .mutex = PTHREAD_MUTEX_INITIALIZER                                       \
    }

/* Opens it on the first call, with lazy binding, since of thousands of symbols few are ever called; then has start()
 * do what is to be done once. What failed is tried again by the next call, as a lack of files or memory passes.
 * MSTR_E_MEMORY, or MSTR_E_UNEXPECTED with the reason. */
enum mstr_code library_get(struct library *library, char problem[LIBRARY_PROBLEM]);
/* The class of such a failure, the last one. */
enum mstr_code library_failure(struct library *library);

/* For start(), and once it has been done. */

/* Sets the pointer at `function` to the function of this name; false where there is none. */
bool library_find(const struct library *library, const char *name, void *function);
/* Fills the struct at `table`; false with the problem. */
bool library_fill(struct library *library, const struct library_function *functions, size_t count, void *table);

#endif
