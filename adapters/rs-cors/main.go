// rs/cors, as its documentation shows: cors.New(cors.Options{…}).Handler(handler).
package main

import (
	"net/http"

	"corspec"

	"github.com/rs/cors"
)

func handler(policy corspec.Policy) http.Handler {
	options := cors.Options{
		AllowedOrigins:   policy.Origins.Header(),
		AllowedMethods:   policy.MethodList(),
		AllowedHeaders:   policy.RequestHeaders.Header(),
		ExposedHeaders:   policy.Expose.Header(),
		AllowCredentials: policy.Credentials,
		MaxAge:           policy.Age(),
	}
	// By the README, any origin with credentials is a function; an empty list is any origin.
	if policy.Origins.Any && policy.Credentials || len(options.AllowedOrigins) == 0 {
		options.AllowedOrigins, options.AllowOriginFunc = nil, policy.Allows()
	}
	return cors.New(options).Handler(corspec.Application)
}

func main() {
	corspec.Run(corspec.Adapter{
		Name:     "rs-cors",
		Package:  "golang-github-rs-cors-dev",
		Homepage: "https://github.com/rs/cors",
		Knobs: []string{"origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
			"credentials", "methods.list", "request_headers.list", "request_headers.any",
			"request_headers.any-with-credentials", "expose.list", "expose.any", "max_age", "max_age.absent", "application"},
		Handler: handler,
	})
}
