// The CORS of gorilla/handlers, as its documentation shows: handlers.CORS(options…)(handler).
package main

import (
	"net/http"

	"corspec"

	"github.com/gorilla/handlers"
)

// longest is the MaxAge that the documentation allows at most, in seconds.
const longest = 600

func handler(policy corspec.Policy) http.Handler {
	if policy.Age() > longest {
		panic(corspec.Unsupported{"max_age"})
	}
	options := []handlers.CORSOption{
		handlers.AllowedMethods(policy.MethodList()),
		handlers.AllowedHeaders(policy.RequestHeaders.Names),
		handlers.ExposedHeaders(policy.Expose.Header()),
		handlers.MaxAge(policy.Age()),
	}
	// A list that is empty is any origin.
	if policy.HasSubdomains() || policy.Origins.Any && policy.Credentials || len(policy.Origins.Header()) == 0 {
		options = append(options, handlers.AllowedOriginValidator(policy.Allows()))
	} else {
		options = append(options, handlers.AllowedOrigins(policy.Origins.Header()))
	}
	if policy.Credentials {
		options = append(options, handlers.AllowCredentials())
	}
	return handlers.CORS(options...)(corspec.Application)
}

func main() {
	corspec.Run(corspec.Adapter{
		Name:     "gorilla-handlers",
		Package:  "golang-github-gorilla-handlers-dev",
		Homepage: "https://pkg.go.dev/github.com/gorilla/handlers#CORS",
		Knobs: []string{"origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
			"credentials", "methods.list", "request_headers.list", "expose.list", "expose.any", "max_age", "max_age.absent",
			"application"},
		Handler: handler,
	})
}
