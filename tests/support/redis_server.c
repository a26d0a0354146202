/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's redis-server, for tests. */
#include "support/redis_server.h"

#include "support/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long it may take to start, ms, on a machine that does much else. */
enum { START_MAX = 60000, LOOK = 5 };

static unsigned try_port(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(place);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, size), 0);
    getsockname(fd, (struct sockaddr *)&place, &size);
    close(fd);
    return ntohs(place.sin_port);
}

/* A cluster's servers speak with each other at a port that is 10,000 above. */
unsigned redis_server_free_port(void)
{
    unsigned port = try_port();
    while (port > 55000) {
        port = try_port();
    }
    return port;
}

static int join(const struct redis_server *server)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(place.sun_path, sizeof(place.sun_path), "%s", server->socket);
    if (connect(fd, (struct sockaddr *)&place, sizeof(place)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

const char *redis_server_tell(struct redis_server *server, const char *command)
{
    int fd = join(server);
    ssize_t got = 0;
    if (fd >= 0 && dprintf(fd, "%s\r\n", command) > 0) {
        got = recv(fd, server->answer, sizeof(server->answer) - 1, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    server->answer[got > 0 ? got : 0] = '\0';
    if (server->answer[0] != '$' && server->answer[0] != '*') {
        server->answer[strcspn(server->answer, "\r")] = '\0';
    }
    return server->answer;
}

static void run(const struct redis_server *server)
{
    char path[64];
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves none behind */
    int quiet = open("/dev/null", O_RDWR);
    snprintf(path, sizeof(path), "%s/conf", server->folder);
    dup2(quiet, 0);
    dup2(quiet, 1);
    dup2(quiet, 2);
    execlp("redis-server", "redis-server", path, (char *)NULL);
    _exit(127);
}

void redis_server_again(struct redis_server *server, const char *lines)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/conf", server->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(
        file,
        "bind 127.0.0.1\nport %u\nunixsocket %s\ndir %s\nsave \"\"\nlogfile %s/log\nrepl-diskless-sync-delay 0\n%s\n",
        server->port, server->socket, server->folder, server->folder, lines);
    fclose(file);
    server->process = fork();
    if (server->process == 0) {
        run(server);
    }
    int fd = -1;
    for (int waited = 0; (fd = join(server)) < 0; waited += LOOK) {
        if (waited > START_MAX || waitpid(server->process, NULL, WNOHANG) != 0) {
            fail_msg("redis-server does not start: see %s/log", server->folder);
        }
        poll(NULL, 0, LOOK);
    }
    close(fd);
}

void redis_server_start(struct redis_server *server, const char *lines)
{
    *server = (struct redis_server){.port = redis_server_free_port()};
    strcpy(server->folder, "/tmp/mstr-redis-XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    snprintf(server->socket, sizeof(server->socket), "%s/socket", server->folder);
    redis_server_again(server, lines);
}

void redis_server_kill(struct redis_server *server)
{
    if (server->process > 0) {
        kill(server->process, SIGKILL);
        waitpid(server->process, NULL, 0);
        unlink(server->socket);
        server->process = 0;
    }
}

void redis_server_stop(struct redis_server *server)
{
    char path[512];
    redis_server_kill(server);
    DIR *directory = opendir(server->folder);
    for (struct dirent *entry = NULL; directory != NULL && (entry = readdir(directory)) != NULL;) {
        snprintf(path, sizeof(path), "%s/%s", server->folder, entry->d_name);
        unlink(path);
    }
    if (directory != NULL) {
        closedir(directory);
    }
    rmdir(server->folder);
}
