package webhook

import (
	"net/http"
	"slices"
)

// cors tells a browser that the page at a request's origin may read the answer, if it may. Vendors' servers send no Origin.
func (e *endpoint) cors(w http.ResponseWriter, r *http.Request) (allowed bool) {
	if len(e.AllowedOrigins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(e.AllowedOrigins, origin) && !slices.Contains(e.AllowedOrigins, "*") {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	return true
}

// preflight answers a browser's question whether a page may post here.
func (e *endpoint) preflight(w http.ResponseWriter, r *http.Request) {
	if !e.cors(w, r) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, "+headerRingsideToken)
	h.Set("Access-Control-Max-Age", "600")
	// A page of the internet that posts to a gateway of the own network: Chromium asks about that apart.
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}
