package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"oteltop/themes"
	"oteltop/ui"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/pflag"
)

// flags are the settings of all commands; each command registers those that it has a use for.
type flags struct {
	// shared
	memory     byteSize
	logFile    string
	cpuProfile string

	// screen
	theme   string
	color   string
	ascii   bool
	noMouse bool
	refresh time.Duration
	last    time.Duration
	tour    bool
	views   []ui.View // of the configuration file
	before  string    // a file

	// receiver
	grpc, http      []string
	listen          string
	tokenFile       string
	cert, key, ca   string
	insecure        bool
	hosts           []string
	corsOrigins     []string
	maxBody, flight byteSize
	maxConnections  int

	replay float64 // pace; 0: none

	demo     bool
	demoRate float64

	seams seams
}

func (f *flags) shared(fs *pflag.FlagSet) {
	f.memory = defaultMemory()
	fs.Var(&f.memory, "memory", "budget for spans, indexes, rollups and requests in flight, e.g. 512MiB")
	fs.StringVar(&f.cpuProfile, "cpuprofile", "", "write a CPU profile to this file, for developers")
	fs.StringVar(&f.logFile, "log", "", fmt.Sprintf("append messages to this file (the last %d are under Coverage)", logLines))
}

func (f *flags) screen(fs *pflag.FlagSet) {
	fs.StringVar(&f.theme, "theme", "auto", "auto, "+strings.Join(themes.Names(), ", "))
	fs.StringVar(&f.color, "color", "auto", "auto, truecolor, 256, 16 or none (NO_COLOR is respected)")
	fs.BoolVar(&f.ascii, "ascii", os.Getenv("RUNEWIDTH_EASTASIAN") == "1", "draw with ASCII characters only")
	fs.BoolVar(&f.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	fs.DurationVar(&f.refresh, "refresh", 250*time.Millisecond, "how often figures are renewed")
	fs.StringVar(&f.before, "before", "", "file with traces of before: the lens Compare says what changed since")
	fs.DurationVar(&f.last, "last", 5*time.Minute, "length of the first time window, 0 for everything")
}

func (f *flags) receiver(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.grpc, "grpc", nil, "addresses for OTLP/gRPC (default port 4317 on 127.0.0.1 and [::1]; port 0 picks one)")
	fs.StringSliceVar(&f.http, "http", nil, "addresses for OTLP/HTTP (default port 4318 on 127.0.0.1 and [::1]; port 0 picks one)")
	fs.StringVar(&f.listen, "listen", "", "listen on this host instead of loopback; needs --token-file, --tls-client-ca or --insecure")
	fs.StringVar(&f.tokenFile, "token-file", "", "file with the bearer token that senders must present")
	fs.StringVar(&f.cert, "tls-cert", "", "PEM certificate for TLS")
	fs.StringVar(&f.key, "tls-key", "", "PEM key for TLS")
	fs.StringVar(&f.ca, "tls-client-ca", "", "PEM certificates that clients' certificates must be signed by")
	fs.BoolVar(&f.insecure, "insecure", false, "accept from other machines without token or client certificate")
	fs.StringSliceVar(&f.hosts, "allow-host", nil, "names accepted in HTTP's Host header besides localhost")
	fs.StringSliceVar(&f.corsOrigins, "cors-origin", nil, "origins of web pages that may export")
	f.maxBody = 64 << 20
	fs.Var(&f.maxBody, "max-request", "largest request after decompression; at most half of --in-flight")
	fs.Var(&f.flight, "in-flight", "bytes of requests handled at a time; more are told to retry (default: part of --memory)")
	fs.Lookup("in-flight").DefValue = "0"
	fs.IntVar(&f.maxConnections, "max-connections", 1024, "open connections; more are refused")
	fs.Float64Var(&f.demoRate, "demo-rate", 0, "traces per second of the demo (0: its own pace)")
}

// profile is the colour profile that was asked for; nil to detect it.
func (f *flags) profile() (*colorprofile.Profile, error) {
	// The library knows NO_COLOR only as a boolean; the convention is any non-empty value.
	color := f.color
	if color == "auto" && os.Getenv("NO_COLOR") != "" {
		color = "none"
	}
	p := colorprofile.TrueColor
	switch color {
	case "auto", "":
		return nil, nil
	case "truecolor":
	case "256":
		p = colorprofile.ANSI256
	case "16":
		p = colorprofile.ANSI
	case "none":
		p = colorprofile.ASCII
	default:
		return nil, usagef("--color %q: want auto, truecolor, 256, 16 or none", f.color)
	}
	return &p, nil
}

// profileCPU starts the profile that was asked for; main stops it.
func (f *flags) profileCPU() error {
	if f.cpuProfile == "" {
		return nil
	}
	file, err := os.Create(f.cpuProfile)
	if err != nil {
		return usagef("--cpuprofile: %w", err)
	}
	return pprof.StartCPUProfile(file)
}

// maxReplay is the fastest pace: an hour in a tenth of a second.
const maxReplay = 36_000.0

// minRefresh is the shortest time between two answers to a screen: at 20 a second nobody sees more.
const minRefresh = 50 * time.Millisecond

// minInFlight is the least that --in-flight may be: an ordinary batch, as it came and decompressed.
const minInFlight = 1 << 20

// check finds settings that make no sense, before anything is opened.
func (f *flags) check() error {
	if f.theme != "auto" && !slices.Contains(themes.Names(), f.theme) {
		return usagef("--theme %q: want auto, %s", f.theme, strings.Join(themes.Names(), ", "))
	}
	if _, err := f.profile(); err != nil {
		return err
	}
	if (f.cert == "") != (f.key == "") {
		return usagef("--tls-cert and --tls-key go together")
	}
	if f.ca != "" && f.cert == "" {
		return usagef("--tls-client-ca needs --tls-cert and --tls-key")
	}
	switch {
	case !(f.replay >= 0 && f.replay <= maxReplay): // nor NaN
		return usagef("--replay %v: want a pace of up to %v times the recorded one", f.replay, maxReplay)
	case f.refresh < minRefresh:
		return usagef("--refresh %v: want at least %v", f.refresh, minRefresh)
	case f.last < 0:
		return usagef("--last %v: want a length of time, or 0 for everything", f.last)
	case !(f.demoRate >= 0):
		return usagef("--demo-rate %v: want traces per second, or 0 for the demo's own pace", f.demoRate)
	case f.maxConnections < 1:
		return usagef("--max-connections %d: want at least 1", f.maxConnections)
	case f.flight > 0 && f.flight < minInFlight:
		return usagef("--in-flight %s: want at least 1MiB", &f.flight)
	case f.memory < minMemory:
		return usagef("--memory %s: want at least 16MiB", &f.memory)
	case f.requests() > int64(f.memory)/2:
		return usagef("--in-flight %s: more than half of --memory %s would go to requests", &f.flight, &f.memory)
	}
	return nil
}

// addresses are where to listen: those given, else --listen's host, else the receiver's own default.
func (f *flags) addresses() (grpc, http []string) {
	grpc, http = f.grpc, f.http
	if f.listen != "" {
		host := strings.Trim(f.listen, "[]")
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if grpc == nil {
			grpc = []string{host + ":4317"}
		}
		if http == nil {
			http = []string{host + ":4318"}
		}
	}
	return grpc, http
}

// configPath is where the configuration file is looked for; empty when there is no home.
func configPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "oteltop", "config.toml")
}
