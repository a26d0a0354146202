/* SPDX-License-Identifier: Apache-2.0 */
/* The systemd units of the agent. */
#include "units.h"

/* That of a user needs no user namespace, which many systems do not give. */
static const char user_service[] = "[Unit]\n"
                                   "Description=Secrets and MicroStrategy sessions for this user's programs\n"
                                   "Documentation=man:mstr-agent(1)\n"
                                   "Requires=mstr-agent.socket\n"
                                   "After=mstr-agent.socket\n"
                                   "\n"
                                   "[Service]\n"
                                   "Type=notify\n"
                                   "ExecStart=%s run\n"
                                   "ExecReload=/bin/kill -HUP $MAINPID\n"
                                   "Restart=on-failure\n"
                                   "WatchdogSec=60\n"
                                   "TimeoutStopSec=15\n"
                                   "UMask=0077\n"
                                   "LimitCORE=0\n"
                                   "NoNewPrivileges=yes\n"
                                   "LockPersonality=yes\n"
                                   "RestrictRealtime=yes\n"
                                   "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
                                   "SystemCallArchitectures=native\n"
                                   "MemorySwapMax=0\n";

static const char system_service[] = "[Unit]\n"
                                     "Description=Secrets and MicroStrategy sessions for this host's programs\n"
                                     "Documentation=man:mstr-agent(1)\n"
                                     "Requires=mstr-agent.socket\n"
                                     "After=mstr-agent.socket network-online.target\n"
                                     "Wants=network-online.target\n"
                                     "\n"
                                     "[Service]\n"
                                     "Type=notify\n"
                                     "ExecStart=%s run\n"
                                     "ExecReload=/bin/kill -HUP $MAINPID\n"
                                     "Restart=on-failure\n"
                                     "WatchdogSec=60\n"
                                     "TimeoutStopSec=15\n"
                                     "UMask=0077\n"
                                     "LimitCORE=0\n"
                                     "LimitMEMLOCK=infinity\n"
                                     "LimitNOFILE=4096\n"
                                     "MemorySwapMax=0\n"
                                     "CapabilityBoundingSet=\n"
                                     "NoNewPrivileges=yes\n"
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
                                     "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
                                     "RestrictNamespaces=yes\n"
                                     "RestrictRealtime=yes\n"
                                     "RestrictSUIDSGID=yes\n"
                                     "LockPersonality=yes\n"
                                     "SystemCallArchitectures=native\n"
                                     "SystemCallFilter=@system-service @memlock\n";

static const char user_socket[] = "[Unit]\n"
                                  "Description=Socket of mstr-agent for this user\n"
                                  "Documentation=man:mstr-agent(1)\n"
                                  "\n"
                                  "[Socket]\n"
                                  "ListenStream=%t/mstr/agent.sock\n"
                                  "FileDescriptorName=api\n"
                                  "SocketMode=0600\n"
                                  "DirectoryMode=0700\n"
                                  "\n"
                                  "[Install]\n"
                                  "WantedBy=sockets.target\n";

/* Others than root reach it where allow_user or allow_group and a drop-in for the modes say so. */
static const char system_socket[] = "[Unit]\n"
                                    "Description=Socket of mstr-agent for this host\n"
                                    "Documentation=man:mstr-agent(1)\n"
                                    "\n"
                                    "[Socket]\n"
                                    "ListenStream=/run/mstr/agent.sock\n"
                                    "FileDescriptorName=api\n"
                                    "SocketMode=0600\n"
                                    "DirectoryMode=0700\n"
                                    "\n"
                                    "[Install]\n"
                                    "WantedBy=sockets.target\n";

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
