package engine

import (
	"fmt"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"ringside/internal/config"
)

// saslMechanism returns how to authenticate to the brokers, nil for not at all.
func saslMechanism(c *config.Kafka) (sasl.Mechanism, error) {
	user, password := c.SASL.Username, c.SASL.Password.Reveal()
	algorithm := scram.SHA512
	switch c.SASL.Mechanism {
	case "":
		return nil, nil
	case config.SASLPlain:
		return plain.Mechanism{Username: user, Password: password}, nil
	case config.SASLScramSHA256:
		algorithm = scram.SHA256
	}
	m, err := scram.Mechanism(algorithm, user, password)
	if err != nil {
		return nil, fmt.Errorf("kafka.sasl: %w", err)
	}
	return m, nil
}
