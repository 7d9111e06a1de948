package privacy

// minDigits is how many digits make a number, in what is not JSON.
const minDigits = 7

// damaged replaces, in a message that cannot be read to its end, the numbers that were found before the fault, and
// whatever looks like one. Identifiers and times keep their form.
func (n *Numbers) damaged(message []byte) []byte {
	text := n.rewrite(message)
	out := make([]byte, 0, len(text)+64)
	for i := 0; i < len(text); {
		word := i == 0 || !isWord(text[i-1])
		var end int
		switch {
		case word && matches(text[i:], guid):
			end = i + len(guid)
		case word && matches(text[i:], instant):
			end = i + len(instant)
			for end < len(text) && (isDigit(text[end]) || text[end] == '.') {
				end++
			}
		case isDigit(text[i]) || text[i] == '+':
			var digits int
			if end, digits = numberEnd(text, i); digits >= minDigits {
				out = append(out, n.Number(text[i:end])...)
				i = end
				continue
			}
		default:
			end = i + 1
		}
		out = append(out, text[i:end]...)
		i = end
	}
	return out
}

// numberEnd returns where the number that begins at i ends, and how many digits it has. Up to two characters of
// punctuation may stand between digits.
func numberEnd(text []byte, i int) (end, digits int) {
	end = i + 1
	if isDigit(text[i]) {
		digits = 1
	}
	for j, gap := end, 0; j < len(text) && gap <= 2; j++ {
		switch {
		case isDigit(text[j]):
			digits++
			end, gap = j+1, 0
		case isPunctuation(text[j]):
			gap++
		default:
			return end, digits
		}
	}
	return end, digits
}

// Forms that hold many digits and are no numbers: x is a hexadecimal digit, 0 a decimal one.
const (
	guid    = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	instant = "0000-00-00T00:00:00"
)

func matches(text []byte, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		c := text[i]
		switch form[i] {
		case 'x':
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		case '0':
			if !isDigit(c) {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return len(text) == len(form) || form == instant || !isWord(text[len(form)])
}

func isWord(c byte) bool { return isDigit(c) || isLetter(c) || c == '_' }
