package oracle

import (
	"sync"

	"github.com/google/uuid"
)

var known sync.Map // id → name

// ID returns the fixed id of a name of some kind ("queue", "user", "call", "callback", "organization", "event").
func ID(kind, name string) uuid.UUID {
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(kind+"/"+name))
	known.Store(id, name)
	return id
}

// Name returns the name that ID was given, "-" for the nil id.
func Name(id uuid.UUID) string {
	if id == uuid.Nil {
		return "-"
	}
	if name, ok := known.Load(id); ok {
		return name.(string)
	}
	return id.String()
}
