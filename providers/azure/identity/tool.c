/* The developer's tools. */
#include "azure/identity/tool.h"

#include "azure/config/authority.h"
#include "azure/config/setting.h"
#include "azure/wire/token_answer.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT = 30000, OUTPUT_MOST = 256 * 1024, QUOTED_MOST = 300 }; /* ms, octets */
enum { NO_SUCH_PROGRAM = 127 };                                        /* status of env and shells for one */

static enum mstr_code absent(const char *name, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s is not installed, or not on PATH", name);
}

enum mstr_code tool_run(const struct turn *turn, const char *const *argv, const char *tenant,
                        struct process_result *result, struct mstr_error *error)
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
        code = absent(argv[0], error);
    } else {
        buffer_printf(turn->who, "the account that is logged in%s%s", tenant[0] != '\0' ? ", tenant " : "", tenant);
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

static bool find_end(const struct tool_answer *form, struct json_object *body, int64_t *expires)
{
    int64_t seconds = 0;
    const char *date = form->date != NULL ? json_member_text(body, form->date) : NULL;
    if (form->seconds != NULL && json_member_int64(body, form->seconds, &seconds)) {
        return token_answer_seconds(seconds, expires);
    }
    return date != NULL && (form->local ? read_local(date, expires) : token_answer_time(date, expires));
}

enum mstr_code tool_read(const struct tool_answer *form, const char *name, const char *text, size_t length,
                         struct token *token, struct mstr_error *error)
{
    size_t size = 0;
    int64_t expires = 0;
    enum mstr_code code = MSTR_OK;
    struct json_object *body = json_parse(text, length);
    const char *value = json_member_octets(body, form->token, &size);
    if (value == NULL || !find_end(form, body, &expires)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%s printed no token with the time of its end", name);
        host->error_detail(error, MSTR_DETAIL_HINT, "run it by hand, and update it if it is old");
    } else {
        code = token_answer_make(value, size, expires, host->now(), name, token, error);
    }
    json_release(body);
    return code;
}

/* On one line, and cut. */
static void put_line(const char *text, struct buffer *out)
{
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < QUOTED_MOST && text[i] != '\0'; i++) {
        buffer_putc(out, strchr("\r\n\t", text[i]) != NULL ? ' ' : text[i]);
    }
}

/* Its message for quoting; not at all when it seems to hold a token. azd writes lines of JSON, in one of two shapes.
 */
static void quote(const struct buffer *errors, struct buffer *out)
{
    const char *text = buffer_text(errors);
    if (strstr(text, "accessToken") != NULL || strstr(text, "eyJ") != NULL) {
        buffer_puts(out, "its message is withheld, since it seems to hold a token");
        return;
    }
    struct json_object *line = *text == '{' ? json_parse(text, strcspn(text, "\n")) : NULL;
    const char *message = json_member_text(json_member(line, "data"), "message");
    message = message != NULL ? message : json_member_text(line, "message");
    put_line(message != NULL ? message : text, out);
    json_release(line);
}

enum mstr_code tool_failed(const char *name, const struct process_result *result, const char *const *signs,
                           const char *log_in, struct mstr_error *error)
{
    const char *told = buffer_text(&result->errors);
    struct buffer quoted = BUFFER_INIT;
    bool logged_out = false;
    for (; *signs != NULL; signs++) { /* where Entra itself refused, its own words say more */
        logged_out = logged_out || (strstr(told, *signs) != NULL && strstr(told, "AADSTS") == NULL);
    }
    quote(&result->errors, &quoted);
    enum mstr_code code = logged_out ? MSTR_E_NOT_AVAILABLE : MSTR_E_AUTHENTICATION;
    if (logged_out) {
        host->error_set(error, code, "%s is not logged in", name);
    } else {
        host->error_set(error, code, "%s ended with %s %d: %s", name, result->signal != 0 ? "signal" : "status",
                        result->signal != 0 ? result->signal : result->exit_status, buffer_text(&quoted));
    }
    host->error_detail(error, MSTR_DETAIL_HINT, log_in);
    buffer_release(&quoted);
    return code;
}
