// go-restful's CrossOriginResourceSharing, as its documentation shows: container.Filter(cors.Filter).
package main

import (
	"net/http"

	"corspec"

	restful "github.com/emicklei/go-restful"
)

// all is what its documentation calls the special wildcard.
const all = ".*"

func handler(policy corspec.Policy) http.Handler {
	container := restful.NewContainer()
	cors := restful.CrossOriginResourceSharing{
		AllowedDomains: policy.Origins.Names,
		AllowedMethods: policy.MethodList(),
		AllowedHeaders: policy.RequestHeaders.Names,
		ExposeHeaders:  policy.Expose.Header(),
		CookiesAllowed: policy.Credentials,
		MaxAge:         policy.Age(),
		Container:      container,
	}
	if policy.Origins.Any {
		cors.AllowedDomains = []string{all}
	}
	if policy.RequestHeaders.Any {
		cors.AllowedHeaders = []string{all}
	}
	// An empty list is any origin.
	if policy.HasSubdomains() || len(cors.AllowedDomains) == 0 {
		cors.AllowedDomains, cors.AllowedDomainFunc = nil, policy.Allows()
	}
	container.Filter(cors.Filter)

	service := new(restful.WebService)
	service.Path("/").Produces("*/*")
	application := func(request *restful.Request, response *restful.Response) {
		corspec.Application.ServeHTTP(response.ResponseWriter, request.Request)
	}
	routed := map[string]bool{}
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	for _, method := range append(methods, policy.Methods.Names...) {
		if !routed[method] {
			routed[method] = true
			service.Route(service.Method(method).Path("/").To(application))
			service.Route(service.Method(method).Path("/{path:*}").To(application))
		}
	}
	container.Add(service)
	return container
}

func main() {
	corspec.Run(corspec.Adapter{
		Name:     "go-restful",
		Package:  "golang-github-emicklei-go-restful-dev",
		Homepage: "https://pkg.go.dev/github.com/emicklei/go-restful/v3#CrossOriginResourceSharing",
		Knobs: []string{"origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
			"credentials", "methods.list", "request_headers.list", "request_headers.any",
			"request_headers.any-with-credentials", "expose.list", "expose.any", "max_age", "max_age.absent", "application"},
		Handler: handler,
	})
}
