/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig files: read, merged as kubectl does it, and asked for the cluster and user of a context. The first file
 * that names a cluster, user or context has it as a whole. Every fault is told with file and line. Nothing is taken
 * from the environment here. Immutable once read.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_CONFIG_KUBECONFIG_H
#define MSTR_PROVIDERS_KUBERNETES_CONFIG_KUBECONFIG_H

#include "base/json.h"

#include <mstr/provider.h>

enum { KUBE_FILES_MAX = 32 };

struct kube_file {
    char *path;
    struct json_object *tree; /* NULL = there is nothing in it */
};

/* All zero is an empty one. */
struct kubeconfig {
    struct kube_file files[KUBE_FILES_MAX];
    size_t count;
};

/* A named cluster, user or context. */
struct kube_entry {
    const struct kube_file *file; /* NULL = there is no such entry */
    int line;
    const char *kind; /* "cluster" */
    const char *name;
    struct json_object *value; /* an object; NULL = nothing is set in it */
};

/* What is used together. Borrowed from the files. */
struct kube_context {
    struct kube_entry context;
    struct kube_entry cluster;
    struct kube_entry user; /* without a file where the context names none */
};

/* Adds a file. MSTR_E_NOT_AVAILABLE when it is not there, MSTR_E_CONFIG. */
enum mstr_code kubeconfig_add(struct kubeconfig *config, const char *path, struct mstr_error *error);
/* The same with the file's text at hand. */
enum mstr_code kubeconfig_add_text(struct kubeconfig *config, const char *path, const char *text, size_t length,
                                   struct mstr_error *error);
/* Adds those of a list as KUBECONFIG has it; what is not there is passed over. MSTR_E_NOT_AVAILABLE when that is
 * all. */
enum mstr_code kubeconfig_add_list(struct kubeconfig *config, const char *list, struct mstr_error *error);
/* The context of that name (NULL = the current one). MSTR_E_NOT_AVAILABLE for files without a context when none is
 * named; MSTR_E_CONFIG. */
enum mstr_code kubeconfig_select(const struct kubeconfig *config, const char *name, struct kube_context *out,
                                 struct mstr_error *error);
void kubeconfig_release(struct kubeconfig *config);

/* Tells what is wrong at a value of an entry (NULL = the whole entry): "FILE, line 7: user \"dev\" …"; `why` follows.
 * Returns MSTR_E_CONFIG. */
enum mstr_code kube_refuse(const struct kube_entry *entry, struct json_object *at, const char *why,
                           struct mstr_error *error);
/* A text of an entry or of an object in it; NULL where there is none, or an empty one. MSTR_E_CONFIG for what is no
 * text. */
enum mstr_code kube_text(const struct kube_entry *entry, struct json_object *object, const char *member,
                         const char **out, struct mstr_error *error);
/* Several of them, from `members` into `out`. */
enum mstr_code kube_texts(const struct kube_entry *entry, struct json_object *object, const char *const *members,
                          size_t count, const char **out, struct mstr_error *error);
/* Appends the octets of MEMBER-data, or of the file that MEMBER names; both are a fault. Nothing where there is
 * neither. */
enum mstr_code kube_octets(const struct kube_entry *entry, const char *member, struct buffer *out,
                           struct mstr_error *error);
/* A path of the entry's file as an absolute one: relative ones begin in the file's folder. */
bool kube_path(const struct kube_entry *entry, const char *path, struct buffer *out);

#endif
