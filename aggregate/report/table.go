package report

import (
	"reflect"

	"oteltop/model"
)

// rowsOf makes a row of each thing.
func rowsOf[T, R any](things []T, row func(*T) R) []R {
	rows := make([]R, 0, len(things))
	for i := range things {
		rows = append(rows, row(&things[i]))
	}
	return rows
}

// first are the first of some rows, which are a slice of any type, as many as the limit says; 0 is all.
func first(rows any, limit int) any {
	if v := reflect.ValueOf(rows); limit > 0 && limit < v.Len() {
		return v.Slice(0, limit).Interface()
	}
	return rows
}

// idText is empty for no trace.
func idText(id model.TraceID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func idTexts(ids []model.TraceID) []string {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, idText(id))
	}
	return texts
}
