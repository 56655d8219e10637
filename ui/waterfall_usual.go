// Waterfall: the details that say how usual a span is, and what the request would gain by it.

package ui

import (
	"oteltop/aggregate/order"
	"oteltop/model"
	"oteltop/ui/num"
)

// doubted finds what other requests contradict of the critical path, by node.
func doubted(ds []order.Doubt) map[int32]*order.Doubt {
	out := make(map[int32]*order.Doubt, len(ds))
	for i := range ds {
		out[ds[i].Node] = &ds[i]
	}
	return out
}

// gain says what the request would gain if the span took no time, or how much longer it could take.
func (d *detail) gain(node int32) {
	x := d.m.view.Single
	if int(node) >= len(x.Slack) || int(node) >= len(x.Drag) || node == d.m.t.Root {
		return
	}
	switch {
	case x.Drag[node] > 0:
		d.prose(toneCritical, "the request gains at most %s if this takes no time", num.Duration(nil, x.Drag[node]))
	case x.Slack[node] > 0:
		d.prose(toneDim, "could take %s longer before the request does", num.Duration(nil, x.Slack[node]))
	}
}

// doubt says that the critical path may be another one.
func (d *detail) doubt(node int32) {
	x := d.m.doubts[node]
	if x == nil || !d.m.real(x.Before) {
		return
	}
	n := uint64(x.Held) + uint64(x.Broken)
	d.prose(toneWarn, "? it may not have waited for %s %s: in %s of %s requests that one had not ended when this began",
		d.m.service(x.Before), d.m.span(x.Before).Name, num.Count(nil, uint64(x.Broken)), num.Count(nil, n))
}

// usual says how common the call is, how its operation's durations are spread, and how the typical trace
// differs.
func (d *detail) usual(node int32) {
	c := d.m.context(node)
	if s := c.Strip; c.N >= contextLeast && s.High > 0 {
		d.p.lines = append(d.p.lines, paneLine{text: model.Textf("spread from %s to %s", num.Duration(nil, s.Low), num.Duration(nil, s.High)),
			tone: toneDim, x: stripWidth, entry: -1, strip: true})
	}
	if c.PresenceOf >= contextLeast {
		o := toneDim
		if c.Presence < rarePresence {
			o = toneWarn
		}
		d.prose(o, "in %s of %s requests that come here", num.Share(nil, c.Presence), num.Count(nil, c.PresenceOf))
	}
	if d.vs == nil {
		return
	}
	of := "its shape"
	if d.vs.about.kind == versusRoot {
		of = "its root operation"
	}
	d.title("Against %s requests of %s", num.Count(nil, d.vs.typical.Traces), of)
	r := d.vs.row(node)
	if r == nil {
		d.prose(toneWarn, "none of them makes this call")
		return
	}
	d.prose(tonePlain, "p50 %s, p10 %s, p90 %s, self %s, %s a request, in %s of them", num.Duration(nil, r.Duration.P50), num.Duration(nil, r.Duration.P10),
		num.Duration(nil, r.Duration.P90), num.Duration(nil, r.Self.P50), appendTimes(nil, r.PerTrace), num.Share(nil, r.Presence))
	for _, i := range d.vs.lacks(node) {
		x := &d.vs.typical.rows[i]
		d.prose(toneWarn, "missing: %s %s, made by %s of them, p50 %s",
			x.Operation.ServiceName, x.Operation.Name, num.Share(nil, x.Presence), num.Duration(nil, x.Duration.P50))
	}
}
