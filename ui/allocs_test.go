// Frames of figures that did not change allocate nothing.

package ui

import (
	"context"
	"testing"

	"oteltop/aggregate"
	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
)

// frameAllocations is what a frame of unchanged data may allocate (DESIGN section 8): the string that Bubble
// Tea wants, and one more.
const frameAllocations = 2

// hostile answers with names that have to be made fit for a terminal.
type hostile struct{ *fakeEngine }

func (e hostile) Map(ctx context.Context, q aggregate.Query) (*aggregate.Map, error) {
	m, err := e.fakeEngine.Map(ctx, q)
	m.Nodes[0].Name, m.Edges[0].Client = hostileName, hostileName
	m.Provenance.Note = hostileName
	return m, err
}

func (e hostile) Operations(ctx context.Context, q aggregate.Query) (*aggregate.Operations, error) {
	o, err := e.fakeEngine.Operations(ctx, q)
	for i := range o.Rows {
		o.Rows[i].Operation += hostileName
	}
	return o, err
}

func (e hostile) Traces(ctx context.Context, q aggregate.TracesQuery) (*aggregate.TraceList, error) {
	l, err := e.fakeEngine.Traces(ctx, q)
	for i := range l.Rows {
		l.Rows[i].RootService, l.Rows[i].Shape = hostileName, hostileName
	}
	return l, err
}

func (e hostile) Findings(ctx context.Context, q aggregate.FindingsQuery) (*aggregate.Findings, error) {
	r, err := e.fakeEngine.Findings(ctx, q)
	for i := range r.Rows {
		r.Rows[i].Title, r.Rows[i].Service = hostileName, hostileName
	}
	return r, err
}

func (e hostile) Shapes(ctx context.Context, q aggregate.Query) (*aggregate.Shapes, error) {
	r, err := e.fakeEngine.Shapes(ctx, q)
	for i := range r.Rows {
		r.Rows[i].Root.Name, r.Rows[i].Through = hostileName, []string{hostileName}
	}
	return r, err
}

func (e hostile) Shape(ctx context.Context, q aggregate.Query, shape string) (*aggregate.Shape, error) {
	r, err := e.fakeEngine.Shape(ctx, q, shape)
	if err != nil {
		return nil, err
	}
	for i := range r.Nodes {
		r.Nodes[i].Operation.Name, r.Nodes[i].Operation.ServiceName = hostileName, hostileName
	}
	for i := range r.Representatives {
		r.Representatives[i].Why = hostileName
	}
	return r, nil
}

// A frame of data that did not change is drawn in memory that is there already, whatever is shown.
func TestFramesAllocateNothing(t *testing.T) {
	modeltest.OneGoroutine(t)
	shop := stillShop(t)
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"map", []string{"1"}},
		{"node", []string{"1", "n", "tab"}},
		{"edge", []string{"1", "n", "tab", "enter"}},
		{"map as a list", []string{"1", "v", "v", "v", "v", "down"}},
		{"operations", []string{"2"}},
		{"services", []string{"2", "o"}},
		{"comparison", []string{"2", "b"}},
		{"latency", []string{"3"}},
		{"latency of an operation", []string{"2", "down", "enter"}},
		{"selection", []string{"3", "V", "up"}},
		{"explanation of a selection", []string{"3", "V", "tab", "down"}},
		{"list of a selection", []string{"3", "V", "tab", "tab"}},
		{"colours by errors", []string{"3", "c"}},
		{"traces", []string{"5"}},
		{"traces of a selection", []string{"3", "V", "enter"}},
		{"findings", []string{"4", "down"}},
		{"explanation of a finding", []string{"4", "tab", "tab", "down"}},
		{"shapes", []string{"6", "down"}},
		{"typical trace", []string{"6", "tab", "down"}},
		{"changes", []string{"+", "7", "down"}},
		{"call paths", []string{"+", "7", "a", "tab", "down"}},
		{"sheet", []string{":", "g", "r", "o", "w", "s", "?", "enter"}},
		{"pair", []string{"+", "7", "p"}},
		{"coverage", []string{"8"}},
		{"services of the coverage", []string{"8", "tab", "down"}},
		{"log", []string{"8", "shift+tab"}},
		{"waterfall", []string{"5", "enter"}},
		{"details", []string{"5", "enter", "tab", "down"}},
		{"search", []string{"5", "enter", "/", "a"}},
		{"found", []string{"5", "enter", "/", "a", "enter"}},
		{"focus", []string{"5", "enter", "down", "F", "s"}},
		{"frozen", []string{"2", "space"}},
		{"help", []string{"2", "?"}},
		{"palette", []string{"2", ":"}},
		{"palette that searches", []string{"2", ":", "c", "a"}},
		{"filter", []string{"2", "/", "c", "a", "r", "t"}},
		{"wrong filter", []string{"2", "/", "d", "=", "=", "="}},
		{"columns", []string{"2", "c"}},
		{"attributes to group by", []string{"5", "a"}},
		{"expression", []string{"5", ":", "h", "i", "s", "t", "o", "g", "enter", "down"}},
		{"tour", []string{"2", "?", "t"}},
	} {
		for what, e := range map[string]aggregate.Engine{"shop": shop, "hostile": hostile{newFake()}} {
			t.Run(c.name+"/"+what, func(t *testing.T) {
				s := watch(e, "1", 200, 50, colorprofile.TrueColor)
				s.keys(c.keys...)
				s.app.View()
				n := testing.AllocsPerRun(10, func() {
					s.app.dirty = true
					s.app.View()
				})
				if n > frameAllocations {
					t.Errorf("%v allocations a frame, want at most %d", n, frameAllocations)
				}
			})
		}
	}
}
