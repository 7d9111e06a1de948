package endpoint

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"

	"ringside/store/embedded/internal/chdb"
)

// authenticate accepts the user, or the reader, by any of the ways ClickHouse
// offers: headers, basic authentication, query parameters.
func (s *Server) authenticate(r *http.Request, query url.Values) (reader bool, err error) {
	user, password, given := credentials(r, query)
	if !given {
		return false, chdb.Errorf(codeRequiredPassword, "REQUIRED_PASSWORD", "User and password are required")
	}
	// Both are compared, and in constant time, so that an answer's time says nothing.
	owner := same(user, s.cfg.User) & same(password, s.cfg.Password)
	reading := same(user, s.cfg.Reader) & same(password, s.cfg.ReaderPassword)
	if s.cfg.ReaderPassword == "" {
		reading = 0
	}
	if owner|reading != 1 {
		return false, chdb.Errorf(codeAuthentication, "AUTHENTICATION_FAILED",
			"Authentication failed: password is incorrect, or there is no user with such name")
	}
	return reading == 1, nil
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
