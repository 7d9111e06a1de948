package scenario

import (
	"github.com/google/uuid"

	"ringside/aggregate/oracle"
)

// names gives every name of a file a fixed id, and back.
type names struct {
	byID map[uuid.UUID]string
}

// ID returns the id of a name of some kind ("queue", "user", "call", "callback", "organization", "event").
func ID(kind, name string) uuid.UUID { return oracle.ID(kind, name) }

func (n *names) id(kind, name string) uuid.UUID {
	if name == "" || name == "-" {
		return uuid.Nil
	}
	id := ID(kind, name)
	n.byID[id] = name
	return id
}

func (n *names) name(id uuid.UUID) string {
	if id == uuid.Nil {
		return "-"
	}
	if name, ok := n.byID[id]; ok {
		return name
	}
	return id.String()
}
