/* SPDX-License-Identifier: Apache-2.0 */
/* Text with references in it. */
#include "reference/template.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES_MAX = 256, ALTERNATIVES_MAX = 8 };

static enum mstr_code add_piece(struct template *template, struct template_piece **piece, mstr_error *error)
{
    if (template->count == PIECES_MAX) {
        return error_set(error, MSTR_E_CONFIG, "more than %d references in one value", PIECES_MAX / 2);
    }
    struct template_piece *pieces = realloc(template->pieces, (template->count + 1) * sizeof(*pieces));
    if (pieces == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    template->pieces = pieces;
    pieces[template->count] = (struct template_piece){NULL, NULL, 0};
    *piece = &pieces[template->count++];
    return MSTR_OK;
}

typedef enum mstr_code (*parse_fn)(const char *text, struct reference **out, mstr_error *error);

static enum mstr_code add_alternative(struct template_piece *piece, const char *text, parse_fn parse,
                                      mstr_error *error)
{
    if (piece->alternative_count == ALTERNATIVES_MAX) {
        return error_set(error, MSTR_E_CONFIG, "more than %d alternatives in one ${…}", ALTERNATIVES_MAX);
    }
    if (piece->alternatives == NULL) {
        piece->alternatives = calloc(ALTERNATIVES_MAX, sizeof(struct reference *));
        if (piece->alternatives == NULL) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    enum mstr_code code = parse(text, &piece->alternatives[piece->alternative_count], error);
    piece->alternative_count += code == MSTR_OK;
    return code;
}

/* What stands between "${" and "}". */
static enum mstr_code add_references(struct template *template, const char *text, size_t length, mstr_error *error)
{
    struct template_piece *piece = NULL;
    enum mstr_code code = add_piece(template, &piece, error);
    if (code != MSTR_OK) {
        return code;
    }
    char *copy = text_copy_length(text, length);
    if (copy == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (char *at = copy; at != NULL && code == MSTR_OK;) {
        char *bar = strstr(at, "||");
        if (bar != NULL) {
            *bar = '\0';
        }
        code = add_alternative(piece, text_trim(at), reference_parse_unquoted, error);
        at = bar != NULL ? bar + 2 : NULL;
    }
    text_wipe_free(copy);
    return code;
}

static enum mstr_code add_literal(struct template *template, struct buffer *literal, mstr_error *error)
{
    struct template_piece *piece = NULL;
    if (literal->length == 0 && !literal->failed) {
        return MSTR_OK;
    }
    enum mstr_code code = add_piece(template, &piece, error);
    if (code == MSTR_OK && (literal->failed || (piece->literal = text_copy(buffer_text(literal))) == NULL)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_clear(literal);
    return code;
}

static enum mstr_code parse_into(struct template *template, const char *text, mstr_error *error)
{
    struct buffer literal = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    while (*text != '\0' && code == MSTR_OK) {
        if (text_starts_with(text, "$${")) {
            buffer_puts(&literal, "${");
            text += 3;
        } else if (text_starts_with(text, "${")) {
            const char *end = strchr(text, '}');
            if (end == NULL) {
                code = error_set(error, MSTR_E_CONFIG, "\"${\" without its \"}\"; write $${ for a literal ${");
                break;
            }
            code = add_literal(template, &literal, error);
            if (code == MSTR_OK) {
                code = add_references(template, text + 2, (size_t)(end - text - 2), error);
            }
            text = end + 1;
        } else {
            buffer_putc(&literal, *text++);
        }
    }
    if (code == MSTR_OK) {
        code = add_literal(template, &literal, error);
    }
    buffer_release(&literal);
    return code;
}

/* Frees what it holds. */
static void release(struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        struct template_piece *piece = &template->pieces[i];
        for (size_t j = 0; j < piece->alternative_count; j++) {
            reference_free(piece->alternatives[j]);
        }
        free(piece->alternatives);
        text_wipe_free(piece->literal);
    }
    free(template->pieces);
}

enum mstr_code template_parse(const char *text, struct template **out, mstr_error *error)
{
    *out = NULL;
    struct template *template = calloc(1, sizeof(*template));
    if (template == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = parse_into(template, text, error);
    if (code != MSTR_OK) {
        template_free(template);
        return code;
    }
    *out = template;
    return MSTR_OK;
}

enum mstr_code template_check_reference(const char *text, size_t length)
{
    struct template template = {NULL, 0};
    enum mstr_code code = add_references(&template, text, length, NULL);
    release(&template);
    return code;
}

enum mstr_code template_of_reference(const char *reference, struct template **out, mstr_error *error)
{
    *out = NULL;
    struct template *template = calloc(1, sizeof(*template));
    if (template == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct template_piece *piece = NULL;
    enum mstr_code code = add_piece(template, &piece, error);
    code = code == MSTR_OK ? add_alternative(piece, reference, reference_parse, error) : code;
    if (code != MSTR_OK) {
        template_free(template);
        return code;
    }
    *out = template;
    return MSTR_OK;
}

enum mstr_code template_of_value(const char *text, struct template **out, mstr_error *error)
{
    return (strstr(text, "${") != NULL ? template_parse : template_of_reference)(text, out, error);
}

/* The first alternative decides, as a text is always found. */
static const char *known_piece(const struct template_piece *piece)
{
    const struct reference *first = piece->literal == NULL ? piece->alternatives[0] : NULL;
    return first == NULL ? piece->literal : strcmp(first->parts.scheme, "text") == 0 ? first->parts.body : NULL;
}

bool template_known(const struct template *template, struct buffer *text)
{
    for (size_t i = 0; i < template->count; i++) {
        if (known_piece(&template->pieces[i]) == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < template->count; i++) {
        buffer_puts(text, known_piece(&template->pieces[i]));
    }
    return true;
}

void template_free(struct template *template)
{
    if (template != NULL) {
        release(template);
        free(template);
    }
}
