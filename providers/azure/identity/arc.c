/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure Arc. The rules for the file that its agent names keep whoever else answers at the address from having another
 * one read and sent.
 */
#include "azure/identity/arc.h"

#include "azure/config/setting.h"
#include "azure/wire/challenge.h"
#include "azure/wire/send.h"
#include "base/text.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <string.h>
#include <unistd.h>

enum { KEY_MOST = 4096 };

static const char default_endpoint[] = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
static const char agent[] = "/opt/azcmagent/bin/himds";

const char *arc_key_directory = "/var/opt/azcmagent/tokens";

static bool on_arc(void)
{
    bool told = setting_variable("IDENTITY_ENDPOINT") != NULL && setting_variable("IMDS_ENDPOINT") != NULL;
    return told || access(agent, F_OK) == 0;
}

static enum mstr_code refuse_path(const char *path, const char *why, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_PROTOCOL, "the agent of Azure Arc names the key file \"%.200s\", which %s",
                           path, why);
}

enum mstr_code arc_read_key(const char *directory, const char *path, struct buffer *key, struct mstr_error *error)
{
    size_t length = strlen(directory);
    if (strncmp(path, directory, length) != 0 || path[length] != '/' || strchr(path + length + 1, '/') != NULL) {
        return refuse_path(path, "is not in its directory", error);
    }
    if (!text_ends_with(path, ".key") || strlen(path) == length + 1 + strlen(".key")) {
        return refuse_path(path, "does not end in .key", error);
    }
    enum mstr_code code = file_read(path, path, FILE_NO_LINK, key, error);
    if (code != MSTR_OK) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "the user of this process must be in the group himds to read such files");
        return code == MSTR_E_NOT_AVAILABLE ? refuse_path(path, "is not there", error) : code;
    }
    if (key->length > KEY_MOST) {
        return refuse_path(path, "is larger than 4096 octets", error);
    }
    while (key->length > 0 && strchr("\r\n", key->data[key->length - 1]) != NULL) {
        buffer_truncate(key, key->length - 1);
    }
    return token_fits_header(buffer_text(key), key->length)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%.200s: holds no key that could be a header's value", path);
}

/* A question to the agent: which key file it demands, and then a token for what is in it. */
struct question {
    struct managed_question asked; /* first */
    const struct ask *ask;
    struct buffer url;
    struct buffer key;   /* of the present attempt */
    struct buffer basic; /* the header with it */
    struct mstr_header headers[2];
};

static const struct mstr_header metadata = {"Metadata", "true"};

static enum mstr_code read_challenge(void *data, struct attempt *attempt, struct mstr_http_response *response,
                                     struct mstr_error *error)
{
    struct question *question = data;
    struct buffer path = BUFFER_INIT;
    if (attempt->status != 401) {
        return host->error_set(error, attempt_class(attempt->status, MSTR_E_PROTOCOL),
                               "the agent of Azure Arc answered %d in place of a challenge", (int)attempt->status);
    }
    const char *header = host->http_header(response, "WWW-Authenticate");
    const char *equals = header != NULL ? strchr(header, '=') : NULL;
    bool good =
        equals != NULL && strchr(equals + 1, '=') == NULL && challenge_parameter(header, "Basic", "realm", &path);
    enum mstr_code code =
        good ? arc_read_key(arc_key_directory, buffer_text(&path), &question->key, error)
             : host->error_set(error, MSTR_E_PROTOCOL, "the agent of Azure Arc sent no challenge with a key file");
    buffer_release(&path);
    return code;
}

static struct request make_request(struct question *question, struct mstr_error *error)
{
    return (struct request){
        .traffic = &send_traffic, .ca_file = send_ca_file(question->ask->instance), .error = error, .data = question};
}

/* The agent makes a key for each request. */
static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct question *question = data;
    const struct mstr_http_request bare = {.flags = MANAGED_FLAGS,
                                           .method = "GET",
                                           .url = buffer_text(&question->url),
                                           .headers = &metadata,
                                           .header_count = 1};
    struct request challenge = make_request(question, error);
    (void)attempt;
    challenge.fixed = &bare;
    challenge.read = read_challenge;
    buffer_clear(&question->key);
    buffer_clear(&question->basic);
    enum mstr_code code = request_send(&challenge, question->ask->call);
    if (code == MSTR_OK && !buffer_printf(&question->basic, "Basic %s", buffer_text(&question->key))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    question->headers[0] = metadata;
    question->headers[1] = (struct mstr_header){"Authorization", buffer_text(&question->basic)};
    *http = bare;
    http->headers = question->headers;
    http->header_count = 2;
    return code;
}

/* Old agents silently give the system-assigned identity, whichever was asked for. */
static enum mstr_code check_identity(const struct managed_id *id, struct json_object *body, struct mstr_error *error)
{
    static const char *const members[NAMINGS][2] = {[BY_CLIENT] = {"client_id", NULL},
                                                    [BY_OBJECT] = {"object_id", NULL},
                                                    [BY_RESOURCE] = {"msi_res_id", "mi_res_id"}};
    for (size_t i = 0; i < 2 && id->naming != BY_NOTHING; i++) {
        const char *member = members[id->naming][i];
        const char *given = member != NULL ? json_member_text(body, member) : NULL;
        if (given != NULL && text_equal_nocase(given, id->value)) {
            return MSTR_OK;
        }
    }
    if (id->naming == BY_NOTHING) {
        return MSTR_OK;
    }
    return error_hint(error,
                      host->error_set(error, MSTR_E_AUTHENTICATION,
                                      "Azure Arc gave another identity than the one that %s names", id->from),
                      "update the agent, which does not know user-assigned identities, or "
                      "unset it to use the machine's own");
}

static enum mstr_code ask_arc(const struct turn *turn, const struct managed_host *managed,
                              const struct managed_id *id, struct token *token, struct mstr_error *error)
{
    struct question question = {.asked = {managed, id, token}, .ask = &turn->ask};
    struct request request = make_request(&question, error);
    const char *endpoint = setting_variable("IDENTITY_ENDPOINT");
    request.prepare = prepare;
    request.read = managed_read;
    enum mstr_code code =
        managed_url(&turn->ask, managed, id, endpoint != NULL ? endpoint : default_endpoint, &question.url, error);
    if (code == MSTR_OK) {
        code = request_send(&request, turn->ask.call);
    }
    buffer_release(&question.url);
    buffer_release(&question.key);
    buffer_release(&question.basic);
    return code;
}

const struct managed_host arc_host = {.name = "Azure Arc",
                                      .api_version = "2020-06-01",
                                      .parameters = {NULL, "client_id", "object_id", "msi_res_id"},
                                      .is_here = on_arc,
                                      .ask = ask_arc,
                                      .check = check_identity};
