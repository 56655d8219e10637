package dependencies

import (
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
)

// foldPaths enters the calls on paths through focal calls into the dictionary, and the way to each focal call
// into the routes. Consecutive calls of one service are one step of a route, unless the later one serves.
func (e *Explorer) foldPaths(t *request.Trace) {
	list := e.calls.list
	e.path, e.route = scratch.Resized(e.path, len(list)), scratch.Resized(e.route, len(list))
	for i := range list {
		x := &list[i]
		e.path[i], e.route[i] = -1, -1
		if !e.isFocal[i] && !e.isAbove[i] && e.inside[i] < 0 {
			continue
		}
		path, route, same := int32(-1), int32(-1), false
		if x.parent >= 0 {
			path, route = e.path[x.parent], e.route[x.parent]
			same = !x.serves && list[x.parent].name == x.name
		}
		e.path[i] = e.dictionary.below(path, x.name, x.op)
		e.dictionary.visit(e.path[i], failed(t, x), e.isFocal[i], e.traces, t.ID)
		if e.path[i] >= 0 && x.end == int32(i)+1 {
			e.dictionary.nodes[e.path[i]].leaf = true
		}
		switch {
		case e.inside[i] >= 0 && !e.isFocal[i] && !e.isAbove[i]: // routes lead to focal calls only
		case same:
			e.route[i] = route
		default:
			e.route[i] = e.routes.below(route, x.name, 0)
		}
		if e.isFocal[i] {
			e.routes.visit(e.route[i], failed(t, x), true, e.traces, t.ID)
		}
	}
}

// foldFrequencies counts, for each focal call of the trace at hand, the calls of each callee beneath it (A06), and the callers
// that each focal call has above it.
func (e *Explorer) foldFrequencies() {
	list := e.calls.list
	visits := 0
	for i := range list {
		if !e.isFocal[i] {
			continue
		}
		if visits += int(list[i].end) - i; visits > maxVisits {
			e.uncounted++
			continue
		}
		e.number++
		e.hit = e.hit[:0]
		for k := int32(i) + 1; k < list[i].end; k++ {
			e.visit(e.belowOf[k])
		}
		e.settleBeneath(e.callerOf(&list[i]))
		e.hit = e.hit[:0]
		for k := list[i].parent; k >= 0; k = list[k].parent {
			if visits++; visits > maxVisits {
				break
			}
			e.visit(e.aboveOf[k])
		}
		for _, y := range e.hit {
			y.beneath.add(1, 1)
		}
	}
}

// visit counts one call for the focal call at hand.
func (e *Explorer) visit(of [2]*relative) {
	for _, y := range of {
		if y == nil {
			continue // beyond maxRelated, counted there
		}
		if y.lastFocal != e.number {
			y.lastFocal, y.current = e.number, 0
			e.hit = append(e.hit, y)
		}
		y.current++
	}
}

// settleBeneath enters what was counted for one focal call.
func (e *Explorer) settleBeneath(by caller) {
	for _, y := range e.hit {
		y.beneath.add(y.current, 1)
		if y.key.op != 0 {
			continue
		}
		key := byCaller{y.key, by}
		c, ok := e.byCaller[key]
		if !ok {
			if len(e.byCaller) >= maxByCaller {
				e.dropped++
				continue
			}
			c = &callerCount{}
			e.byCaller[key] = c
		}
		c.hits++
		c.calls += y.current
	}
}
