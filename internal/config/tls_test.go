package config

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTLSClient(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are wanted here
	server.StartTLS()
	defer server.Close()
	dir := t.TempDir()
	ca, junk := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "junk.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(junk, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		settings Trust
		failure  string // of Client, or else of the connection; "" for none
	}{
		{"own authority", Trust{CAFile: ca}, ""},
		{"the system's authorities", Trust{}, "unknown authority"},
		{"no check", Trust{InsecureSkipVerify: true}, ""},
		{"other name", Trust{CAFile: ca, ServerName: "broker.invalid"}, "not broker.invalid"},
		{"no file", Trust{CAFile: filepath.Join(dir, "none")}, "tls ca_file: "},
		{"no certificate", Trust{CAFile: junk}, "tls ca_file: no certificate in " + junk},
		{"no pair", Trust{CertFile: ca, KeyFile: junk}, "tls cert_file, key_file: "},
	}
	for _, k := range tests {
		t.Run(k.name, func(t *testing.T) {
			c, err := TLS{Enabled: true, Trust: k.settings}.Client()
			if err == nil {
				client := http.Client{Transport: &http.Transport{TLSClientConfig: c}}
				var response *http.Response
				if response, err = client.Get(server.URL); err == nil {
					err = response.Body.Close()
				}
				client.CloseIdleConnections()
			}
			if (err == nil) != (k.failure == "") || (err != nil && !strings.Contains(err.Error(), k.failure)) {
				t.Errorf("error %v, want %q", err, k.failure)
			}
		})
	}
	if c, err := (TLS{}).Client(); c != nil || err != nil {
		t.Errorf("not enabled: %v, %v", c, err)
	}
}
