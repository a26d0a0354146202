/* SPDX-License-Identifier: Apache-2.0 */
/* What Azure's tools print: nothing of it stands in an error; what programs say, of which no value of a label is
 * quoted; and their command lines, taken apart in bounds. */
#include "told.h"

#include "azure/identity/kinds.h"
#include "base/buffer.h"
#include "plugin/host.h"
#include "sdk/host.h"
#include "sdk/printed.h"
#include "sdk/process_split.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line)
{
    enum { MOST = 256 };
    char **arguments = process_split(line);
    size_t count = 0;
    for (; arguments != NULL && arguments[count] != NULL; count++) {
        if (strlen(arguments[count]) > strlen(line)) {
            abort();
        }
    }
    if (arguments != NULL && (count == 0 || count > MOST)) {
        abort();
    }
    process_free_arguments(arguments);
}

/* Whatever a password begins with, it is hidden, and all is one line. */
static void check_quote(const char *said)
{
    static const char hidden[] = "password=(hidden)";
    struct buffer text = BUFFER_INIT;
    struct buffer quoted = BUFFER_INIT;
    buffer_printf(&text, "password=x%s", said);
    printed_quote(buffer_text(&text), &quoted);
    if (strncmp(buffer_text(&quoted), hidden, strlen(hidden)) != 0 || strpbrk(buffer_text(&quoted), "\r\n") != NULL) {
        abort();
    }
    buffer_release(&text);
    buffer_release(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tool *const tools[] = {&cli_tool, &azd_tool, &powershell_tool};
    struct buffer line = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    host = &host_table;
    for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
        struct token token = {.text = NULL};
        enum mstr_code code = tool_read(tools[i], (const char *)data, size, &token, error);
        check_quotes_nothing(error);
        check_told(code, error);
        token_release(&token);
    }
    buffer_append(&line, data, size);
    check_line(buffer_text(&line));
    check_quote(buffer_text(&line));
    buffer_release(&line);
    mstr_error_free(error);
    return 0;
}
