/* SPDX-License-Identifier: Apache-2.0 */
/* Helper programs of a kubeconfig's user (client-go, plugin/pkg/client/auth/exec). */
#include "kubernetes/identity/exec_helper.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "kubernetes/config/yaml.h"
#include "sdk/host.h"
#include "sdk/printed.h"
#include "sdk/process.h"

#include <stdlib.h>
#include <string.h>

#define VERSION_1      "client.authentication.k8s.io/v1"
#define VERSION_1_BETA "client.authentication.k8s.io/v1beta1"

enum { TIMEOUT = 60000, OUTPUT_MAX = 1 << 20, EARLY = 60000 /* ms before the end */ };

/* "exec" of the user. */
static struct json_object *spec_of(const struct kube_entry *user)
{
    return json_member(user->value, "exec");
}

/* Items are texts, or objects whose `members` are; NULL of the latter = they are texts. */
static enum mstr_code check_list(const struct kube_entry *user, const char *name, const char *const members[2],
                                 struct mstr_error *error)
{
    struct json_object *list = json_member(spec_of(user), name);
    bool good = list == NULL || json_object_is_type(list, json_type_array);
    for (size_t i = 0; good && list != NULL && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *variable = members != NULL ? json_member_text(item, members[0]) : NULL;
        good = members == NULL ? json_text(item) != NULL
                               : !text_empty(variable) && strchr(variable, '=') == NULL &&
                                     json_member_text(item, members[1]) != NULL;
    }
    struct buffer why = BUFFER_INIT;
    buffer_printf(&why, "has an exec whose %s are no list of %s", name, members != NULL ? "name and value" : "texts");
    enum mstr_code code = good ? MSTR_OK : kube_refuse(user, list, buffer_text(&why), error);
    buffer_release(&why);
    return code;
}

static const char *const variable_members[2] = {"name", "value"};

static enum mstr_code check_version(const struct kube_entry *user, const char *version, const char *mode,
                                    struct mstr_error *error)
{
    struct json_object *spec = spec_of(user);
    bool one = version != NULL && strcmp(version, VERSION_1) == 0;
    if (!one && (version == NULL || strcmp(version, VERSION_1_BETA) != 0)) {
        kube_refuse(user, spec, "has an exec whose apiVersion is neither " VERSION_1 " nor v1beta1", error);
        return error_hint(error, MSTR_E_CONFIG, "update the helper program, and make the kubeconfig anew with it");
    }
    if (one && mode == NULL) {
        return kube_refuse(user, spec, "has an exec of v1 without its interactiveMode", error);
    }
    if (mode != NULL && strcmp(mode, "Never") != 0 && strcmp(mode, "IfAvailable") != 0) {
        kube_refuse(user, json_member(spec, "interactiveMode"),
                    strcmp(mode, "Always") == 0 ? "has an exec that needs a terminal (interactiveMode Always)"
                                                : "has an exec whose interactiveMode is unknown",
                    error);
        return error_hint(error, MSTR_E_CONFIG,
                          "nobody is asked here: use a helper of interactiveMode Never or "
                          "IfAvailable");
    }
    return MSTR_OK;
}

enum mstr_code exec_helper_check(const struct kube_entry *user, struct mstr_error *error)
{
    enum { VERSION, COMMAND, MODE, HINT, MEMBERS };
    static const char *const members[MEMBERS] = {"apiVersion", "command", "interactiveMode", "installHint"};
    const char *texts[MEMBERS] = {NULL};
    struct json_object *spec = spec_of(user);
    if (!json_object_is_type(spec, json_type_object)) {
        return kube_refuse(user, spec, "has an exec that is no mapping", error);
    }
    enum mstr_code code = kube_texts(user, spec, members, MEMBERS, texts, error);
    code = code == MSTR_OK ? check_version(user, texts[VERSION], texts[MODE], error) : code;
    if (code == MSTR_OK && texts[COMMAND] == NULL) {
        code = kube_refuse(user, spec, "has an exec without a command", error);
    }
    code = code == MSTR_OK ? check_list(user, "args", NULL, error) : code;
    return code == MSTR_OK ? check_list(user, "env", variable_members, error) : code;
}

/* The cluster's own settings for helpers: its extension of this name. */
static struct json_object *find_config(const struct kube_entry *cluster)
{
    struct json_object *extensions = json_member(cluster->value, "extensions");
    size_t count = json_object_is_type(extensions, json_type_array) ? json_object_array_length(extensions) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(extensions, i);
        const char *name = json_member_text(item, "name");
        if (name != NULL && strcmp(name, "client.authentication.k8s.io/exec") == 0) {
            return json_member(item, "extension");
        }
    }
    return NULL;
}

/* The authority is told by value, also where the cluster names a file. */
static void put_cluster(const struct identity *identity, struct buffer *out)
{
    const struct kube_entry *entry = &identity->context.cluster;
    struct buffer pem = BUFFER_INIT;
    struct buffer data = BUFFER_INIT;
    struct buffer cluster = BUFFER_INIT;
    kube_octets(entry, "certificate-authority", &pem, NULL);
    base64_encode(&data, buffer_text(&pem), pem.length);
    json_put_member(&cluster, "server", identity->cluster.server);
    json_put_member(&cluster, "tls-server-name", identity->cluster.server_name);
    json_put_member(&cluster, "certificate-authority-data", data.length > 0 ? buffer_text(&data) : NULL);
    json_put_member(&cluster, "proxy-url", json_member_text(entry->value, "proxy-url"));
    buffer_printf(out, ",\"cluster\":%s,\"config\":", buffer_text(&cluster));
    yaml_put_json(find_config(entry), out);
    buffer_putc(out, '}');
    out->failed |= pem.failed || data.failed || cluster.failed;
    buffer_release(&cluster);
    buffer_release(&data);
    buffer_release(&pem);
}

bool exec_helper_put_info(const struct identity *identity, struct buffer *out)
{
    struct json_object *spec = spec_of(&identity->context.user);
    bool wanted = false;
    buffer_printf(out, "{\"apiVersion\":\"%s\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false",
                  json_member_text(spec, "apiVersion"));
    if (json_member_bool(spec, "provideClusterInfo", &wanted) && wanted) {
        put_cluster(identity, out);
    }
    return buffer_puts(out, "}}");
}

/* Reading. */

static enum mstr_code read_end(struct json_object *status, struct proof *proof, struct mstr_error *error)
{
    const char *text = json_member_text(status, "expirationTimestamp");
    int64_t end = 0;
    if (json_member(status, "expirationTimestamp") == NULL) {
        return MSTR_OK;
    }
    if (text == NULL || !timestamp_parse_rfc3339(text, &end)) {
        return host->error_set(error, MSTR_E_PROTOCOL,
                               "it printed an expirationTimestamp that is no time of RFC 3339");
    }
    int64_t life = end - host->now();
    if (life <= 0) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "it printed a credential that has expired already");
    }
    proof->kept.end = proof->kept.due = host->monotonic() + life;
    proof->kept.renew = proof->kept.end - (life > 2 * EARLY ? EARLY : life / 2);
    return MSTR_OK;
}

static enum mstr_code read_status(struct json_object *status, struct proof *proof, struct mstr_error *error)
{
    const char *token = json_member_text(status, "token");
    const char *certificate = json_member_text(status, "clientCertificateData");
    const char *key = json_member_text(status, "clientKeyData");
    if (text_empty(certificate) != text_empty(key)) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "it printed %s",
                               text_empty(key) ? "a certificate without its key" : "a key without its certificate");
    }
    if (text_empty(token) && text_empty(certificate)) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "it printed neither token nor certificate");
    }
    enum mstr_code code = read_end(status, proof, error);
    if (code == MSTR_OK && !text_empty(token)) {
        code = proof_set_token(proof, token, "the token that it printed", error);
    }
    if (code == MSTR_OK && !text_empty(certificate) &&
        !(buffer_puts(&proof->certificate, certificate) && buffer_puts(&proof->key, key))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

enum mstr_code exec_helper_read(const char *text, size_t length, const char *version, struct proof *proof,
                                struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = printed_json(text, length, &body);
    const char *kind = json_member_text(body, "kind");
    const char *told = json_member_text(body, "apiVersion");
    struct json_object *status = json_member(body, "status");
    enum mstr_code code = MSTR_OK;
    if (kind == NULL || strcmp(kind, "ExecCredential") != 0) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "it printed no ExecCredential in JSON");
    } else if (told == NULL || strcmp(told, version) != 0) {
        code =
            host->error_set(error, MSTR_E_CONFIG, "it printed an ExecCredential of another version than %s", version);
    } else if (!json_object_is_type(status, json_type_object)) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "it printed an ExecCredential without a status");
    } else {
        code = read_status(status, proof, error);
    }
    return json_done(body, parsed, code, error);
}

/* Running. */

/* What the kubeconfig says to do where the program is missing, on one line. */
static enum mstr_code add_install_hint(const struct kube_entry *user, struct mstr_error *error)
{
    const char *told = json_member_text(spec_of(user), "installHint");
    struct buffer hint = BUFFER_INIT;
    for (const char *at = told != NULL ? told : "install it, or correct the command in the kubeconfig"; *at != '\0';
         at++) {
        buffer_putc(&hint, (unsigned char)*at < ' ' ? ' ' : *at);
    }
    error_hint(error, MSTR_E_CONFIG, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_CONFIG;
}

/* Names the user and the program before what is told. */
static enum mstr_code tell(const struct kube_entry *user, const char *program, enum mstr_code code,
                           struct mstr_error *error)
{
    struct buffer message = BUFFER_INIT;
    struct buffer hint = BUFFER_INIT;
    const char *told = host->error_text(error, MSTR_DETAIL_HINT);
    buffer_puts(&message, host->error_message(error));
    buffer_puts(&hint, told != NULL ? told : "");
    host->error_set(error, code, "%s: exec of user \"%.100s\", %s: %s", user->file->path, user->name, program,
                    buffer_text(&message));
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    buffer_release(&message);
    return code;
}

static enum mstr_code tell_status(const struct process_result *result, struct mstr_error *error)
{
    struct buffer quoted = BUFFER_INIT;
    printed_quote(buffer_text(&result->errors), &quoted);
    enum mstr_code code = host->error_set(error, MSTR_E_AUTHENTICATION, "it ended with %s %d%s%.300s",
                                          result->signal != 0 ? "signal" : "status",
                                          result->signal != 0 ? result->signal : result->exit_status,
                                          quoted.length > 0 ? ": " : "", buffer_text(&quoted));
    buffer_release(&quoted);
    return code;
}

/* Texts are borrowed; the arrays are for free(). NULL without memory. */
static const char **make_arguments(struct json_object *spec, const char *program)
{
    struct json_object *list = json_member(spec, "args");
    size_t count = list != NULL ? json_object_array_length(list) : 0;
    const char **argv = calloc(count + 2, sizeof(*argv));
    for (size_t i = 0; argv != NULL && i < count; i++) {
        argv[i + 1] = json_text(json_object_array_get_idx(list, i));
    }
    if (argv != NULL) {
        argv[0] = program;
    }
    return argv;
}

static struct mstr_header *make_variables(struct json_object *spec, const char *info)
{
    struct json_object *list = json_member(spec, "env");
    size_t count = list != NULL ? json_object_array_length(list) : 0;
    struct mstr_header *set = calloc(count + 2, sizeof(*set));
    for (size_t i = 0; set != NULL && i < count; i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        set[i] = (struct mstr_header){json_member_text(item, "name"), json_member_text(item, "value")};
    }
    if (set != NULL) {
        set[count] = (struct mstr_header){"KUBERNETES_EXEC_INFO", info};
    }
    return set;
}

static enum mstr_code run(const struct kube_entry *user, const char *program, const char *info,
                          const struct mstr_call *call, struct process_result *result, struct mstr_error *error)
{
    struct json_object *spec = spec_of(user);
    const char **argv = make_arguments(spec, program);
    struct mstr_header *set = make_variables(spec, info);
    enum mstr_code code = MSTR_E_MEMORY;
    if (argv == NULL || set == NULL) {
        host->error_set(error, code, "out of memory");
    } else {
        const struct process_spec process = {
            .argv = argv, .set = set, .output_limit = OUTPUT_MAX, .timeout = TIMEOUT};
        code = process_run(call, &process, result, error);
        if (code == MSTR_E_NOT_AVAILABLE) {
            code = add_install_hint(user, error);
        } else if (code == MSTR_OK && result->exit_status != 0) {
            code = tell_status(result, error);
        }
    }
    free(set);
    free((void *)argv);
    return code;
}

/* A command with a slash is a path, which begins in the kubeconfig's folder; another is looked for on PATH. */
static void put_program(const struct kube_entry *user, struct buffer *out)
{
    const char *command = json_member_text(spec_of(user), "command");
    if (strchr(command, '/') != NULL) {
        kube_path(user, command, out);
    } else {
        buffer_puts(out, command);
    }
}

static enum mstr_code prove(struct identity *identity, const struct mstr_call *call, struct proof *proof,
                            struct mstr_error *error)
{
    const struct kube_entry *user = &identity->context.user;
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
    struct buffer program = BUFFER_INIT;
    struct buffer info = BUFFER_INIT;
    put_program(user, &program);
    bool good = exec_helper_put_info(identity, &info) && !program.failed;
    enum mstr_code code = good ? run(user, buffer_text(&program), buffer_text(&info), call, &result, error)
                               : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK) {
        code = exec_helper_read(buffer_text(&result.output), result.output.length,
                                json_member_text(spec_of(user), "apiVersion"), proof, error);
    }
    if (code != MSTR_OK) {
        tell(user, buffer_text(&program), code, error);
    }
    process_release(&result);
    buffer_release(&info);
    buffer_release(&program);
    return code;
}

const struct identity_kind exec_helper_identity = {"exec helper", prove};
