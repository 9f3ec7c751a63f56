// An adapter for corspec: JSON lines on standard input and output, and a server for each policy.
//
// Replace the parts marked `Your software`; keep the rest. What is printed for people goes to standard error.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Hello says who the software under test is.
type Hello struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Language string   `json:"language"`
	Package  string   `json:"package"`
	Homepage string   `json:"homepage"`
	Knobs    []string `json:"knobs"`
}

// Your software: who it is. The version is that of the module, from runtime/debug.ReadBuildInfo.
var hello = Hello{
	Name:     "my-cors",
	Version:  strings.TrimPrefix(runtime.Version(), "go"),
	Language: "Go",
	Package:  "my-cors",
	Homepage: "https://my-cors.example/",
	// What it can express.
	Knobs: []string{"origins.none", "max_age.absent", "application"},
}

// List is "*" or a list of strings.
type List struct {
	Any   bool
	Items []string
}

// UnmarshalJSON reads "*" or a list of strings.
func (list *List) UnmarshalJSON(text []byte) error {
	if string(text) == `"*"` {
		list.Any = true
		return nil
	}
	return json.Unmarshal(text, &list.Items)
}

// Policy is what an operator means to allow.
type Policy struct {
	Origins        List              `json:"origins"`
	Credentials    bool              `json:"credentials"`
	Methods        List              `json:"methods"`
	RequestHeaders List              `json:"request_headers"`
	Expose         List              `json:"expose"`
	MaxAge         *uint64           `json:"max_age"`
	Routes         []json.RawMessage `json:"routes"`
}

// Your software: the application wrapped for a policy. Here: one origin, no preflights.
func middleware(policy Policy, application http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if origin != "" && contains(policy.Origins.Items, origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
		if r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		application.ServeHTTP(w, r)
	})
}

var status = regexp.MustCompile(`^/status/([2-5]\d\d)$`)

// The fixed application.
func application(w http.ResponseWriter, r *http.Request) {
	headers := w.Header()
	headers.Set("Content-Type", "text/plain")
	headers.Set("Cache-Control", "max-age=60")
	headers.Set("ETag", `"v1"`)
	headers.Set("Set-Cookie", "session=1")
	headers.Set("X-App", "corspec")
	headers.Set("X-Request-Id", "42")
	headers.Set("X-Secret", "s")
	send := func(status int, body string) {
		if status != http.StatusNoContent && status != http.StatusNotModified {
			headers.Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	target := path.Clean(r.URL.Path)
	number := status.FindStringSubmatch(target)
	switch {
	case target == "/plain" && r.Header.Get("If-None-Match") == `"v1"`:
		send(http.StatusNotModified, "")
	case target == "/plain" && r.Header.Get("Range") == "bytes=0-1":
		headers.Set("Content-Range", "bytes 0-1/6")
		send(http.StatusPartialContent, "pl")
	case target == "/plain", strings.HasPrefix(target, "/area/"), target == "/status/200":
		send(http.StatusOK, "plain\n")
	case number != nil:
		code, _ := strconv.Atoi(number[1])
		send(code, "")
	case target == "/redirect":
		headers.Set("Location", "/plain")
		send(http.StatusFound, "")
	case target == "/vary":
		headers.Add("Vary", "Accept-Encoding")
		send(http.StatusOK, "plain\n")
	case target == "/cors":
		headers.Set("Access-Control-Allow-Origin", "https://own.example")
		send(http.StatusOK, "plain\n")
	case target == "/stream":
		for _, piece := range []string{"one\n", "two\n", "three\n"} {
			_, _ = io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
	case target == "/echo":
		body, _ := io.ReadAll(r.Body)
		send(http.StatusOK, r.Method+" "+string(body))
	default:
		send(http.StatusNotFound, "")
	}
}

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

// The knobs a policy needs.
func needed(policy Policy) []string {
	anyKnob := "any"
	knobs := []string{}
	if policy.Credentials {
		anyKnob = "any-with-credentials"
		knobs = append(knobs, "credentials")
	}
	if policy.Origins.Any {
		knobs = append(knobs, "origins."+anyKnob)
	}
	if !policy.Origins.Any && len(policy.Origins.Items) == 0 {
		knobs = append(knobs, "origins.none")
	}
	if len(policy.Origins.Items) > 1 {
		knobs = append(knobs, "origins.list")
	}
	for _, origin := range policy.Origins.Items {
		if origin == "null" {
			knobs = append(knobs, "origins.null")
		} else if strings.Contains(origin, "://*.") && !contains(knobs, "origins.subdomains") {
			knobs = append(knobs, "origins.subdomains")
		}
	}
	lists := []struct {
		field string
		list  List
	}{{"methods", policy.Methods}, {"request_headers", policy.RequestHeaders}, {"expose", policy.Expose}}
	for _, it := range lists {
		if it.list.Any {
			knobs = append(knobs, it.field+"."+anyKnob)
		} else if len(it.list.Items) > 0 {
			knobs = append(knobs, it.field+".list")
		}
	}
	switch {
	case policy.MaxAge == nil:
		knobs = append(knobs, "max_age.absent")
	case *policy.MaxAge == 0:
		knobs = append(knobs, "max_age.zero")
	default:
		knobs = append(knobs, "max_age")
	}
	if len(policy.Routes) > 0 {
		knobs = append(knobs, "routes")
	}
	return knobs
}

func serve(policy Policy) any {
	lacking := []string{}
	for _, knob := range needed(policy) {
		if !contains(hello.Knobs, knob) {
			lacking = append(lacking, knob)
		}
	}
	if len(lacking) > 0 {
		return map[string]any{"unsupported": lacking}
	}
	// Your software: what it refuses is answered by {"refused": "its own message"}.
	handler := middleware(policy, http.HandlerFunc(application))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	go func() { _ = http.Serve(listener, handler) }()
	return map[string]any{"base_url": fmt.Sprintf("http://%s/", listener.Addr())}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var request struct {
			Op     string `json:"op"`
			Policy Policy `json:"policy"`
		}
		var answer any
		switch err := json.Unmarshal(lines.Bytes(), &request); {
		case err != nil:
			answer = map[string]any{"error": err.Error()}
		case request.Op == "hello":
			answer = hello
		case request.Op == "serve":
			answer = serve(request.Policy)
		case request.Op == "stop":
			answer = map[string]any{}
		default:
			answer = map[string]any{"error": "there is no op " + request.Op}
		}
		if err := answers.Encode(answer); err != nil || request.Op == "stop" {
			return
		}
	}
}
