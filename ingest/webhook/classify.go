package webhook

import (
	"slices"
	"strings"
	"sync"

	"ringside/ingest"
)

// classifier finds out where events belong.
type classifier struct{ sets sync.Pool } // of *decoders

type decoders struct {
	bySource map[string]ingest.Decoder
	event    ingest.Event
}

func newClassifier(fresh func() map[string]ingest.Decoder) *classifier {
	return &classifier{sync.Pool{New: func() any { return &decoders{bySource: fresh()} }}}
}

// verdict is what a body tells of itself.
type verdict struct {
	event
	decoded   bool // it is an event
	misnamed  bool // the header named another type of event
	forbidden bool // it is of an organization that the endpoint is not for, or does not tell of which
}

// classify decodes a body. What is no event goes to the queues' topic, with its organization where that could be read, so
// that the engine that is responsible for it keeps it in `rejects`. A message may tell of several events: it goes where the
// first one belongs, since one worker reads all topics of an organization.
func (c *classifier) classify(e *endpoint, header string, body []byte) verdict {
	d := c.sets.Get().(*decoders)
	defer c.sets.Put(d)
	_, err := d.bySource[e.Source](body, 0, &d.event)
	v := verdict{decoded: err == nil}
	v.event = event{organization: d.event.OrganizationID, source: e.Source, body: body}
	if err == nil {
		v.about = aboutOf(&d.event)
		// The body counts, which is what is stored: a header that says otherwise is counted, and loses no event.
		v.misnamed = header != "" && header != string(d.event.TypeName)
	}
	v.forbidden = e.Organizations != nil && !slices.Contains(e.Organizations, d.event.OrganizationID)
	return v
}

// aboutOf goes by the name, which is there for types, too, that are not known.
func aboutOf(e *ingest.Event) about {
	name := e.Type.String()
	if e.Type == ingest.TypeUnknown {
		name = string(e.TypeName[:min(len(e.TypeName), 16)])
	}
	switch {
	case strings.HasPrefix(name, "User"):
		return aboutUsers
	case strings.HasPrefix(name, "Callback"):
		return aboutCallbacks
	}
	return aboutQueues
}
