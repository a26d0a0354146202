/* Subject tokens from AWS: a GetCallerIdentity request, signed but not sent; Google sends it to learn who signed. */
#include "aws/identity/chain.h"
#include "aws/wire/agent.h"
#include "base/text.h"
#include "base/uri.h"
#include "gcp/identity/subject.h"
#include "gcp/wire/http.h"
#include "sdk/sigv4.h"

#include <string.h>

enum { ATTEMPTS = 3, PAUSE = 500 /* ms */ };

static const char default_verification[] =
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";

/* What signs, in memory that is wiped. */
struct signer {
    struct buffer session; /* of the instance metadata service */
    struct buffer region;
    struct buffer answer;
    struct json_object *body; /* of the answer with the keys */
    struct aws_keys *found;   /* by the AWS plugin's own search; NULL = not asked */
    struct sigv4_keys keys;
};

/* AIP-4117: these are the instance metadata service's addresses and nothing else; loopback is for tests. */
static bool is_metadata_url(const char *url)
{
    struct uri uri;
    return uri_parse(url, &uri) && uri.user == NULL && (uri_is_link_local(&uri) || uri_is_loopback(&uri));
}

static enum mstr_code check(const struct gcp_identity *identity, struct json_object *source, struct mstr_error *error)
{
    static const char *const urls[] = {"url", "region_url", "imdsv2_session_token_url"};
    const char *id = json_member_text(source, "environment_id");
    const char *verification = json_member_text(source, "regional_cred_verification_url");
    if (id == NULL || strcmp(id, "aws1") != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "%s: \"environment_id\" must be aws1", identity->source);
    }
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        const char *url = json_member_text(source, urls[i]);
        if (url != NULL && !is_metadata_url(url)) {
            return host->error_set(error, MSTR_E_CONFIG, "%s: \"%s\" is no address of the instance metadata service",
                                   identity->source, urls[i]);
        }
    }
    return verification == NULL || text_starts_with(verification, "https://")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%s: \"regional_cred_verification_url\" must be https",
                                 identity->source);
}

static enum mstr_code ask(const struct gcp_identity *identity, const char *method, const char *url,
                          const struct mstr_header *header, const struct mstr_call *call, struct buffer *out,
                          struct mstr_error *error)
{
    const struct traffic traffic = agent_traffic(ATTEMPTS, PAUSE, GCP_CONNECT_TIMEOUT, GCP_TIMEOUT);
    const struct mstr_http_request fixed = {
        .method = method, .url = url, .headers = header, .header_count = header->value[0] != '\0' ? 1 : 0};
    struct request request = {.traffic = &traffic,
                              .ca_file = gcp_http_ca_file(identity->instance),
                              .error = error,
                              .fixed = &fixed,
                              .read = agent_read,
                              .keeps_answer = true};
    enum mstr_code code = request_send(&request, call);
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(request.answer);
        buffer_append(out, answer->body, answer->body_length);
        if (answer->status != 200) {
            code = host->error_set(error, attempt_class(answer->status, MSTR_E_AUTHENTICATION),
                                   "the instance metadata service of AWS answered %d", (int)answer->status);
        }
    }
    host->http_free(request.answer);
    return code;
}

/* A GET with the session's token, for which it is asked once where the file has its URL. */
static enum mstr_code get(const struct gcp_identity *identity, struct json_object *source, const char *url,
                          struct signer *signer, const struct mstr_call *call, struct buffer *out,
                          struct mstr_error *error)
{
    static const struct mstr_header lifetime = {"X-aws-ec2-metadata-token-ttl-seconds", "300"};
    const char *session_url = json_member_text(source, "imdsv2_session_token_url");
    enum mstr_code code = MSTR_OK;
    if (text_empty(url)) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "%s: neither the environment nor the file tells where the AWS "
                               "region or keys come from",
                               identity->source);
    }
    if (session_url != NULL && signer->session.length == 0) {
        code = ask(identity, "PUT", session_url, &lifetime, call, &signer->session, error);
    }
    const struct mstr_header session = {"X-aws-ec2-metadata-token", buffer_text(&signer->session)};
    return code == MSTR_OK ? ask(identity, "GET", url, &session, call, out, error) : code;
}

static enum mstr_code find_region(const struct gcp_identity *identity, struct json_object *source,
                                  struct signer *signer, const struct mstr_call *call, struct mstr_error *error)
{
    const char *const places[] = {host->environment("AWS_REGION"), host->environment("AWS_DEFAULT_REGION")};
    const char *told = first_filled(places, sizeof(places) / sizeof(*places));
    if (told != NULL) {
        buffer_puts(&signer->region, told);
        return MSTR_OK;
    }
    enum mstr_code code =
        get(identity, source, json_member_text(source, "region_url"), signer, call, &signer->region, error);
    if (code == MSTR_OK && signer->region.length > 0) {
        buffer_truncate(&signer->region, signer->region.length - 1); /* us-east-1d is a zone of us-east-1 */
    }
    return code;
}

/* ECS, Fargate, EKS and Lambda have no instance metadata service; their variables say where the keys are instead. */
static bool runs_in_container(void)
{
    const char *const signs[] = {host->environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                                 host->environment("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
                                 host->environment("AWS_WEB_IDENTITY_TOKEN_FILE")};
    return first_filled(signs, sizeof(signs) / sizeof(*signs)) != NULL;
}

static enum mstr_code find_by_chain(const struct gcp_identity *identity, struct signer *signer,
                                    const struct mstr_call *call, struct mstr_error *error)
{
    const struct aws_settings settings = {.instance = identity->instance};
    struct configuration config;
    const struct surroundings around = {.call = call, .config = &config};
    enum mstr_code code = configuration_load(call, &settings, &config, error);
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, &signer->found, error);
    }
    configuration_release(&config);
    if (code == MSTR_OK) {
        signer->keys =
            (struct sigv4_keys){signer->found->access_key, signer->found->secret_key, signer->found->session_token};
    }
    return code;
}

static enum mstr_code find_keys(const struct gcp_identity *identity, struct json_object *source,
                                struct signer *signer, const struct mstr_call *call, struct mstr_error *error)
{
    const char *access_key = host->environment("AWS_ACCESS_KEY_ID");
    const char *secret_key = host->environment("AWS_SECRET_ACCESS_KEY");
    const char *session = host->environment("AWS_SESSION_TOKEN");
    if (!text_empty(access_key) && !text_empty(secret_key)) {
        signer->keys = (struct sigv4_keys){access_key, secret_key, text_empty(session) ? NULL : session};
        return MSTR_OK;
    }
    if (runs_in_container()) {
        return find_by_chain(identity, signer, call, error);
    }
    struct buffer url = BUFFER_INIT;
    const char *base = json_member_text(source, "url");
    buffer_printf(&url, "%s/", base != NULL ? base : "");
    enum mstr_code code = get(identity, source, base, signer, call, &url, error); /* the role's name */
    if (code == MSTR_OK) {
        code = get(identity, source, buffer_text(&url), signer, call, &signer->answer, error);
    }
    buffer_release(&url);
    if (code != MSTR_OK) {
        return code;
    }
    enum mstr_code parsed = json_read(buffer_text(&signer->answer), signer->answer.length, &signer->body);
    signer->keys = (struct sigv4_keys){json_member_text(signer->body, "AccessKeyId"),
                                       json_member_text(signer->body, "SecretAccessKey"),
                                       json_member_text(signer->body, "Token")};
    if (signer->keys.access_key == NULL || signer->keys.secret_key == NULL) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "the instance metadata service of AWS gave no keys");
    }
    return json_done(NULL, parsed, code, error);
}

static void put_header(struct buffer *json, const char *name, const char *value)
{
    struct buffer header = BUFFER_INIT;
    json_put_member(&header, "key", name);
    json_put_member(&header, "value", value);
    buffer_printf(json, "%s%s}", json->data[json->length - 1] == '[' ? "" : ",", buffer_text(&header));
    buffer_release(&header);
}

/* The signed request as percent-encoded JSON. */
static bool put_request(const char *url, const struct mstr_header *headers, const char *session,
                        const struct sigv4_signature *signature, struct buffer *token)
{
    struct buffer json = BUFFER_INIT;
    json_put_member(&json, "url", url);
    buffer_puts(&json, ",\"method\":\"POST\",\"headers\":[");
    if (!json.failed) {
        put_header(&json, "Authorization", buffer_text(&signature->authorization));
        put_header(&json, headers[0].name, headers[0].value);
        put_header(&json, "x-amz-date", signature->date);
        if (session != NULL) {
            put_header(&json, "x-amz-security-token", session);
        }
        put_header(&json, headers[1].name, headers[1].value);
    }
    buffer_puts(&json, "]}");
    bool good = !json.failed && uri_encode(token, buffer_text(&json), json.length);
    buffer_release(&json);
    return good;
}

static bool verification_url(struct json_object *source, const char *region, struct buffer *url)
{
    const char *given = json_member_text(source, "regional_cred_verification_url");
    const char *form = given != NULL ? given : default_verification;
    const char *gap = strstr(form, "{region}");
    if (gap == NULL) {
        return buffer_puts(url, form);
    }
    buffer_append(url, form, (size_t)(gap - form));
    buffer_puts(url, region);
    return buffer_puts(url, gap + strlen("{region}"));
}

static enum mstr_code sign(const struct gcp_identity *identity, struct json_object *source,
                           const struct signer *signer, struct buffer *token, struct mstr_error *error)
{
    struct uri uri;
    struct buffer url = BUFFER_INIT;
    struct buffer name = BUFFER_INIT;
    struct sigv4_signature signature;
    memset(&signature, 0, sizeof(signature));
    enum mstr_code code = MSTR_E_CONFIG;
    if (!verification_url(source, buffer_text(&signer->region), &url) || !uri_parse(buffer_text(&url), &uri) ||
        !uri_host_header(&uri, &name)) {
        host->error_set(error, code, "%s: \"regional_cred_verification_url\" %s", identity->source,
                        uri_fault(buffer_text(&url), "makes no URL"));
        goto cleanup;
    }
    const struct mstr_header headers[] = {
        {"host", buffer_text(&name)},
        {"x-goog-cloud-target-resource", json_member_text(identity->config, "audience")}};
    const struct sigv4_request request = {.method = "POST",
                                          .path = "/",
                                          .query = uri.query,
                                          .headers = headers,
                                          .header_count = sizeof(headers) / sizeof(*headers)};
    code = sigv4_sign(&signer->keys, buffer_text(&signer->region), "sts", host->now(), &request, NULL, &signature);
    if (code != MSTR_OK || !put_request(buffer_text(&url), headers, signer->keys.session_token, &signature, token)) {
        code = host->error_set(error, code != MSTR_OK ? code : MSTR_E_MEMORY,
                               "%s: the request for AWS cannot be signed: is \"%.64s\" a region?", identity->source,
                               buffer_text(&signer->region));
    }
cleanup:
    sigv4_release(&signature);
    buffer_release(&name);
    buffer_release(&url);
    return code;
}

static enum mstr_code fetch(const struct gcp_identity *identity, struct json_object *source,
                            const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    struct signer signer = {.session = BUFFER_INIT, .region = BUFFER_INIT, .answer = BUFFER_INIT};
    enum mstr_code code = find_region(identity, source, &signer, call, error);
    if (code == MSTR_OK) {
        code = find_keys(identity, source, &signer, call, error);
    }
    if (code == MSTR_OK) {
        code = sign(identity, source, &signer, &subject->token, error);
    }
    aws_keys_release(signer.found);
    json_release(signer.body);
    buffer_release(&signer.answer);
    buffer_release(&signer.region);
    buffer_release(&signer.session);
    return code;
}

const struct subject_source subject_aws = {"environment_id", check, fetch};
