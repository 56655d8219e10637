// Lens 3, Latency: what is special about the selected requests; question, answer, rows and keys.

package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/explain"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// explained is what is special about the selection of a heatmap: Engine.Explain's answer, fit for the screen.
type explained struct {
	title  canvas.Literal // whom it is about
	table  table[explainID]
	rows   []explainRow // parallel to table.keys
	answer *aggregate.Explanation
	about  explainAbout // what the answer is about
	asked  explainAbout // what is selected now
	keys   []key.Binding
}

// explainAbout identifies what is explained, whatever time it is.
type explainAbout struct {
	scope     scopeID
	selection aggregate.Selection
}

// explainID identifies a row.
type explainID struct {
	scope                          explain.Scope
	service, operation, key, value string
	kind                           model.Kind
	absent, numeric                bool
}

// explainRow is a row with its texts.
type explainRow struct {
	*explain.Row
	what, brief, where model.Text // brief: with the key's last part only
	widths             [3]int     // of what and brief with the service that they are on, and of what alone
	service            model.Text
	counts, verdict    model.Text // the row in words
	narrow, exclude    string     // filters; empty where no filter can say it
}

// explainLimit is how many rows are asked for: what comes later is hardly special.
const explainLimit = 40

// leadWidth is what a signed duration takes before a name, so that names begin below one another.
const leadWidth = 7

// Columns of the explanation.
const (
	explainWhat = iota
	explainSelected
	explainRest
	explainLower
	explainQ
	explainN
)

func newExplained(title canvas.Literal) explained {
	return explained{
		title: title, keys: explainKeys(),
		table: table[explainID]{cols: []column{
			explainWhat:     {title: "they have", least: 20},
			explainSelected: {title: "selected", right: true},
			explainRest:     {title: "others", right: true},
			explainLower:    {title: "least", width: 5, right: true},
			explainQ:        {title: "q", width: 5, right: true, rank: 2},
			explainN:        {title: "n", width: 9, right: true, rank: 1},
		}},
	}
}

// question asks what is special about a selection of the scope.
func (x *explained) question(at Moment, s *aggregate.Selection) (about any, q Question) {
	x.asked = explainAbout{}
	if s == nil {
		return nil, nil
	}
	x.asked = explainAbout{scopeOf(at), *s}
	ask := aggregate.ExplainQuery{Query: at.Query(), Selection: s, Limit: explainLimit}
	return x.asked, func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Explain(ctx, ask) }
}

// take takes an answer. Rows keep the engine's order: by class, then by the least that they differ.
func (x *explained) take(about explainAbout, r *aggregate.Explanation) {
	if about != x.about {
		x.table.toTop()
	}
	x.about, x.answer = about, r
	x.rows = make([]explainRow, len(r.Rows))
	ids := make([]explainID, len(r.Rows))
	for i := range r.Rows {
		row := &r.Rows[i]
		x.rows[i] = newExplainRow(row, about.scope.focus)
		ids[i] = explainID{row.Scope, row.Service, row.Operation, row.Key, row.Value, row.Kind, row.Absent, row.Numeric}
	}
	x.table.setRows(ids)
}

// current is the answer about what is selected now; nil while there is none.
func (x *explained) current() *aggregate.Explanation {
	if x.answer == nil || x.about != x.asked {
		return nil
	}
	return x.answer
}

// selected is the row under the cursor.
func (x *explained) selected() (r explainRow, ok bool) {
	if x.current() == nil || x.table.at >= len(x.rows) {
		return r, false
	}
	return x.rows[x.table.at], true
}

func newExplainRow(r *explain.Row, focus aggregate.Focus) explainRow {
	x := explainRow{Row: r, narrow: rowCondition(r, focus), exclude: rowExclusion(r, focus)}
	key, last := r.Key, "…"+r.Key[strings.LastIndexByte(r.Key, '.')+1:]
	if strings.Count(r.Key, ".") == 0 {
		last = r.Key
	}
	where := strings.TrimSpace(r.Service + " " + r.Operation)
	var what, brief string
	switch {
	case r.Key == explain.KeyPath:
		what = "call " + pathText(r)
		brief, where = what, ""
	case r.Key == explain.KeyCritical:
		what = fmt.Sprintf("%-*s in %s", leadWidth, signedText(int64(r.SelectedTime-r.BaselineTime)), where) // figures are below one another
		brief, where = what, ""
	case r.Absent:
		what, brief = "no "+key, "no "+last
	case r.Numeric && r.AUC > 0.5:
		what, brief = "larger "+key, "larger "+last
	case r.Numeric:
		what, brief = "smaller "+key, "smaller "+last
	default:
		what, brief = key+" = "+r.Value, last+" = "+r.Value
	}
	x.what, x.brief, x.where, x.service = model.Sanitise(what), model.Sanitise(brief), model.Sanitise(where), model.Sanitise(r.Service)
	on := 0
	if where != "" {
		where = " on " + where
		on = len(" on ") + canvas.Width(x.service)
	}
	x.widths = [3]int{canvas.Width(x.what) + on, canvas.Width(x.brief) + on, canvas.Width(x.what)}
	if r.Key == explain.KeyCritical {
		what = strings.TrimSpace(what[:leadWidth]) + what[leadWidth:]
	}
	x.counts, x.verdict = model.Sanitise(rowCounts(r, what+where)), model.Sanitise(rowVerdict(r))
	return x
}

// pathText writes a call path with what is called first: it is what tells the path from others.
func pathText(r *explain.Row) string {
	var parts []string
	for i := len(r.Steps) - 1; i >= 0; i-- {
		parts = append(parts, r.Steps[i].Service+" "+r.Steps[i].Operation)
	}
	if r.IsCut {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ← ")
}

// rowCounts says a row in words: its counts first, for names may be too long for a line.
func rowCounts(r *explain.Row, what string) string {
	count := func(n uint64) string { return string(num.Count(nil, n)) }
	switch {
	case r.Key == explain.KeyCritical:
		side := func(n uint64, of string, mean, median float64) string {
			return count(n) + of + durationText(int64(mean)) + ", median " + string(num.Share(nil, median))
		}
		return side(r.SelectedTotal, " selected: mean ", r.SelectedTime, r.SelectedMedian) + " of the critical path; " +
			side(r.BaselineTotal, " others: ", r.BaselineTime, r.BaselineMedian) + "; " + what
	case r.Numeric:
		return "median " + string(appendAmount(nil, r.SelectedMedian)) + " of " + count(r.SelectedTotal) + " selected, " +
			string(appendAmount(nil, r.BaselineMedian)) + " of " + count(r.BaselineTotal) + " others: " + what
	}
	return count(r.Selected) + " of " + count(r.SelectedTotal) + " selected, " + count(r.Baseline) + " of " + count(r.BaselineTotal) + " others: " + what
}

// rowVerdict says how sure the row is, and what tells the same.
func rowVerdict(r *explain.Row) string {
	s := "differ by " + string(num.Share(nil, r.Lower)) + " at least, q " + string(appendQ(nil, r.Q))
	if r.Numeric { // what is bounded is no difference of the two medians
		more := "larger"
		if r.AUC < 0.5 {
			more = "smaller"
		}
		s = more + " in " + string(num.Share(nil, max(r.AUC, 1-r.AUC))) + " of pairs, " + string(num.Share(nil, (1+r.Lower)/2)) + " at least, q " + string(appendQ(nil, r.Q))
	}
	if r.IDLike {
		s += "; an identifier: most traces have one of their own"
	}
	if r.Error > 0 {
		s += "; counts within " + string(num.Count(nil, r.Error))
	}
	if n := len(r.Also); n > 0 {
		s += "; tells the same: " + strings.Join(r.Also[:min(3, n)], ", ")
		if more := r.AlsoCount - min(3, n); more > 0 {
			s += " and " + strconv.Itoa(more) + " more"
		}
	}
	return s
}

// appendAmount writes a number whose unit is not known.
func appendAmount(b []byte, v float64) []byte {
	if v >= 10_000 {
		return num.Count(b, uint64(v))
	}
	return strconv.AppendFloat(b, v, 'g', 3, 64)
}

// key handles a key while the explanation has the focus.
func (x *explained) key(k tea.KeyPressMsg) Action {
	if x.table.key(k) {
		return Handled{}
	}
	r, ok := x.selected()
	if !ok {
		return nil
	}
	switch k.String() {
	case "enter", "right", "l":
		if !r.Numeric && r.Selected == 0 && r.SelectedTotal > 0 {
			return Say{Text: "none of the selected has this: x leaves out the others, which do", Problem: true}
		}
		return r.narrowing(r.narrow)
	case "x":
		return r.narrowing(r.exclude)
	case "o":
		if !r.Exemplar.IsZero() {
			return OpenTrace{ID: r.Exemplar}
		}
		return Say{Text: "none of the traces that show it is retained", Problem: true}
	case "y":
		return Copy{"what is special", r.counts.String() + "; " + r.verdict.String()}
	}
	return nil
}

func (r *explainRow) narrowing(filter string) Action {
	if filter == "" {
		return Say{Text: "no filter can say this; o opens an example", Problem: true}
	}
	return Narrow{filter}
}

func explainKeys() []key.Binding {
	return append([]key.Binding{
		bind("enter", "only these", "enter", "right", "l"),
		bind("x", "without these", "x"),
		bind("o", "example", "o"),
		bind("y", "copy", "y"),
	}, tableKeys()...)
}

// figure is a row's figure on one side with the share of the bar: a share of traces, or a median.
func (r *explainRow) figure(b []byte, side int) ([]byte, float64) {
	v := [2]float64{r.SelectedShare(), r.BaselineShare()}
	if r.Numeric {
		v = [2]float64{r.SelectedMedian, r.BaselineMedian}
	}
	if !r.Numeric || r.Key == explain.KeyCritical {
		return num.Share(b, v[side]), v[side]
	}
	most := max(v[0], v[1], -v[0], -v[1])
	if most == 0 {
		return appendAmount(b, v[side]), 0
	}
	return appendAmount(b, v[side]), max(0, v[side]/most)
}

// label is the longest way to say what a row is that leaves room for the service it is on; else the longest that
// fits at all: a value is told apart by its end, a key is not.
func (r *explainRow) label(width int) model.Text {
	switch {
	case r.widths[0] <= width, r.widths[1] > width && r.widths[2] <= width:
		return r.what
	}
	return r.brief
}
