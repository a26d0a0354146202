/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens from AWS: a GetCallerIdentity request, signed but not sent; Google sends it to learn who signed. */
#include "aws/identity/chain.h"
#include "aws/identity/imds.h"
#include "base/text.h"
#include "base/uri.h"
#include "gcp/identity/subject.h"

#include <string.h>

static const char default_verification[] =
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";

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

/* By AWS's own search, with the metadata service as the file has it; the region is that of the environment, the keys
 * or the instance. */
static enum mstr_code find_keys(const struct gcp_identity *identity, struct json_object *source,
                                const struct mstr_call *call, struct aws_keys **keys, struct buffer *region,
                                struct mstr_error *error)
{
    const struct imds_urls urls = {.session = json_member_text(source, "imdsv2_session_token_url"),
                                   .keys = json_member_text(source, "url"),
                                   .zone = json_member_text(source, "region_url")};
    struct external_account *account = identity->state;
    const struct aws_settings settings = {.instance = identity->instance,
                                          .imds = urls.keys != NULL || urls.zone != NULL ? &urls : NULL,
                                          .kept = &account->aws_files};
    struct configuration config;
    const struct surroundings around = {.call = call, .config = &config};
    enum mstr_code code = configuration_load(call, &settings, &config, error);
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, keys, error);
    }
    if (code == MSTR_OK) {
        const char *known = surroundings_region(&around, *keys);
        code = known == NULL && urls.zone != NULL ? imds_region(&around, region, error) : MSTR_OK;
        buffer_puts(region, known != NULL ? known : "");
    }
    if (code == MSTR_OK && region->length == 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s: neither the environment nor the file tells the AWS region",
                               identity->source);
    }
    configuration_release(&config);
    return code;
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

static enum mstr_code sign(const struct gcp_identity *identity, struct json_object *source, struct aws_keys *keys,
                           const char *region, struct buffer *token, struct mstr_error *error)
{
    struct uri uri;
    struct buffer url = BUFFER_INIT;
    struct buffer name = BUFFER_INIT;
    struct sigv4_signature signature;
    memset(&signature, 0, sizeof(signature));
    enum mstr_code code = MSTR_E_CONFIG;
    if (!verification_url(source, region, &url) || !uri_parse(buffer_text(&url), &uri) ||
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
    code = aws_keys_sign(keys, region, "sts", host->now(), &request, &signature);
    if (code != MSTR_OK || !put_request(buffer_text(&url), headers, keys->session_token, &signature, token)) {
        code = host->error_set(error, code != MSTR_OK ? code : MSTR_E_MEMORY,
                               "%s: the request for AWS cannot be signed: is \"%.64s\" a region?", identity->source,
                               region);
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
    struct aws_keys *keys = NULL;
    struct buffer region = BUFFER_INIT;
    enum mstr_code code = find_keys(identity, source, call, &keys, &region, error);
    if (code == MSTR_OK) {
        code = sign(identity, source, keys, buffer_text(&region), &subject->token, error);
    }
    aws_keys_release(keys);
    buffer_release(&region);
    return code;
}

const struct subject_source subject_aws = {"environment_id", check, fetch};
