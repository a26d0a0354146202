/* SPDX-License-Identifier: Apache-2.0 */
/* Azure: which API a request is for. */
#include "azure.h"
#include "services.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static struct json_object *seed;

static bool (*const by_path[])(struct azure_call *call) = {azure_managed, azure_pipelines, azure_vault, azure_entra};

struct json_object *azure_seed(const char *list)
{
    return json_member(seed, list);
}

struct json_object *azure_find(const char *list, const char *member, const char *value)
{
    return sim_find(azure_seed(list), member, value);
}

struct json_object *azure_find_id(const char *list_name, const char *member, const char *value)
{
    struct json_object *list = azure_seed(list_name);
    for (size_t i = 0; list && value && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *text = json_member_text(item, member);
        if (text && text_equal_nocase(text, value))
            return item;
    }
    return NULL;
}

struct json_object *azure_tenant(const char *name, size_t length)
{
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)length, name);
    struct json_object *tenant = azure_find_id("tenants", "id", text);
    return tenant ? tenant : azure_find_id("tenants", "domain", text);
}

void azure_own_origin(const struct sim_request *request, char *out, size_t size)
{
    const char *host = sim_header(request, "Host");
    snprintf(out, size, "http%s://%s", request->tls ? "s" : "", host ? host : "localhost");
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct azure_call call = {.request = request, .reply = reply};
    for (size_t i = 0; i < sizeof(by_path) / sizeof(by_path[0]); i++)
        if (by_path[i](&call))
            return;
    sim_reply_text(reply, 404, "text/html", "<html><head><title>404 - File or directory not found.</title></head>\n");
    sim_verdict(reply, "no API of the simulator has this path");
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (section && !json_object_is_type(section, json_type_object)) {
        buffer_puts(why, "azure is no object");
        return false;
    }
    seed = section;
    azure_assertions_load();
    azure_tokens_unload();
    azure_managed_load();
    azure_vault_load();
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "secrets"))
        azure_secrets_admin(arguments, reply);
    else if (!strcmp(verb, "certificates"))
        azure_certificates_admin(arguments, reply);
}

static void unload(void)
{
    azure_assertions_load();
    azure_tokens_unload();
    seed = NULL;
}

const struct sim_service sim_azure = {"azure", "", load, handle, admin, NULL, unload};
