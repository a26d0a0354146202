/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines to arguments. */
#include "sdk/process_split.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 256 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One argument from `*at` on; false for an open quote. */
static bool take(const char **at, struct buffer *argument)
{
    char quote = '\0';
    for (; **at != '\0' && (quote != '\0' || !is_blank(**at)); ++*at) {
        char c = **at;
        if (c == '\\' && quote != '\'' && (*at)[1] != '\0') {
            buffer_putc(argument, *++*at);
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else {
            buffer_putc(argument, c);
        }
    }
    return quote == '\0' && !argument->failed;
}

char **process_split(const char *command)
{
    errno = 0;
    char **arguments = calloc(ARGUMENTS_MAX + 1, sizeof(char *));
    size_t count = 0;
    bool good = arguments != NULL;
    for (const char *at = command; good; count++) {
        while (is_blank(*at)) {
            at++;
        }
        if (*at == '\0') {
            break;
        }
        struct buffer argument = BUFFER_INIT;
        good = count < ARGUMENTS_MAX && buffer_reserve(&argument, strlen(at)) && take(&at, &argument);
        if (good) {
            arguments[count] = strdup(buffer_text(&argument));
            good = arguments[count] != NULL;
        }
        buffer_release(&argument);
    }
    if (!good || count == 0) {
        process_free_arguments(arguments);
        return NULL;
    }
    return arguments;
}

void process_free_arguments(char **arguments)
{
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++) {
        explicit_bzero(arguments[i], strlen(arguments[i])); /* environments hold secrets */
        free(arguments[i]);
    }
    free(arguments);
}
