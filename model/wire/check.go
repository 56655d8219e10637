package wire

// message is a kind of message that Check knows to hold attributes.
type message struct {
	name      string
	attribute uint32 // tag of its attributes
}

// Message says which message Check is given.
type Message uint8

// The messages that hold attributes.
const (
	MessageEvent Message = iota
	MessageLink
	MessageResource
	MessageScope
)

// of is a switch, not a table, so that nothing in the package can change.
func (m Message) of() message {
	switch m {
	case MessageEvent:
		return message{"event", eventAttribute}
	case MessageLink:
		return message{"link", linkAttribute}
	case MessageResource:
		return message{"resource", resourceAttribute}
	}
	return message{"scope", scopeAttribute}
}

// Check walks a message with all its attributes and returns how many there are, or the first error.
func Check(m Message, b []byte, base int) (attributes int, err error) {
	is := m.of()
	f := Of(b, base, is.name)
	for f.Next() {
		if f.Tag != is.attribute {
			continue
		}
		attributes++
		if err := CheckAttribute(f.Bytes, f.At()); err != nil {
			return attributes, err
		}
	}
	return attributes, f.Err()
}

// CheckAttribute walks a KeyValue with its value.
func CheckAttribute(kv []byte, base int) error {
	for f := Of(kv, base, "attribute"); ; {
		if !f.Next() {
			return f.Err()
		}
		if f.Tag == AttributeValue {
			if _, err := ValueKind(f.Bytes, f.At()); err != nil {
				return err
			}
		}
	}
}
