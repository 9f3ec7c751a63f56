// Package corspec is what every adapter in Go shares: the protocol, the knobs of a policy, the fixed application.
// An adapter calls Run with what it is and a function that puts a policy into force; see ../../../../README.md.
package corspec

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
)

// Adapter is the software, and how it is given a policy.
type Adapter struct {
	Name, Package, Homepage string
	// Knobs is what the software can express.
	Knobs []string
	// Handler puts the software around the application. A panic in it is the software's refusal.
	Handler func(Policy) http.Handler
}

// Unsupported is panicked with when the software cannot express these knobs, found out while it was configured.
type Unsupported []string

type answer map[string]interface{}

// Run speaks the protocol until `stop` or the end of stdin.
func Run(adapter Adapter) {
	requests := bufio.NewReader(os.Stdin)
	answers := os.Stdout
	// Nothing but answers may reach stdout, whatever the software prints.
	os.Stdout = os.Stderr
	for {
		line, err := requests.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			var request struct {
				Op       string
				Protocol int
				Policy   Policy
			}
			var reply answer
			if malformed := json.Unmarshal(line, &request); malformed != nil {
				reply = answer{"error": malformed.Error()}
			} else {
				reply = adapter.answer(request.Op, request.Protocol, request.Policy)
			}
			text, _ := json.Marshal(reply)
			fmt.Fprintf(answers, "%s\n", text)
			if request.Op == "stop" {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (adapter Adapter) answer(op string, protocol int, policy Policy) answer {
	switch op {
	case "hello":
		if protocol != 1 {
			return answer{"error": fmt.Sprintf("protocol %d is not known here, only 1", protocol)}
		}
		version, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", adapter.Package).Output()
		if err != nil {
			return answer{"error": adapter.Package + " is not installed"}
		}
		return answer{"name": adapter.Name, "version": string(version), "language": "Go", "package": adapter.Package,
			"homepage": adapter.Homepage, "knobs": adapter.Knobs}
	case "serve":
		if lacking := policy.lacking(adapter.Knobs); len(lacking) > 0 {
			return answer{"unsupported": lacking}
		}
		return adapter.serve(policy)
	case "stop":
		return answer{}
	}
	return answer{"error": fmt.Sprintf("no operation is called %q", op)}
}

func (adapter Adapter) serve(policy Policy) (reply answer) {
	defer func() {
		if cause := recover(); cause != nil {
			if knobs, ok := cause.(Unsupported); ok {
				reply = answer{"unsupported": knobs}
				return
			}
			debug.PrintStack()
			reply = answer{"refused": fmt.Sprint(cause)}
		}
	}()
	handler := adapter.Handler(policy)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return answer{"error": err.Error()}
	}
	go http.Serve(listener, handler)
	return answer{"base_url": fmt.Sprintf("http://%s/", listener.Addr())}
}
