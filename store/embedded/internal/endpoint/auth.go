package endpoint

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"

	"ringside/store/embedded/internal/chdb"
)

// authenticate accepts the one user by any of the ways ClickHouse offers:
// headers, basic authentication, query parameters.
func (s *Server) authenticate(r *http.Request, query url.Values) error {
	user, password, given := credentials(r, query)
	if !given {
		return chdb.Errorf(codeRequiredPassword, "REQUIRED_PASSWORD", "User and password are required")
	}
	// Both are compared, and in constant time, so that an answer's time says nothing.
	if same(user, s.cfg.User)&same(password, s.cfg.Password) != 1 {
		return chdb.Errorf(codeAuthentication, "AUTHENTICATION_FAILED",
			"Authentication failed: password is incorrect, or there is no user with such name")
	}
	return nil
}

func credentials(r *http.Request, query url.Values) (user, password string, given bool) {
	h := r.Header
	if h.Get("X-ClickHouse-User") != "" || h.Get("X-ClickHouse-Key") != "" {
		return h.Get("X-ClickHouse-User"), h.Get("X-ClickHouse-Key"), true
	}
	if user, password, given = r.BasicAuth(); given {
		return user, password, true
	}
	return query.Get("user"), query.Get("password"), query.Has("user") || query.Has("password")
}

func same(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}
