// SPDX-License-Identifier: Apache-2.0
// The projects that the account of a profile may see, over the agent's Unix socket. The session is the agent's.
//
//	go run projects.go [PROFILE]
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	socket := os.Getenv("MSTR_AGENT")
	if socket == "" {
		socket = os.Getenv("XDG_RUNTIME_DIR") + "/mstr/agent.sock"
	}
	profile := "default"
	if len(os.Args) > 1 {
		profile = os.Args[1]
	}
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	answer, err := client.Get("http://agent/session/" + profile + "/api/projects")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		fmt.Fprintln(os.Stderr, answer.Status, string(body))
		os.Exit(1)
	}
	fmt.Println(string(body))
}
