// Waterfall: what services logged while the trace went on, at the spans that they did it in.

package ui

import (
	"fmt"
	"strings"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/num"
)

// logLines is how many log records of one span the details list.
const logLines = 200

// logIndex finds the log records of a node. Records of no span, or of one that nobody has told of, are those of
// the main root.
type logIndex struct {
	order []int32 // indices into the view's Logs, by node, then time
	at    []int32 // order[at[n]:at[n+1]] are those of node n
}

func (m *traceModel) indexLogs() logIndex {
	nodes := m.t.Tree.Nodes
	if len(m.view.Logs) == 0 || len(nodes) == 0 {
		return logIndex{}
	}
	nodeOf := make(map[model.SpanID]int32, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- { // of twins the first
		n := int32(i)
		if m.real(n) {
			nodeOf[m.head(n).ID] = n
		} else {
			nodeOf[m.missing[n]] = n
		}
	}
	x := logIndex{order: make([]int32, len(m.view.Logs)), at: make([]int32, len(nodes)+2)}
	of := make([]int32, len(m.view.Logs))
	for i := range m.view.Logs {
		n, ok := nodeOf[m.view.Logs[i].Span]
		if !ok {
			n = max(0, m.t.Root)
		}
		of[i] = n
		x.at[n+2]++
	}
	for i := 2; i < len(x.at); i++ {
		x.at[i] += x.at[i-1]
	}
	for i, n := range of { // at[n+1] is where the next record of n goes
		x.order[x.at[n+1]] = int32(i)
		x.at[n+1]++
	}
	return x
}

// eachLog calls yield with the log records of a node, in time order, until it returns false.
func (m *traceModel) eachLog(node int32, yield func(l *model.Log) bool) {
	if len(m.logs.order) == 0 {
		return
	}
	for _, i := range m.logs.order[m.logs.at[node]:m.logs.at[node+1]] {
		if !yield(&m.view.Logs[i]) {
			return
		}
	}
}

// logCount is how many log records a node has.
func (m *traceModel) logCount(node int32) int {
	if len(m.logs.order) == 0 {
		return 0
	}
	return int(m.logs.at[node+1] - m.logs.at[node])
}

// logs lists what was logged during a span, with its offset from the span's start.
func (d *detail) logs(node int32, start int64) {
	n := d.m.logCount(node)
	if n == 0 {
		return
	}
	d.title("Logs %d", n)
	left := logLines
	d.m.eachLog(node, func(l *model.Log) bool {
		if left--; left < 0 {
			d.prose(toneFaint, "and %s later", plural(n-logLines, "record"))
			return false
		}
		d.log(l, start)
		return true
	})
	if node == max(0, d.m.t.Root) && d.m.view.MoreLogs > 0 {
		d.prose(toneFaint, "%s of the trace came before those on the screen", plural(d.m.view.MoreLogs, "record"))
	}
}

func (d *detail) log(l *model.Log, start int64) {
	what := d.unmasked("body", l.Body.String())
	if l.Event != "" {
		what = strings.TrimSpace(l.Event + " " + what)
	}
	level := l.Level()
	if level != "" {
		level += "  "
	}
	d.prose(logTone(l), "+%s  %s%s", num.Duration(nil, int64(since(l.Time, start))), level, what)
	for i := range l.Attributes {
		d.attribute("", &l.Attributes[i], 2)
	}
	if l.Dropped > 0 {
		d.prose(toneWarn, "  %d attributes were dropped by the SDK", l.Dropped)
	}
}

func logTone(l *model.Log) tone {
	switch {
	case l.Severity >= model.SeverityError:
		return toneError
	case l.Severity >= model.SeverityWarn:
		return toneWarn
	case l.Severity >= model.SeverityInfo || l.Severity == model.SeverityUnknown:
		return tonePlain
	}
	return toneDim
}

// logMark is how a record is marked on the bar of its span.
func (p *barPen) logMark(l *model.Log) (rune, themes.Style, weight) {
	switch {
	case l.Severity >= model.SeverityError:
		return p.f.G.Error, p.f.Theme.Error, weightFailure
	case l.Severity >= model.SeverityWarn:
		return p.f.G.Event, p.f.Theme.Warn, weightWarning
	}
	return p.f.G.Event, p.f.Theme.Dim, weightLog
}

// inLogs searches what was logged during a span.
func (s *search) inLogs(m *traceModel, node int32) (found bool) {
	m.eachLog(node, func(l *model.Log) bool {
		found = containsFold(l.Body.String(), s.text) || containsFold(l.Event, s.text) || s.inAttributes(l.Attributes)
		return !found
	})
	return found
}

// copyLogs writes what was logged during a span.
func (w *Waterfall) copyLogs(b *strings.Builder, node int32, start int64) {
	w.m.eachLog(node, func(l *model.Log) bool {
		fmt.Fprintf(b, "log +%s %s %s\n", durationText(int64(since(l.Time, start))), strings.TrimSpace(l.Level()+" "+l.Event), w.unmasked("body", l.Body.String()))
		w.copyAttributes(b, "  ", l.Attributes)
		return true
	})
}
