/* SPDX-License-Identifier: Apache-2.0 */
/* The options of one provider instance. */
#include "plugin/options.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/text.h"
#include "base/uri.h"

#include <inttypes.h>
#include <mstr/context.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 128 };

struct options {
    struct {
        const char *name; /* the plugin's own text */
        char *value;
    } items[OPTIONS_MAX];
    size_t count;
};

struct cursor {
    const struct mstr_option *table;
    size_t stride;
    size_t index;
};

const struct mstr_option *options_at(const struct mstr_option *table, size_t stride, size_t index)
{
    if (table == NULL) {
        return NULL;
    }
    const struct mstr_option *option = (const void *)((const char *)table + index * stride);
    return option->name != NULL ? option : NULL;
}

static const char *next_name(void *data)
{
    struct cursor *cursor = data;
    const struct mstr_option *option = options_at(cursor->table, cursor->stride, cursor->index);
    cursor->index += option != NULL;
    return option != NULL ? option->name : NULL;
}

static enum mstr_code bad(const struct mstr_option *option, const char *expected, mstr_error *error)
{
    return error_set(error, MSTR_E_CONFIG, "option \"%s\" must be %s", option->name, expected);
}

static enum mstr_code check_path(const struct mstr_option *option, const char *text, struct buffer *value,
                                 mstr_error *error)
{
    const char *home = environment_get("HOME");
    if (text_starts_with(text, "~/") && !text_empty(home)) {
        buffer_puts(value, home);
        buffer_puts(value, text + 1);
    } else {
        buffer_puts(value, text);
    }
    return buffer_text(value)[0] == '/' ? MSTR_OK : bad(option, "an absolute path", error);
}

static enum mstr_code check_url(const struct mstr_option *option, const char *text, struct buffer *value,
                                mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(text, &uri) || uri.user != NULL) {
        return bad(option,
                   uri_is_international(text) ? URI_INTERNATIONAL
                                              : "an absolute http or https URL without user name and password",
                   error);
    }
    buffer_puts(value, text);
    return MSTR_OK;
}

/* Brings a value into the form that plugins are promised. */
static enum mstr_code convert(const struct mstr_option *option, const char *text, struct buffer *value,
                              mstr_error *error)
{
    int64_t number = 0;
    bool flag = false;
    switch (option->type) {
    case MSTR_OPTION_INTEGER:
        buffer_puts(value, text);
        return text_to_int64(text, &number) ? MSTR_OK : bad(option, "a whole number", error);
    case MSTR_OPTION_BOOLEAN:
        if (!config_boolean(text, &flag)) {
            return bad(option, "yes or no", error);
        }
        buffer_puts(value, flag ? "yes" : "no");
        return MSTR_OK;
    case MSTR_OPTION_DURATION:
        if (mstr_duration_parse(text, &number) != MSTR_OK) {
            return bad(option, "a duration such as 250ms, 30s, 5m or 1h", error);
        }
        buffer_printf(value, "%" PRId64, number);
        return MSTR_OK;
    case MSTR_OPTION_URL:
        return check_url(option, text, value, error);
    case MSTR_OPTION_PATH:
        return check_path(option, text, value, error);
    case MSTR_OPTION_STRING:
    case MSTR_OPTION_SECRET:
        buffer_puts(value, text);
        return MSTR_OK;
    }
    return error_set(error, MSTR_E_UNEXPECTED, "option \"%s\" has no known type", option->name);
}

static enum mstr_code add(struct options *options, const struct mstr_option *option, const char *text,
                          mstr_error *error)
{
    struct buffer value = BUFFER_INIT;
    enum mstr_code code = convert(option, text, &value, error);
    if (code == MSTR_OK) {
        char *copy = value.failed ? NULL : text_copy(buffer_text(&value));
        options->items[options->count].name = option->name;
        options->items[options->count].value = copy;
        options->count += copy != NULL;
        code = copy != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&value);
    return code;
}

static const char *given_value(const struct mstr_header *given, const char *name)
{
    for (; given != NULL && given->name != NULL; given++) {
        if (strcmp(given->name, name) == 0) {
            return given->value;
        }
    }
    return NULL;
}

/* NULL where the table has none of this name. */
static const struct mstr_option *find(const struct mstr_option *table, size_t stride, const char *name)
{
    const struct mstr_option *option = NULL;
    for (size_t i = 0; (option = options_at(table, stride, i)) != NULL && strcmp(option->name, name) != 0; i++) {
    }
    return option;
}

static enum mstr_code find_option(const struct mstr_option *table, size_t stride, const char *name,
                                  const struct mstr_option **found, mstr_error *error)
{
    struct cursor cursor = {table, stride, 0};
    *found = find(table, stride, name);
    if (*found != NULL) {
        return MSTR_OK;
    }
    const char *nearest = text_nearest(name, next_name, &cursor);
    error_set(error, MSTR_E_CONFIG, "unknown option \"%s\"", name);
    if (nearest != NULL) {
        error_set_hint(error, "did you mean \"%s\"?", nearest);
    }
    return MSTR_E_CONFIG;
}

enum mstr_code options_check_one(const struct mstr_option *table, size_t stride, const char *name, const char *value,
                                 mstr_error *error)
{
    const struct mstr_option *option = NULL;
    struct buffer converted = BUFFER_INIT;
    enum mstr_code code = find_option(table, stride, name, &option, error);
    if (code == MSTR_OK && value != NULL) {
        code = convert(option, value, &converted, error);
    }
    buffer_release(&converted);
    return code;
}

enum mstr_code options_check_absent(const struct mstr_option *option, mstr_error *error)
{
    if ((option->flags & MSTR_OPTION_REQUIRED) == 0 || option->default_value != NULL) {
        return MSTR_OK;
    }
    error_set(error, MSTR_E_CONFIG, "option \"%s\" is missing", option->name);
    error_set_hint(error, "%s", option->help);
    return MSTR_E_CONFIG;
}

enum mstr_code options_check_written(const struct mstr_option *table, size_t stride, const char *name,
                                     const struct config_value *value, mstr_error *error)
{
    const struct mstr_option *option = find(table, stride, name);
    struct buffer problem = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (option != NULL && option->type == MSTR_OPTION_SECRET && !config_check_secret(name, value, &problem)) {
        code = error_set(error, MSTR_E_CONFIG, "option %s", buffer_text(&problem));
    }
    buffer_release(&problem);
    return code;
}

enum mstr_code options_check_table(const struct mstr_option *table, size_t stride, mstr_error *error)
{
    const struct mstr_option *option = NULL;
    if (table != NULL && stride < sizeof(struct mstr_option)) {
        return error_set(error, MSTR_E_PLUGIN, "the provider's option table has entries of %zu octets, less than %zu",
                         stride, sizeof(struct mstr_option));
    }
    for (size_t i = 0; (option = options_at(table, stride, i)) != NULL; i++) {
        if (i == OPTIONS_MAX) {
            return error_set(error, MSTR_E_PLUGIN, "the provider's option table does not end within %d entries",
                             OPTIONS_MAX);
        }
        if ((int)option->type < MSTR_OPTION_STRING || option->type > MSTR_OPTION_SECRET) {
            return error_set(error, MSTR_E_PLUGIN, "option \"%s\" of the provider has the unknown type %d",
                             option->name, (int)option->type);
        }
    }
    return MSTR_OK;
}

enum mstr_code options_check(const struct mstr_option *table, size_t stride, const struct mstr_header *given,
                             struct options **out, mstr_error *error)
{
    *out = NULL;
    struct options *options = calloc(1, sizeof(*options));
    if (options == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && given != NULL && given[i].name != NULL; i++) {
        code = options_check_one(table, stride, given[i].name, NULL, error);
    }
    for (size_t i = 0; code == MSTR_OK; i++) {
        const struct mstr_option *option = options_at(table, stride, i);
        if (option == NULL) {
            break;
        }
        const char *text = given_value(given, option->name);
        if (text != NULL || option->default_value != NULL) {
            code = add(options, option, text != NULL ? text : option->default_value, error);
        } else {
            code = options_check_absent(option, error);
        }
    }
    if (code != MSTR_OK) {
        options_free(options);
        return code;
    }
    *out = options;
    return MSTR_OK;
}

void options_free(struct options *options)
{
    for (size_t i = 0; options != NULL && i < options->count; i++) {
        text_wipe_free(options->items[i].value);
    }
    free(options);
}

const char *options_get(const struct options *options, const char *name)
{
    for (size_t i = 0; options != NULL && i < options->count; i++) {
        if (strcmp(options->items[i].name, name) == 0) {
            return options->items[i].value;
        }
    }
    return NULL;
}

struct mstr_header *options_copy_given(const struct mstr_header *given)
{
    size_t count = 0;
    while (given != NULL && given[count].name != NULL) {
        count++;
    }
    struct mstr_header *copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = (struct mstr_header){text_copy(given[i].name), text_copy(given[i].value)};
        if (copy[i].name == NULL || copy[i].value == NULL) {
            options_free_given(copy);
            return NULL;
        }
    }
    return copy;
}

void options_free_given(struct mstr_header *given)
{
    for (size_t i = 0; given != NULL && given[i].name != NULL; i++) {
        free((char *)(uintptr_t)given[i].name);
        text_wipe_free((char *)(uintptr_t)given[i].value);
    }
    free(given);
}
