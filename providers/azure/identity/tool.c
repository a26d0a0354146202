/* SPDX-License-Identifier: Apache-2.0 */
/* The developer's tools. */
#include "azure/identity/tool.h"

#include "azure/config/authority.h"
#include "azure/config/setting.h"
#include "azure/wire/token_answer.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "sdk/printed.h"
#include "sdk/process.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT = 30000, OUTPUT_MOST = 256 * 1024 }; /* ms, octets */
enum { NO_SUCH_PROGRAM = 127 };                     /* status of env and shells for one */

static enum mstr_code run(const struct turn *turn, const char *const *argv, struct process_result *result,
                          struct mstr_error *error)
{
    static const struct mstr_header set[] = {{"AZURE_CORE_NO_COLOR", "true"}, {NULL, NULL}};
    const struct process_spec spec = {.argv = argv,
                                      .set = set,
                                      .directory = "/bin",
                                      .output_limit = OUTPUT_MOST,
                                      .timeout = setting_duration(turn->ask.instance, "tool_timeout", TIMEOUT)};
    enum mstr_code code = process_run(turn->ask.call, &spec, result, error);
    if (code == MSTR_E_TIMEOUT && host->remaining(turn->ask.call) > 0) {
        host->error_set(error, code, "%s did not answer within %lld ms", argv[0], (long long)spec.timeout);
        host->error_detail(error, MSTR_DETAIL_HINT, "raise tool_timeout, or see what keeps it");
    } else if (code == MSTR_E_NOT_AVAILABLE || (code == MSTR_OK && result->exit_status == NO_SUCH_PROGRAM)) {
        code = host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s is not installed, or not on PATH", argv[0]);
    }
    return code;
}

enum mstr_code tool_tenant(const struct ask *ask, char tenant[TENANT_MAX + 1], struct mstr_error *error)
{
    const char *own = setting_option(ask->instance, "tenant_id");
    enum mstr_code code = authority_tenant(ask->instance, ask->demand->tenant, own != NULL ? own : "", tenant, error);
    if (code == MSTR_OK && !text_is_made_of(ask->demand->resource, "._:/-")) {
        code = host->error_set(error, MSTR_E_CONFIG, "\"%.200s\" cannot be handed to a tool as a resource",
                               ask->demand->resource);
    }
    return code;
}

/* 2026-11-23 22:05:00.000000 in this machine's time zone. */
static bool read_local(const char *text, int64_t *milliseconds)
{
    struct tm parts = {.tm_isdst = -1};
    if (sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
               &parts.tm_min, &parts.tm_sec) != 6) {
        return false;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    time_t seconds = mktime(&parts);
    *milliseconds = (int64_t)seconds * 1000;
    return seconds != (time_t)-1;
}

static bool find_end(const struct tool *tool, struct json_object *body, int64_t *expires)
{
    int64_t seconds = 0;
    const char *date = tool->date != NULL ? json_member_text(body, tool->date) : NULL;
    if (tool->seconds != NULL && json_member_int64(body, tool->seconds, &seconds)) {
        return token_answer_seconds(seconds, expires);
    }
    return date != NULL && (tool->local ? read_local(date, expires) : token_answer_time(date, expires));
}

/* The JSON that ends what it printed; PowerShell and az write their warnings before it. */
static enum mstr_code find_json(const char *text, size_t length, struct json_object **body)
{
    const char *end = text + length;
    enum mstr_code code = MSTR_E_PROTOCOL;
    text += printed_mark(text, length);
    while (code == MSTR_E_PROTOCOL && text < end) {
        code = *text == '{' ? json_read(text, (size_t)(end - text), body) : code;
        const char *line = memchr(text, '\n', (size_t)(end - text));
        text = line != NULL ? line + 1 : end;
    }
    return code;
}

enum mstr_code tool_read(const struct tool *tool, const char *text, size_t length, struct token *token,
                         struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    struct json_object *body = NULL;
    enum mstr_code parsed = find_json(text, length, &body);
    struct token_given given = {.received = host->now()};
    given.type = tool->type != NULL ? token_type(body, tool->type) : NULL;
    given.text = json_member_octets(body, tool->token, &given.length);
    if (given.text == NULL || !find_end(tool, body, &given.expires)) {
        code = error_hint(
            error,
            host->error_set(error, MSTR_E_PROTOCOL, "%s printed no token with the time of its end", tool->name),
            "run it by hand, and update it if it is old");
    } else {
        code = token_take(token, &given, tool->name, error);
    }
    return json_done(body, parsed, code, error);
}

/* Its message for quoting, false without memory; not at all when it names a token. azd writes lines of JSON, in one
 * of two shapes. */
static bool quote(const struct buffer *errors, struct buffer *out)
{
    const char *text = buffer_text(errors);
    if (strstr(text, "accessToken") != NULL || strstr(text, "access_token") != NULL) {
        return buffer_puts(out, "its message is withheld, since it seems to hold a token");
    }
    struct json_object *line = NULL;
    enum mstr_code parsed = printed_json(text, strcspn(text, "\n"), &line);
    const char *message = json_member_text(json_member(line, "data"), "message");
    message = message != NULL ? message : json_member_text(line, "message");
    printed_quote(message != NULL ? message : text, out);
    json_release(line);
    return parsed != MSTR_E_MEMORY && !out->failed;
}

static enum mstr_code tell_failure(const struct tool *tool, const struct process_result *result,
                                   struct mstr_error *error)
{
    const char *told = buffer_text(&result->errors);
    struct buffer quoted = BUFFER_INIT;
    bool logged_out = false;
    for (size_t i = 0; tool->signs[i] != NULL; i++) { /* where Entra itself refused, its own words say more */
        logged_out = logged_out || (strstr(told, tool->signs[i]) != NULL && strstr(told, "AADSTS") == NULL);
    }
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    if (logged_out) {
        host->error_set(error, code, "%s is not logged in", tool->name);
    } else if (!quote(&result->errors, &quoted)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "%s ended with %s %d: %.300s", tool->name,
                               result->signal != 0 ? "signal" : "status",
                               result->signal != 0 ? result->signal : result->exit_status, buffer_text(&quoted));
    }
    host->error_detail(error, MSTR_DETAIL_HINT, code != MSTR_E_MEMORY ? tool->log_in_hint : NULL);
    buffer_release(&quoted);
    return code;
}

enum mstr_code tool_token(const struct turn *turn, const struct tool *tool, const char *const *argv,
                          const char *tenant, struct token *token, struct mstr_error *error)
{
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
    enum mstr_code code = run(turn, argv, &result, error);
    if (code != MSTR_E_NOT_AVAILABLE) {
        buffer_printf(turn->who, "the account that is logged in%s%s", tenant[0] != '\0' ? ", tenant " : "", tenant);
    }
    if (code == MSTR_OK) {
        code = result.exit_status == 0
                   ? tool_read(tool, buffer_text(&result.output), result.output.length, token, error)
                   : tell_failure(tool, &result, error);
    }
    process_release(&result);
    return code;
}
