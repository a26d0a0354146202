/* SPDX-License-Identifier: Apache-2.0 */
/* Reading standard input and files within the limits of a run. */
#include "input.h"

#include "deadline.h"

#include <mstr/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BODY_MAX = 64 * 1024 * 1024 };

int input_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Until there is something to read, or its end. */
static enum mstr_code await(struct tool *tool, int descriptor, const char *name)
{
    /* Where there is always something an interrupt counts, too. */
    int failure = deadline_interrupted(tool) ? ECANCELED : deadline_await(tool, descriptor, POLLIN);
    if (failure == ECANCELED) {
        return mstr_error_set(tool->error, MSTR_E_CANCELLED, "%s: interrupted", name);
    }
    return failure == 0 ? MSTR_OK : mstr_error_set(tool->error, MSTR_E_TIMEOUT, "%s: was not read in time", name);
}

ssize_t input_read(struct tool *tool, int descriptor, const char *name, void *into, size_t capacity)
{
    for (;;) {
        if (await(tool, descriptor, name) != MSTR_OK) {
            return -1;
        }
        ssize_t got = read(descriptor, into, capacity);
        if (got >= 0) {
            return got;
        }
        if (errno != EINTR && errno != EAGAIN) {
            mstr_error_set(tool->error, MSTR_E_UNEXPECTED, "%s: %s", name, strerror(errno));
            return -1;
        }
    }
}

/* Twice as much memory, what is left behind wiped: it may hold a token. */
static bool enlarge(char **content, size_t *capacity)
{
    char *larger = malloc(*capacity * 2);
    if (larger != NULL) {
        memcpy(larger, *content, *capacity);
        mstr_wipe(*content, *capacity);
        free(*content);
        *content = larger;
        *capacity *= 2;
    }
    return larger != NULL;
}

char *input_read_all(struct tool *tool, int descriptor, const char *name, size_t *length)
{
    size_t capacity = 65536;
    char *content = malloc(capacity);
    ssize_t got = -1;
    bool memory = content != NULL;
    *length = 0;
    while (memory && (got = input_read(tool, descriptor, name, content + *length, capacity - *length)) > 0) {
        *length += (size_t)got;
        if (*length == BODY_MAX) {
            mstr_error_set(tool->error, MSTR_E_UNEXPECTED, "%s: more than 64 MiB", name);
            break;
        }
        memory = *length < capacity || enlarge(&content, &capacity);
    }
    if (!memory) {
        mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
    }
    if (content != NULL && (got != 0 || !memory)) {
        mstr_wipe(content, *length);
        free(content);
        content = NULL;
    }
    return content;
}

char *input_read_text(struct tool *tool, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    size_t length = 0;
    int descriptor = standard ? STDIN_FILENO : input_open(path);
    if (descriptor < 0) {
        mstr_error_set(tool->error, MSTR_E_USAGE, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = input_read_all(tool, descriptor, name, &length);
    if (!standard) {
        close(descriptor);
    }
    if (text == NULL) {
        return NULL;
    }
    text[length] = '\0'; /* reading ended with room for more */
    if (strlen(text) != length) {
        mstr_error_set(tool->error, MSTR_E_USAGE, "%s is no text", name);
        free(text);
        return NULL;
    }
    return text;
}
