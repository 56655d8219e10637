package otlp

import (
	"net/http"
	"strings"
)

// preflightAge is how long, in seconds, a browser may remember what it may do.
const preflightAge = "7200"

// cors lets pages of chosen origins export from a browser. Off without origins.
type cors struct {
	any     bool // "*": every origin, and then no credentials
	origins map[string]bool
}

func newCORS(origins []string) cors {
	c := cors{origins: map[string]bool{}}
	for _, origin := range origins {
		if origin == "*" {
			c.any = true
			continue
		}
		c.origins[normalOrigin(origin)] = true
	}
	return c
}

// normalOrigin makes what people write comparable with what browsers send.
func normalOrigin(origin string) string { return strings.ToLower(strings.TrimSuffix(origin, "/")) }

// answered adds the headers for an allowed origin, and answers the request if it is a preflight.
func (c cors) answered(w http.ResponseWriter, q *http.Request) bool {
	origin := q.Header.Get("Origin")
	if origin == "" || !c.any && len(c.origins) == 0 {
		return false
	}
	header := w.Header()
	header.Add("Vary", "Origin")
	exact := c.origins[normalOrigin(origin)]
	if !exact && !c.any {
		return false
	}
	if exact {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
	} else {
		header.Set("Access-Control-Allow-Origin", "*")
	}
	if q.Method != http.MethodOptions || q.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header.Set("Access-Control-Allow-Methods", http.MethodPost)
	if wanted := q.Header.Get("Access-Control-Request-Headers"); wanted != "" {
		header.Set("Access-Control-Allow-Headers", wanted)
	}
	if exact && q.Header.Get("Access-Control-Request-Private-Network") == "true" {
		header.Set("Access-Control-Allow-Private-Network", "true")
	}
	header.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
