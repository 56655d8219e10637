package main

import (
	"context"
	"path/filepath"

	"oteltop/aggregate/report"
	"oteltop/ui"
)

// savedBaseline reads the file that the lens Compare offers to compare with. Only its profile is kept.
func (f *flags) savedBaseline(ctx context.Context) ([]ui.SavedBaseline, error) {
	if f.before == "" {
		return nil, nil
	}
	p, err := readFiles(ctx, f, []string{f.before})
	if err != nil {
		return nil, err
	}
	profile, err := report.Before(ctx, p.engine, report.Options{})
	if err != nil {
		return nil, err
	}
	return []ui.SavedBaseline{{Name: filepath.Base(f.before), Profile: profile}}, nil
}
