/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens that a program prints (AIP-4117, executable-sourced credentials). */
#include "base/text.h"
#include "gcp/identity/executable_answer.h"
#include "gcp/identity/subject.h"
#include "gcp/wire/iam.h"
#include "sdk/file.h"
#include "sdk/process.h"
#include "sdk/process_split.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT = 30000, TIMEOUT_MIN = 5000, TIMEOUT_MAX = 120000, OUTPUT_MAX = 1 << 20 };

static int64_t timeout_of(struct json_object *executable)
{
    int64_t timeout = TIMEOUT;
    return json_member(executable, "timeout_millis") == NULL ||
                   json_member_int64(executable, "timeout_millis", &timeout)
               ? timeout
               : 0;
}

static enum mstr_code check(const struct gcp_identity *identity, struct json_object *source, struct mstr_error *error)
{
    struct json_object *executable = json_member(source, "executable");
    int64_t timeout = timeout_of(executable);
    if (text_empty(json_member_text(executable, "command"))) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: \"executable\" needs the text \"command\"",
                               identity->source);
    }
    return timeout >= TIMEOUT_MIN && timeout <= TIMEOUT_MAX
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%s: \"timeout_millis\" must be 5000 to 120000",
                                 identity->source);
}

static enum mstr_code run(const struct gcp_identity *identity, struct json_object *executable, char **arguments,
                          const struct mstr_call *call, struct process_result *result, struct mstr_error *error)
{
    char *email = iam_email(json_member_text(identity->config, "service_account_impersonation_url"));
    struct mstr_header set[6] = {
        {"GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", json_member_text(identity->config, "audience")},
        {"GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", json_member_text(identity->config, "subject_token_type")},
        {"GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", "0"}};
    size_t count = 3;
    if (email != NULL) {
        set[count++] = (struct mstr_header){"GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL", email};
    }
    const char *output_file = json_member_text(executable, "output_file");
    if (!text_empty(output_file)) {
        set[count] = (struct mstr_header){"GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", output_file};
    }
    const struct process_spec spec = {.argv = (const char *const *)arguments,
                                      .set = set,
                                      .output_limit = OUTPUT_MAX,
                                      .timeout = timeout_of(executable)};
    enum mstr_code code = process_run(call, &spec, result, error);
    if (code == MSTR_OK && result->exit_status != 0) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "the executable ended with %s %d",
                               result->signal != 0 ? "signal" : "status",
                               result->signal != 0 ? result->signal : result->exit_status);
    }
    free(email);
    return code;
}

/* The answer that an earlier run left; MSTR_E_NOT_AVAILABLE when there is none that still holds. */
static enum mstr_code read_kept(struct json_object *executable, struct buffer *token, struct mstr_error *error)
{
    const char *path = json_member_text(executable, "output_file");
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_AVAILABLE;
    if (text_empty(path) || file_read(path, path, FILE_GUARDED, &text, NULL) != MSTR_OK) {
        buffer_release(&text);
        return code;
    }
    if (executable_answer_holds(buffer_text(&text), text.length)) {
        code = executable_answer_read(buffer_text(&text), text.length, token, error);
    }
    buffer_release(&text);
    return code;
}

static enum mstr_code run_and_read(const struct gcp_identity *identity, struct json_object *executable,
                                   const struct mstr_call *call, struct buffer *token, struct mstr_error *error)
{
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
    char **arguments = process_split(json_member_text(executable, "command"));
    enum mstr_code code = arguments != NULL ? run(identity, executable, arguments, call, &result, error)
                                            : host->error_set(error, MSTR_E_CONFIG,
                                                              "%s: \"command\" has an open quote", identity->source);
    if (code == MSTR_OK) {
        code = executable_answer_read(buffer_text(&result.output), result.output.length, token, error);
    }
    process_free_arguments(arguments);
    process_release(&result);
    return code;
}

static enum mstr_code fetch(const struct gcp_identity *identity, struct json_object *source,
                            const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    struct json_object *executable = json_member(source, "executable");
    const char *allowed = host->environment("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES");
    if (allowed == NULL || strcmp(allowed, "1") != 0) {
        return error_hint(error,
                          host->error_set(error, MSTR_E_CONFIG,
                                          "%s: names an executable, and executables are not allowed",
                                          identity->source),
                          "if you trust the file, set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1");
    }
    enum mstr_code code = read_kept(executable, &subject->token, error);
    return code == MSTR_E_NOT_AVAILABLE ? run_and_read(identity, executable, call, &subject->token, error) : code;
}

const struct subject_source subject_executable = {"executable", check, fetch};
