package kafka

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"github.com/twmb/franz-go/pkg/kfake"

	"ringside/ingest/kafka/kafkatest"
)

func mechanisms(t *testing.T) map[string]sasl.Mechanism {
	t.Helper()
	s, err := scram.Mechanism(scram.SHA256, kafkatest.User, kafkatest.Password)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]sasl.Mechanism{
		"plain": plain.Mechanism{Username: kafkatest.User, Password: kafkatest.Password},
		"scram": s,
	}
}

// secured starts an embedded broker that wants SASL, and TLS with the configuration if there is one.
func secured(t *testing.T, topic string, config *tls.Config) string {
	t.Helper()
	opts := []kfake.Opt{
		kfake.NumBrokers(1), kfake.SeedTopics(2, topic), kfake.EnableSASL(),
		kfake.Superuser("PLAIN", kafkatest.User, kafkatest.Password),
		kfake.Superuser("SCRAM-SHA-256", kafkatest.User, kafkatest.Password),
	}
	if config != nil {
		opts = append(opts, kfake.TLS(config))
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

// certificate returns a server's TLS configuration for 127.0.0.1 and the client's that trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	random := rand.Reader
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(random, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: roots}
}

func TestSecuredConnections(t *testing.T) {
	server, trusting := certificate(t)
	roundTrip := func(addr, topic string, config *tls.Config, m sasl.Mechanism) func(*testing.T) {
		return func(t *testing.T) {
			p, err := NewProducer(ProducerOptions{Brokers: []string{addr}, TLS: config, SASL: m})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := p.Produce(t.Context(), []Message{{Topic: topic, Value: []byte(t.Name())}}); err != nil {
				t.Fatal(err)
			}
			got := make(chan string, 100)
			c := consume(t, Options{
				Brokers: []string{addr}, Group: t.Name(), Topics: []Topic{{Name: topic}}, TLS: config, SASL: m, Logf: t.Logf,
			}, func(ctx context.Context, p *Partition) error {
				if err := p.Start(ctx, nil); err != nil {
					return err
				}
				for {
					b, err := p.Next(ctx)
					if err != nil {
						return err
					}
					for _, r := range b.Records {
						got <- string(r.Value)
					}
					b.Release()
				}
			})
			for value := range got {
				if value == t.Name() {
					break
				}
			}
			c.stop()
		}
	}
	plainAddr, tlsAddr := secured(t, "secured", nil), secured(t, "secured", server)
	for name, m := range mechanisms(t) {
		t.Run("embedded "+name, roundTrip(plainAddr, "secured", nil, m))
		t.Run("embedded TLS "+name, roundTrip(tlsAddr, "secured", trusting, m))
	}
	t.Run("wrong password", func(t *testing.T) {
		o := Options{Brokers: []string{plainAddr}, Group: "g", Topics: []Topic{{Name: "secured"}}, SASL: plain.Mechanism{Username: kafkatest.User, Password: "not it"}}
		c := consume(t, o, newStore(t).worker("a"))
		if err := c.end(); !errors.Is(err, kafka.SASLAuthenticationFailed) || strings.Contains(err.Error(), "not it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("unknown authority", func(t *testing.T) {
		_, err := (&Options{TLS: &tls.Config{}}).dial(t.Context(), tlsAddr)
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("apache", func(t *testing.T) {
		c := kafkatest.Start(t)
		kafkatest.CreateTopics(t, c.Addr(), 2, nil, "secured")
		for name, m := range mechanisms(t) {
			t.Run(name, roundTrip(c.SASLAddr(), "secured", nil, m))
		}
	})
}

// A broker may answer in pieces of any size, and with anything.
func TestExchange(t *testing.T) {
	answer := func(size int) []byte {
		b := []byte{byte((size + 4) >> 24), byte((size + 4) >> 16), byte((size + 4) >> 8), byte(size + 4), 0, 0, 0, 1}
		for i := range size {
			b = append(b, byte(i))
		}
		return b
	}
	for _, tc := range []struct {
		name   string
		answer []byte
		want   int // bytes; -1: an error
	}{
		{"empty", answer(0), 0},
		{"small", answer(100), 100},
		{"fills the buffer", answer(smallResponse - 8), smallResponse - 8},
		{"one more", answer(smallResponse - 7), smallResponse - 7},
		{"large", answer(100_000), 100_000},
		{"beyond the limit", answer(200_000), -1},
		{"cut short", answer(5000)[:4000], -1},
		{"other request", append([]byte{0, 0, 0, 4, 0, 0, 0, 9}, answer(0)...), -1},
		{"negative size", []byte{0xff, 0, 0, 0, 0, 0, 0, 1}, -1},
		{"HTTP", []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), -1},
		{"nothing", nil, -1},
	} {
		for _, piece := range []int{1, 7, 1 << 20} {
			t.Run(tc.name, func(t *testing.T) {
				near, far := net.Pipe()
				go func() {
					defer far.Close()
					_, _ = far.Read(make([]byte, 1000))
					for part := range slices.Chunk(tc.answer, piece) {
						if _, err := far.Write(part); err != nil {
							return
						}
					}
				}()
				c := &conn{Conn: near, client: "test"}
				defer c.Close()
				c.begin(apiFetch, fetchVersion)
				got, err := c.send(t.Context(), 0, allocate(150_000))
				switch {
				case tc.want < 0 && err != nil:
				case err != nil || len(got) != tc.want || !bytes.Equal(got, answer(tc.want)[8:]):
					t.Errorf("%d bytes, %v", len(got), err)
				}
			})
		}
	}
}

// A canceled context ends a request that a broker does not answer.
func TestSendEndsWithItsContext(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	go func() { _, _ = far.Read(make([]byte, 1000)) }()
	c := &conn{Conn: near, client: "test"}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	c.begin(apiFetch, fetchVersion)
	done := make(chan error, 1)
	go func() {
		_, err := c.send(ctx, time.Hour, allocate(1))
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A broker that accepts and says nothing holds nobody whose context ends, in authentication neither.
func TestDialEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, m := range mechanisms(t) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := (&Options{SASL: m}).dial(ctx, l.Addr().String())
			done <- err
		}()
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := far.Read(make([]byte, 1)); err != nil { // the first request is on its way
			t.Fatal(err)
		}
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(dialTimeout / 2):
			t.Errorf("%s: dial does not end", name)
		}
		far.Close()
	}
}

func TestBoundedConnHasNoEndlessDeadline(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	var got deadlines
	c := boundedConn{&recordingConn{Conn: near, got: &got}}
	past := time.Unix(1, 0)
	for _, set := range []func(time.Time) error{c.SetReadDeadline, c.SetWriteDeadline} {
		for _, at := range []time.Time{{}, past} {
			if err := set(at); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, at := range got {
		if asked := i%2 == 1; asked != at.Equal(past) || at.IsZero() {
			t.Errorf("deadline %d is %v", i, at)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d deadlines", len(got))
	}
}

type deadlines []time.Time

type recordingConn struct {
	net.Conn
	got *deadlines
}

func (c *recordingConn) SetReadDeadline(t time.Time) error  { *c.got = append(*c.got, t); return nil }
func (c *recordingConn) SetWriteDeadline(t time.Time) error { *c.got = append(*c.got, t); return nil }
