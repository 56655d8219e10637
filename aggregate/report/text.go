package report

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/prose"
	"oteltop/model"
)

// writeText writes the rows as an aligned table, a single row with nested figures as a list, with all
// text sanitised, since span names come from the network.
func writeText(w io.Writer, d *document) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	rows := reflect.ValueOf(d.Rows)
	if d.View == ViewCoverage {
		list(t, rows.Index(0))
	} else {
		table(t, rows)
	}
	if d.View == ViewShape {
		_, _ = fmt.Fprintln(t)
		table(t, reflect.ValueOf(d.Representatives))
	}
	if d.View == ViewTrace {
		_, _ = fmt.Fprintln(t)
		table(t, reflect.ValueOf(d.Spans))
		_, _ = fmt.Fprintln(t)
		table(t, reflect.ValueOf(d.Critical))
		if len(d.Logs) > 0 {
			_, _ = fmt.Fprintln(t)
			table(t, reflect.ValueOf(d.Logs))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, provenanceLine(d.Provenance))
	return err
}

func provenanceLine(p aggregate.Provenance) string {
	line := fmt.Sprintf("# from %s: %d of %d spans", p.Basis, p.Spans, p.Of)
	if p.Note != "" {
		line += "; " + p.Note
	}
	return line
}

// column is a field of a row: its JSON name, and the way to it through embedded structs.
type column struct {
	name   string
	index  []int
	inUnit bool // a number in the unit that the field unit of its row names: tagged text:"unit"
}

func columnsOf(row reflect.Type) []column {
	var out []column
	for _, f := range reflect.VisibleFields(row) {
		if name := f.Tag.Get("json"); name != "" && !f.Anonymous {
			out = append(out, column{name, f.Index, f.Tag.Get("text") == "unit"})
		}
	}
	return out
}

func table(w io.Writer, rows reflect.Value) {
	columns := columnsOf(rows.Type().Elem())
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = strings.ToUpper(title(c.name))
	}
	_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	for i := range rows.Len() {
		for k, c := range columns {
			row, name := rows.Index(i), c.name
			if c.inUnit {
				name += "_" + row.FieldByName("Unit").String()
			}
			cells[k] = cell(name, row.FieldByIndex(c.index))
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
}

// list writes one row downwards, with its nested rows as tables below it.
func list(w io.Writer, row reflect.Value) {
	for _, c := range columnsOf(row.Type()) {
		v := row.FieldByIndex(c.index)
		switch v.Kind() {
		case reflect.Map:
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
			for _, k := range keys {
				_, _ = fmt.Fprintf(w, "%s %s\t%d\n", title(c.name), k, v.MapIndex(k).Uint())
			}
		case reflect.Slice:
			if v.Len() > 0 {
				_, _ = fmt.Fprintf(w, "\n%s:\n", title(c.name))
				table(w, v)
			}
		default:
			_, _ = fmt.Fprintf(w, "%s\t%s\n", title(c.name), cell(c.name, v))
		}
	}
}

// title is a JSON name without the unit, where the value shows that.
func title(name string) string {
	for _, unit := range [...]string{"_unix_nano", "_ns"} {
		name = strings.TrimSuffix(name, unit)
	}
	return strings.ReplaceAll(name, "_", " ")
}

// cell shows a value in the unit that the name tells.
func cell(name string, v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "-"
		}
		v = v.Elem()
	}
	switch {
	case strings.HasSuffix(name, "_unix_nano"):
		return time.Unix(0, v.Int()).UTC().Format("2006-01-02T15:04:05.000000Z")
	case strings.HasSuffix(name, "_ns"):
		if v.CanFloat() { // a mean
			return duration(int64(v.Float()))
		}
		return duration(v.Int())
	case name == "share", strings.HasSuffix(name, "_share"):
		return strconv.FormatFloat(100*v.Float(), 'f', 1, 64) + "%"
	}
	switch v.Kind() {
	case reflect.Map: // too much for a cell
		return strconv.Itoa(v.Len())
	case reflect.String:
		if s := model.Sanitise(v.String()).String(); s != "" {
			return s
		}
		return "-"
	case reflect.Float64:
		if f := v.Float(); f != 0 && f > -1 && f < 1 { // one decimal would hide a small one
			return strconv.FormatFloat(f, 'g', 3, 64)
		}
		return strconv.FormatFloat(v.Float(), 'f', 1, 64)
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = cell("", v.Index(i))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v.Interface())
}

// duration writes ns as sentences have it.
func duration(ns int64) string { return prose.Duration(ns) }
