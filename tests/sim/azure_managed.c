/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hosts of managed identities, each under a path of its own: the instance metadata service, App Service of 2019
 * and of 2017 (as which Azure ML speaks), Cloud Shell, Service Fabric, and the agent of Azure Arc with its key file.
 */
#include "azure.h"

#include "base/json.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

enum { CLIENT, OBJECT, RESOURCE, NAMINGS };
enum answer_style { WITH_NUMBERS_AS_TEXT, WITH_A_DATE, WITH_NUMBERS };

static const char header_value[] = "sim-identity-header"; /* what the platform puts into the client's environment */
static const char *const members[NAMINGS] = {"client_id", "object_id", "resource_id"};

struct host {
    const char *path;
    const char *version; /* NULL: none is sent */
    const char *method;
    const char *secret_header; /* which must carry header_value; NULL: Metadata: true */
    const char *parameters[NAMINGS];
    enum answer_style style;
    bool challenges;
    bool echoes; /* the identity in the answer */
};
static const struct host hosts[] = {
    {"/metadata/identity/oauth2/token",
     "2018-02-01",
     "GET",
     NULL,
     {"client_id", "object_id", "msi_res_id"},
     WITH_NUMBERS_AS_TEXT,
     false,
     true},
    {"/msi/token",
     "2019-08-01",
     "GET",
     "X-IDENTITY-HEADER",
     {"client_id", "principal_id", "mi_res_id"},
     WITH_NUMBERS_AS_TEXT,
     false,
     true},
    {"/msi/token",
     "2025-03-30",
     "GET",
     "X-IDENTITY-HEADER",
     {"client_id", "principal_id", "mi_res_id"},
     WITH_NUMBERS_AS_TEXT,
     false,
     true},
    {"/msi/token", "2017-09-01", "GET", "secret", {"clientid", NULL, NULL}, WITH_A_DATE, false, false},
    {"/oauth2/token", NULL, "POST", NULL, {NULL, NULL, NULL}, WITH_NUMBERS_AS_TEXT, false, false},
    {"/fabric/metadata/identity/oauth2/token",
     "2019-07-01-preview",
     "GET",
     "Secret",
     {NULL, NULL, NULL},
     WITH_NUMBERS,
     false,
     false},
    {"/arc/metadata/identity/oauth2/token",
     "2020-06-01",
     "GET",
     NULL,
     {"client_id", "object_id", "msi_res_id"},
     WITH_NUMBERS_AS_TEXT,
     true,
     true},
    {"/arc/metadata/identity/oauth2/token",
     "2019-11-01",
     "GET",
     NULL,
     {NULL, NULL, NULL},
     WITH_NUMBERS_AS_TEXT,
     true,
     false},
};
enum { HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

static char arc_key[65]; /* "": none was asked for */

void azure_managed_load(void)
{
    arc_key[0] = '\0';
}

static void refuse(struct azure_call *call, int status, const char *word, const char *description)
{
    struct json_object *body = json_object_new_object();
    sim_put(body, "error", word);
    sim_put(body, "error_description", description);
    sim_reply_json(call->reply, status, body);
    sim_verdict(call->reply, "%s: %s", word, description);
}

/* The path with or without a slash behind it. */
static bool is_path(const struct sim_request *request, const char *path)
{
    const char *rest = sim_path_after(request, path);
    return rest && (*rest == '\0' || !strcmp(rest, "/"));
}

/* The one of a path and version; where only the version is unknown, the path's first, and false. */
static bool find_host(const struct sim_request *request, const struct host **found)
{
    const char *version = sim_query(request, "api-version");
    *found = NULL;
    for (size_t i = 0; i < HOSTS; i++) {
        if (!is_path(request, hosts[i].path))
            continue;
        *found = *found ? *found : &hosts[i];
        if (!hosts[i].version || (version && !strcmp(version, hosts[i].version))) {
            *found = &hosts[i];
            return true;
        }
    }
    return false;
}

static bool has_header(const struct sim_request *request, const char *name, const char *value)
{
    const char *sent = sim_header(request, name);
    return sent && !strcmp(sent, value);
}

/* What keeps a request out before an identity is looked for. */
static bool admits(struct azure_call *call, const struct host *host, bool version_known)
{
    const struct sim_request *request = call->request;
    if (host->secret_header && !has_header(request, host->secret_header, header_value))
        refuse(call, 401, "invalid_request", "the secret of the environment is missing or wrong");
    else if (!host->secret_header && !has_header(request, "Metadata", "true"))
        refuse(call, 400, "invalid_request", "bad_request_102: Required metadata header not specified");
    else if (!host->secret_header && sim_header(request, "X-Forwarded-For"))
        refuse(call, 400, "invalid_request", "the request came through a proxy");
    else if (!version_known)
        refuse(call, 400, "invalid_request", "the api-version is missing or not supported");
    else if (!sim_is(request, host->method))
        refuse(call, 405, "invalid_request", "the method is not supported");
    else
        return true;
    return false;
}

static bool write_key(const char *path)
{
    FILE *file = fopen(path, "we");
    bool written = file && fputs(arc_key, file) >= 0;
    if (file && fclose(file) != 0)
        written = false;
    return written;
}

/* The agent writes a key that only some may read, says where it is, and wants to see it. */
static bool holds_key(struct azure_call *call)
{
    char path[512];
    char other[512];
    char expected[80];
    char challenge[640];
    const char *sent = sim_header(call->request, "Authorization");
    snprintf(expected, sizeof(expected), "Basic %s", arc_key);
    if (sent && arc_key[0] != '\0' && !strcmp(sent, expected)) {
        arc_key[0] = '\0';
        return true;
    }
    const char *file =
        sim_knob_text("azure", "arc_key_file", "/var/opt/azcmagent/tokens/sim.key", path, sizeof(path));
    sim_random_text(arc_key, sizeof(arc_key) - 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    if (!write_key(file))
        sim_verdict(call->reply, "%s cannot be written", file);
    /* A client may see the file elsewhere, as one in a namespace of its own does. */
    const char *shown = sim_knob_text("azure", "arc_key_shown", file, other, sizeof(other));
    snprintf(challenge, sizeof(challenge), "Basic realm=%s", shown);
    sim_reply_header(call->reply, "WWW-Authenticate", challenge);
    refuse(call, 401, "unauthorized_client", "Missing Basic Authorization header");
    return false;
}

/* The identity that is asked for by one of the host's names; the system's own by none. NULL with the refusal. */
static struct json_object *find_identity(struct azure_call *call, const struct host *host)
{
    struct json_object *list = azure_seed("managed_identities");
    struct json_object *system = sim_find(list, "kind", "system");
    size_t count = list ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < NAMINGS; i++) {
        const char *asked = host->parameters[i] ? sim_query(call->request, host->parameters[i]) : NULL;
        struct json_object *found = asked ? azure_find_id("managed_identities", members[i], asked) : NULL;
        if (found)
            return found;
        if (asked) {
            refuse(call, 400, "invalid_request", "Identity not found");
            return NULL;
        }
    }
    if (system && sim_knob_bool("azure", "system_assigned", true))
        return system;
    bool many = count > 2 && sim_knob_bool("azure", "user_assigned", true);
    refuse(
        call, 400, "invalid_request",
        many ? "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in "
               "the token request"
             : "Identity not found");
    return NULL;
}

static void put_number(const struct host *host, struct json_object *body, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)number);
    json_object_object_add(
        body, name, host->style == WITH_NUMBERS ? json_object_new_int64(number) : json_object_new_string(text));
}

/* 09/14/2017 00:00:00 PM +00:00, as the service of 2017 wrote it. */
static void put_date(struct json_object *body, const char *name, int64_t seconds)
{
    char now[21];
    char date[40];
    int hour = 0;
    timestamp_format_rfc3339(seconds * 1000, now);
    sscanf(now + 11, "%2d", &hour);
    snprintf(date, sizeof(date), "%.2s/%.2s/%.4s %02d%.6s %s +00:00", now + 5, now + 8, now,
             hour % 12 == 0 ? 12 : hour % 12, now + 13, hour < 12 ? "AM" : "PM");
    sim_put(body, name, date);
}

static void answer(struct azure_call *call, const struct host *host, struct json_object *identity,
                   const char *resource)
{
    int64_t now = sim_now() / 1000;
    int64_t lifetime = sim_knob_int("azure", "managed_lifetime", AZURE_MANAGED_LIFETIME);
    const char *refused = sim_query(call->request, "token_sha256_to_refresh");
    struct azure_token *token = azure_token_issue(identity, json_member_text(identity, "tenant"), resource, lifetime);
    struct json_object *body = json_object_new_object();
    token->claims = refused && azure_token_has_hash(refused);
    sim_put(body, "access_token", token->text);
    if (host->style == WITH_A_DATE) {
        put_date(body, "expires_on", now + lifetime);
    } else {
        put_number(host, body, "expires_on", now + lifetime);
        put_number(host, body, "expires_in", lifetime);
        put_number(host, body, "not_before", now);
    }
    sim_put(body, "resource", resource);
    sim_put(body, "token_type", "Bearer");
    for (size_t i = 0; host->echoes && i < NAMINGS; i++)
        if (host->parameters[i] && sim_query(call->request, host->parameters[i]))
            sim_put(body, host->parameters[i], json_member_text(identity, members[i]));
    if (host->echoes && !json_member(body, "client_id"))
        sim_put(body, "client_id", json_member_text(identity, "client_id"));
    sim_reply_json(call->reply, 200, body);
    sim_count("azure", "tokens");
}

bool azure_managed(struct azure_call *call)
{
    char resource[256] = "";
    const struct host *host;
    bool known = find_host(call->request, &host);
    if (!host)
        return false;
    if (!admits(call, host, known))
        return true;
    struct sim_pairs form = {0};
    sim_body_form(call->request, &form);
    const char *asked = host->version ? sim_query(call->request, "resource") : sim_pairs_get(&form, "resource");
    snprintf(resource, sizeof(resource), "%s", asked ? asked : "");
    sim_pairs_release(&form);
    if (resource[0] == '\0') {
        refuse(call, 400, "invalid_request", "the resource is missing");
    } else if (!host->challenges || holds_key(call)) {
        struct json_object *identity = find_identity(call, host);
        if (identity)
            answer(call, host, identity, resource);
    }
    return true;
}
