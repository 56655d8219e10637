package sessions

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/attributes"
	"oteltop/model"
	"oteltop/model/store"
)

// The keys that tell sessions, the surest first. Users come back, so of theirs a session ends with a pause.
const (
	keySession = "session.id"
	keyUser    = "user.id"
	keyEndUser = "enduser.id" // what user.id was called until 2024
	// KeyFlow stands for traces that only links hold together.
	KeyFlow = "(linked traces)"
)

// maxValues is how many values are counted for one trace; a trace with more is no part of one session anyway.
const maxValues = 8

// keys are the attributes to look for. What was asked for goes first.
func keys(by string) []string {
	all := []string{keySession, keyUser, keyEndUser}
	if by != "" {
		all = slices.DeleteFunc(all, func(k string) bool { return k == by })
		all = append([]string{by}, all...)
	}
	return all
}

// Keys are the attributes that tell sessions, the surest first.
func Keys() []string { return keys("") }

// pauses reports whether a long pause ends a session that a key tells.
func pauses(key string) bool { return key == keyUser || key == keyEndUser }

// vote is the values that one trace has.
type vote struct {
	key    int // index, −1 for none
	rooted bool
	root   rootValue
	counts []valueCount // as long as no root has one
	lost   uint64
}

// rootValue is the value of the earliest root that has one.
type rootValue struct {
	value attributes.Value
	start int64
	id    model.SpanID
}

type valueCount struct {
	value attributes.Value
	n     int
}

// votes reads the values of all traces.
func votes(ctx context.Context, segments []store.Segment, r *attributes.Reader, index ordinals, n int) ([]vote, error) {
	out := make([]vote, n)
	for i := range out {
		out[i].key = -1
	}
	for at, s := range segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		classes, some := r.Wanted(at)
		if !some {
			continue
		}
		s.Records(classes, func(i int, x *store.Record) bool {
			t, ok := index.of(x.Trace)
			if !ok {
				return true
			}
			if v, key, ok := r.At(at, i, x.Class); ok && v != attributes.Other {
				out[t].add(key, v, x)
			}
			return true
		})
	}
	return out, nil
}

// add counts the value that a span has of a key. A surer key replaces all that was counted of another, and the value of a
// root whatever other spans have.
func (v *vote) add(key int, value attributes.Value, x *store.Record) {
	if v.key >= 0 && key > v.key {
		return
	}
	if v.key != key {
		*v = vote{key: key}
	}
	if x.Parent == 0 {
		at := rootValue{value, x.Start, x.ID}
		if !v.rooted || cmp.Or(cmp.Compare(at.start, v.root.start), cmp.Compare(at.id, v.root.id)) < 0 {
			v.rooted, v.root, v.counts, v.lost = true, at, nil, 0
		}
		return
	}
	if v.rooted {
		return
	}
	for i := range v.counts {
		if v.counts[i].value == value {
			v.counts[i].n++
			return
		}
	}
	if len(v.counts) == maxValues {
		v.lost++
		return
	}
	v.counts = append(v.counts, valueCount{value, 1})
}

// value is the one that the trace goes by. Of equally frequent ones it is the first in alphabetical order.
func (v *vote) value(r *attributes.Reader) attributes.Value {
	if v.rooted {
		return v.root.value
	}
	best := v.counts[0]
	for _, c := range v.counts[1:] {
		if c.n > best.n || c.n == best.n && r.Text(c.value) < r.Text(best.value) {
			best = c
		}
	}
	return best.value
}
