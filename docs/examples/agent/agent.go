// SPDX-License-Identifier: Apache-2.0
// Secrets, and requests to MicroStrategy, by the agent of this user or host over its Unix socket. The standard library
// alone; Linux. A listener that is neither this user nor root gets nothing.
//
//	go run agent.go get 'aws-sm:prod/db#password'
//	go run agent.go session default api/projects
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Where an agent's socket may be, the first one first (mstr-config(5), [agent]).
func sockets() []string {
	if chosen := os.Getenv("MSTR_AGENT"); strings.HasPrefix(chosen, "/") {
		return []string{chosen}
	}
	shared := "/run/mstr/agent.sock"
	if os.Geteuid() == 0 {
		return []string{shared}
	}
	paths := []string{fmt.Sprintf("/run/user/%d/mstr/agent.sock", os.Geteuid()), shared}
	if folder := os.Getenv("XDG_RUNTIME_DIR"); folder != "" {
		paths = append([]string{folder + "/mstr/agent.sock"}, paths...)
	}
	return paths
}

// Who listens, as the kernel noted it, must be this user or root.
func checkListener(connection *net.UnixConn) error {
	raw, err := connection.SyscallConn()
	if err != nil {
		return err
	}
	var peer *syscall.Ucred
	var failure error
	err = raw.Control(func(fd uintptr) {
		peer, failure = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err == nil {
		err = failure
	}
	if err == nil && peer.Uid != 0 && int(peer.Uid) != os.Geteuid() {
		err = fmt.Errorf("user %d listens there, whom user %d does not trust", peer.Uid, os.Geteuid())
	}
	return err
}

func dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var first error
	for _, path := range sockets() {
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err == nil {
			if err = checkListener(connection.(*net.UnixConn)); err == nil {
				return connection, nil
			}
			connection.Close()
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// Keeps its connections, and may be used by many goroutines. For requests with context.WithTimeout() the agent's time
// ends with the connection.
var client = http.Client{Transport: &http.Transport{DialContext: dial}}

// What the agent answers; what it refuses is an error with its words.
func ask(request *http.Request) ([]byte, error) {
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		var problem struct{ Detail, Message string }
		_ = json.Unmarshal(body, &problem)
		err = fmt.Errorf("%s: %s%s", answer.Status, problem.Detail, problem.Message)
	}
	return body, err
}

// Get returns the octets of a secret, or of a field of it.
func Get(ctx context.Context, reference string) ([]byte, error) {
	query := url.Values{"reference": {reference}}
	request, err := http.NewRequestWithContext(ctx, "GET", "http://agent/v1/secret?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return ask(request)
}

// Session sends in the session of a profile, which all programs share: no login, no logout.
func Session(ctx context.Context, method, profile, path string, body io.Reader) ([]byte, error) {
	target := "http://agent/session/" + url.PathEscape(profile) + "/" + path
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return ask(request)
}

func main() {
	var told []byte
	err := fmt.Errorf("usage: agent get REFERENCE | agent session PROFILE PATH")
	switch {
	case len(os.Args) == 3 && os.Args[1] == "get":
		told, err = Get(context.Background(), os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "session":
		told, err = Session(context.Background(), "GET", os.Args[2], os.Args[3], nil)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stdout.Write(told)
}
