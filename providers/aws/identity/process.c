/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from a helper program: credential_process of a profile. */
#include "aws/identity/identity.h"

#include "base/json.h"
#include "sdk/host.h"
#include "sdk/printed.h"
#include "sdk/process.h"
#include "sdk/process_split.h"

#include <string.h>

enum { TIMEOUT = 60000, OUTPUT_LIMIT = 65536 };

static enum mstr_code tell_failure(const struct process_result *result, struct mstr_error *error)
{
    struct buffer quoted = BUFFER_INIT;
    printed_quote(buffer_text(&result->errors), &quoted);
    enum mstr_code code =
        host->error_set(error, MSTR_E_AUTHENTICATION, "credential_process ended with %s %d: %.300s",
                        result->signal != 0 ? "signal" : "status",
                        result->signal != 0 ? result->signal : result->exit_status, buffer_text(&quoted));
    buffer_release(&quoted);
    return code;
}

static enum mstr_code read_output(const struct process_result *result, struct aws_keys **out,
                                  struct mstr_error *error)
{
    const char *text = buffer_text(&result->output);
    size_t mark = printed_mark(text, result->output.length);
    int64_t version = 0;
    if (result->exit_status != 0) {
        return tell_failure(result, error);
    }
    struct json_object *answer = NULL;
    enum mstr_code parsed = printed_json(text, result->output.length, &answer);
    bool numbered = json_member_int64(answer, "Version", &version);
    json_release(answer);
    if (numbered && version != 1) {
        return host->error_set(error, MSTR_E_PROTOCOL, "credential_process answered in Version %lld, which is not 1",
                               (long long)version);
    }
    if (!numbered) {
        host->error_set(error, MSTR_E_PROTOCOL,
                        "credential_process printed something other than JSON with Version 1");
        return json_done(NULL, parsed, MSTR_E_PROTOCOL, error);
    }
    return aws_keys_from_json(&(struct aws_keys_parts){.identity = "credential_process"}, text + mark,
                              result->output.length - mark, out, error);
}

enum mstr_code process_keys(const struct surroundings *around, const char *command, struct aws_keys **out,
                            struct mstr_error *error)
{
    char **arguments = process_split(command);
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
    *out = NULL;
    if (arguments == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "credential_process is no command line");
    }
    const struct process_spec spec = {
        .argv = (const char *const *)arguments, .output_limit = OUTPUT_LIMIT, .timeout = TIMEOUT};
    enum mstr_code code = process_run(around->call, &spec, &result, error);
    if (code == MSTR_OK) {
        code = read_output(&result, out, error);
    } else if (code == MSTR_E_NOT_AVAILABLE) {
        code = host->error_set(error, MSTR_E_CONFIG, "credential_process: there is no program %.200s", arguments[0]);
    }
    host->error_detail(
        code != MSTR_OK ? error : NULL, MSTR_DETAIL_HINT,
        strpbrk(command, "|<>$~&;`") != NULL
            ? "no shell runs credential_process, so that | > $ ~ && and their like mean nothing in it: put "
              "the command into a script, and the script there"
            : "run the profile's credential_process by hand: it is to print JSON with Version 1, "
              "AccessKeyId and SecretAccessKey");
    process_release(&result);
    process_free_arguments(arguments);
    return code;
}
