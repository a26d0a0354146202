/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vault's login with a request to AWS that its sender has signed and Vault sends on, to a host of its own choice:
 * here the AWS service of the simulator verifies it.
 */
#include "aws.h"
#include "core.h"
#include "services.h"
#include "vault.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/uri.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char identity_request[] = "Action=GetCallerIdentity&Version=2011-06-15";

/* A member of the input, decoded; false without one that is base64. */
static bool decode(const struct vault_call *call, const char *name, struct buffer *out)
{
    const char *text = vault_input(call, name);
    return text && base64_decode(out, text, strlen(text));
}

/* Values are texts, or lists of them. */
static void add_header(struct sim_request *request, const char *name, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_array)) {
        sim_pairs_add(&request->headers, name, json_object_get_string(value));
        return;
    }
    for (size_t i = 0; i < json_object_array_length(value); i++)
        sim_pairs_add(&request->headers, name, json_object_get_string(json_object_array_get_idx(value, i)));
}

/* In base64, or as the object itself. Host comes of the URL, as in Go. */
static bool add_headers(const struct vault_call *call, struct sim_request *request, const struct uri *uri)
{
    struct buffer decoded = BUFFER_INIT;
    struct buffer host = BUFFER_INIT;
    struct json_object *given = json_member(call->input, "iam_request_headers");
    struct json_object *headers = NULL;
    if (json_object_is_type(given, json_type_object))
        headers = json_object_get(given);
    else if (decode(call, "iam_request_headers", &decoded))
        headers = json_parse(buffer_text(&decoded), decoded.length);
    const bool read = json_object_is_type(headers, json_type_object);
    if (read) {
        json_object_object_foreach(headers, name, value)
        {
            if (!text_equal_nocase(name, "Host"))
                add_header(request, name, value);
        }
    }
    uri_host_header(uri, &host);
    sim_pairs_add(&request->headers, "Host", buffer_text(&host));
    buffer_release(&host);
    buffer_release(&decoded);
    json_object_put(headers);
    return read;
}

/* The request that the input describes; why it is none, or NULL. */
static const char *rebuild(const struct vault_call *call, struct sim_request *request)
{
    struct uri uri;
    struct buffer url = BUFFER_INIT;
    const char *method = vault_input(call, "iam_http_request_method");
    const char *fault = NULL;
    if (!method || strcmp(method, "POST") != 0)
        fault = "iam_http_request_method must be POST";
    else if (!decode(call, "iam_request_url", &url) || !uri_parse(buffer_text(&url), &uri) || !uri.https)
        fault = "error parsing iam_request_url";
    else if (!decode(call, "iam_request_body", &request->body))
        fault = "failed to base64 decode iam_request_body";
    else if (strcmp(buffer_text(&request->body), identity_request) != 0)
        fault = "iam_request_body failed to parse: only GetCallerIdentity is allowed";
    else if (!add_headers(call, request, &uri))
        fault = "error parsing iam_request_headers";
    request->method = text_copy("POST");
    request->target = text_copy("/");
    buffer_release(&url);
    return fault;
}

/* X-Vault-AWS-IAM-Server-ID, where the mount demands it, must be right and signed. */
static bool names_server(struct vault_call *call, struct json_object *mount, const struct sim_request *request)
{
    static const char name[] = "X-Vault-AWS-IAM-Server-ID";
    const char *expected = json_member_text(mount, "server_id");
    const char *sent = sim_header(request, name);
    const char *authorization = sim_header(request, "Authorization");
    if (!expected)
        return true;
    if (!sent)
        vault_refuse(call, 400, "error validating %s header: missing header \"%s\"", name, name);
    else if (strcmp(sent, expected) != 0)
        vault_refuse(call, 400, "error validating %s header: expected \"%s\" but got \"%s\"", name, expected, sent);
    else if (!authorization || !strstr(authorization, "x-vault-aws-iam-server-id"))
        vault_refuse(call, 400, "error validating %s header: header wasn't signed", name);
    else
        return true;
    return false;
}

static void refuse_upstream(struct vault_call *call, const char *code, const char *message)
{
    struct sim_reply xml = {0};
    aws_xml_error(&xml, 403, code, message);
    vault_refuse(call, 400, "error making upstream request: received error code 403 from STS: %s",
                 buffer_text(&xml.body));
    sim_reply_release(&xml);
}

/* Who signed, as IAM names the one behind a session too; false with the refusal. */
static bool ask_aws(struct vault_call *call, const struct sim_request *request, char arn[VAULT_TEXT_MAX])
{
    char region[64] = "";
    char expected[64];
    char account[13];
    char role[201];
    struct aws_refusal refusal = {0};
    sim_service_lock(&sim_aws);
    const struct aws_key *key = aws_verify(request, "sts", region, &refusal);
    const bool known = key != NULL;
    snprintf(arn, VAULT_TEXT_MAX, "%s", known ? key->arn : "");
    sim_service_unlock(&sim_aws);
    if (!known)
        refuse_upstream(call, aws_query_code(refusal.code), refusal.message);
    else if (strcmp(region, sim_knob_text("vault", "sts_region", "us-east-1", expected, sizeof(expected))) != 0)
        refuse_upstream(call, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ");
    else {
        if (sscanf(arn, "arn:aws:sts::%12[0-9]:assumed-role/%200[^/]/", account, role) == 2)
            snprintf(arn, VAULT_TEXT_MAX, "arn:aws:iam::%s:role/%s", account, role);
        return true;
    }
    return false;
}

static bool choose_role(struct vault_call *call, struct json_object *mount, const char *arn,
                        struct json_object **role)
{
    const char *name = vault_input(call, "role");
    const char *slash = strrchr(arn, '/');
    if (!name)
        name = slash ? slash + 1 : arn;
    struct json_object *found = sim_find(json_member(mount, "roles"), "name", name);
    if (!found)
        vault_refuse(call, 400, "entry for role %s not found", name);
    else if (!sim_lists(json_member(found, "bound_arns"), arn))
        vault_refuse(call, 400, "IAM Principal \"%s\" does not belong to the role \"%s\"", arn, name);
    else
        *role = found;
    return *role != NULL;
}

bool vault_proof_aws(struct vault_call *call, struct json_object *mount, struct json_object **role)
{
    char arn[VAULT_TEXT_MAX];
    struct sim_request request = {.service = &sim_aws, .tls = true};
    const char *fault = rebuild(call, &request);
    if (fault)
        vault_refuse(call, 400, "%s", fault);
    const bool let_in = !fault && names_server(call, mount, &request) && ask_aws(call, &request, arn) &&
                        choose_role(call, mount, arn, role);
    free(request.method);
    free(request.target);
    sim_pairs_release(&request.headers);
    buffer_release(&request.body);
    return let_in;
}
