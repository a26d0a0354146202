/* SPDX-License-Identifier: Apache-2.0 */
/* References and the answers that they get. First a line: p for parameters, r for secrets by a role, anything else
 * for secrets, and what to ask for, between tabs; then the answer to whatever is asked, be it STS. Each request is
 * answered, with a value or a failure, and no host is asked that is none of AWS's, whatever ARNs and regions say. */
#include "reference/reference.h"
#include "support/fake_host.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCES_MAX = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the first line into references of one scheme; what is none is left out. */
static size_t read_references(char *line, const char *scheme, struct mstr_request *requests[REFERENCES_MAX])
{
    size_t count = 0;
    char *rest = NULL;
    for (char *body = strtok_r(line, "\t", &rest); body != NULL && count < REFERENCES_MAX;
         body = strtok_r(NULL, "\t", &rest)) {
        struct reference *reference = NULL;
        struct buffer text = BUFFER_INIT;
        buffer_printf(&text, "%s:%s", scheme, body);
        if (reference_parse(buffer_text(&text), &reference, NULL) == MSTR_OK) {
            requests[count++] = fake_request_new(buffer_text(&text));
        }
        reference_free(reference);
        buffer_release(&text);
    }
    return count;
}

static void check_hosts(void)
{
    static const char *const starts[] = {"https://secretsmanager.", "https://ssm.", "https://sts."};
    static const char *const ends[] = {".amazonaws.com/", ".amazonaws.com.cn/", ".amazonaws.eu/",  ".c2s.ic.gov/",
                                       ".sc2s.sgov.gov/", ".cloud.adc-e.uk/",   ".csp.hci.ic.gov/"};
    for (size_t i = 0; i < fake_host_requests(); i++) {
        const char *url = fake_host_request(i)->url;
        bool started = false;
        bool ended = false;
        for (size_t j = 0; j < sizeof(starts) / sizeof(*starts); j++) {
            started = started || text_starts_with(url, starts[j]);
        }
        for (size_t j = 0; j < sizeof(ends) / sizeof(*ends); j++) {
            ended = ended || text_ends_with(url, ends[j]);
        }
        if (!started || !ended || strchr(url + strlen("https://"), '/')[1] != '\0') {
            abort();
        }
    }
}

static void check_answers(struct mstr_request *const *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool given = fake_request_value(requests[i], NULL) != NULL;
        if (!fake_request_answered(requests[i]) || given != (fake_request_code(requests[i]) == MSTR_OK)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mstr_request *requests[REFERENCES_MAX];
    void *self = NULL;
    char *text = calloc(1, size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    char *answer = text + strcspn(text, "\n");
    answer += *answer == '\n' ? (*answer = '\0', 1) : 0;
    bool parameters = text[0] == 'p';
    const char *service = parameters ? "ssm" : "secretsmanager";

    fake_host_reset();
    fake_host_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "key");
    fake_host_env("AWS_REGION", "us-east-1");
    fake_host_option("role_arn", text[0] == 'r' ? "arn:aws:iam::1:role/r" : NULL);
    fake_host_answer_always("POST", "*", 200, NULL, answer);
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    size_t count = text[0] != '\0' ? read_references(text + 1, parameters ? "aws-ssm" : "aws-sm", requests) : 0;
    if (provider->create(fake_host_instance(service), &self, NULL) == MSTR_OK) {
        provider->resolve(self, requests, count, fake_host_call());
        check_answers(requests, count);
        check_hosts();
        provider->destroy(self);
    }
    for (size_t i = 0; i < count; i++) {
        fake_request_free(requests[i]);
    }
    fake_host_teardown(NULL);
    free(text);
    return 0;
}
