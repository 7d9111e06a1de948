package privacy

import (
	"bytes"

	"ringside/ingest"
)

// numberNames are the members of Enreach's messages that hold a caller's number; TargetNumber is one in outgoing calls.
// TechNumber is the number as the switch saw it.
var numberNames = [...]string{"CallerNumber", "ContactNumber", "TechNumber"}

const (
	targetName  = "TargetNumber"
	commonTail  = `Number"` // of all names
	longestName = len("ContactNumber")
)

func isNumberName(name []byte, target bool) bool {
	for _, known := range numberNames {
		if string(name) == known {
			return true
		}
	}
	return target && string(name) == targetName
}

// contactNames are the members, in lower case, that hold a customer's number or address in the messages that forwarders
// send. Which end of a call is the customer is not always told there: both are replaced.
var contactNames = [...]string{
	"originatingaddress", "destinationaddress", "participantaddress", // Avaya
	"phonenumber", "phone", "ani", "dnis", "transferani", // Bright Pattern
	"phoneprimary", "phonehome", "phonemobile", "phonefax", "address", "callernumber", "contactnumber", "number",
}

// emailName is no channel's name, which is written in capitals.
const emailName = "email"

func isContactName(name []byte) bool {
	if string(name) == emailName {
		return true
	}
	for _, known := range contactNames {
		if len(name) == len(known) && bytes.EqualFold(name, []byte(known)) {
			return true
		}
	}
	return false
}

// holdsNumber returns what tells whether a member of a vendor's message holds a caller's number, by its name.
func holdsNumber(source string, target bool) func(name []byte) bool {
	if source != ingest.SourceEnreach {
		return isContactName
	}
	return func(name []byte) bool { return isNumberName(name, target) }
}

// mayHoldNumber is holdsNumber for a message that may be anybody's.
func mayHoldNumber(name []byte) bool { return isNumberName(name, true) || isContactName(name) }
