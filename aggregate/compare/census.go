package compare

import (
	"context"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/model/store"
)

// errorSpans is how many failed spans of a side are asked for the type of their error: those in events
// have to be decoded.
const errorSpans = 20_000

// census passes over the records of all traces, linked or not: an operation is new only if no trace has
// it. It counts spans by operation, and failed spans by the type of their error.
func (f *folder) census(ctx context.Context, traces []store.TraceInfo) error {
	largest := uint32(0)
	for i := range traces {
		largest = max(largest, traces[i].Index)
	}
	member := make([]bool, largest+1)
	for i := range traces {
		member[traces[i].Index] = true
	}
	looked := 0
	for _, seg := range f.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return err
		}
		counts := make([]uint64, seg.Classes())
		failed := make([]bool, len(counts))
		for c := range failed {
			failed[c] = seg.Class(uint32(c)).Status == model.StatusError
		}
		seg.Records(nil, func(i int, r *store.Record) bool {
			if int(r.Trace) >= len(member) || !member[r.Trace] {
				return true
			}
			counts[r.Class]++
			if failed[r.Class] && looked < errorSpans {
				looked++
				f.countError(seg, i, seg.Class(r.Class))
			}
			return true
		})
		for c, n := range counts {
			if n > 0 {
				f.seen[f.op(seg.Class(uint32(c)).Op).Operation] += n
			}
		}
	}
	return nil
}

func (f *folder) countError(seg store.Segment, i int, c *store.Class) {
	e := errorType{f.op(c.Op).Operation, errorTypeOf(seg, i, c)}
	n := f.errors[e]
	if n == nil {
		if len(f.errors) >= maxErrors {
			f.Dropped++
			return
		}
		n = &errorCount{}
		if t, ok := f.snap.Trace(seg.Record(i).Trace); ok {
			n.in = t.ID
		}
		f.errors[e] = n
	}
	n.spans++
}

// errorTypeOf is how a span says that it failed: error.type or exception.type, else the type of its
// exception event, else its status text without what differs from case to case.
func errorTypeOf(seg store.Segment, i int, c *store.Class) string {
	for _, key := range [...]string{"error.type", "exception.type"} {
		if pos := slices.Index(c.Keys, key); pos >= 0 {
			if name := seg.Value(i, pos).String(); name != "" {
				return name
			}
		}
	}
	if c.Extra {
		s := seg.Span(i)
		for k := range s.Events {
			if v, ok := model.Lookup(s.Events[k].Attributes, "exception.type"); ok {
				return v.String()
			}
		}
		if s.StatusText != "" {
			return normalise(s.StatusText)
		}
	}
	return unspecified
}

// unspecified is the type of an error of which a span says nothing else.
const unspecified = "unspecified"

// normalised is how much of a status text tells errors apart, bytes.
const normalised = 120

// normalise replaces the words of a text that hold a digit, which are ids, addresses and amounts.
func normalise(text string) string {
	words := strings.Fields(strings.ToValidUTF8(text[:min(len(text), normalised)], ""))
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") {
			words[i] = "#"
		}
	}
	return strings.Join(words, " ")
}
