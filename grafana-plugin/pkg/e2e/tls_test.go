package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	tb   testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(tb testing.TB) *authority {
	tb.Helper()
	a := &authority{tb: tb}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.key = newKey(tb)
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		tb.Fatal(err)
	}
	a.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return a
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// sign makes a certificate and its key, as PEM.
func (a *authority) sign(usage x509.ExtKeyUsage) (cert, key string) {
	a.tb.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{usage}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"clickhouse.example"}}
	k := newKey(a.tb)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &k.PublicKey, a.key)
	if err != nil {
		a.tb.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		a.tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text}))
}

// TLS with a CA of one's own, and with a client's certificate.
func TestTLS(t *testing.T) {
	w, p := open(t), start(t)
	ca := newAuthority(t)
	certificate, key := ca.sign(x509.ExtKeyUsageServerAuth)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(ca.pem))
	clientCert, clientKey := ca.sign(x509.ExtKeyUsageClientAuth)
	target, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	serve := func(auth tls.ClientAuthType) string {
		server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host}))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: auth, ClientCAs: clients}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		address, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		address.User = target.User
		return address.String()
	}
	plain, mutual := serve(tls.NoClientCert), serve(tls.RequireAndVerifyClientCert)
	withCA := map[string]any{"tlsAuthWithCACert": true}
	for name, c := range map[string]struct {
		url     string
		json    map[string]any
		secrets map[string]string
		fails   string
	}{
		"an unknown CA":        {plain, nil, nil, "certificate"},
		"the CA":               {plain, withCA, map[string]string{"tlsCACert": ca.pem}, ""},
		"another name":         {plain, map[string]any{"tlsAuthWithCACert": true, "tlsServerName": "other.example"}, map[string]string{"tlsCACert": ca.pem}, "other.example"},
		"the other name":       {plain, map[string]any{"tlsAuthWithCACert": true, "tlsServerName": "clickhouse.example"}, map[string]string{"tlsCACert": ca.pem}, ""},
		"not looked at":        {plain, map[string]any{"tlsSkipVerify": true}, nil, ""},
		"a client unknown":     {mutual, withCA, map[string]string{"tlsCACert": ca.pem}, "certificate required"},
		"a client":             {mutual, map[string]any{"tlsAuth": true, "tlsAuthWithCACert": true}, map[string]string{"tlsCACert": ca.pem, "tlsClientCert": clientCert, "tlsClientKey": clientKey}, ""},
		"a CA that is none":    {plain, withCA, map[string]string{"tlsCACert": "x"}, "no PEM certificate"},
		"a key of another one": {mutual, map[string]any{"tlsAuth": true}, map[string]string{"tlsClientCert": clientCert, "tlsClientKey": key}, "go together"},
	} {
		s := w.source().with("case", name)
		for k, v := range c.json {
			s.json[k] = v
		}
		s.json["url"], s.secrets = c.url, c.secrets
		r := p.query(t.Context(), s, asked{query: map[string]any{"kind": "engine", "view": "lag"}, from: w.begin, to: w.end})
		switch {
		case c.fails == "" && r.Error != nil:
			t.Errorf("%s: %v", name, r.Error)
		case c.fails != "" && (r.Error == nil || !strings.Contains(r.Error.Error(), c.fails)):
			t.Errorf("%s: %v, want … %s …", name, r.Error, c.fails)
		}
	}
}
