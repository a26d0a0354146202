/* SPDX-License-Identifier: Apache-2.0 */
/* Where the identity is looked for. Never localhost:8080, which kubectl falls back to. */
#include "kubernetes/identity/chain.h"

#include "base/text.h"
#include "kubernetes/identity/in_cluster.h"
#include "kubernetes/identity/token_file.h"
#include "kubernetes/identity/user.h"
#include "sdk/chain.h"
#include "sdk/host.h"

#include <string.h>

/* A place to look at. */
struct place {
    struct chain_step step;
    enum mstr_code (*look)(const struct chain_search *search, struct identity **out, struct mstr_error *error);
};

static const char *option_of(const struct chain_search *search, const char *name)
{
    const char *text = host->option(search->data, name);
    return text_empty(text) ? NULL : text;
}

static enum mstr_code no_memory(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Everything by options: no kubeconfig is needed then. */
static enum mstr_code look_at_options(const struct chain_search *search, struct identity **out,
                                      struct mstr_error *error)
{
    bool whole = option_of(search, "server") != NULL && option_of(search, "token_file") != NULL;
    if (!whole || option_of(search, "kubeconfig") != NULL || option_of(search, "context") != NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "%s",
                               whole ? "a kubeconfig is named" : "server and token_file are not both set");
    }
    struct identity *identity = identity_new(search->data, "server and token_file");
    if (identity == NULL || (identity->cluster.namespace = text_copy("default")) == NULL) {
        identity_release(identity);
        return no_memory(error);
    }
    *out = identity;
    return MSTR_OK;
}

/* The identity of a kubeconfig whose files were read. Takes the files over. */
static enum mstr_code take_config(const struct chain_search *search, const char *name, struct kubeconfig *config,
                                  struct identity **out, struct mstr_error *error)
{
    struct buffer source = BUFFER_INIT;
    buffer_printf(&source, "%s (%s%s)", name, config->files[0].path, config->count > 1 ? " and others" : "");
    struct identity *identity = identity_new(search->data, buffer_text(&source));
    buffer_release(&source);
    if (identity == NULL) {
        return no_memory(error);
    }
    identity->config = *config;
    *config = (struct kubeconfig){.count = 0};
    enum mstr_code code =
        kubeconfig_select(&identity->config, option_of(search, "context"), &identity->context, error);
    code = code == MSTR_OK ? cluster_read(&identity->context, search->data, &identity->cluster, error) : code;
    if (code == MSTR_OK && option_of(search, "token_file") == NULL) {
        code = user_settle(identity, error);
    }
    if (code != MSTR_OK) {
        identity_release(identity);
        return code;
    }
    *out = identity;
    return MSTR_OK;
}

static enum mstr_code look_at_file(const struct chain_search *search, const char *name, const char *path,
                                   struct identity **out, struct mstr_error *error)
{
    struct kubeconfig config = {.count = 0};
    enum mstr_code code = kubeconfig_add(&config, path, error);
    code = code == MSTR_OK ? take_config(search, name, &config, out, error) : code;
    kubeconfig_release(&config);
    return code;
}

/* A file that somebody names must be there, and have a context. */
static enum mstr_code look_at_option(const struct chain_search *search, struct identity **out,
                                     struct mstr_error *error)
{
    const char *path = option_of(search, "kubeconfig");
    if (path == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not set");
    }
    enum mstr_code code = look_at_file(search, "kubeconfig", path, out, error);
    return code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code;
}

/* Files that are missing are passed over, as kubectl does; with a word, since another identity may be used then. */
static enum mstr_code look_at_variable(const struct chain_search *search, struct identity **out,
                                       struct mstr_error *error)
{
    const char *list = host->environment("KUBECONFIG");
    struct kubeconfig config = {.count = 0};
    if (text_empty(list)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not set");
    }
    enum mstr_code code = kubeconfig_add_list(&config, list, error);
    code = code == MSTR_OK ? take_config(search, "KUBECONFIG", &config, out, error) : code;
    kubeconfig_release(&config);
    if (code == MSTR_E_NOT_AVAILABLE) {
        host->log(search->data, MSTR_LEVEL_WARN, "KUBECONFIG is passed over: %s", host->error_message(error));
    }
    return code;
}

static enum mstr_code look_at_pod(const struct chain_search *search, struct identity **out, struct mstr_error *error)
{
    return option_of(search, "context") != NULL
               ? host->error_set(error, MSTR_E_NOT_AVAILABLE, "a context is named, which only a kubeconfig has")
               : in_cluster_find(search->data, IN_CLUSTER_FOLDER, out, error);
}

static enum mstr_code look_at_home(const struct chain_search *search, struct identity **out, struct mstr_error *error)
{
    const char *home = host->environment("HOME");
    struct buffer path = BUFFER_INIT;
    if (text_empty(home)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "HOME is not set");
    }
    enum mstr_code code = buffer_printf(&path, "%s/.kube/config", home)
                              ? look_at_file(search, "~/.kube/config", buffer_text(&path), out, error)
                              : no_memory(error);
    buffer_release(&path);
    return code;
}

static const struct place places[] = {
    {{.name = "server and token_file"}, look_at_options}, {{.name = "kubeconfig"}, look_at_option},
    {{.name = "KUBECONFIG"}, look_at_variable},           {{.name = "in-cluster service account"}, look_at_pod},
    {{.name = "~/.kube/config"}, look_at_home},
};
enum { PLACES = sizeof(places) / sizeof(*places) };

/* The section's options over what was found. */
static enum mstr_code settle(const struct chain_search *search, struct identity *identity, struct mstr_error *error)
{
    const char *token_file = option_of(search, "token_file");
    if (token_file != NULL && identity->token_file == NULL) {
        identity->kind = &token_file_identity;
        identity->token_file_bad = MSTR_E_CONFIG;
        identity->token_file = text_copy(token_file);
        if (identity->token_file == NULL) {
            return no_memory(error);
        }
    }
    return cluster_settle(&identity->cluster, search->data, identity->source, error);
}

static enum mstr_code look(struct chain_search *search, const void *step, struct mstr_error *error)
{
    const struct place *place = step;
    struct identity **out = search->out;
    enum mstr_code code = place->look(search, out, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = settle(search, *out, error);
    if (code != MSTR_OK) {
        identity_release(*out);
        *out = NULL;
        return code;
    }
    buffer_printf(&search->who, "%s at %s", (*out)->kind->name, (*out)->cluster.server);
    return MSTR_OK;
}

static const char set_up_hint[] =
    "run in a pod with a service account, or set KUBECONFIG or the option kubeconfig to a kubeconfig file; see "
    "mstr-provider-kubernetes(5)";

static const struct chain_table table = {"Kubernetes", set_up_hint, places, PLACES, sizeof(*places), look};

enum mstr_code identity_find(const struct mstr_instance *instance, const struct mstr_call *call,
                             struct mstr_report *report, struct identity **out, struct mstr_error *error)
{
    struct chain_search search = {.call = call, .report = report, .data = instance, .out = out};
    *out = NULL;
    return chain_search(&table, &search, error);
}
