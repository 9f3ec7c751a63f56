// gin-contrib/cors, as its documentation shows: router.Use(cors.New(cors.Config{…})).
package main

import (
	"net/http"
	"regexp"
	"time"

	"corspec"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

// routable is what gin takes as a method.
var routable = regexp.MustCompile(`^[A-Z]+$`)

func handler(policy corspec.Policy) http.Handler {
	config := cors.Config{
		AllowMethods:     policy.MethodList(),
		AllowHeaders:     policy.RequestHeaders.Header(),
		ExposeHeaders:    policy.Expose.Header(),
		AllowCredentials: policy.Credentials,
		AllowWildcard:    policy.HasSubdomains(),
		MaxAge:           time.Duration(policy.Age()) * time.Second,
	}
	if policy.Methods.Any {
		config.AllowMethods = []string{"*"}
	}
	switch origins := policy.Origins; {
	case origins.Any && !policy.Credentials:
		config.AllowAllOrigins = true
	case origins.Any || len(origins.Names) == 0 || policy.HasNull():
		// What a list cannot hold is left to the function.
		config.AllowOriginFunc = policy.Allows()
	default:
		config.AllowOrigins = origins.Names
	}
	router := gin.New()
	router.Use(cors.New(config))
	application := gin.WrapH(corspec.Application)
	routed := map[string]bool{}
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
	for _, method := range append(methods, policy.Methods.Names...) {
		if !routable.MatchString(method) {
			panic(corspec.Unsupported{"methods.list"})
		}
		if !routed[method] {
			routed[method] = true
			router.Handle(method, "/*path", application)
		}
	}
	return router
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	corspec.Run(corspec.Adapter{
		Name:     "gin-cors",
		Package:  "golang-github-gin-contrib-cors-dev",
		Homepage: "https://github.com/gin-contrib/cors",
		Knobs: []string{"origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
			"credentials", "methods.list", "methods.any", "request_headers.list", "request_headers.any", "expose.list",
			"expose.any", "max_age", "max_age.absent", "application"},
		Handler: handler,
	})
}
