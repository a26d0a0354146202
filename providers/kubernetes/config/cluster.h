/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the API server is, whom TLS trusts there, and by which way it is reached: a kubeconfig's cluster or that of
 * the pod, with the options of the section over it. Immutable once made.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_CONFIG_CLUSTER_H
#define MSTR_PROVIDERS_KUBERNETES_CONFIG_CLUSTER_H

#include "kubernetes/config/kubeconfig.h"

#include <stdbool.h>

/* Texts are for free(); NULL = not set. */
struct cluster {
    char *server; /* URL without a slash at its end */
    char *ca_file;
    char *ca_pem;
    char *server_name; /* to be verified in place of the URL's host */
    char *proxy;       /* NULL = as everywhere */
    char *namespace;   /* one's own */
    bool plain;        /* plain http is meant, whatever the host */
};

/* From the cluster and context of a kubeconfig. To be released also on failure. */
enum mstr_code cluster_read(const struct kube_context *context, const struct mstr_instance *instance,
                            struct cluster *out, struct mstr_error *error);
/* Puts the section's options server, namespace and ca_file over it. One of server and that option must be set, as
 * must the namespace; `source` begins the message. */
enum mstr_code cluster_settle(struct cluster *cluster, const struct mstr_instance *instance, const char *source,
                              struct mstr_error *error);
void cluster_release(struct cluster *cluster);

#endif
