/* SPDX-License-Identifier: Apache-2.0 */
/* The systemd units of the agent. */
#include "units.h"

/* What the services of a user and of the host have in common, and so their sockets. */
#define SERVICE(whose, after)                                                                                        \
    "[Unit]\n"                                                                                                       \
    "Description=Secrets and MicroStrategy sessions for this " whose "'s programs\n"                                 \
    "Documentation=man:mstr-agent(1)\n"                                                                              \
    "Requires=mstr-agent.socket\n"                                                                                   \
    "After=mstr-agent.socket" after "\n"                                                                             \
    "\n"                                                                                                             \
    "[Service]\n"                                                                                                    \
    "Type=notify\n"                                                                                                  \
    "ExecStart=%s run\n"                                                                                             \
    "ExecReload=/bin/kill -HUP $MAINPID\n"                                                                           \
    "Restart=on-failure\n"                                                                                           \
    "WatchdogSec=60\n"                                                                                               \
    "TimeoutStopSec=15\n"                                                                                            \
    "UMask=0077\n"                                                                                                   \
    "LimitCORE=0\n"                                                                                                  \
    "MemorySwapMax=0\n"                                                                                              \
    "NoNewPrivileges=yes\n"                                                                                          \
    "LockPersonality=yes\n"                                                                                          \
    "RestrictRealtime=yes\n"                                                                                         \
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"                                                  \
    "SystemCallArchitectures=native\n"
#define SOCKET(whose, place)                                                                                         \
    "[Unit]\n"                                                                                                       \
    "Description=Socket of mstr-agent for this " whose "\n"                                                          \
    "Documentation=man:mstr-agent(1)\n"                                                                              \
    "\n"                                                                                                             \
    "[Socket]\n"                                                                                                     \
    "ListenStream=" place "\n"                                                                                       \
    "FileDescriptorName=api\n"                                                                                       \
    "SocketMode=0600\n"                                                                                              \
    "DirectoryMode=0700\n"                                                                                           \
    "\n"                                                                                                             \
    "[Install]\n"                                                                                                    \
    "WantedBy=sockets.target\n"

/* That of a user needs no user namespace, which many systems do not give. */
static const char user_service[] = SERVICE("user", "");
static const char system_service[] = SERVICE(
    "host", " network-online.target\nWants=network-online.target") "LimitMEMLOCK=infinity\n"
                                                                   "LimitNOFILE=4096\n"
                                                                   "Nice=-10\n"
                                                                   "CapabilityBoundingSet=\n"
                                                                   "ProtectSystem=strict\n"
                                                                   "ProtectHome=read-only\n"
                                                                   "PrivateTmp=yes\n"
                                                                   "PrivateDevices=yes\n"
                                                                   "ProtectKernelTunables=yes\n"
                                                                   "ProtectKernelModules=yes\n"
                                                                   "ProtectKernelLogs=yes\n"
                                                                   "ProtectControlGroups=yes\n"
                                                                   "ProtectClock=yes\n"
                                                                   "ProtectHostname=yes\n"
                                                                   "ProtectProc=invisible\n"
                                                                   "RestrictNamespaces=yes\n"
                                                                   "RestrictSUIDSGID=yes\n"
                                                                   "SystemCallFilter=@system-service @memlock\n";

/* Others than root reach that of the host where allow_user or allow_group and a drop-in for the modes say so. */
static const char user_socket[] = SOCKET("user", "%t/mstr/agent.sock");
static const char system_socket[] = SOCKET("host", "/run/mstr/agent.sock");

void units_write_service(bool system, const char *program, struct buffer *out)
{
    const char *text = system ? system_service : user_service;
    const char *mark = strstr(text, "%s");
    buffer_append(out, text, (size_t)(mark - text));
    buffer_puts(out, program);
    buffer_puts(out, mark + strlen("%s"));
}

void units_write_socket(bool system, struct buffer *out)
{
    buffer_puts(out, system ? system_socket : user_socket);
}
