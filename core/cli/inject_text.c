/* SPDX-License-Identifier: Apache-2.0 */
/* A template of `inject`. */
#define _GNU_SOURCE /* asprintf(), memmem() */
#include "inject_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of the template as it is, or a place for a value. */
struct inject_piece {
    const char *at;
    size_t length;
    char *key; /* what is asked for; NULL = as it is */
    unsigned line;
};

static enum mstr_code no_memory(struct tool *tool)
{
    return mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
}

static bool add_piece(struct inject_text *text, struct inject_piece piece)
{
    struct inject_piece *pieces = realloc(text->pieces, (text->count + 1) * sizeof *pieces);
    if (pieces == NULL) {
        free(piece.key);
        return false;
    }
    text->pieces = pieces;
    pieces[text->count++] = piece;
    return true;
}

static unsigned count_lines(const char *at, const char *end)
{
    unsigned lines = 0;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines++;
        at++;
    }
    return lines;
}

/* A reference, or several with "||" between them. NULL without memory. */
static char *key_of(const struct placeholder *found)
{
    char *key = NULL;
    bool several = memmem(found->reference, found->length, "||", 2) != NULL;
    int made = asprintf(&key, several ? "${%.*s}" : "%.*s", (int)found->length, found->reference);
    return made >= 0 ? key : NULL;
}

/* The line stands before the reason, as a file and a place in it do everywhere. */
static enum mstr_code tell_place(struct tool *tool, const struct inject_text *text, unsigned line,
                                 enum mstr_code code, const char *reason)
{
    return mstr_error_set(tool->error, code, "%s:%u: %s", text->name, line, reason);
}

static enum mstr_code check(struct tool *tool, const struct inject_text *text, const char *key, unsigned line)
{
    mstr_error *error = mstr_error_new();
    enum mstr_code code =
        text->rules->allow != NULL ? mstr_context_allows(tool->context, text->rules->allow, key, error) : MSTR_OK;
    if (code != MSTR_OK) {
        char reason[512];
        const char *reference = mstr_error_reference(error);
        snprintf(reason, sizeof reason, "%.200s%s%.300s", reference != NULL ? reference : "",
                 reference != NULL ? ": " : "", mstr_error_message(error));
        tell_place(tool, text, line, code, reason);
    }
    mstr_error_free(error);
    return code;
}

/* A place for a value. */
static enum mstr_code add_place(struct tool *tool, struct inject_text *text, const struct placeholder *found,
                                unsigned line)
{
    struct inject_piece piece = {.key = key_of(found), .line = line};
    char *key = piece.key;
    if (key == NULL || !add_piece(text, piece)) {
        return no_memory(tool);
    }
    return check(tool, text, key, line);
}

/* What stands between the last place and this one, and this one. */
static enum mstr_code add_found(struct tool *tool, struct inject_text *text, const char *from,
                                const struct placeholder *found, unsigned line)
{
    if (!found->known && text->rules->strict && !found->quoted) {
        return tell_place(tool, text, line, MSTR_E_CONFIG, "names no provider that there is");
    }
    const char *until = found->known ? found->start : found->end;
    if (!add_piece(text, (struct inject_piece){.at = from, .length = (size_t)(until - from)})) {
        return no_memory(tool);
    }
    if (!found->known) {
        return MSTR_OK;
    }
    if (found->quoted) {
        struct inject_piece piece = {.at = found->start + 1, .length = (size_t)(found->end - found->start) - 1};
        return add_piece(text, piece) ? MSTR_OK : no_memory(tool);
    }
    return add_place(tool, text, found, line);
}

enum mstr_code inject_text_read(struct tool *tool, struct inject_text *text, const char *octets, size_t length,
                                struct asked *asked)
{
    const struct marks *marks = text->rules->own_marks ? &text->rules->marks : &placeholder_marks;
    const char *end = octets + length;
    struct placeholder found;
    unsigned line = 1;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && placeholder_next(tool->context, marks, octets, end, &found)) {
        line += count_lines(octets, found.start);
        code = add_found(tool, text, octets, &found, line);
        line += count_lines(found.start, found.end);
        octets = found.end;
    }
    struct inject_piece rest = {.at = octets, .length = (size_t)(end - octets)};
    if (code == MSTR_OK && !add_piece(text, rest)) {
        code = no_memory(tool);
    }
    for (size_t i = 0; code == MSTR_OK && i < text->count; i++) {
        bool good = text->pieces[i].key == NULL || asked_add(asked, NULL, text->pieces[i].key);
        code = good ? MSTR_OK : no_memory(tool);
    }
    return code;
}

enum mstr_code inject_text_write(struct tool *tool, const struct inject_text *text, const struct asked *asked,
                                 struct octets *out)
{
    const mstr_setting *next = asked->settings;
    for (size_t i = 0; i < text->count; i++) {
        const struct inject_piece *piece = &text->pieces[i];
        if (piece->key == NULL) {
            octets_append(out, piece->at, piece->length);
            continue;
        }
        const mstr_secret *value = next++->value;
        const char *problem =
            escape_value(text->rules->escape, mstr_secret_octets(value), mstr_secret_length(value), out);
        if (problem != NULL) {
            char reason[512];
            snprintf(reason, sizeof reason, "%.200s: the value holds %s", piece->key, problem);
            return tell_place(tool, text, piece->line, MSTR_E_UNEXPECTED, reason);
        }
    }
    return out->failed ? no_memory(tool) : MSTR_OK;
}

void inject_text_release(struct inject_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        free(text->pieces[i].key);
    }
    free(text->pieces);
    text->pieces = NULL;
    text->count = 0;
}
