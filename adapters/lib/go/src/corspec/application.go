package corspec

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var status = regexp.MustCompile(`^/status/([2-5]\d\d)$`)

// Application is the fixed application.
var Application http.Handler = http.HandlerFunc(application)

func application(response http.ResponseWriter, request *http.Request) {
	header := response.Header()
	for _, line := range [][2]string{
		{"Content-Type", "text/plain"}, {"Cache-Control", "max-age=60"}, {"ETag", `"v1"`}, {"Set-Cookie", "session=1"},
		{"X-App", "corspec"}, {"X-Request-Id", "42"}, {"X-Secret", "s"},
	} {
		header.Add(line[0], line[1])
	}
	path := resolve(request.URL.Path)
	if parts := status.FindStringSubmatch(path); parts != nil {
		code, _ := strconv.Atoi(parts[1])
		response.WriteHeader(code)
		if code == http.StatusOK {
			io.WriteString(response, "plain\n")
		}
		return
	}
	switch {
	case strings.HasPrefix(path, "/area/"):
		io.WriteString(response, "plain\n")
	case path == "/plain" && request.Header.Get("If-None-Match") == `"v1"`:
		response.WriteHeader(http.StatusNotModified)
	case path == "/plain" && request.Header.Get("Range") == "bytes=0-1":
		header.Add("Content-Range", "bytes 0-1/6")
		response.WriteHeader(http.StatusPartialContent)
		io.WriteString(response, "pl")
	case path == "/plain":
		io.WriteString(response, "plain\n")
	case path == "/redirect":
		header.Add("Location", "/plain")
		response.WriteHeader(http.StatusFound)
	case path == "/vary":
		header.Add("Vary", "Accept-Encoding")
		io.WriteString(response, "plain\n")
	case path == "/cors":
		header.Add("Access-Control-Allow-Origin", "https://own.example")
		io.WriteString(response, "plain\n")
	case path == "/stream":
		for _, piece := range []string{"one\n", "two\n", "three\n"} {
			io.WriteString(response, piece)
			if flusher, ok := response.(http.Flusher); ok {
				flusher.Flush()
			}
		}
	case path == "/echo":
		body, _ := io.ReadAll(request.Body)
		fmt.Fprintf(response, "%s %s", request.Method, body)
	default:
		response.WriteHeader(http.StatusNotFound)
	}
}

// resolve removes the dot segments of a path.
func resolve(path string) string {
	resolved := []string{}
	segments := strings.Split(path, "/")[1:]
	for index, segment := range segments {
		if segment == ".." && len(resolved) > 0 {
			resolved = resolved[:len(resolved)-1]
		}
		if segment != "." && segment != ".." {
			resolved = append(resolved, segment)
		} else if index == len(segments)-1 {
			resolved = append(resolved, "")
		}
	}
	return "/" + strings.Join(resolved, "/")
}
