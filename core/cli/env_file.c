/* SPDX-License-Identifier: Apache-2.0 */
/* Files of variables. */
#include "env_file.h"

#include "input.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct env_file {
    struct tool *tool;
    const char *path;
    unsigned line;
    char **names; /* of the lines so far; they point into the content */
    size_t count;
};

static enum mstr_code refuse(const struct env_file *file, const char *what)
{
    return mstr_error_set(file->tool->error, MSTR_E_CONFIG, "%s:%u: %s", file->path, file->line, what);
}

static enum mstr_code note_name(struct env_file *file, char *name)
{
    for (size_t i = 0; i < file->count; i++) {
        if (strcmp(file->names[i], name) == 0) {
            return mstr_error_set(file->tool->error, MSTR_E_CONFIG, "%s:%u: %.100s is set twice in this file",
                                  file->path, file->line, name);
        }
    }
    char **names = realloc(file->names, (file->count + 1) * sizeof *names);
    if (names == NULL) {
        return mstr_error_set(file->tool->error, MSTR_E_MEMORY, "out of memory");
    }
    file->names = names;
    names[file->count++] = name;
    return MSTR_OK;
}

/* Undoes the quotes of a value in place; what is wrong with it, or NULL. */
static const char *unquote(char *value)
{
    const char quote = *value;
    char *to = value;
    const char *at = value + 1;
    for (; *at != '\0' && *at != quote; at++) {
        if (quote == '"' && *at == '\\') {
            at++;
            if (*at != 'n' && *at != '"' && *at != '\\') {
                return "in double quotes, \\ stands before n, \" or \\ alone";
            }
            *to++ = *at == 'n' ? '\n' : *at;
        } else {
            *to++ = *at;
        }
    }
    if (*at == '\0') {
        return "the quote at the value's beginning is not closed in this line";
    }
    at++;
    *to = '\0';
    return at[strspn(at, " \t")] == '\0' ? NULL : "more follows the quote at the value's end";
}

/* The line without its end, blanks before it passed over. */
static enum mstr_code read_line(struct env_file *file, char *line, env_file_fn each, void *data)
{
    static const char word[] = "export";
    const size_t length = sizeof word - 1;
    if (strncmp(line, word, length) == 0 && strspn(line + length, " \t") > 0) {
        line += length + strspn(line + length, " \t");
    }
    int name = assignment_name(line);
    if (name == 0) {
        return refuse(file, "a line is NAME=VALUE, or begins with #");
    }
    line[name] = '\0';
    char *value = line + name + 1;
    const bool literal = *value == '\'';
    const char *problem = literal || *value == '"' ? unquote(value) : NULL;
    enum mstr_code code = problem != NULL ? refuse(file, problem) : note_name(file, line);
    return code == MSTR_OK ? each(line, value, literal, data) : code;
}

/* Cuts the content into lines in place. */
static enum mstr_code read_lines(struct env_file *file, char *at, const char *end, env_file_fn each, void *data)
{
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        char *next = stop != NULL ? stop + 1 : at + (end - at);
        stop = stop != NULL ? stop : next;
        file->line++;
        if (memchr(at, '\0', (size_t)(stop - at)) != NULL) {
            return refuse(file, "there is a NUL in it, which no variable can hold");
        }
        stop -= stop > at && stop[-1] == '\r';
        *stop = '\0';
        at += strspn(at, " \t");
        code = *at != '\0' && *at != '#' ? read_line(file, at, each, data) : MSTR_OK;
        at = next;
    }
    return code;
}

enum mstr_code env_file_read(struct tool *tool, const char *path, env_file_fn each, void *data)
{
    static const char mark[] = "\xEF\xBB\xBF";
    struct env_file file = {.tool = tool, .path = path};
    size_t length = 0;
    int descriptor = input_open(path);
    if (descriptor < 0) {
        return mstr_error_set(tool->error, MSTR_E_CONFIG, "%s: %s", path, strerror(errno));
    }
    char *content = input_read_all(tool, descriptor, path, &length);
    enum mstr_code code = mstr_error_code(tool->error);
    close(descriptor);
    if (content != NULL) {
        size_t skipped = length >= 3 && memcmp(content, mark, 3) == 0 ? 3 : 0;
        code = read_lines(&file, content + skipped, content + length, each, data);
        mstr_wipe(content, length);
        free(content);
    }
    free(file.names);
    return code;
}
