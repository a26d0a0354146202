/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Security Token Service: subject tokens of other identity providers, exchanged for access tokens (RFC 8693). A
 * signed request to AWS is verified by the AWS service of the simulator, as Google asks AWS. Also a source of subject
 * tokens behind a URL, as other clouds have one.
 */
#include "aws.h"
#include "core.h"
#include "gcp.h"
#include "services.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/uri.h"
#include "support/json_parse.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char access_token_type[] = "urn:ietf:params:oauth:token-type:access_token";
static const char aws_type[] = "urn:ietf:params:aws:token-type:aws4_request";
static const char mtls_type[] = "urn:ietf:params:oauth:token-type:mtls";

/* What a form says of the exchange. */
struct exchange {
    const struct sim_pairs *form;
    struct json_object *pool;
    char subject[256]; /* out: who the subject token is about */
};

static bool is(const struct exchange *exchange, const char *field, const char *expected)
{
    const char *text = sim_pairs_get(exchange->form, field);
    return text && !strcmp(text, expected);
}

/* The request that the subject token describes, as if it had arrived; release with forget_request(). */
static bool rebuild_request(struct json_object *token, struct sim_request *request)
{
    struct uri uri;
    struct json_object *headers = json_member(token, "headers");
    const char *url = json_member_text(token, "url");
    if (!url || !uri_parse(url, &uri) || !uri.https || !json_object_is_type(headers, json_type_array))
        return false;
    struct buffer target = BUFFER_INIT;
    buffer_printf(&target, "/?%s", uri.query ? uri.query : "");
    request->method = text_copy(json_member_text(token, "method"));
    request->target = text_copy(buffer_text(&target));
    request->path = text_copy("/");
    sim_pairs_add_form(&request->query, uri.query ? uri.query : "", uri.query_length);
    for (size_t i = 0; i < json_object_array_length(headers); i++) {
        struct json_object *header = json_object_array_get_idx(headers, i);
        const char *name = json_member_text(header, "key");
        const char *value = json_member_text(header, "value");
        if (name && value)
            sim_pairs_add(&request->headers, name, value);
    }
    buffer_release(&target);
    const char *host = sim_header(request, "host");
    return host && request->method && !strcmp(request->method, "POST") && strlen(host) == uri.host_length &&
           !strncmp(host, uri.host, uri.host_length);
}

static void forget_request(struct sim_request *request)
{
    free(request->method);
    free(request->target);
    free(request->path);
    sim_pairs_release(&request->query);
    sim_pairs_release(&request->headers);
}

static const char *check_aws(struct exchange *exchange, const char *text)
{
    struct sim_request request = {.service = &sim_aws, .tls = true};
    struct aws_refusal refusal = {0};
    struct buffer decoded = BUFFER_INIT;
    char region[64] = "";
    const char *why = "the subject token is no request for AWS";
    struct json_object *token =
        uri_decode(&decoded, text, strlen(text)) ? json_parse(buffer_text(&decoded), decoded.length) : NULL;
    if (token && rebuild_request(token, &request)) {
        const char *target = sim_header(&request, "x-goog-cloud-target-resource");
        sim_service_lock(&sim_aws);
        const struct aws_key *key = aws_verify(&request, "sts", region, &refusal);
        const char *account = json_member_text(exchange->pool, "account");
        if (!target || !is(exchange, "audience", target))
            why = "x-goog-cloud-target-resource is not the audience";
        else if (!key)
            why = "the signature is refused by AWS";
        else if (!account || strcmp(key->account, account) != 0)
            why = "the AWS account is not that of the provider";
        else
            why = NULL;
        snprintf(exchange->subject, sizeof(exchange->subject), "%s", key ? key->arn : "");
        sim_service_unlock(&sim_aws);
    }
    forget_request(&request);
    json_object_put(token);
    buffer_release(&decoded);
    return why;
}

/* An array of certificates in base64, the leaf first. */
static const char *check_certificates(struct exchange *exchange, const char *text)
{
    struct json_object *list = json_parse(text, strlen(text));
    const char *why = json_object_is_type(list, json_type_array) ? NULL : "the subject token is no JSON array";
    for (size_t i = 0; !why && i < json_object_array_length(list); i++) {
        const char *encoded = json_object_get_string(json_object_array_get_idx(list, i));
        struct buffer der = BUFFER_INIT;
        base64_decode(&der, encoded ? encoded : "", encoded ? strlen(encoded) : 0);
        const unsigned char *at = (const unsigned char *)buffer_text(&der);
        X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
        if (!certificate)
            why = "the subject token holds what is no certificate";
        else if (i == 0)
            X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, exchange->subject,
                                      sizeof(exchange->subject));
        X509_free(certificate);
        buffer_release(&der);
    }
    json_object_put(list);
    return why;
}

/* Why the subject token is refused; NULL if it is good. */
static const char *check_subject(struct exchange *exchange)
{
    const char *text = sim_pairs_get(exchange->form, "subject_token");
    if (text_empty(text))
        return "the subject token is missing";
    if (is(exchange, "subject_token_type", aws_type))
        return check_aws(exchange, text);
    if (is(exchange, "subject_token_type", mtls_type))
        return check_certificates(exchange, text);
    snprintf(exchange->subject, sizeof(exchange->subject), "simulator");
    return sim_lists(json_member(exchange->pool, "subject_tokens"), text) ? NULL
                                                                          : "the subject token is not the provider's";
}

/* Workforce users name the project that their requests count for, unless a client of their own does. The options may
 * be percent-encoded once more, as Python's library sends them. */
static const char *check_options(const struct exchange *exchange, const struct sim_request *request)
{
    const char *options = sim_pairs_get(exchange->form, "options");
    const char *expected = json_member_text(exchange->pool, "user_project");
    if (!expected || sim_header(request, "Authorization"))
        return options ? "options are not expected here" : NULL;
    struct buffer plain = BUFFER_INIT;
    struct json_object *given = options && uri_decode(&plain, options, strlen(options))
                                    ? json_parse(buffer_text(&plain), plain.length)
                                    : NULL;
    const char *project = json_member_text(given, "userProject");
    const char *why = project && !strcmp(project, expected) ? NULL : "the user project is missing or unknown";
    json_object_put(given);
    buffer_release(&plain);
    return why;
}

static bool client_is_known(const struct sim_request *request)
{
    const char *sent = sim_header(request, "Authorization");
    return !sent || sim_lists(gcp_seed("clients"), sent);
}

static void issue(struct gcp_call *call, const struct exchange *exchange)
{
    char principal[320];
    const char *audience = sim_pairs_get(exchange->form, "audience");
    const char *provider = strstr(audience, "/providers/");
    snprintf(principal, sizeof(principal), "principal:%.*s/subject/%s", (int)(provider ? provider - audience : 0),
             audience, exchange->subject);
    gcp_tokens_answer(call->reply,
                      gcp_token_issue("ya29.d.", principal, sim_pairs_get(exchange->form, "scope"),
                                      sim_knob_int("gcp", "lifetime", GCP_LIFETIME)),
                      access_token_type);
}

static void run(struct gcp_call *call, struct exchange *exchange)
{
    const char *why = NULL;
    const char *type = sim_pairs_get(exchange->form, "subject_token_type");
    exchange->pool = gcp_find("pools", "audience", sim_pairs_get(exchange->form, "audience"));
    if (!is(exchange, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"))
        gcp_oauth_error(call->reply, 400, "unsupported_grant_type", "Unsupported grant type.");
    else if (!is(exchange, "requested_token_type", access_token_type))
        gcp_oauth_error(call->reply, 400, "invalid_request", "Invalid requested_token_type.");
    else if (!client_is_known(call->request))
        gcp_oauth_error(call->reply, 401, "invalid_client", "The client could not be authenticated.");
    else if (!exchange->pool || sim_flag(exchange->pool, "disabled"))
        gcp_oauth_error(
            call->reply, 400, "invalid_target",
            "The target service indicated by the \"audience\" parameters is invalid. This might either be "
            "because the pool or provider is disabled or deleted or because it doesn't exist.");
    else if (!sim_lists(json_member(exchange->pool, "types"), type))
        gcp_oauth_error(call->reply, 400, "invalid_request", "Invalid subject_token_type for the provider.");
    else if (text_empty(sim_pairs_get(exchange->form, "scope")))
        gcp_oauth_error(call->reply, 400, "invalid_scope", "Invalid scope.");
    else if ((why = check_options(exchange, call->request)) != NULL)
        gcp_oauth_error(call->reply, 400, "invalid_request", why);
    else if ((why = check_subject(exchange)) != NULL)
        gcp_oauth_error(call->reply, 400, "invalid_grant", why);
    else if (sim_flag(exchange->pool, "condition_refuses"))
        gcp_oauth_error(call->reply, 401, "unauthorized_client",
                        "The given credential is rejected by the attribute condition.");
    else
        issue(call, exchange);
}

/* GET /subject: what an identity provider's own endpoint hands out, as text or with ?format=json. */
static void hand_out(struct gcp_call *call)
{
    const char *format = sim_query(call->request, "format");
    const char *flavor = sim_header(call->request, "Metadata");
    struct json_object *tokens = json_member(gcp_find("pools", "name", "oidc"), "subject_tokens");
    const char *token = tokens ? json_object_get_string(json_object_array_get_idx(tokens, 0)) : "";
    if (!flavor || strcmp(flavor, "True") != 0) {
        sim_reply_text(call->reply, 400, "text/plain", "the header Metadata: True is missing");
    } else if (format && !strcmp(format, "json")) {
        struct json_object *body = json_object_new_object();
        json_object_object_add(body, "access_token", json_object_new_string(token));
        sim_reply_json(call->reply, 200, body);
    } else {
        sim_reply_text(call->reply, 200, "text/plain", token);
    }
}

bool gcp_sts(struct gcp_call *call)
{
    struct sim_pairs form = {0};
    struct exchange exchange = {.form = &form};
    if (!strcmp(call->request->path, "/subject") && sim_is(call->request, "GET")) {
        hand_out(call);
        return true;
    }
    if (strcmp(call->request->path, "/v1/token") != 0 || !sim_is(call->request, "POST"))
        return false;
    sim_body_form(call->request, &form);
    if (sim_has_type(call->request, "application/x-www-form-urlencoded"))
        run(call, &exchange);
    else
        gcp_oauth_error(call->reply, 400, "invalid_request", "The body must be a form.");
    sim_pairs_release(&form);
    return true;
}
