// The traces that findings name, as the list of traces has them.

package aggregate

import (
	"context"

	"oteltop/aggregate/findings"
	"oteltop/model"
	"oteltop/model/store"
)

// named are the rows of the traces that findings name, of those in scope.
func (m *Memory) named(ctx context.Context, s *scope, found []findings.Finding) (map[model.TraceID]TraceRow, error) {
	rows := map[model.TraceID]TraceRow{}
	for i := range found {
		for _, id := range found[i].Traces {
			rows[id] = TraceRow{}
		}
	}
	infos := make([]store.TraceInfo, 0, len(rows))
	err := s.each(ctx, func(t *store.TraceInfo) {
		if _, ok := rows[t.ID]; ok {
			infos = append(infos, *t)
		}
	})
	if err != nil {
		return nil, err
	}
	clear(rows) // what findings know from before the scope has no row
	list, err := m.rows(ctx, s, infos)
	for i := range list {
		rows[list[i].ID] = list[i]
	}
	return rows, err
}
