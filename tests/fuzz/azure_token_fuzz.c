/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with a token, of services and of tools: what is accepted can be sent in a header, and ends. */
#include "azure/identity/kinds.h"
#include "azure/wire/token_answer.h"
#include "base/json.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t received = INT64_C(1768478400000);

static void check(enum mstr_code code, struct token *token, int64_t since)
{
    if (code == MSTR_OK && (strpbrk(token->text, "\r\n ") != NULL || token->expires <= since)) {
        abort();
    }
    if (code != MSTR_OK && token->text != NULL) {
        abort();
    }
    token_release(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tool *const forms[] = {&cli_tool, &azd_tool, &powershell_tool};
    struct token token = {.text = NULL};
    host = &host_table;
    struct json_object *body = NULL;
    json_read((const char *)data, size, &body);
    check(token_answer_read(body, received, "it", &token, NULL), &token, received);
    json_release(body);
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        int64_t before = host->now();
        check(tool_read(forms[i], (const char *)data, size, &token, NULL), &token, before);
    }
    return 0;
}
