package ui

import (
	"strconv"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// findingRow is a finding with its texts, fit for the screen.
type findingRow struct {
	*findings.Finding
	title model.Text
	lines []model.Text            // the evidence, one line each
	place *aggregate.OperationRow // where it was found, nil where rollups do not know it

	wrapped   []model.Text // lines and title broken to a width
	heads     int          // of wrapped, those of the title
	wrappedTo int
}

func newFindingRow(f *findings.Finding) *findingRow {
	r := &findingRow{Finding: f, title: model.Sanitise(f.Title)}
	add := func(text string) { r.lines = append(r.lines, model.Sanitise(text)) }
	add(harmLine(f))
	var figures []string
	for _, x := range f.Figures {
		figures = append(figures, figureText(x))
	}
	if f.Q != 0 {
		figures = append(figures, "q "+strconv.FormatFloat(f.Q, 'g', 2, 64))
	}
	if len(figures) > 0 {
		add(strings.Join(figures, "   "))
	}
	for i := 1; i < len(f.Suspects) && f.Suspects[i].Score > 0; i++ {
		add("or " + suspectLine(&f.Suspects[i]))
	}
	if len(f.Traces) > 0 {
		add("seen in " + exampleIDs(f.Traces) + ": o opens the first")
	}
	return r
}

// harmLine says whom it harmed and what it cost.
func harmLine(f *findings.Finding) string {
	var b []byte
	b = num.Count(b, f.Harmed)
	b = num.Count(append(b, " of "...), f.Of)
	b = append(b, " requests"...)
	if f.Of > 0 {
		b = append(num.Share(append(b, " ("...), float64(f.Harmed)/float64(f.Of)), ')')
	}
	if f.Failed > 0 {
		b = append(num.Count(append(b, ", of which "...), f.Failed), " failed"...)
	}
	if f.Lost > 0 {
		b = append(num.Duration(append(b, ", cost "...), f.Lost), " together"...)
	}
	if f.From != 0 {
		b = append(b, ", "...)
		b = appendSpan(b, aggregate.Window{From: f.From, To: f.To})
	}
	return string(b)
}

// units of figures, by the end of their names.
var figureUnits = []struct {
	suffix string
	write  func(b []byte, v float64) []byte
}{
	{"_unix_nano", func(b []byte, v float64) []byte { return time.Unix(0, int64(v)).AppendFormat(b, time.TimeOnly) }},
	{"_ns", func(b []byte, v float64) []byte { return num.Duration(b, int64(v)) }},
	{"_share", num.Share},
	{"_ratio", num.Ratio},
}

// figureText writes a figure of the evidence as people say it: "median 31ms", "baseline traces 195".
func figureText(x findings.Figure) string {
	name := x.Name
	write := func(b []byte, v float64) []byte { return appendEvidence(b, v) }
	for _, u := range figureUnits {
		if strings.HasSuffix(name, u.suffix) {
			name, write = strings.TrimSuffix(name, u.suffix), u.write
			break
		}
	}
	name = strings.ReplaceAll(name, "_", " ")
	if x.Text != "" {
		return name + " " + x.Text
	}
	return name + " " + string(write(nil, x.Number))
}

// appendEvidence writes counts as counts and other numbers with two digits.
func appendEvidence(b []byte, v float64) []byte {
	if v >= 0 && v == float64(uint64(v)) {
		return num.Count(b, uint64(v))
	}
	return strconv.AppendFloat(b, v, 'f', 2, 64)
}

// suspectLine names somebody else who has a part in a change.
func suspectLine(s *suspects.Suspect) string {
	return s.Service + ", " + string(num.Share(nil, s.Share)) + " of the change: " + s.Why()
}

func exampleIDs(ids []model.TraceID) string {
	var short []string
	for _, id := range ids {
		short = append(short, shortID(id))
	}
	return strings.Join(short, ", ")
}

// wrap breaks title and evidence to a width, once.
func (r *findingRow) wrap(width int) {
	if r.wrappedTo == width {
		return
	}
	const most = 8 // lines of one text: what is longer is a name that somebody else made so long
	r.wrappedTo = width
	r.wrapped, _ = wrapText(r.title.String(), width, most)
	r.heads = len(r.wrapped)
	for _, l := range r.lines {
		broken, _ := wrapText(l.String(), width, most)
		r.wrapped = append(r.wrapped, broken...)
	}
}

// kindWords are the kinds in a word or two.
var kindWords = map[findings.Kind]canvas.Literal{
	findings.Onset: "change", findings.Recovery: "recovery", findings.ErrorOrigin: "error origin", findings.ErrorGroup: "new errors",
	findings.RetryStorm: "retry storm", findings.Retries: "retries", findings.LatencyOutlier: "slow outliers",
	findings.ShapeOutlier: "odd requests", findings.Growth: "growing", findings.Step: "step",
	findings.Contention: "contention", findings.NPlusOne: "N+1 calls", findings.SerialCalls: "serial calls",
	findings.FanOut: "fan-out", findings.DuplicateCalls: "repeated work", findings.CallCycle: "cycle",
	findings.Amplification: "amplification", findings.Chokepoint: "chokepoint", findings.PropagationGap: "lost context",
	findings.ClockSkew: "clock skew", findings.MissingSpans: "missing spans", findings.PartialSampling: "sampling",
}

// classMark is how a class of findings is marked, by sign as well as by colour.
func classMark(c findings.Class, f *Frame) (rune, themes.Style) {
	switch c {
	case findings.Broken:
		return f.G.Error, f.Theme.Error
	case findings.Changed:
		return f.G.ArrowUp, f.Theme.Up
	case findings.Slow:
		return f.G.Clock, f.Theme.Warn
	case findings.Wasteful:
		return f.G.Retry, f.Theme.Info
	case findings.Unusual:
		return f.G.Diamond, f.Theme.Info
	}
	return f.G.Bullet, f.Theme.Dim
}
