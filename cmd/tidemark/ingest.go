package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/ingest"
	"tidemark/output"
)

var ingestCommand = &command{
	name:  "ingest",
	usage: "PATH... | -",
	doc:   "Loads what agents wrote: files, folders of files, or standard input.",
	more: `Folders are searched for files, hidden ones aside. The format is detected file
by file where --input-format does not name it. What cannot be read is rejected
record by record and never stops a load; the exit status is then 1. A file that
was loaded before gives only what has come since, whatever it is called now.

  tidemark ingest /var/log/fim/ changes-2026-02.jsonl.gz
  agent --export | tidemark ingest --input-format csv -
  tidemark ingest --follow '/var/log/osquery/*.log'

With --follow it goes on to load what is added to the files and which files
come, until Ctrl-C or SIGTERM; what is being loaded then is finished. Paths may
be globs and need not be there yet. Files that are renamed, packed or cut off,
as log rotation does, are known again, and after a crash each goes on where it
was. Queries, rules and all else are answered meanwhile: see tidemark run.

Formats, in the order in which they are tried:
` + formatList(),
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &loader{}
		l.db.addDir(f)
		f.StringVar(&l.options.Format, "input-format", "", "`FORMAT` of the input: "+strings.Join(ingest.FormatNames(), ", ")+" (default: detected)")
		f.StringVar(&l.mapping, "mapping", "", "YAML `FILE` that says how records of a format that Tidemark does not know become rows")
		f.StringVar(&l.options.Table, "table", "", "load all rows into table `T` (default: what the records say)")
		f.StringVar(&l.options.Computer, "computer", "", "`NAME` of the computer, for records that name none")
		f.Func("zone", "`ZONE` of times that do not say theirs, such as Europe/Berlin (default: UTC; portal exports in local time need it)", func(name string) (err error) {
			l.options.Zone, err = time.LoadLocation(name)
			return err
		})
		f.StringVar(&l.rejects, "rejects", "", "add rejected records to `FILE`, one JSON object a line")
		f.BoolVar(&l.options.Again, "again", false, "load files again that were loaded before")
		f.Func("dedup-window", "`SPAN`, such as 24h: leave out rows without an EventId that equal one stored not longer ago", func(text string) (err error) {
			l.options.DedupWindow, err = window(text)
			return err
		})
		f.BoolVar(&l.follows, "follow", false, "go on: load what comes, until Ctrl-C or SIGTERM")
		f.BoolVar(&l.noAlerts, "no-alerts", false, "alert nobody about what is loaded: for a back-fill")
		f.BoolVar(&l.stats, "stats", false, "print a line of JSON with rows, time and bytes on standard error")
		return l.run
	},
}

// formatList says what each format is, a line each.
func formatList() string {
	var b strings.Builder
	for _, f := range ingest.Formats {
		fmt.Fprintf(&b, "  %-10s %s\n", f.Name, f.Doc)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// loader is one run of the ingest command.
type loader struct {
	db       database
	options  tidemark.IngestOptions
	rejects  string
	mapping  string
	stats    bool
	noAlerts bool
	follows  bool

	total  loaded
	meter  *meter
	known  []string // files that gave nothing new
	failed bool     // an input could not be read to its end
	stdin  bool     // one of the inputs is standard input
}

// loaded sums up what has been loaded.
type loaded struct {
	files    int64
	rows     int64
	rejected int64
	repeated int64
	passed   int64
	bytes    int64
	tables   map[string]int64
	reasons  []string // the first ones
}

// ingestStats is what --stats prints.
type ingestStats struct {
	RowsIn        int64   `json:"rows_in"`
	RowsRejected  int64   `json:"rows_rejected"`
	RowsDuplicate int64   `json:"rows_duplicate"`
	ElapsedMS     float64 `json:"elapsed_ms"`
	BytesIn       int64   `json:"bytes_in"`
}

// loadGC is GOGC while loading. What a load holds is large and has no pointers:
// it is cheap to look for garbage often, and memory stays a third above what is
// in use.
const loadGC = 30

func (l *loader) run(ctx context.Context, e *env, args []string) error {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(loadGC))
	}
	inputs, err := l.inputs(args)
	if err != nil {
		return err
	}
	closeRejects := func() error { return nil }
	if l.rejects != "" {
		f, err := appendTo(l.rejects)
		if err != nil {
			return err
		}
		l.options.Rejects, closeRejects = f, f.Close
	}
	open := func(_ context.Context, e *env) (*tidemark.DB, error) { return l.db.open(e) }
	if l.follows {
		open = l.db.openService
	}
	db, err := open(ctx, e)
	if err != nil {
		return errors.Join(err, closeRejects())
	}
	start := time.Now()
	l.total.tables = map[string]int64{}
	l.meter = newMeter(e, inputs)
	load := func() error { return l.loadAll(ctx, e, db, inputs) }
	if l.follows {
		load = func() error { return l.follow(ctx, e, db, args) }
	}
	if l.noAlerts {
		err = alert.Quiet(ctx, db, load)
	} else {
		err = load()
	}
	l.meter.clear()
	err = errors.Join(err, db.Close(), closeRejects())
	l.summary(e, time.Since(start))
	if err == nil && (l.total.rejected > 0 || l.failed) {
		err = statusError(exitWrong)
	}
	return err
}

// inputs checks what the command line asks for and finds the files; those that
// are followed are found as they come.
func (l *loader) inputs(args []string) ([]input, error) {
	if len(args) == 0 {
		return nil, usagef(`nothing to load; name files or folders, or "-" for standard input`)
	}
	if _, ok := ingest.Lookup(l.options.Format); !ok && l.options.Format != "" {
		return nil, usagef("unknown format %q; there are %s", l.options.Format, strings.Join(ingest.FormatNames(), ", "))
	}
	if err := l.readMapping(); err != nil {
		return nil, err
	}
	switch {
	case !l.follows:
		return findInputs(args)
	case slices.Contains(args, "-"):
		return nil, usagef("standard input is loaded as it comes; leave --follow out")
	case l.options.Again:
		return nil, usagef("--again and --follow cannot go together: what is followed goes on where it was")
	}
	return nil, nil
}

// appendTo opens a file to add to it.
func appendTo(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, fileError(err)
	}
	return f, nil
}

// readMapping reads the file of --mapping.
func (l *loader) readMapping() error {
	if l.mapping == "" {
		return nil
	}
	if l.options.Format != "" {
		return usagef("--mapping and --input-format cannot go together: a mapping says what the input is")
	}
	text, err := os.ReadFile(l.mapping)
	if err != nil {
		return fileError(err)
	}
	l.options.Mapping, err = ingest.ReadMapping(l.mapping, string(text))
	return err
}

// loadAll loads the inputs in order. An input that cannot be read does not
// keep the others from being loaded; a database that fails does.
func (l *loader) loadAll(ctx context.Context, e *env, db *tidemark.DB, inputs []input) error {
	for _, in := range inputs {
		err := l.load(ctx, e, db, in)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case noStore(err):
			return err
		default:
			l.meter.clear()
			fmt.Fprintf(e.err, "tidemark: %s: %s\n", output.Clean(in.name), output.CleanLines(err.Error()))
			l.failed = true
		}
	}
	return nil
}

func (l *loader) load(ctx context.Context, e *env, db *tidemark.DB, in input) error {
	o := l.options
	o.Source = in.name
	l.meter.begin()
	o.Progress = func(s tidemark.IngestStats) {
		l.meter.show(l.total.rows+s.RowsIn, l.total.rejected+s.RowsRejected, s.FileBytes)
	}
	var stats tidemark.IngestStats
	var err error
	if in.path == "" {
		l.stdin = true
		stats, err = db.Ingest(ctx, e.in, o)
	} else {
		stats, err = db.IngestFile(ctx, in.path, o)
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err // the path is named before it
		}
	}
	l.meter.end(stats.FileBytes)
	l.add(stats)
	if b := stats.Before; err == nil && b != nil && stats.RowsIn+stats.RowsRejected == 0 {
		l.known = append(l.known, fmt.Sprintf("%s: loaded before, on %s: %s%s", output.Clean(in.name), b.At.UTC().Format(time.DateTime), output.Plural(b.Rows, "row"), rejectedText(b.Rejected)))
	}
	return err
}

func rejectedText(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s rejected", output.Count(n))
}

// keptReasons is how many reasons of rejected records are shown.
const keptReasons = 5

func (l *loader) add(s tidemark.IngestStats) {
	t := &l.total
	t.files++
	t.rows += s.RowsIn
	t.rejected += s.RowsRejected
	t.repeated += s.RowsDuplicate
	t.bytes += s.BytesIn
	for name, n := range s.Tables {
		t.tables[name] += n
	}
	for _, n := range s.Passed {
		t.passed += n
	}
	for _, r := range s.Rejects {
		if len(t.reasons) < keptReasons {
			t.reasons = append(t.reasons, fmt.Sprintf("%s, line %d: %s", output.Clean(r.Source), r.Line, output.Clean(r.Reason)))
		}
	}
}

// sources says how many inputs there were.
func (l *loader) sources(n int64) string {
	switch {
	case l.follows:
		return "what was followed"
	case n == 1 && l.stdin:
		return "standard input"
	}
	return output.Plural(n, "file")
}

// summary says on standard error what has been loaded.
func (l *loader) summary(e *env, took time.Duration) {
	t := &l.total
	var where []string
	for _, name := range slices.Sorted(maps.Keys(t.tables)) {
		if t.tables[name] > 0 {
			where = append(where, fmt.Sprintf("%s in %s", output.Plural(t.tables[name], "row"), output.Clean(name)))
		}
	}
	if where == nil {
		where = []string{output.Plural(t.rows, "row")}
	}
	line := strings.Join(where, ", ") + " from " + l.sources(t.files)
	if t.repeated > 0 {
		line += fmt.Sprintf(", %s already there", output.Count(t.repeated))
	}
	if t.passed > 0 {
		line += fmt.Sprintf(", %s of no change passed over", output.Count(t.passed))
	}
	fmt.Fprintln(e.err, line+rejectedText(t.rejected))
	for i, k := range l.known {
		if i == keptReasons {
			fmt.Fprintf(e.err, "  and %s more that were loaded before\n", output.Plural(int64(len(l.known)-i), "file"))
			break
		}
		fmt.Fprintln(e.err, "  "+k)
	}
	if len(l.known) > 0 {
		fmt.Fprintln(e.err, "  --again loads them again")
	}
	for _, r := range t.reasons {
		fmt.Fprintln(e.err, "  "+r)
	}
	if more := t.rejected - int64(len(t.reasons)); more > 0 && len(t.reasons) > 0 {
		fmt.Fprintf(e.err, "  and %s more; --rejects FILE keeps them all\n", output.Count(more))
	}
	if l.stats {
		printJSON(e.err, ingestStats{t.rows, t.rejected, t.repeated, float64(took.Microseconds()) / 1000, t.bytes})
	}
}
