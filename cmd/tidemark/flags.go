package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"tidemark"
	"tidemark/internal/near"
	"tidemark/output"
)

// flags are the flags of one command. They may stand before, between and
// after its arguments.
type flags struct {
	*flag.FlagSet
}

func newFlags(command string) *flags {
	f := flag.NewFlagSet(command, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return &flags{f}
}

// parse reads the flags and returns the arguments between them. After -- all
// are arguments.
func (f *flags) parse(args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			return nil, f.explain(err)
		}
		left := f.Args()
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" || len(left) == 0 {
			return append(rest, left...), nil
		}
		rest = append(rest, left[0])
		args = left[1:]
	}
}

// explain words what the flag package found in our way.
func (f *flags) explain(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	msg := err.Error()
	if name, ok := strings.CutPrefix(msg, "flag provided but not defined: -"); ok {
		name = strings.TrimLeft(name, "-")
		var names []string
		f.VisitAll(func(x *flag.Flag) { names = append(names, x.Name) })
		if n := near.Closest(name, names); n != "" {
			return usagef("unknown flag %s; did you mean %s?", dashed(name), dashed(n))
		}
		return usagef("unknown flag %s", dashed(name))
	}
	if name, ok := strings.CutPrefix(msg, "flag needs an argument: -"); ok {
		return usagef("%s needs a value", dashed(strings.TrimLeft(name, "-")))
	}
	return &usageError{msg}
}

// dashed is a flag as users write it: -f, --format.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// database are the flags that say which database and how.
type database struct {
	dir     string
	threads int
	memory  int64
	geoIP   string
	told    bool // that some of them do not apply to a service
}

// addDir declares --db.
func (d *database) addDir(f *flags) {
	f.StringVar(&d.dir, "db", "", "`DIR` of the database (default $TIDEMARK_DB, else tidemark in $XDG_DATA_HOME)")
}

// add declares the flags of a command that runs queries.
func (d *database) add(f *flags) {
	d.addDir(f)
	f.IntVar(&d.threads, "threads", 0, "how many cores a query may use: `N` (default all)")
	f.Func("memory", "memory that queries may use: `SIZE` such as 2GB", func(s string) (err error) {
		d.memory, err = parseSize(s)
		return err
	})
	f.StringVar(&d.geoIP, "geoip", "", "MaxMind database `FILE` that geo_info_from_ip_address() reads (default $TIDEMARK_GEOIP)")
}

// path is the directory of the database.
func (d *database) path(e *env) (string, error) {
	if d.dir != "" {
		return d.dir, nil
	}
	if dir := e.getenv("TIDEMARK_DB"); dir != "" {
		return dir, nil
	}
	if dir := e.getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "tidemark"), nil
	}
	home := e.getenv("HOME")
	if home == "" {
		home = e.getenv("USERPROFILE")
	}
	if home == "" {
		return "", usagef("where is the database? Neither --db nor $TIDEMARK_DB nor $HOME is set")
	}
	return filepath.Join(home, ".local", "share", "tidemark"), nil
}

func (d *database) valid() error {
	if d.threads < 0 {
		return usagef("--threads must not be negative")
	}
	return nil
}

// open opens the database with the options that the flags ask for and more.
func (d *database) open(e *env, more ...tidemark.Option) (*tidemark.DB, error) {
	if err := d.valid(); err != nil {
		return nil, err
	}
	dir, err := d.path(e)
	if err != nil {
		return nil, err
	}
	geoIP := d.geoIP
	if geoIP == "" {
		geoIP = e.getenv("TIDEMARK_GEOIP")
	}
	more = append(more, tidemark.Threads(d.threads), tidemark.MemoryLimit(d.memory), tidemark.SoftMemory(tidemark.DefaultSoftMemory), tidemark.GeoIP(geoIP))
	db, err := tidemark.Open(dir, more...)
	if err != nil {
		return nil, &openError{dir, err}
	}
	return db, nil
}

// sizeUnits are the suffixes of a size, longest first.
var sizeUnits = []struct {
	suffix string
	bytes  float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}, {"b", 1}, {"", 1},
}

// parseSize reads 2GB, 512MiB, 1.5g or a number of bytes.
func parseSize(s string) (int64, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if v *= u.bytes; err == nil && v >= 1 && v < 1<<62 {
			return int64(v), nil
		}
		break
	}
	return 0, fmt.Errorf("%q is not a size such as 512MB or 2GiB", s)
}

// display are the flags that say how results are shown.
type display struct {
	format    string
	all       bool
	otherwise string // the format where standard output is no terminal
}

func (d *display) add(f *flags, otherwise string) {
	d.otherwise = otherwise
	note := " (default table on a terminal, else " + otherwise + ")"
	if otherwise == "table" {
		note = " (default table)"
	}
	f.StringVar(&d.format, "format", "", "output `FORMAT`: "+strings.Join(output.Names(), ", ")+note)
	f.BoolVar(&d.all, "all-columns", false, "show empty columns, too, in the format table")
}

// writer returns the writer that the flags ask for and its format.
func (d *display) writer(e *env) (output.Writer, *output.Format, error) {
	o, terminal := screen(e)
	o.AllColumns = d.all
	name := d.format
	switch {
	case name == "" && terminal:
		name = "table"
	case name == "":
		name = d.otherwise
	}
	f, ok := output.Lookup(name)
	if !ok {
		return nil, nil, usagef("unknown format %q; there are %s", name, strings.Join(output.Names(), ", "))
	}
	if f.Binary && terminal {
		return nil, nil, usagef("%s is not for a terminal; send it to a file or program", f.Name)
	}
	return f.New(e.out, o), f, nil
}
