/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of an EC2 instance's role, from its metadata service. */
#include "aws/identity/imds.h"

#include "aws/wire/agent.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"
#include "sdk/token.h"

#include <string.h>

/* One second for each attempt, so that the chain ends soon where there is no such service; more where one is
 * known. */
enum { TIMEOUT = 1, SURE_TIMEOUT = 10, ATTEMPTS = 3, TIMEOUT_MAX = 300, ATTEMPTS_MAX = 100 }; /* s */
enum { PAUSE = 100 /* ms */, NAME_MAX_LENGTH = 256 };

#define LIST          "/latest/meta-data/iam/security-credentials/"
#define LIST_EXTENDED "/latest/meta-data/iam/security-credentials-extended/"

/* A count from 1 to `most`; `*number` stays where nothing is set. */
static enum mstr_code read_number(const char *variable, const struct section *profile, const char *key, int64_t most,
                                  int64_t *number, struct mstr_error *error)
{
    const char *text = section_setting(profile, variable, key);
    if (text != NULL && (!text_to_int64(text, number) || *number < 1 || *number > most)) {
        return host->error_set(error, MSTR_E_CONFIG, "%s or %s is \"%.40s\"; it must be a number from 1 to %lld",
                               variable, key, text, (long long)most);
    }
    return MSTR_OK;
}

enum mstr_code imds_url(const struct section *profile, struct buffer *url, struct mstr_error *error)
{
    const char *endpoint =
        section_setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode =
        section_setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    struct uri uri;
    if (endpoint != NULL && !uri_parse(endpoint, &uri)) {
        return host->error_set(error, MSTR_E_CONFIG, "the metadata endpoint \"%.200s\" %s", endpoint,
                               uri_fault(endpoint, "holds an invalid uri character"));
    }
    if (endpoint != NULL) {
        size_t length = strlen(endpoint);
        buffer_append(url, endpoint, length - (endpoint[length - 1] == '/'));
    } else if (mode == NULL ? section_switch(profile, "AWS_IMDS_USE_IPV6", "imds_use_ipv6")
                            : text_equal_nocase(mode, "IPv6")) {
        buffer_puts(url, "http://[fd00:ec2::254]");
    } else if (mode == NULL || text_equal_nocase(mode, "IPv4")) {
        buffer_puts(url, "http://169.254.169.254");
    } else {
        return host->error_set(error, MSTR_E_CONFIG, "`%.40s` is not a valid endpoint mode", mode);
    }
    return url->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* A conversation with the service. */
struct session {
    const struct surroundings *around;
    const struct imds_urls *given; /* NULL = its own, below `url` */
    struct buffer url;
    struct buffer token;
    int64_t timeout; /* s for one attempt */
    int64_t attempts;
};

/* One question in it. */
struct question {
    struct session *session;
    const char *method;
    struct buffer url;
    struct mstr_header header;
    bool with_token; /* of the session */
    bool replaced;   /* that token, which the service did not know any more */
};

static enum mstr_code begin(struct session *session, struct mstr_error *error);

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct question *question = data;
    struct session *session = question->session;
    (void)attempt;
    enum mstr_code code = question->with_token && session->token.length == 0 ? begin(session, error) : MSTR_OK;
    if (question->with_token) {
        question->header = (struct mstr_header){"x-aws-ec2-metadata-token", buffer_text(&session->token)};
    }
    http->method = question->method;
    http->url = buffer_text(&question->url);
    http->headers = &question->header;
    http->header_count = !question->with_token || session->token.length > 0;
    return code;
}

/* A token that the service does not know any more is replaced once. */
static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    struct question *question = data;
    if (question->with_token && !question->replaced && question->session->token.length > 0 &&
        attempt->status == 401) {
        question->replaced = true;
        buffer_clear(&question->session->token);
        attempt->again = AGAIN_AT_ONCE;
        return MSTR_OK;
    }
    return agent_read(data, attempt, response, error);
}

/* Where nobody answers the first question, there is no such service, and it is not waited for. `path` may also be a
 * URL that was given. */
static enum mstr_code ask(struct question *question, const char *path, const char *role,
                          struct mstr_http_response **response, struct mstr_error *error)
{
    struct session *session = question->session;
    int64_t timeout = session->timeout * 1000;
    struct traffic traffic = agent_traffic((int)session->attempts, PAUSE, timeout, timeout);
    bool sure = question->with_token || session->given != NULL;
    traffic.retry.unanswered = sure ? PASSING_UNANSWERED : PASSING_BREAK;
    struct request request = {.traffic = &traffic,
                              .ca_file = configuration_ca_file(session->around->config),
                              .error = error,
                              .prepare = prepare,
                              .read = read,
                              .data = question,
                              .keeps_answer = true};
    buffer_puts(&question->url, *path == '/' ? buffer_text(&session->url) : "");
    buffer_puts(&question->url, path);
    buffer_puts(&question->url, *role != '\0' && path[strlen(path) - 1] != '/' ? "/" : "");
    uri_encode(&question->url, role, strlen(role));
    enum mstr_code code = question->url.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                               : request_send(&request, session->around->call);
    *response = request.answer;
    buffer_release(&question->url);
    return code;
}

static enum mstr_code foreign(const struct session *session, struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_NOT_AVAILABLE, "what answers at %.200s is no metadata service of AWS",
                           buffer_text(&session->url));
}

/* Another's page in place of a token must not be sent back as one. */
static enum mstr_code take_token(struct session *session, const char *text, struct mstr_error *error)
{
    size_t length = strcspn(text, "\r\n");
    if (!token_fits_header(text, length)) {
        return foreign(session, error);
    }
    return buffer_append(&session->token, text, length) ? MSTR_OK
                                                        : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Not being on EC2 is no fault; a service that answers but refuses is one. */
static enum mstr_code begin(struct session *session, struct mstr_error *error)
{
    struct question question = {
        .session = session, .method = "PUT", .header = {"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    struct mstr_http_response *response = NULL;
    const struct imds_urls *given = session->given;
    if (given != NULL && given->session == NULL) {
        return MSTR_OK; /* version 1 */
    }
    enum mstr_code code = ask(&question, given != NULL ? given->session : "/latest/api/token", "", &response, error);
    bool silent = code == MSTR_E_NETWORK || (code == MSTR_E_TIMEOUT && host->remaining(session->around->call) > 0);
    if (silent && given == NULL) {
        host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s does not answer", buffer_text(&session->url));
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "in a container on EC2, raise the hop limit of the instance's "
                           "metadata options to 2; elsewhere, set AWS_EC2_METADATA_DISABLED");
        return MSTR_E_NOT_AVAILABLE;
    }
    if (code != MSTR_OK) {
        return code == MSTR_E_PROTOCOL ? foreign(session, error) : code;
    }
    const struct mstr_http_answer *answer = host->http_answer(response);
    if (answer->status == 200) {
        code = take_token(session, answer->body, error);
    } else if (answer->status == 404) { /* as another cloud's has it, which does not know the path */
        code = foreign(session, error);
    } else {
        code = host->error_set(error, agent_class(answer->status),
                               "the metadata service gave no session token: status %d%s", (int)answer->status,
                               answer->status == 403 ? ", it is disabled" : "");
    }
    host->http_free(response);
    return code;
}

static enum mstr_code get(struct session *session, const char *path, const char *role, int *status,
                          struct buffer *body, struct mstr_error *error)
{
    struct mstr_http_response *response = NULL;
    struct question question = {.session = session, .method = "GET", .with_token = true};
    enum mstr_code code = ask(&question, path, role, &response, error);
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        *status = answer->status;
        if (!buffer_append(body, answer->body, answer->body_length)) {
            code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
        } else if (*status != 200 && (*status != 404 || session->given != NULL)) {
            code = host->error_set(error, agent_class(*status), "the metadata service answered %s with status %d",
                                   path, *status);
        }
    }
    host->http_free(response);
    return code;
}

/* The role of the instance, on the list that this service has. */
static enum mstr_code find_role(struct session *session, const char **list, struct buffer *role,
                                struct mstr_error *error)
{
    const char *fixed = section_setting(session->around->config->profile, "AWS_EC2_INSTANCE_PROFILE_NAME",
                                        "ec2_instance_profile_name");
    int status = 404;
    enum mstr_code code = MSTR_OK;
    *list = session->given != NULL ? session->given->keys : LIST_EXTENDED;
    if (fixed != NULL && fixed[strspn(fixed, " \t")] == '\0') {
        return host->error_set(error, MSTR_E_CONFIG, "AWS_EC2_INSTANCE_PROFILE_NAME is blank");
    }
    if (fixed != NULL) {
        return buffer_puts(role, fixed) ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    code = get(session, *list, "", &status, role, error);
    if (code == MSTR_OK && status == 404) {
        *list = LIST;
        buffer_clear(role);
        code = get(session, LIST, "", &status, role, error);
    }
    if (code != MSTR_OK) {
        return code;
    }
    buffer_truncate(role, strcspn(buffer_text(role), "\r\n"));
    if (status == 404 || role->length == 0) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "the instance has no role");
    }
    return role->length <= NAME_MAX_LENGTH
               ? MSTR_OK
               : host->error_set(error, MSTR_E_PROTOCOL, "the metadata service names a role of impossible length");
}

/* The service may go on giving keys past their end while its own source fails; AWS bears with them for a while. */
static enum mstr_code take_keys(const struct session *session, const struct buffer *body, const char *region,
                                struct aws_keys **out, struct mstr_error *error)
{
    const struct aws_keys_parts known = {.identity = "IMDS", .region = region, .outlives = true};
    enum mstr_code code = aws_keys_from_json(&known, buffer_text(body), body->length, out, error);
    if (code == MSTR_OK && (*out)->extended) {
        host->log(session->around->config->settings->instance, MSTR_LEVEL_WARN,
                  "the metadata service gave keys that have expired; they serve for some minutes before it is asked "
                  "again");
    }
    const char *outcome = code != MSTR_OK ? host->error_text(error, MSTR_DETAIL_SERVICE_CODE) : NULL;
    if (outcome != NULL && strcmp(outcome, "AssumeRoleUnauthorizedAccess") == 0) {
        host->error_detail(error, MSTR_DETAIL_HINT, "let the role's trust policy name ec2.amazonaws.com");
    }
    return code;
}

/* The service is there, and whoever is refused this is known to it: it gave keys. */
static enum mstr_code tell_no_region(enum mstr_code code, struct mstr_error *error)
{
    struct buffer why = BUFFER_INIT;
    buffer_puts(&why, host->error_message(error));
    code = code == MSTR_E_AUTHENTICATION ? MSTR_E_DENIED : code == MSTR_E_NOT_AVAILABLE ? MSTR_E_UNAVAILABLE : code;
    host->error_set(error, code, "cannot ask for the instance's region: %s", buffer_text(&why));
    buffer_release(&why);
    return error_hint(error, code,
                      "check the instance's metadata options, or set AWS_REGION or the profile's region");
}

/* Where the instance is, where nobody has configured a region; nothing where the service has none. That it fails is a
 * failure only where the secret has no region of its own either. */
static enum mstr_code find_region(struct session *session, struct buffer *region, struct mstr_error *error)
{
    const struct imds_urls *given = session->given;
    const char *path = given != NULL ? given->zone : "/latest/meta-data/placement/region";
    bool needed = session->around->region == NULL;
    int status = 404;
    enum mstr_code code = MSTR_OK;
    if (session->around->config->region == NULL && path != NULL) {
        code = get(session, path, "", &status, region, needed ? error : NULL);
    }
    if (status != 200) {
        buffer_clear(region);
    }
    if (given != NULL && region->length > 0) {
        buffer_truncate(region, region->length - 1); /* us-east-1d is a zone of us-east-1 */
    }
    return code == MSTR_OK || !needed ? MSTR_OK : tell_no_region(code, error);
}

static enum mstr_code fetch(struct session *session, struct aws_keys **out, struct mstr_error *error)
{
    struct buffer role = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    struct buffer region = BUFFER_INIT;
    const char *list = NULL;
    int status = 0;
    enum mstr_code code = begin(session, error);
    if (code == MSTR_OK) {
        code = find_role(session, &list, &role, error);
    }
    if (code == MSTR_OK) {
        code = get(session, list, buffer_text(&role), &status, &body, error);
    }
    if (code == MSTR_OK && status == 404 && strcmp(list, LIST_EXTENDED) == 0) {
        buffer_clear(&body);
        code = get(session, LIST, buffer_text(&role), &status, &body, error);
    }
    if (code == MSTR_OK && status == 404) {
        code = host->error_set(error, MSTR_E_CONFIG, "the metadata service knows no role %.100s", buffer_text(&role));
    }
    if (code == MSTR_OK) {
        code = find_region(session, &region, error);
    }
    if (code == MSTR_OK) {
        code = take_keys(session, &body, buffer_text(&region), out, error);
    }
    buffer_release(&region);
    buffer_release(&role);
    buffer_release(&body);
    return code;
}

/* Where it is, and how long it is waited for. */
static enum mstr_code locate(const struct surroundings *around, struct session *session, struct mstr_error *error)
{
    const struct section *profile = around->config->profile;
    const struct imds_urls *given = around->config->settings->imds;
    *session = (struct session){.around = around,
                                .given = given,
                                .url = BUFFER_INIT,
                                .token = BUFFER_INIT,
                                .timeout = given != NULL ? SURE_TIMEOUT : TIMEOUT,
                                .attempts = ATTEMPTS};
    if (given != NULL) {
        buffer_puts(&session->url, given->session != NULL ? given->session : "");
        return MSTR_OK;
    }
    if (section_switch(profile, "AWS_EC2_METADATA_DISABLED", "disable_ec2_metadata")) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "AWS_EC2_METADATA_DISABLED is set");
    }
    enum mstr_code code = imds_url(profile, &session->url, error);
    if (code == MSTR_OK) {
        code = read_number("AWS_METADATA_SERVICE_TIMEOUT", profile, "metadata_service_timeout", TIMEOUT_MAX,
                           &session->timeout, error);
    }
    if (code == MSTR_OK) {
        code = read_number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", profile, "metadata_service_num_attempts",
                           ATTEMPTS_MAX, &session->attempts, error);
    }
    return code;
}

static void release(struct session *session)
{
    buffer_release(&session->url);
    buffer_release(&session->token);
}

enum mstr_code imds_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    struct session session;
    *out = NULL;
    enum mstr_code code = locate(around, &session, error);
    if (code == MSTR_OK) {
        code = fetch(&session, out, error);
    }
    release(&session);
    return code;
}

enum mstr_code imds_region(const struct surroundings *around, struct buffer *region, struct mstr_error *error)
{
    struct session session;
    enum mstr_code code = locate(around, &session, error);
    if (code == MSTR_OK) {
        code = find_region(&session, region, error);
    }
    release(&session);
    return code;
}

enum mstr_code imds_standing_in(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    enum mstr_code code = imds_keys(around, out, error);
    struct aws_keys **standby = around->standby;
    if (standby == NULL || code == MSTR_E_CANCELLED) {
        return code;
    }
    if (code == MSTR_OK) {
        aws_keys_release(*standby);
        *standby = aws_keys_retain(*out);
    } else if (*standby != NULL) {
        host->log(around->config->settings->instance, MSTR_LEVEL_WARN, "the instance's last keys stand in: %s",
                  host->error_message(error));
        *out = aws_keys_retain(*standby);
        code = MSTR_OK;
    }
    return code;
}
