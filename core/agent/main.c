/* SPDX-License-Identifier: Apache-2.0 */
/* mstr-agent: one process for a user or a host that holds secrets and sessions for all others. */
#include "life.h"
#include "units.h"
#include "verbs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { STATUS_USAGE = 2 };

static const char help[] =
    "Usage: mstr-agent VERB [OPTION]…\n"
    "\n"
    "One process that fetches secrets, keeps them and logs in for all others of a user or a host.\n"
    "\n"
    "  run                     serve until a signal or `stop` ends it\n"
    "  status                  whether one is running and how it is\n"
    "  reload                  have it read the configuration anew\n"
    "  flush                   have it forget all values\n"
    "  stop                    have it end\n"
    "  env                     what other programs need to reach it over TCP\n"
    "  unit [--user|--system]  the units for systemd\n"
    "\n"
    "  --socket PATH           its socket\n"
    "  --listen ADDRESS        127.0.0.1:PORT or [::1]:PORT, to listen on TCP as well\n"
    "  --token-file FILE       the token that requests over TCP need\n"
    "  --config FILE           read this configuration alone\n"
    "  --plugin-path PATH      folders of plugins, before all others\n"
    "  --ca-file FILE          whom TLS trusts\n"
    "  --profile NAME          the profile that MSTR_… variables stand over\n"
    "  --log LEVEL             error, warn, info, debug or trace\n"
    "\n"
    "See mstr-agent(1).\n";

/* Holds the standard streams that are closed, lest a socket take the number of one and be logged to. */
static void hold_streams(void)
{
    int fd = 0;
    do {
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

int main(int argc, char **argv)
{
    hold_streams();
    struct options options;
    const char *wrong = NULL;
    const char *problem = options_read(argc, argv, &options, &wrong);
    if (problem != NULL) {
        fprintf(stderr, "mstr-agent: %.80s: %s\n", wrong, problem);
        return STATUS_USAGE;
    }
    if (options.verb == VERB_HELP || options.verb == VERB_VERSION) {
        printf(options.verb == VERB_HELP ? "%s" : "mstr-agent %s\n",
               options.verb == VERB_HELP ? help : mstr_version());
        return fflush(stdout) == 0 ? 0 : 1;
    }
    int status = verbs_run(&options);
    prctl(PR_SET_DUMPABLE, 1); /* all is wiped, and leak checkers, which run now, need to look into the process */
    return status;
}
