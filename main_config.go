package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oteltop/ui"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// settle fills flags that were not given from the environment, then from the configuration file.
func (f *flags) settle(fs *pflag.FlagSet) error {
	file, views, err := readConfig(configPath())
	if err != nil {
		return err
	}
	f.views = views
	var errs []error
	fs.VisitAll(func(fl *pflag.Flag) {
		if fl.Changed {
			return
		}
		env := "OTELTOP_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if v, ok := os.LookupEnv(env); ok {
			if err := fs.Set(fl.Name, v); err != nil {
				errs = append(errs, usagef("%s=%q: %w", env, v, err))
			}
			return
		}
		if v, ok := file[fl.Name]; ok {
			if err := fs.Set(fl.Name, v); err != nil {
				errs = append(errs, usagef("%s: %s = %q: %w", configPath(), fl.Name, v, err))
			}
		}
	})
	return errors.Join(errs...)
}

// readConfig reads a TOML file whose keys are flag names, and which may hold views; a missing file is an empty
// one. Keys that only other commands have are passed over, keys that no command has are an error.
func readConfig(path string) (map[string]string, []ui.View, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || path == "" {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, usagef("configuration: %w", err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		return nil, nil, usagef("configuration %s: %w", path, err)
	}
	var kept struct {
		View []ui.View `toml:"view"`
	}
	if err := toml.Unmarshal(b, &kept); err != nil {
		return nil, nil, usagef("configuration %s: %w", path, err)
	}
	for i := range kept.View {
		if err := kept.View[i].Check(); err != nil {
			return nil, nil, usagef("configuration %s: %w", path, err)
		}
	}
	kept.View = newest(kept.View)
	delete(raw, "view")
	known := allFlags()
	file := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(raw)) { // of several mistakes always the same is named
		name := strings.ReplaceAll(k, "_", "-")
		if !known[name] {
			return nil, nil, usagef("configuration %s: unknown setting %q", path, k)
		}
		file[name] = settingText(raw[k])
	}
	return file, kept.View, nil
}

// settingText is a value of TOML as its flag takes it: a list with commas.
func settingText(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = fmt.Sprint(x)
	}
	return strings.Join(parts, ",")
}

// allFlags are the names of the flags of all commands that a configuration file may set.
func allFlags() map[string]bool {
	known := map[string]bool{}
	var f flags
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.shared(fs)
	f.screen(fs)
	f.receiver(fs)
	fs.VisitAll(func(fl *pflag.Flag) { known[fl.Name] = true })
	return known
}

// newest leaves out views that were kept again under their name.
func newest(views []ui.View) []ui.View {
	var kept []ui.View
	for i := range views {
		if !slices.ContainsFunc(views[i+1:], func(v ui.View) bool { return v.Name == views[i].Name }) {
			kept = append(kept, views[i])
		}
	}
	return kept
}

// keepView appends a view to the configuration file, which it makes where there is none. What a person wrote
// there stays as it is.
func keepView(v ui.View) (where string, err error) {
	path := configPath()
	if path == "" {
		return "", errors.New("there is no home directory for a configuration file")
	}
	text, err := toml.Marshal(map[string][]ui.View{"view": {v}})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.Write(append([]byte("\n"), bytes.TrimLeft(text, "\n")...))
	return path, errors.Join(err, file.Close())
}
