/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests of the Kubernetes plugin share: an instance of it on the fake host, kubeconfig files of their
 * own, and answers of an API server.
 */
#ifndef MSTR_TESTS_UNIT_KUBERNETES_SUPPORT_H
#define MSTR_TESTS_UNIT_KUBERNETES_SUPPORT_H

#include "support/plugin.h"

#include <sys/stat.h>

#define SERVER  "https://k8s.example:6443"
#define APP_URL SERVER "/api/v1/namespaces/ns1/secrets/app"
/* user: svc; password: a line end behind it; blob: no text. */
#define DATA "\"data\":{\"user\":\"c3Zj\",\"password\":\"aHVzaAo=\",\"blob\":\"/wA=\"}"
#define APP(data)                                                                                                    \
    "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"app\",\"namespace\":\"ns1\","               \
    "\"resourceVersion\":\"17\"}," data "}"
#define APP_VALUE "{\"user\":\"svc\",\"password\":\"hush\\n\",\"blob\":null}"
#define STATUS(code, reason, more)                                                                                   \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"" reason "\",\"code\":" #code    \
    "," more "}"
#define UNAUTHORIZED STATUS(401, "Unauthorized", "\"message\":\"Unauthorized\"")

/* A kubeconfig of one context, whose user has these lines. */
#define CONFIG_OF(cluster, user)                                                                                     \
    "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"                                                           \
    "clusters:\n- name: c\n  cluster:\n" cluster "users:\n- name: u\n  user:\n" user                                 \
    "contexts:\n- name: dev\n  context: {cluster: c, user: u, namespace: ns1}\n"
#define CLUSTER      "    server: " SERVER "\n"
#define CONFIG(user) CONFIG_OF(CLUSTER, user)
#define TOKEN_CONFIG CONFIG("    token: first\n")

static inline int plugin_setup(void **state)
{
    fake_host_setup(state);
    return plugin_create(NULL);
}

/* Makes the text the file that KUBECONFIG names. */
static inline void use_config(const char *text)
{
    write_text(text);
    fake_host_env("KUBECONFIG", file_path);
}

/* One whose user has a token. */
static inline int token_setup(void **state)
{
    int result = plugin_setup(state);
    use_config(TOKEN_CONFIG);
    return result;
}

/* The text in a file beside the kubeconfig, whose path it returns; to be removed by the test. */
static inline const char *write_beside(const char *ending, const char *text)
{
    static char paths[4][96];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s.%s", file_path, ending);
    write_file(path, text, strlen(text));
    return path;
}

#define TEST(name)       cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
#define TOKEN_TEST(name) cmocka_unit_test_setup_teardown(name, token_setup, plugin_teardown)

#endif
