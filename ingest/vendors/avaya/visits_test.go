package avaya_test

import "testing"

func TestVisits(t *testing.T) {
	for _, c := range []struct{ name, script, calls, agents string }{
		{"answered, with a hold", `
			+0  anna ALERTING c1
			+5  anna ACTIVE c1
			+25 anna HELD c1
			+35 anna ACTIVE c1
			+65 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +65, wait -, talk 50, hold 10, offers 1, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 60; talking 50 hold 10 ringing 5`},
		{"updates change nothing", `
			+0  anna ALERTING c1
			+1  anna ALERTING c1
			+5  anna ACTIVE c1
			+9  anna ACTIVE c1
			+25 anna HELD c1
			+30 anna HELD c1
			+35 anna ACTIVE c1
			+40 anna ACTIVE c1
			+65 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +65, wait -, talk 50, hold 10, offers 1, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 60; talking 50 hold 10 ringing 5`},
		{"the connect was missed", `
			+0  anna ALERTING c1
			+5  anna HELD c1
			+65 anna END:HELD c1`, `
			Support 1: answered, +0 to +65, wait -, talk 0, hold 60, offers 1, agents anna`, ""},
		{"the end comes twice, the second time later", `
			+0     anna ALERTING c1
			+5     anna ACTIVE c1
			+65    anna END:ACTIVE c1
			+65.01 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +65.01, wait -, talk 60, hold 0, offers 1, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 60; talking 60 ringing 5`},
		{"offered to the next agent", `
			+0  anna ALERTING c1
			+15 anna END:ALERTING c1
			+16 bob  ALERTING c1
			+20 bob  ACTIVE c1
			+50 bob  END:ACTIVE c1`, `
			Support 1: answered, +0 to +50, wait -, talk 30, hold 0, offers 2, agents bob`, `
			anna: offers 1, answered 0, not answered 1, handled 0 in 0; ringing 15
			bob: offers 1, answered 1, not answered 0, handled 1 in 30; talking 30 ringing 4`},
		{"nobody answers", `
			+0  anna ALERTING c1
			+15 anna END:ALERTING c1
			+16 bob  ALERTING c1
			+30 bob  END:ALERTING c1`, `
			Support 1: overflowed, +0 to +30, wait -, talk 0, hold 0, offers 2, agents none`, `
			anna: offers 1, answered 0, not answered 1, handled 0 in 0; ringing 15
			bob: offers 1, answered 0, not answered 1, handled 0 in 0; ringing 14`},
		{"the agent lets it ring, then it is offered for another topic", `
			+0  anna ALERTING c1
			+15 anna END:ALERTING c1
			+16 bob  ALERTING c1 topic=Sales
			+20 bob  ACTIVE c1 topic=Sales
			+50 bob  END:ACTIVE c1 topic=Sales`, `
			Support 1: overflowed, +0 to +15, wait -, talk 0, hold 0, offers 1, agents none
			Sales 1: answered, +16 to +50, wait -, talk 30, hold 0, offers 1, agents bob`, ""},
		{"a contact that comes back is the same visit", `
			+0   anna ALERTING c1 channel=EMAIL
			+5   anna ACTIVE c1 channel=EMAIL
			+65  anna END:ACTIVE c1 channel=EMAIL
			+600 anna ALERTING c1 channel=EMAIL
			+605 anna ACTIVE c1 channel=EMAIL
			+700 anna END:ACTIVE c1 channel=EMAIL`, `
			Support (email) 1: answered, +0 to +700, wait -, talk 155, hold 0, offers 2, agents anna`, `
			anna: offers 2, answered 2, not answered 0, handled 1 in 155; talking 155 ringing 10`},
		{"a topic has a queue for each channel", `
			+0  anna ALERTING c1
			+1  anna ALERTING c2 channel=WEBCHAT
			+2  bob  ALERTING c3 channel=SMS
			+3  bob  ALERTING c4 channel=EMAIL
			+5  anna ACTIVE c1
			+6  anna ACTIVE c2 channel=WEBCHAT
			+50 anna END:ACTIVE c1
			+60 anna END:ACTIVE c2 channel=WEBCHAT
			+70 bob  END:ALERTING c3 channel=SMS
			+80 bob  END:ALERTING c4 channel=EMAIL`, `
			Support 1: answered, +0 to +50, wait -, talk 45, hold 0, offers 1, agents anna
			Support (chat) 1: answered, +1 to +60, wait -, talk 54, hold 0, offers 1, agents anna
			Support (chat) 1: overflowed, +2 to +70, wait -, talk 0, hold 0, offers 1, agents none
			Support (email) 1: overflowed, +3 to +80, wait -, talk 0, hold 0, offers 1, agents none`, ""},
		{"a skill where there is no topic", `
			+0  anna ALERTING c1 topic= skill=IT
			+5  anna ACTIVE c1 topic= skill=IT
			+9  anna END:ACTIVE c1 topic= skill=IT`, `
			IT 1: answered, +0 to +9, wait -, talk 4, hold 0, offers 1, agents anna`, ""},
		{"work after the contact", `
			+0  anna ALERTING c1
			+5  anna ACTIVE c1
			+65 anna ACW c1
			+66 anna ACW c1
			+95 anna END:ACW c1`, `
			Support 1: answered, +0 to +65, wait -, talk 60, hold 0, offers 1, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 90; talking 60 ringing 5 wrap_up 30`},
		{"a state that is not known tells nothing", `
			+0  anna ALERTING c1
			+5  anna ACTIVE c1
			+25 anna DEFERRED c1
			+65 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +65, wait -, talk 60, hold 0, offers 1, agents anna`, ""},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, c.script, c.calls, c.agents) })
	}
}

// The vendor's list of what ends a card: the agent, the customer, a single-step transfer, a consultation that is completed
// as a conference or as a transfer.
func TestTransfers(t *testing.T) {
	for _, c := range []struct{ name, script, calls, agents string }{
		{"to another agent for the same topic", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+30  anna END:ACTIVE c1
			+32  bob  ALERTING c1
			+40  bob  ACTIVE c1
			+100 bob  END:ACTIVE c1`, `
			Support 1: answered, +0 to +100, wait -, talk 85, hold 0, offers 2, agents anna,bob`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 25; talking 25 ringing 5
			bob: offers 1, answered 1, not answered 0, handled 1 in 60; talking 60 ringing 8`},
		{"the same, by clocks that disagree", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+29  bob  ALERTING c1
			+30  anna END:ACTIVE c1
			+40  bob  ACTIVE c1
			+100 bob  END:ACTIVE c1`, `
			Support 1: answered, +0 to +100, wait -, talk 85, hold 0, offers 2, agents anna,bob`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 25; talking 25 ringing 5
			bob: offers 1, answered 1, not answered 0, handled 1 in 60; talking 60 ringing 11`},
		{"to one who does not answer", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+30  anna END:ACTIVE c1
			+32  bob  ALERTING c1
			+50  bob  END:ALERTING c1`, `
			Support 1: answered, +0 to +50, wait -, talk 25, hold 0, offers 2, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 25; talking 25 ringing 5
			bob: offers 1, answered 0, not answered 1, handled 0 in 0; ringing 18`},
		{"to another topic", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+30  anna END:ACTIVE c1
			+32  bob  ALERTING c1 topic=Sales
			+40  bob  ACTIVE c1 topic=Sales
			+100 bob  END:ACTIVE c1 topic=Sales`, `
			Support 1: answered transfer user, +0 to +30, wait -, talk 25, hold 0, offers 1, agents anna
			Sales 1: answered, +32 to +100, wait -, talk 60, hold 0, offers 1, agents bob`, ""},
		{"to another topic, by clocks that disagree", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+29  bob  ALERTING c1 topic=Sales
			+30  anna END:ACTIVE c1
			+40  bob  ACTIVE c1 topic=Sales
			+100 bob  END:ACTIVE c1 topic=Sales`, `
			Support 1: answered transfer user, +0 to +29, wait -, talk 24, hold 0, offers 1, agents anna
			Sales 1: answered, +29 to +100, wait -, talk 60, hold 0, offers 1, agents bob`, ""},
		{"to another agent without a topic", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+30  anna END:ACTIVE c1
			+32  bob  ALERTING c1 topic=
			+40  bob  ACTIVE c1 topic=
			+100 bob  END:ACTIVE c1 topic=`, `
			Support 1: answered transfer user, +0 to +30, wait -, talk 25, hold 0, offers 1, agents anna
			direct 1: answered, +32 to +100, wait 8, talk 60, hold 0, offers 1, agents bob`, ""},
		{"a consultation that is completed as a transfer", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+20  anna HELD c1
			+20  anna ACTIVE c1 id=k1 interactionType=CONSULTING direction=OUTGOING
			+21  bob  ALERTING c1 id=k2 interactionType=CONSULTED
			+25  bob  ACTIVE c1 id=k2 interactionType=CONSULTED
			+40  anna END:ACTIVE c1 id=k1 interactionType=CONSULTING direction=OUTGOING
			+40  bob  END:ACTIVE c1 id=k2 interactionType=CONSULTED
			+40  anna END:HELD c1
			+41  bob  ACTIVE c1 id=k3 interactionType=TRANSFERRED
			+100 bob  END:ACTIVE c1 id=k3 interactionType=TRANSFERRED`, `
			Support 1: answered, +0 to +100, wait -, talk 74, hold 20, offers 1, agents anna,bob
			direct 1: answered, +21 to +40, wait 4, talk 15, hold 0, offers 1, agents bob`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 35; talking 15 hold 20 ringing 5
			bob: offers 1, answered 1, not answered 0, handled 2 in 74; talking 74 ringing 4`},
		{"a consultation, told by its flag alone, that is given up", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+21  bob  ALERTING c1 id=k2 isConsult=true
			+30  bob  END:ALERTING c1 id=k2 isConsult=true
			+60  anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +60, wait -, talk 55, hold 0, offers 1, agents anna
			direct 1: overflowed, +21 to +30, wait 9, talk 0, hold 0, offers 1, agents none`, ""},
		{"a conference that the second agent leaves first", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+41  bob  ACTIVE c1 id=k3 interactionType=CONFERENCED
			+60  bob  END:ACTIVE c1 id=k3 interactionType=CONFERENCED
			+100 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +100, wait -, talk 95, hold 0, offers 1, agents anna,bob`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 95; talking 95 ringing 5
			bob: offers 0, answered 0, not answered 0, handled 1 in 19; talking 19`},
		{"a conference that the first agent leaves first", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+41  bob  ACTIVE c1 id=k3 interactionType=CONFERENCED
			+60  anna END:ACTIVE c1
			+100 bob  END:ACTIVE c1 id=k3 interactionType=CONFERENCED`, `
			Support 1: answered, +0 to +100, wait -, talk 95, hold 0, offers 1, agents anna,bob`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 55; talking 55 ringing 5
			bob: offers 0, answered 0, not answered 0, handled 1 in 59; talking 59`},
		{"a conference with an agent who has no topic", `
			+0   anna ALERTING c1
			+5   anna ACTIVE c1
			+41  bob  ACTIVE c1 id=k3 interactionType=CONFERENCED topic=
			+60  bob  END:ACTIVE c1 id=k3 interactionType=CONFERENCED topic=
			+100 anna END:ACTIVE c1`, `
			Support 1: answered, +0 to +100, wait -, talk 95, hold 0, offers 1, agents anna
			direct 1: answered, +41 to +60, wait -, talk 19, hold 0, offers 0, agents bob`, ""},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, c.script, c.calls, c.agents) })
	}
}

func TestOwnCallsAndCallsOut(t *testing.T) {
	for _, c := range []struct{ name, script, calls, agents string }{
		{"a call to the agent", `
			+0  anna ALERTING c1 topic=
			+5  anna ACTIVE c1 topic=
			+25 anna HELD c1 topic=
			+35 anna ACTIVE c1 topic=
			+65 anna END:ACTIVE c1 topic=`, `
			direct 1: answered, +0 to +65, wait 5, talk 50, hold 10, offers 1, agents anna`, `
			anna: offers 1, answered 1, not answered 0, handled 1 in 60; talking 50 hold 10 ringing 5`},
		{"a call to the agent that is not answered", `
			+0  anna ALERTING c1 topic=
			+9  anna END:ALERTING c1 topic=`, `
			direct 1: overflowed, +0 to +9, wait 9, talk 0, hold 0, offers 1, agents none`, ""},
		{"a call out for a topic", `
			+0  anna INITIATED c1 direction=OUTGOING
			+1  anna ALERTING c1 direction=OUTGOING
			+5  anna ACTIVE c1 direction=OUTGOING
			+25 anna HELD c1 direction=OUTGOING
			+35 anna ACTIVE c1 direction=OUTGOING
			+65 anna END:ACTIVE c1 direction=OUTGOING`, `
			outbound Support 1: answered, +0 to +65, wait 5, talk 50, hold 10, offers 0, agents anna`, ""},
		{"a call out that nobody answers", `
			+0  anna ALERTING c1 direction=OUTGOING
			+9  anna END:ALERTING c1 direction=OUTGOING`, `
			outbound Support 1: rejected, +0 to +9, wait -, talk 0, hold 0, offers 0, agents none`, ""},
		{"a call out for a topic, with work after it", `
			+0  anna ALERTING c1 direction=OUTGOING
			+5  anna ACTIVE c1 direction=OUTGOING
			+25 anna ACW c1 direction=OUTGOING
			+45 anna END:ACW c1 direction=OUTGOING`, `
			outbound Support 1: answered, +0 to +25, wait 5, talk 20, hold 0, offers 0, agents anna`, ""},
		{"the agent's own call out is in no figure", `
			+0  anna ALERTING c1 topic= direction=OUTGOING
			+5  anna ACTIVE c1 topic= direction=OUTGOING
			+65 anna END:ACTIVE c1 topic= direction=OUTGOING`, ``, ""},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, c.script, c.calls, c.agents) })
	}
}

func TestAgents(t *testing.T) {
	play(t, `
		+0   anna state READY 0
		+60  anna state NOT_READY 700
		+100 anna state AFTER_CONTACT_WORK 0
		+130 anna state READY 0
		+140 anna ALERTING c1
		+145 anna ACTIVE c1
		+150 anna state NOT_READY_PENDING 700
		+165 anna END:ACTIVE c1
		+200 anna state LOGGED_OUT 0
		+260 anna state READY 0`, `
		Support 1: answered, +140 to +165, wait -, talk 20, hold 0, offers 1, agents anna`, `
		anna: offers 1, answered 1, not answered 0, handled 1 in 20; talking 20 ringing 5 off_work 60 away 105 available 70`)
}
