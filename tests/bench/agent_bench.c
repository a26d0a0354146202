/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent does with a value that it has: `agent_bench SOCKET REFERENCE` prints resolves a second of four
 * connections that ask again and again, and how long 99 % of the answers took. With limits as further arguments
 * (resolves, ms) it fails beyond them.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 4, QUESTIONS = 20000 };

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static char question[1024];
static double took[CONNECTIONS * QUESTIONS]; /* ms */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* An answer of 200 with a value, read to its end. */
static void hear(int fd)
{
    char answer[8192];
    size_t length = 0;
    size_t whole = sizeof(answer);
    while (length < whole) {
        ssize_t got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);
        if (got <= 0) {
            abort();
        }
        length += (size_t)got;
        answer[length] = '\0';
        const char *body = strstr(answer, "\r\n\r\n");
        const char *size = strstr(answer, "Content-Length: ");
        if (body != NULL && size != NULL) {
            whole = (size_t)(body + 4 - answer) + strtoul(size + strlen("Content-Length: "), NULL, 10);
        }
    }
    if (strstr(answer, "\"value\":") == NULL) {
        fprintf(stderr, "%s\n", answer);
        abort();
    }
}

static void *ask(void *data)
{
    double *times = data;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        abort();
    }
    for (int i = 0; i < QUESTIONS; i++) {
        double began = now();
        if (send(fd, question, strlen(question), 0) < 0) {
            abort();
        }
        hear(fd);
        times[i] = now() - began;
    }
    close(fd);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    pthread_t threads[CONNECTIONS];
    char body[512];
    if (argc < 3) {
        return 2;
    }
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
    snprintf(body, sizeof(body), "{\"references\":[\"%s\"]}", argv[2]);
    snprintf(question, sizeof(question), "POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    double began = now();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        pthread_create(&threads[i], NULL, ask, &took[i * QUESTIONS]);
    }
    for (size_t i = 0; i < CONNECTIONS; i++) {
        pthread_join(threads[i], NULL);
    }
    double rate = CONNECTIONS * QUESTIONS / ((now() - began) / 1e3);
    qsort(took, CONNECTIONS * QUESTIONS, sizeof(*took), by_size);
    double slow = took[CONNECTIONS * QUESTIONS / 100 * 99];
    printf("agent: %.0f cached resolves a second, 99 %% within %.2f ms\n", rate, slow);
    return argc > 4 && (rate < atof(argv[3]) || slow > atof(argv[4]));
}
