package endpoint

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"ringside/store/embedded/internal/chdb"
)

// ClickHouse's error codes that this endpoint raises or maps itself.
const (
	codeCannotParse      = 6
	codeBadArguments     = 36
	codeNotImplemented   = 48
	codeSyntax           = 62
	codeUnknownSetting   = 115
	codeRequiredPassword = 194
	codeTooManyQueries   = 202
	codeCancelled        = 394
	codeNoOutfile        = 358
	codeReadOnly         = 164
	codeTooLargeQuery    = 229
	codeAuthentication   = 516
	codeNetwork          = 210
)

// statusOf gives the HTTP status a ClickHouse server gives an error code.
func statusOf(code int) int {
	switch code {
	case codeRequiredPassword:
		return http.StatusUnauthorized
	case codeAuthentication, 192, 193, 497: // unknown user, wrong password, access denied
		return http.StatusForbidden
	case codeSyntax, codeBadArguments, codeCannotParse, 27, 38, 41, 43, 44, 53, 70, 72, 117, 130, 427:
		return http.StatusBadRequest
	case 16, 46, 47, 50, 56, 60, 73, 81, codeUnknownSetting:
		return http.StatusNotFound
	case codeTooLargeQuery:
		return http.StatusRequestEntityTooLarge
	case codeNotImplemented:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}

// exceptionOf makes any error one that clients know how to read.
func exceptionOf(err error) *chdb.Exception {
	var ex *chdb.Exception
	switch {
	case errors.As(err, &ex):
		return ex
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return chdb.Errorf(codeCancelled, "QUERY_WAS_CANCELLED", "The client went away")
	}
	return chdb.Errorf(codeNetwork, "NETWORK_ERROR", err.Error())
}

// refuse answers with an error before anything else has been sent.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	ex := exceptionOf(err)
	// A client that is still sending would see its connection reset instead of
	// the reason.
	_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(ex.Code))
	h.Del("X-ClickHouse-Format")
	if ex.Code == codeRequiredPassword {
		h.Set("WWW-Authenticate", `Basic realm="ClickHouse"`)
	}
	h.Set("Content-Length", strconv.Itoa(len(ex.Message)+1))
	w.WriteHeader(statusOf(ex.Code))
	_, _ = io.WriteString(w, ex.Message+"\n")
}

// maxDrain bounds what is read and dropped of a refused request's body.
const maxDrain = 256 << 20
