package main

import (
	"strings"
	"testing"
)

// What a service calls, columns of traces and sessions are asked for with flags.
func TestColumnsOfFiles(t *testing.T) {
	t.Parallel()
	file := fileOf(t, "requests.jsonl", requests(1, 100, 3))
	if r := rowsOf(t, "dependencies", "--service", "front", file); r[0]["caused_calls"] != 300.0 || r[0]["calls"] != 100.0 {
		t.Errorf("dependencies: %v", r[0])
	}
	if r := rowsOf(t, "dependencies", "--service", "stock", "--operation", "GET", file); r[0]["calls"] != 300.0 || r[0]["nested_calls"] != 0.0 {
		t.Errorf("dependencies: %v", r[0])
	}
	if r := rowsOf(t, "frequency", "--service", "front", file)[0]; r["service"] != "stock" || r["present_share"] != 1.0 || r["max"] != 3.0 {
		t.Errorf("frequency: %v", r)
	}
	if r := rowsOf(t, "breakdown", "--by", "flag", file); len(r) != 2 || r[0]["value"] != "off" || r[0]["calls"] != 90.0 || r[1]["max_ns"] != 5e8 {
		t.Errorf("breakdown: %v", r)
	}
	rows := rowsOf(t, "features", "--expr", `max(duration where service = front)`, "--by", "flag", "--select", `.flag = on`, file)
	if r := rows[0]; r["n"] != 100.0 || r["max"] != 5e8 || r["unit"] != "ns" {
		t.Errorf("features: %v", r)
	}
	if r := rows[1]; r["part"] != "selected" || r["auc"] != 1.0 || r["n"] != 10.0 {
		t.Errorf("features: %v", r)
	}
	if r := rows[3]; r["part"] != "group" || r["value"] != "off" || r["n"] != 90.0 {
		t.Errorf("features: %v", r)
	}
	if r := rowsOf(t, "sessions", "--by", "flag", file); len(r) != 2 || r[0]["value"] != "on" || r[0]["traces"] != 10.0 || r[0]["longest_gap_ns"] != 9.5e9 {
		t.Errorf("sessions: %v", r)
	}
}

// Without its object, or with a wrong one, a view exits with 2 and says what is missing, and where.
func TestColumnsWithoutAnObject(t *testing.T) {
	t.Parallel()
	file := fileOf(t, "requests.jsonl", requests(1, 1, 1))
	for _, c := range []struct{ args, says string }{
		{"dependencies", "needs --service"},
		{"frequency", "needs --service"},
		{"features", "needs --expr"},
		{"breakdown", "needs --by"},
		{"features --expr sum(self^where^svc^=)", "column 21"},
		{"features --expr count() --by count(", "column 6"},
	} {
		args := append([]string{"report"}, strings.Fields(c.args)...)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "^", " ")
		}
		if code, _, problem := outcome(t, append(args, file)...); code != 2 || !strings.Contains(problem, c.says) {
			t.Errorf("%s: exit code %d, %s", c.args, code, problem)
		}
	}
}
