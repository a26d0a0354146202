/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One identity: the cluster that knows it, how it proves itself there, and the proof it has. Counted: many threads
 * may hold one. Its proof is shared and renewed as sdk/renewable.h says.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_IDENTITY_H

#include "kubernetes/config/cluster.h"
#include "kubernetes/wire/proof.h"
#include "sdk/identity_digest.h"

/* Headers that tell whom one acts as; at most so many. */
enum { IMPERSONATION_MAX = 64 };

struct identity;

/* One way to prove who we are, in a file of its own. */
struct identity_kind {
    const char *name; /* for reports */
    /* Fills a new proof, and sets its times where it does not last for ever. */
    enum mstr_code (*prove)(struct identity *identity, const struct mstr_call *call, struct proof *proof,
                            struct mstr_error *error);
};

struct identity {
    struct kept kept; /* first */
    const struct identity_kind *kind;
    const struct mstr_instance *instance;
    char *source;             /* where it was found, for messages */
    struct kubeconfig config; /* empty but for those of one */
    struct kube_context context;
    struct cluster cluster;
    char *token_file;                  /* of kinds that have one; NULL = none */
    enum mstr_code token_file_bad;     /* the class where it cannot be used */
    struct mstr_header *impersonation; /* headers that go along with each request */
    size_t impersonation_count;
    struct renewable proof;
};

/* A blank one, of one owner; NULL without memory. Whoever makes it sets kind and cluster. */
struct identity *identity_new(const struct mstr_instance *instance, const char *source);
/* NULL is accepted. */
void identity_release(struct identity *identity);
/* Its proof, for kept_release(). A failure names where the identity was found. */
enum mstr_code identity_prove(struct identity *identity, const struct mstr_call *call, struct proof **out,
                              struct mstr_error *error);
/* Another proof in place of one that was refused. MSTR_E_AUTHENTICATION, with nothing told, where there is no
 * other. */
enum mstr_code identity_prove_anew(struct identity *identity, const struct mstr_call *call,
                                   const struct proof *refused, struct proof **out, struct mstr_error *error);
/* Who reads by a proof, for mstr_meta::identity. */
void identity_whose(const struct identity *identity, const struct proof *proof, char digest[IDENTITY_SIZE]);

#endif
