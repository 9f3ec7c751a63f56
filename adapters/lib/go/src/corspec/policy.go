package corspec

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Policy is what an operator means to allow.
type Policy struct {
	Origins        List
	Credentials    bool
	Methods        List
	RequestHeaders List `json:"request_headers"`
	Expose         List
	// MaxAge is in seconds; nil: the header is not sent.
	MaxAge *int `json:"max_age"`
	Routes []struct {
		Path   string
		Policy Policy
	}
}

// List is some names, or any.
type List struct {
	Any   bool
	Names []string
}

// UnmarshalJSON reads "*" or a list; null is an absent member.
func (list *List) UnmarshalJSON(text []byte) error {
	if string(text) == `"*"` {
		list.Any = true
		return nil
	}
	return json.Unmarshal(text, &list.Names)
}

// Header is the list as software takes it whose option is the value of a header: "*" for any.
func (list List) Header() []string {
	if list.Any {
		return []string{"*"}
	}
	return list.Names
}

// MethodList is the methods for software whose list holds the safelisted ones too.
func (policy Policy) MethodList() []string {
	methods := []string{"GET", "HEAD", "POST"}
	for _, method := range policy.Methods.Names {
		if !contains(methods, method) {
			methods = append(methods, method)
		}
	}
	return methods
}

// Age is the max-age, 0 when there is none.
func (policy Policy) Age() int {
	if policy.MaxAge == nil {
		return 0
	}
	return *policy.MaxAge
}

// HasSubdomains says whether an origin stands for the subdomains of a host.
func (policy Policy) HasSubdomains() bool {
	for _, origin := range policy.Origins.Names {
		if isSubdomains(origin) {
			return true
		}
	}
	return false
}

// HasNull says whether `null` is among the origins.
func (policy Policy) HasNull() bool {
	return contains(policy.Origins.Names, "null")
}

// Allows is the function of the origins for software that takes one: exact origins, and anchored expressions for
// subdomains.
func (policy Policy) Allows() func(string) bool {
	exact := map[string]bool{}
	var expressions []*regexp.Regexp
	for _, origin := range policy.Origins.Names {
		if parts := strings.SplitN(origin, "://*.", 2); len(parts) == 2 {
			expression := `^` + regexp.QuoteMeta(parts[0]) + `://(?:[a-z0-9_-]+\.)+` + regexp.QuoteMeta(parts[1]) + `$`
			expressions = append(expressions, regexp.MustCompile(expression))
		} else {
			exact[origin] = true
		}
	}
	return func(origin string) bool {
		for _, expression := range expressions {
			if expression.MatchString(origin) {
				return true
			}
		}
		return policy.Origins.Any || exact[origin]
	}
}

func isSubdomains(origin string) bool {
	return strings.Contains(origin, "://*.")
}

func contains(names []string, name string) bool {
	for _, other := range names {
		if other == name {
			return true
		}
	}
	return false
}

// lacking is the knobs a policy asks for, those of its routes included, that are not among those the software has.
func (policy Policy) lacking(knobs []string) []string {
	lacking := []string{}
	for _, knob := range policy.needs(knobs) {
		if !contains(knobs, knob) && !contains(lacking, knob) {
			lacking = append(lacking, knob)
		}
	}
	return lacking
}

func (policy Policy) needs(knobs []string) []string {
	var needed []string
	need := func(knob string, when bool) {
		if when {
			needed = append(needed, knob)
		}
	}
	suffix := ".any"
	if policy.Credentials {
		suffix = ".any-with-credentials"
	}
	need("credentials", policy.Credentials)
	need("origins"+suffix, policy.Origins.Any)
	need("origins.list", len(policy.Origins.Names) > 1)
	need("origins.null", policy.HasNull())
	need("origins.subdomains", policy.HasSubdomains())
	for dimension, allowed := range map[string]List{
		"methods": policy.Methods, "request_headers": policy.RequestHeaders, "expose": policy.Expose,
	} {
		// "None" is out of reach of software that always allows any.
		alwaysAny := contains(knobs, dimension+".any") || contains(knobs, dimension+".any-with-credentials")
		need(dimension+suffix, allowed.Any)
		need(dimension+".list", !allowed.Any && (len(allowed.Names) > 0 || alwaysAny))
	}
	need("max_age.absent", policy.MaxAge == nil)
	need("max_age", policy.Age() > 0)
	need("max_age.zero", policy.MaxAge != nil && policy.Age() == 0)
	for _, route := range policy.Routes {
		needed = append(append(needed, "routes"), route.Policy.needs(knobs)...)
	}
	return needed
}
