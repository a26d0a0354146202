/* SPDX-License-Identifier: Apache-2.0 */
/* mstr-sim as a child of the test program. The admin calls go over a plain socket, so that tests of the HTTP client
 * do not rest on what they test. */
#include "support/simulator.h"

#include "support/process.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_MAX = 16, ANSWER_MAX = 64 << 20 };

struct simulator {
    pid_t child;
    int input;
    char directory[64];
    char *printed;
    struct {
        char *name;
        char *value;
    } lines[LINES_MAX];
    size_t line_count;
};

/* Reads to the end of the stream, or to `end` at the end of what came. */
static char *read_until(int fd, const char *end)
{
    size_t length = 0;
    size_t room = 4096;
    char *text = malloc(room);
    assert_non_null(text);
    for (;;) {
        ssize_t size = read(fd, text + length, room - length - 1);
        if (size <= 0)
            break;
        length += (size_t)size;
        text[length] = '\0';
        if (end && length >= strlen(end) && !strcmp(text + length - strlen(end), end))
            break;
        if (length + 1 == room) {
            room *= 2;
            assert_true(room <= ANSWER_MAX);
            text = realloc(text, room);
            assert_non_null(text);
        }
    }
    text[length] = '\0';
    return text;
}

static void split_lines(struct simulator *sim)
{
    char *state = NULL;
    for (char *line = strtok_r(sim->printed, "\n", &state); line && sim->line_count < LINES_MAX;
         line = strtok_r(NULL, "\n", &state)) {
        char *blank = strchr(line, ' ');
        if (!blank)
            continue;
        *blank = '\0';
        sim->lines[sim->line_count].name = line;
        sim->lines[sim->line_count++].value = blank + 1;
    }
}

struct simulator *simulator_start(const char *seed, unsigned flags)
{
    struct simulator *sim = calloc(1, sizeof(*sim));
    assert_non_null(sim);
    snprintf(sim->directory, sizeof(sim->directory), "/tmp/mstr-sim-XXXXXX");
    assert_non_null(mkdtemp(sim->directory));
    const char *argv[10] = {process_path("MSTR_SIM"), "--until-eof", "--state-dir", sim->directory};
    size_t count = 4;
    if (seed) {
        argv[count++] = "--seed";
        argv[count++] = seed;
    }
    if (flags & SIMULATOR_TLS)
        argv[count++] = "--tls";
    int output = -1;
    signal(SIGPIPE, SIG_IGN);
    sim->child = process_start(argv, NULL, &sim->input, &output);
    sim->printed = read_until(output, "ready\n");
    close(output);
    split_lines(sim);
    if (sim->line_count == 0)
        fail_msg("mstr-sim did not become ready: %s", sim->printed);
    return sim;
}

void simulator_stop(struct simulator *sim)
{
    if (!sim)
        return;
    int status = 0;
    char path[96];
    close(sim->input);
    waitpid(sim->child, &status, 0);
    snprintf(path, sizeof(path), "%s/ca.pem", sim->directory);
    unlink(path);
    rmdir(sim->directory);
    free(sim->printed);
    free(sim);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("mstr-sim ended with wait status %#x", (unsigned)status);
}

const char *simulator_url(const struct simulator *sim, const char *name)
{
    if (!strcmp(name, "directory"))
        return sim->directory;
    for (size_t i = 0; i < sim->line_count; i++)
        if (!strcmp(sim->lines[i].name, name))
            return sim->lines[i].value;
    fail_msg("mstr-sim has no %s", name);
    return NULL;
}

static int connect_admin(const struct simulator *sim)
{
    const char *port = strrchr(simulator_url(sim, "admin"), ':') + 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_text(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
        assert_true(sent > 0);
        text += sent;
        length -= (size_t)sent;
    }
}

char *simulator_call(struct simulator *sim, const char *method, const char *path, const char *body, int *status)
{
    char head[512];
    int parsed = 0;
    int fd = connect_admin(sim);
    int length = snprintf(head, sizeof(head),
                          "%s %s HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", method,
                          path, body ? strlen(body) : 0);
    assert_true(length > 0 && (size_t)length < sizeof(head));
    send_text(fd, head, (size_t)length);
    if (body)
        send_text(fd, body, strlen(body));
    char *answer = read_until(fd, NULL);
    close(fd);
    if (sscanf(answer, "HTTP/1.1 %d", &parsed) != 1)
        fail_msg("the admin listener answered %s", answer);
    char *start = strstr(answer, "\r\n\r\n");
    assert_non_null(start);
    memmove(answer, start + 4, strlen(start + 4) + 1);
    if (status)
        *status = parsed;
    return answer;
}

void simulator_admin(struct simulator *sim, const char *method, const char *path, const char *body)
{
    int status = 0;
    char *answer = simulator_call(sim, method, path, body, &status);
    if (status < 200 || status > 299)
        fail_msg("%s %s %s: %d %s", method, path, body ? body : "", status, answer);
    free(answer);
}

void simulator_fault(struct simulator *sim, const char *rule)
{
    simulator_admin(sim, "POST", "/faults", rule);
}

void simulator_advance(struct simulator *sim, long long milliseconds)
{
    char body[64];
    snprintf(body, sizeof(body), "{\"advance_ms\":%lld}", milliseconds);
    simulator_admin(sim, "POST", "/clock", body);
}

void simulator_reset(struct simulator *sim)
{
    simulator_admin(sim, "POST", "/reset", NULL);
}

static struct json_object *get_json(struct simulator *sim, const char *path)
{
    int status = 0;
    char *answer = simulator_call(sim, "GET", path, NULL, &status);
    assert_int_equal(status, 200);
    struct json_object *value = json_tokener_parse(answer);
    assert_non_null(value);
    free(answer);
    return value;
}

struct json_object *simulator_log(struct simulator *sim, const char *service)
{
    char path[64];
    snprintf(path, sizeof(path), service ? "/log?service=%s" : "/log%s", service ? service : "");
    return get_json(sim, path);
}

size_t simulator_requests(struct simulator *sim, const char *service, const char *path)
{
    struct json_object *log = simulator_log(sim, service);
    size_t count = 0;
    for (size_t i = 0; i < json_object_array_length(log); i++) {
        struct json_object *entry = json_object_array_get_idx(log, i);
        struct json_object *sent = json_object_object_get(entry, "path");
        count += !path || fnmatch(path, json_object_get_string(sent), 0) == 0;
    }
    json_object_put(log);
    return count;
}

long long simulator_counter(struct simulator *sim, const char *service, const char *name)
{
    struct json_object *all = get_json(sim, "/counters");
    struct json_object *counters = json_object_object_get(all, service);
    long long value = counters ? json_object_get_int64(json_object_object_get(counters, name)) : 0;
    json_object_put(all);
    return value;
}

struct json_object *simulator_entry(struct json_object *log, const char *path)
{
    for (size_t i = json_object_array_length(log); i > 0; i--) {
        struct json_object *entry = json_object_array_get_idx(log, i - 1);
        const char *target = json_object_get_string(json_object_object_get(entry, "target"));
        size_t length = strcspn(target, "?");
        if (length >= strlen(path) && strncmp(target + length - strlen(path), path, strlen(path)) == 0) {
            return entry;
        }
    }
    fail_msg("no request for %s", path);
    return NULL;
}

const char *simulator_header(struct json_object *entry, const char *name)
{
    struct json_object *headers = json_object_object_get(entry, "headers");
    for (size_t i = 0; headers && i < json_object_array_length(headers); i++) {
        struct json_object *pair = json_object_array_get_idx(headers, i);
        if (!strcasecmp(json_object_get_string(json_object_array_get_idx(pair, 0)), name))
            return json_object_get_string(json_object_array_get_idx(pair, 1));
    }
    return NULL;
}
