/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public test vectors, found through MSTR_TEST_VECTORS. Where the folder is absent, the test says so and passes.
 */
#ifndef MSTR_TESTS_SUPPORT_VECTORS_H
#define MSTR_TESTS_SUPPORT_VECTORS_H

#include "support/unit.h"

#include "base/buffer.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>

/* Where a file or folder of the folder is, there or not. */
static inline void vector_path(const char *name, char path[4096])
{
    const char *folder = getenv("MSTR_TEST_VECTORS");
    snprintf(path, 4096, "%s/%s", folder != NULL ? folder : "../shared/vectors", name);
}

/* The octets of a file of the folder; false when there is none. */
static inline bool vector_read(const char *name, struct buffer *out)
{
    char path[4096];
    char piece[4096];
    vector_path(name, path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    for (size_t got = 0; (got = fread(piece, 1, sizeof(piece), file)) > 0;) {
        assert_true(buffer_append(out, piece, got));
    }
    fclose(file);
    return true;
}

/* A JSON file of the folder, for json_release(); NULL, with a line that says so, when it is absent. */
static inline struct json_object *vector_json(const char *name)
{
    struct buffer text = BUFFER_INIT;
    struct json_object *value = NULL;
    if (vector_read(name, &text)) {
        value = json_parse(buffer_text(&text), text.length);
        assert_non_null(value);
    } else {
        print_message("test vectors %s are absent: MSTR_TEST_VECTORS names their folder\n", name);
    }
    buffer_release(&text);
    return value;
}

#endif
