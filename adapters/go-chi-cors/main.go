// go-chi/cors, as its documentation shows: r.Use(cors.Handler(cors.Options{…})).
package main

import (
	"net/http"

	"corspec"

	"github.com/go-chi/cors"
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
	// An empty list is any origin, and `*` with credentials a literal `*`: both are left to the function.
	if policy.Origins.Any && policy.Credentials || len(options.AllowedOrigins) == 0 {
		options.AllowedOrigins, options.AllowOriginFunc = nil, allows(policy)
	}
	return cors.Handler(options)(corspec.Application)
}

func allows(policy corspec.Policy) func(*http.Request, string) bool {
	allows := policy.Allows()
	return func(_ *http.Request, origin string) bool { return allows(origin) }
}

func main() {
	corspec.Run(corspec.Adapter{
		Name:     "go-chi-cors",
		Package:  "golang-github-go-chi-cors-dev",
		Homepage: "https://github.com/go-chi/cors",
		Knobs: []string{"origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
			"credentials", "methods.list", "request_headers.list", "request_headers.any",
			"request_headers.any-with-credentials", "expose.list", "expose.any", "max_age", "max_age.absent", "application"},
		Handler: handler,
	})
}
