/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata server of Compute Engine, GKE and Cloud Run: only for those who say Metadata-Flavor: Google. */
#include "gcp.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { REUSE_MS = 240 * 1000 };

static const char root[] = "/computeMetadata/v1/";
static const struct gcp_token *current; /* handed out again until shortly before its end */

void gcp_metadata_load(void)
{
    current = NULL;
}

static void refuse(struct gcp_call *call, int status, const char *why)
{
    char page[256];
    snprintf(page, sizeof(page), "<!DOCTYPE html>\n<html lang=en>\n<title>Error %d</title>\n", status);
    sim_reply_text(call->reply, status, "text/html; charset=UTF-8", page);
    sim_verdict(call->reply, "%s", why);
}

/* scopes= is honoured as Cloud Run does; a machine's own scopes win, as on Compute Engine. */
static void hand_out_token(struct gcp_call *call)
{
    char own[512];
    char scopes[512] = GCP_SCOPE;
    const char *asked = sim_query(call->request, "scopes");
    const char *email = json_member_text(gcp_seed("metadata"), "email");
    if (asked)
        snprintf(scopes, sizeof(scopes), "%s", asked);
    for (char *comma = scopes; (comma = strchr(comma, ',')) != NULL;)
        *comma = ' ';
    const char *granted = sim_knob_text("gcp", "metadata_scopes", scopes, own, sizeof(own));
    if (!current || current->expires - sim_now() < REUSE_MS || strcmp(current->scopes, granted) != 0)
        current = gcp_token_issue("ya29.c.", email, granted, sim_knob_int("gcp", "lifetime", GCP_LIFETIME));
    gcp_tokens_answer(call->reply, current, NULL);
}

static void describe_account(struct gcp_call *call, const char *email)
{
    struct json_object *answer = json_object_new_object();
    struct json_object *aliases = json_object_new_array();
    struct json_object *scopes = json_object_new_array();
    json_object_array_add(aliases, json_object_new_string("default"));
    json_object_array_add(scopes, json_object_new_string(GCP_SCOPE));
    json_object_object_add(answer, "aliases", aliases);
    json_object_object_add(answer, "email", json_object_new_string(email));
    json_object_object_add(answer, "scopes", scopes);
    sim_reply_json(call->reply, 200, answer);
}

static bool is_named(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && !strncmp(text, name, length);
}

/* What follows instance/service-accounts/; false for an account that is none of this machine's. */
static bool account(struct gcp_call *call, const char *rest)
{
    const char *email = json_member_text(gcp_seed("metadata"), "email");
    size_t length = strcspn(rest, "/");
    if (!email || !sim_knob_bool("gcp", "metadata_account", true) ||
        (!is_named(rest, length, "default") && !is_named(rest, length, email)))
        return false;
    const char *what = rest + length;
    if (!strcmp(what, "/token"))
        hand_out_token(call);
    else if (!strcmp(what, "/email"))
        sim_reply_text(call->reply, 200, "application/text", email);
    else if (!strcmp(what, "/") && sim_query(call->request, "recursive"))
        describe_account(call, email);
    else
        return false;
    return true;
}

static bool answer(struct gcp_call *call, const char *path)
{
    static const char accounts[] = "instance/service-accounts/";
    static const struct {
        const char *path;
        const char *member; /* of the seed's section */
    } texts[] = {{"project/project-id", "project"},
                 {"project/numeric-project-id", "number"},
                 {"universe/universe-domain", "universe"}};
    if (text_starts_with(path, accounts))
        return account(call, path + strlen(accounts));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *text = json_member_text(gcp_seed("metadata"), texts[i].member);
        if (text && !strcmp(texts[i].path, path)) {
            sim_reply_text(call->reply, 200, "application/text", text);
            return true;
        }
    }
    if (strcmp(path, "instance") != 0 && strcmp(path, "instance/") != 0)
        return false;
    sim_reply_text(call->reply, 200, "application/text", "attributes/\nservice-accounts/\n");
    return true;
}

bool gcp_metadata(struct gcp_call *call)
{
    const char *path = sim_path_after(call->request, root);
    const char *flavor = sim_header(call->request, "Metadata-Flavor");
    bool ping = !strcmp(call->request->path, "/");
    if ((!path && !ping) || !sim_knob_bool("gcp", "metadata", true))
        return false;
    if (sim_knob_bool("gcp", "flavor", true)) {
        sim_reply_header(call->reply, "Metadata-Flavor", "Google");
        sim_reply_header(call->reply, "Server", "Metadata Server for VM");
    }
    if (sim_header(call->request, "X-Forwarded-For"))
        refuse(call, 403, "the request came through a proxy");
    else if (!sim_is(call->request, "GET"))
        refuse(call, 405, "only GET is known here");
    else if (ping)
        sim_reply_text(call->reply, 200, "application/text", "computeMetadata/\n");
    else if (!flavor || strcmp(flavor, "Google") != 0)
        refuse(call, 403, "Metadata-Flavor: Google is missing");
    else if (!answer(call, path))
        refuse(call, 404, "the metadata server has no such path");
    return true;
}
