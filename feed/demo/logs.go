package demo

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"oteltop/model"
)

// line is what a service logs during a span.
type line struct {
	at         int64
	severity   model.Severity
	text       string
	attributes []attribute
}

// say logs a line in the span at work.
func (f *frame) say(severity model.Severity, text string, as ...attribute) {
	s := f.span()
	s.lines = append(s.lines, line{f.now, severity, text, as})
}

// slowRead is from when on a read of the ledger is worth a warning to the service that makes it.
const slowRead = 100 * time.Millisecond

// timed logs a warning where work took longer than slowRead.
func (f *frame) timed(what string, work func()) {
	begun := f.now
	work()
	if took := time.Duration(f.now - begun); took > slowRead {
		f.say(model.SeverityWarn, fmt.Sprintf("%s took %d ms", what, took.Milliseconds()))
	}
}

// logs calls yield with an ExportLogsServiceRequest per resource whose spans have lines, and their number.
func (e *encoder) logs(spans []span, yield func(req []byte, records int)) {
	e.grouped(spans, func(g group, spans []span) {
		records, n := e.scope(g), 0
		for i := range spans {
			for k := range spans[i].lines {
				e.one = e.record(e.one[:0], &spans[i], &spans[i].lines[k])
				records = bytesField(records, 2, e.one)
				n++
			}
		}
		if n > 0 {
			yield(e.wrapped(g, records), n)
		}
	})
}

func (e *encoder) record(b []byte, s *span, l *line) []byte {
	t, id := idBytes(s.trace), spanBytes(s.id)
	b = fixed(b, 1, uint64(l.at))
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(l.severity))
	b = bytesField(b, 3, []byte(l.severity.String()))
	b = bytesField(b, 5, bytesField(nil, 1, []byte(l.text)))
	for i := range l.attributes {
		b = e.attribute(b, 6, &l.attributes[i])
	}
	return bytesField(bytesField(b, 9, t[:]), 10, id[:])
}
