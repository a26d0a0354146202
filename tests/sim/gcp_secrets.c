/* SPDX-License-Identifier: Apache-2.0 */
/* Secret Manager, REST v1: payloads of versions, what is known of versions and secrets, and changes by the admin. */
#include "gcp.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 9, PART_MAX = 255, PAYLOAD_MAX = 65536 };

/* projects/P[/locations/L][/secrets/S[/versions/V]][:verb] */
struct resource {
    char parts[PARTS_MAX][PART_MAX + 1];
    const char *project;
    const char *location; /* NULL: global */
    const char *secret;   /* NULL: the list of secrets */
    const char *version;
    const char *verb; /* "", "access" */
    bool versions;    /* the list of versions is meant */
    struct json_object *found;
};

static size_t split(const char *text, struct resource *resource)
{
    size_t count = 0;
    while (count < PARTS_MAX) {
        size_t length = strcspn(text, "/");
        if (length > PART_MAX)
            return 0;
        snprintf(resource->parts[count++], PART_MAX + 1, "%.*s", (int)length, text);
        if (text[length] == '\0')
            return count;
        text += length + 1;
    }
    return 0;
}

static bool parse(const char *path, struct resource *resource)
{
    size_t count = split(path, resource);
    size_t at = 2;
    if (count < 3 || strcmp(resource->parts[0], "projects") != 0)
        return false;
    char *colon = strrchr(resource->parts[count - 1], ':');
    resource->verb = colon ? colon + 1 : "";
    if (colon)
        *colon = '\0';
    resource->project = resource->parts[1];
    if (!strcmp(resource->parts[at], "locations") && at + 1 < count) {
        resource->location = resource->parts[at + 1];
        at += 2;
    }
    if (at >= count || strcmp(resource->parts[at], "secrets") != 0)
        return false;
    resource->secret = at + 1 < count ? resource->parts[at + 1] : NULL;
    resource->versions = at + 2 < count && !strcmp(resource->parts[at + 2], "versions");
    resource->version = at + 3 < count ? resource->parts[at + 3] : NULL;
    return count <= at + 4 && (count <= at + 2 || resource->versions);
}

/* Regional secrets live on hosts of their own; on loopback one listener is all of them. */
static bool on_its_host(const struct sim_request *request, const struct resource *resource)
{
    char expected[320];
    const char *host = sim_header(request, "Host");
    if (!host || !text_ends_with(host, ".googleapis.com"))
        return true;
    if (resource->location)
        snprintf(expected, sizeof(expected), "secretmanager.%s.rep.googleapis.com", resource->location);
    else
        snprintf(expected, sizeof(expected), "secretmanager.googleapis.com");
    return !strcmp(host, expected);
}

static struct json_object *find_project(const char *id)
{
    struct json_object *project = gcp_find("projects", "id", id);
    return project ? project : gcp_find("projects", "number", id);
}

static bool same(const char *a, const char *b)
{
    return !a == !b && (!a || !strcmp(a, b));
}

static struct json_object *find_secret(struct json_object *project, const char *location, const char *name)
{
    struct json_object *list = gcp_seed("secrets");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *secret = json_object_array_get_idx(list, i);
        if (same(json_member_text(secret, "project"), json_member_text(project, "id")) &&
            same(json_member_text(secret, "location"), location) && same(json_member_text(secret, "name"), name))
            return secret;
    }
    return NULL;
}

static void put_name(char *out, size_t size, struct json_object *project, const struct resource *resource)
{
    snprintf(out, size, "projects/%s%s%s/secrets/%s", json_member_text(project, "number"),
             resource->location ? "/locations/" : "", resource->location ? resource->location : "", resource->secret);
}

static void deny(struct gcp_call *call, const struct resource *resource, const char *permission)
{
    gcp_error(call->reply, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED",
              "Permission 'secretmanager.%s' denied for resource 'projects/%s/secrets/%s' (or it may not exist).",
              permission, resource->project, resource->secret ? resource->secret : "");
}

/* What is refused before the secret is looked at. */
static bool project_allows(struct gcp_call *call, struct resource *resource, struct json_object *project)
{
    const char *payer = sim_header(call->request, "x-goog-user-project");
    if (payer && !find_project(payer)) {
        gcp_error(call->reply, "PERMISSION_DENIED", "USER_PROJECT_DENIED",
                  "Caller does not have required permission to use project %s. Grant the caller the "
                  "roles/serviceusage.serviceUsageConsumer role.",
                  payer);
        return false;
    }
    if (sim_flag(project, "api_disabled")) {
        gcp_error(
            call->reply, "PERMISSION_DENIED", "SERVICE_DISABLED",
            "Secret Manager API has not been used in project %s before or it is disabled. Enable it by visiting "
            "https://console.developers.google.com/apis/api/secretmanager.googleapis.com/overview?project=%s "
            "then retry.",
            json_member_text(project, "number"), json_member_text(project, "number"));
        return false;
    }
    if (!project)
        deny(call, resource, "versions.access");
    return project != NULL;
}

static bool secret_allows(struct gcp_call *call, const struct resource *resource, const struct gcp_token *caller)
{
    struct json_object *readers = json_member(resource->found, "readers");
    if (resource->found &&
        (sim_flag(resource->found, "denied") || (readers && !sim_lists(readers, caller->principal)))) {
        deny(call, resource, "versions.access");
        return false;
    }
    if (!resource->found || !text_is_made_of(resource->secret, "-_")) {
        bool malformed = !text_is_made_of(resource->secret, "-_");
        gcp_error(call->reply, malformed ? "INVALID_ARGUMENT" : "NOT_FOUND", NULL,
                  malformed ? "Resource ID [%s/%s] is not in a valid format."
                            : "Secret [projects/%s/secrets/%s] not found or has no versions.",
                  resource->project, resource->secret);
        return false;
    }
    return true;
}

/* The number that a version's name stands for; 0: none. latest is the newest one, whatever its state. */
static int64_t number_of(struct json_object *secret, const char *version)
{
    int64_t number = 0;
    struct json_object *versions = json_member(secret, "versions");
    int64_t count = versions ? (int64_t)json_object_array_length(versions) : 0;
    if (!strcmp(version, "latest"))
        return count;
    if (!text_to_int64(version, &number))
        json_member_int64(json_member(secret, "aliases"), version, &number);
    return number >= 1 && number <= count ? number : 0;
}

static uint32_t checksum(const struct buffer *octets)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < octets->length; i++) {
        crc ^= (unsigned char)buffer_text(octets)[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return ~crc;
}

static struct json_object *payload_of(struct json_object *version)
{
    char sum[16];
    size_t length = 0;
    struct buffer octets = BUFFER_INIT;
    struct buffer encoded = BUFFER_INIT;
    const char *text = json_member_octets(version, "string", &length);
    const char *binary = json_member_text(version, "binary_base64");
    if (binary)
        base64_decode(&octets, binary, strlen(binary));
    else
        buffer_append(&octets, text ? text : "", length);
    struct json_object *payload = json_object_new_object();
    base64_encode(&encoded, buffer_text(&octets), octets.length);
    if (encoded.length > 0)
        json_object_object_add(payload, "data", json_object_new_string(buffer_text(&encoded)));
    snprintf(sum, sizeof(sum), "%u", checksum(&octets));
    if (sim_knob_bool("gcp", "checksum", true))
        json_object_object_add(payload, "dataCrc32c", json_object_new_string(sum));
    buffer_release(&encoded);
    buffer_release(&octets);
    return payload;
}

static const char *state_of(struct json_object *version)
{
    const char *state = json_member_text(version, "state");
    return state ? state : "ENABLED";
}

static struct json_object *describe_version(const char *secret_name, int64_t number, struct json_object *version)
{
    char name[1024];
    struct json_object *answer = json_object_new_object();
    snprintf(name, sizeof(name), "%s/versions/%lld", secret_name, (long long)number);
    json_object_object_add(answer, "name", json_object_new_string(name));
    json_object_object_add(answer, "createTime", json_object_new_string("2026-01-01T00:00:00.000000Z"));
    json_object_object_add(answer, "state", json_object_new_string(state_of(version)));
    return answer;
}

static void answer_version(struct gcp_call *call, const struct resource *resource, const char *name)
{
    struct json_object *versions = json_member(resource->found, "versions");
    int64_t number = number_of(resource->found, resource->version);
    bool access = !strcmp(resource->verb, "access");
    if (number == 0) {
        gcp_error(call->reply, "NOT_FOUND", NULL, "Secret Version [%s/versions/%s] not found.", name,
                  resource->version);
        return;
    }
    struct json_object *version = json_object_array_get_idx(versions, (size_t)number - 1);
    if (access && strcmp(state_of(version), "ENABLED") != 0) {
        gcp_error(call->reply, "FAILED_PRECONDITION", NULL, "Secret Version [%s/versions/%lld] is in %s state.", name,
                  (long long)number, state_of(version));
        return;
    }
    struct json_object *answer = describe_version(name, number, version);
    if (access) {
        json_object_object_del(answer, "createTime");
        json_object_object_del(answer, "state");
        json_object_object_add(answer, "payload", payload_of(version));
    }
    sim_reply_json(call->reply, 200, answer);
}

/* The newest first. */
static void list_versions(struct gcp_call *call, const struct resource *resource, const char *name)
{
    struct json_object *versions = json_member(resource->found, "versions");
    struct json_object *answer = json_object_new_object();
    struct json_object *list = json_object_new_array();
    size_t count = versions ? json_object_array_length(versions) : 0;
    for (size_t i = count; i > 0; i--)
        json_object_array_add(list, describe_version(name, (int64_t)i, json_object_array_get_idx(versions, i - 1)));
    json_object_object_add(answer, "versions", list);
    json_object_object_add(answer, "totalSize", json_object_new_int64((int64_t)count));
    sim_reply_json(call->reply, 200, answer);
}

static void describe_secret(struct gcp_call *call, const struct resource *resource, const char *name)
{
    struct json_object *answer = json_object_new_object();
    struct json_object *aliases = json_member(resource->found, "aliases");
    json_object_object_add(answer, "name", json_object_new_string(name));
    json_object_object_add(answer, "createTime", json_object_new_string("2026-01-01T00:00:00.000000Z"));
    if (aliases)
        json_object_object_add(answer, "versionAliases", json_object_get(aliases));
    sim_reply_json(call->reply, 200, answer);
}

static void answer(struct gcp_call *call, struct resource *resource)
{
    char name[768];
    struct json_object *project = find_project(resource->project);
    const struct gcp_token *caller = gcp_bearer(call, "secretmanager");
    if (!caller || !project_allows(call, resource, project))
        return;
    const char *locations = sim_header(call->request, "x-allowed-locations");
    if (locations && strcmp(locations, gcp_allowed_locations(caller->principal)) != 0) {
        gcp_error(call->reply, "INVALID_ARGUMENT", NULL, "x-allowed-locations is not what the caller's account has.");
        return;
    }
    resource->found = find_secret(project, resource->location, resource->secret);
    if (!secret_allows(call, resource, caller))
        return;
    put_name(name, sizeof(name), project, resource);
    if (resource->version)
        answer_version(call, resource, name);
    else if (resource->versions)
        list_versions(call, resource, name);
    else
        describe_secret(call, resource, name);
}

bool gcp_secrets(struct gcp_call *call)
{
    struct resource resource = {0};
    const char *path = sim_path_after(call->request, "/v1/");
    if (!path || !sim_is(call->request, "GET") || !parse(path, &resource) || !resource.secret ||
        !on_its_host(call->request, &resource) ||
        (*resource.verb && (strcmp(resource.verb, "access") != 0 || !resource.version)))
        return false;
    answer(call, &resource);
    return true;
}

static struct json_object *new_secret(const char *project, const char *name)
{
    struct json_object *secret = json_object_new_object();
    json_object_object_add(secret, "project", json_object_new_string(project));
    json_object_object_add(secret, "name", json_object_new_string(name));
    json_object_object_add(secret, "versions", json_object_new_array());
    json_object_array_add(gcp_seed("secrets"), secret);
    return secret;
}

static bool add_version(struct json_object *secret, struct json_object *arguments)
{
    static const char *const members[] = {"string", "binary_base64"};
    struct json_object *version = json_object_new_object();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct json_object *value = json_member(arguments, members[i]);
        if (value)
            json_object_object_add(version, members[i], json_object_get(value));
    }
    return json_object_array_add(json_member(secret, "versions"), version) == 0;
}

/* The state that an action puts the newest version, or that of "version", into. */
static bool set_state(struct json_object *secret, const char *action, struct json_object *arguments)
{
    static const char *const states[][2] = {{"enable", "ENABLED"}, {"disable", "DISABLED"}, {"destroy", "DESTROYED"}};
    int64_t number = number_of(secret, "latest");
    json_member_int64(arguments, "version", &number);
    struct json_object *version = json_object_array_get_idx(json_member(secret, "versions"), (size_t)number - 1);
    for (size_t i = 0; version && i < sizeof(states) / sizeof(states[0]); i++)
        if (!strcmp(states[i][0], action))
            return json_object_object_add(version, "state", json_object_new_string(states[i][1])) == 0;
    return false;
}

void gcp_secrets_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *name = json_member_text(arguments, "name");
    const char *action = json_member_text(arguments, "action");
    const char *id = json_member_text(arguments, "project");
    struct json_object *project = find_project(id ? id : "sim-project");
    if (!name || !project)
        return;
    struct json_object *secret = find_secret(project, json_member_text(arguments, "location"), name);
    if (!action || !strcmp(action, "put")) {
        add_version(secret ? secret : new_secret(json_member_text(project, "id"), name), arguments);
        reply->status = 204;
    } else if (secret && (!strcmp(action, "deny") || !strcmp(action, "allow"))) {
        json_object_object_add(secret, "denied", json_object_new_boolean(action[0] == 'd'));
        reply->status = 204;
    } else if (secret && set_state(secret, action, arguments)) {
        reply->status = 204;
    }
}
