package catalogue

var (
	organizationKey = text("organization_id", "Organization", "The tenant").key()
	queueKeys       = []Column{organizationKey, text("queue_id", "Queue id", "The queue's identifier").key(), text("queue_name", "Queue", "The queue's name").key()}
	groupKeys       = []Column{text("group_id", "Group id", "The queue group's identifier").key(), text("group_name", "Group", "The queue group's name").key()}
	queueOrGroup    = join(queueKeys, groupKeys)
	agentKeys       = []Column{organizationKey, text("agent_id", "Agent id", "The agent's identifier").key(), text("agent_name", "Agent", "The agent's name").key()}
	listKeys        = []Column{organizationKey, text("call_list_id", "List id", "The callback list's identifier").key(),
		text("call_list_name", "List", "The beginning of the list's identifier: the vendor gives lists no name").key()}
	timeKey = instant("time", "Time", "The begin of the step").key()
)

// openStatus are the vendor's codes.
var openStatus = []CodeText{{"0", "unknown", grey}, {"1", "no handler", orange}, {"3", "closed", red}, {"4", "closed?", "light-red"},
	{"5", "open", green}, {"6", "open?", "light-green"}}

// agentStates are the states of METRICS.md, section 7.
var agentStates = []CodeText{{"talking", "talking", "blue"}, {"hold", "hold", "light-blue"}, {"ringing", "ringing", "yellow"}, {"wrap_up", "wrap-up", "purple"},
	{"available", "available", "green"}, {"away", "away", "orange"}, {"off_work", "off work", "#6e7681"}, {"unknown", "unknown", "#b0b0b0"}}
