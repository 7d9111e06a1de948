package aggregate

import (
	"fmt"

	"github.com/google/uuid"

	"ringside/ingest"
)

// Restore takes in one entity of a checkpoint, by ascending kind, into a Core that has seen no event. A format or kind it does not know, or data that is cut short, is an error.
func (c *Core) Restore(e Entity) error {
	d := &decoder{b: e.Data}
	more := len(e.Data) > 0 && (e.Kind == EntityQueue && e.Data[0] == viewedVersion || e.Kind == EntityAgent && e.Data[0] == channeledVersion)
	if v := d.take(1); v == nil || v[0] != entityVersion && !more {
		return fmt.Errorf("checkpoint entity of kind %d has format %v; this version of Ringside reads format %d: use the version that wrote it, or a newer one", e.Kind, v, entityVersion)
	}
	var err error
	if e.Kind == EntityClock {
		c.wall, c.changes.serial = ingest.Time(d.int()), d.u64()
		return restored(e, d, nil)
	}
	o := c.org(e.OrganizationID)
	c.restoring = true
	switch e.Kind {
	case EntityOrganization:
		o.restoreOrganization(d)
	case EntityIDs:
		o.restoreIDs(d)
	case EntityQueue:
		err = o.restoreQueue(d, e.Key, more)
	case EntityMembers:
		err = o.restoreMembers(d, e.Key)
	case EntityAgent:
		err = o.restoreAgent(d, e.Key, more)
	case EntityWindow:
		o.restoreWindow(d)
	case EntityCallback:
		err = o.restoreCallback(d, e.Key)
	case EntityCallList:
		err = o.restoreCallList(d, e.Key)
	case EntityCall:
		err = o.restoreCall(d, e.Key)
	case EntityAgentHistory:
		err = o.restoreHistory(d, e.Key)
	case EntityAgentFacts:
		err = o.restoreAgentFacts(d, e.Key)
	default:
		return fmt.Errorf("checkpoint entity of unknown kind %d: use the version of Ringside that wrote it, or a newer one", e.Kind)
	}
	return restored(e, d, err)
}

// restored tells whether an entity was whole.
func restored(e Entity, d *decoder, err error) error {
	if err == nil {
		err = d.err
	}
	if err == nil && len(d.b) > 0 {
		err = fmt.Errorf("%d bytes left over", len(d.b))
	}
	if err != nil {
		return fmt.Errorf("restore entity of kind %d of organization %s: %w", e.Kind, e.OrganizationID, err)
	}
	return nil
}

// FinishRestore rebuilds what follows from the restored entities: visits, live parts of windows, figures of now. The next
// Drain gives the rows of everything that is held, so that after a takeover no row stands that only the predecessor
// knew of.
func (c *Core) FinishRestore() error {
	c.Settle()
	for ref := uint32(0); ref < c.calls.next; ref++ {
		if call := c.calls.at(ref); call.org != nil {
			call.drained = true
		}
	}
	for _, o := range c.orgList {
		for _, a := range o.agents {
			a.drawTimeline()
			a.markTimeline(0)
		}
	}
	c.restoring = false
	for _, o := range c.orgList {
		for _, a := range o.agents {
			a.refresh()
		}
	}
	return nil
}

func (o *org) restoreOrganization(d *decoder) {
	o.horizon = ingest.Time(d.int())
	d.bools(&o.live)
	if o.live {
		o.c.liveOrgs = append(o.c.liveOrgs, o)
	}
	a := &o.account
	for _, n := range []*int64{&a.Received, &a.Accepted, &a.Duplicate, &a.Late, &a.Rejected, &a.Orphan} {
		*n = d.int()
	}
	o.ids.oldest = bucketOf(o.horizon - ingest.Time(ticksOf(o.c.set.Lateness)))
	o.runClock()
	o.markAccount()
}

// restoreIDs leaves out what has been forgotten since it was saved.
func (o *org) restoreIDs(d *decoder) {
	bucket := int32(d.int())
	n := d.count(12)
	if bucket < o.ids.oldest {
		d.take(12 * n)
		return
	}
	for range n {
		o.ids.put(seenID{hash: d.u64(), body: d.u32(), bucket: bucket})
	}
}

func idOf(key []byte) (id uuid.UUID, err error) {
	if len(key) != 16 {
		return id, fmt.Errorf("a key of %d bytes, want 16", len(key))
	}
	return uuid.UUID(key), nil
}

func (o *org) restoreQueue(d *decoder, key []byte, viewed bool) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	q := o.queue(id)
	q.names = d.names(o.c.words)
	q.lastArrived, q.lastClosed = d.int(), d.int()
	unstamp(d, &q.numbers)
	q.numbers.value = int32(d.int())
	for range d.count(19) {
		ch := queueChange{at: d.int(), id: d.id(), region: d.str()}
		d.bools(&ch.deleted)
		for range d.count(17) {
			ch.groups = append(ch.groups, d.id())
			ch.names = append(ch.names, d.str())
		}
		if loc, ok := o.c.set.Zone(ch.region); ok && ch.region != "" {
			ch.zone = loc
		}
		ch.rules = o.c.set.Rules(o.id, id, ch.groups)
		q.changes = append(q.changes, ch)
		o.c.changeBytes += ch.bytes()
	}
	if viewed {
		if q.view = ingest.View(d.int()); !q.view.Valid() || q.view == ingest.ViewWhole {
			return fmt.Errorf("view %d", q.view)
		}
	}
	q.markStatus()
	return nil
}

func (o *org) restoreMembers(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	q := o.queue(id)
	unstamp(d, &q.list)
	for range d.count(34) {
		m := q.member(o.agent(d.id()))
		unstamp(d, &m.own)
		d.bools(&m.own.value.attached, &m.own.value.active, &m.listed.attached, &m.listed.active)
	}
	q.markStatus()
	return nil
}

func (o *org) restoreAgent(d *decoder, key []byte, channeled bool) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	a := o.agent(id)
	a.names = d.names(o.c.words)
	unstamp(d, &a.status)
	st := &a.status.value
	d.bools(&st.CanBeAllocatedTo, &st.Talking, &st.Available, &st.Schedule, &st.Serving, &st.ServingCallback, &st.FetchMode)
	st.ServiceTerminals, st.ActiveQueues, st.ParkedCalls = int32(d.int()), int32(d.int()), int32(d.int())
	st.TalkingStatusChanged, st.WrapUpStart, st.WrapUpEnd = ingest.Time(d.int()), ingest.Time(d.int()), ingest.Time(d.int())
	st.ActiveQueueID = d.id()
	unstamp(d, &a.availability)
	a.availability.value = availability{name: d.str(), start: d.int(), end: d.int()}
	unstamp(d, &a.wrapUp)
	a.wrapUp.value.until = d.int()
	d.bools(&a.wrapUp.value.on, &a.stale)
	a.talkingSince = d.int()
	a.lastEvent, a.lastSegment = d.int(), d.int()
	a.state, a.stateSince = AgentState(d.int()), d.int()
	for range d.count(1) {
		a.acts = append(a.acts, d.int())
	}
	if channeled {
		if err := a.restoreChannels(d); err != nil {
			return err
		}
	}
	o.serveCallbacks(false, st.ServingCallback)
	a.watch()
	for _, at := range [...]int64{a.availability.value.start, a.availability.value.end, a.wrapUp.value.until,
		int64(st.WrapUpEnd), a.stuckAt()} {
		a.wakeAt(at)
	}
	a.refresh()
	return nil
}

func (a *agent) restoreChannels(d *decoder) error {
	words := a.org.c.words
	a.availability.value.reason = words.word([]byte(d.str()))
	n := d.count(20)
	if n > maxAgentChannels {
		return fmt.Errorf("an agent with %d channels", n)
	}
	for range n {
		var c agentChannel
		unstamp(d, &c)
		c.value = ChannelState{words.word([]byte(d.str())), words.word([]byte(d.str())), words.word([]byte(d.str()))}
		if last := len(a.channels) - 1; last >= 0 && a.channels[last].value.Channel >= c.value.Channel {
			return fmt.Errorf("channels %q and %q", a.channels[last].value.Channel, c.value.Channel)
		}
		a.channels = append(a.channels, c)
		a.org.c.agentChannels++
	}
	return nil
}

func (d *decoder) names(words words) (n names) {
	for range d.count(18) {
		n = append(n, namedFrom{at: d.int(), id: d.id(), name: words.word([]byte(d.str()))})
	}
	return n
}

func (d *decoder) histogram() (h histogram) {
	for range d.count(2) {
		h = append(h, HistogramBucket{uint16(d.int()), d.int()})
	}
	return h
}

func (o *org) restoreWindow(d *decoder) {
	kind, q := windowKind(d.int()), o.queue(d.id())
	key, end, date := d.int(), d.int(), int32(d.int())
	list := &q.days
	if kind == windowInterval {
		list = &q.intervals
	}
	w := o.window(q, list, kind, key, end, date)
	o.markWindow(w)
	w.frozenMax = d.int()
	for _, n := range w.frozen.sums.fields() {
		*n = d.int()
	}
	for i := range w.frozen.sums.Outcomes {
		w.frozen.sums.Outcomes[i] = d.int()
	}
	w.frozen.waits, w.frozen.answered = d.histogram(), d.histogram()
}

func (o *org) restoreCall(d *decoder, key []byte) error {
	id, err := idOf(key)
	if err != nil {
		return err
	}
	c := o.c
	ref := c.callOf(o, id)
	var last int64
	for range d.count(50) {
		last += d.int()
		f := fact{at: last, id: d.id(), leg: d.u32(), num: int32(d.int())}
		k := kind(d.int())
		if k >= numKinds {
			return fmt.Errorf("a fact of unknown kind %d", k)
		}
		f.queue, f.user = uint32(k), uint32(d.int())&0xFF
		if _, known := knownType(&f); !known {
			return fmt.Errorf("a fact of kind %d at a place where there is none", k)
		}
		if id := d.id(); id != uuid.Nil {
			f.queue |= (o.queue(id).index + 1) << 8
		}
		var a *agent
		if id := d.id(); id != uuid.Nil {
			a = o.agent(id)
			f.user |= (a.index + 1) << 8
		}
		n := f.internedTexts()
		for i := range f.text {
			if i < n {
				f.text[i] = c.texts.intern(d.take(int(d.int())))
			} else {
				f.text[i] = d.u32()
			}
		}
		if d.err != nil {
			return d.err
		}
		if k == kindCallbackCreated {
			if b := []byte(c.texts.get(f.text[0])); len(b) == 16 && uuid.UUID(b) != uuid.Nil {
				o.callbacks.at(o.callbackOf(uuid.UUID(b), f.at)).call = ref
			}
		}
		if a != nil && k == kindWrapUpStarted {
			a.addWrapUp(agentWrap{ref, f.at, f.next()})
		}
		c.addFact(ref, &f)
	}
	return nil
}
