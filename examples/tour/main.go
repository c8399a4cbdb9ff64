// Command tour shows what Tidemark does: it loads the example data into a
// database and asks it the example questions.
//
//	go run ./examples/tour            # a scratch database
//	go run ./examples/tour -db shop   # one to go on with
//	go run ./examples/tour timeline   # only questions whose name has the word
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/term"

	"tidemark"
	"tidemark/examples/data"
	"tidemark/examples/queries"
	"tidemark/output"
)

func main() {
	dir := flag.String("db", "", "keep the database in this `directory`")
	all := flag.Bool("all", false, "show every row")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t := tour{out: os.Stdout, width: 100, all: *all}
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		t.width, t.terminal = w, true
	}
	if err := t.run(ctx, *dir, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		stop()
		os.Exit(1)
	}
}

// tour is where to show things, and how.
type tour struct {
	out      io.Writer
	width    int
	terminal bool
	all      bool
}

func (t tour) run(ctx context.Context, dir, only string) (err error) {
	db, err := tidemark.Open(dir)
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	loaded, err := t.load(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%d rows\n", loaded)
	for _, q := range queries.All() {
		if !strings.Contains(q.Name, only) {
			continue
		}
		if err := t.ask(ctx, db, q); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	return nil
}

// load loads the example data, unless the database has rows already.
func (t tour) load(ctx context.Context, db *tidemark.DB) (int64, error) {
	var rows int64
	tables, err := db.Tables()
	if err != nil {
		return 0, err
	}
	for _, info := range tables {
		rows += info.Rows
	}
	if rows > 0 {
		return rows, nil
	}
	err = data.Load(ctx, db, func(name string, s tidemark.IngestStats) {
		fmt.Fprintf(t.out, "%-26s %-6s %5d rows, %d rejected\n", name, s.Format, s.RowsIn, s.RowsRejected)
		rows += s.RowsIn
	})
	return rows, err
}

// ask shows a question and its answer.
func (t tour) ask(ctx context.Context, db *tidemark.DB, q queries.Query) error {
	fmt.Fprintf(t.out, "\n%s\n", t.bold("── "+q.Name+": "+q.Title))
	fmt.Fprintf(t.out, "\n  %s\n\n", strings.ReplaceAll(q.Text, "\n", "\n  "))
	result, err := db.Query(ctx, q.Text)
	if err != nil {
		return err
	}
	defer result.Close()
	for _, w := range result.Warnings {
		fmt.Fprintln(t.out, w.Render(q.Text, output.Width))
	}
	format, _ := output.Lookup("table")
	w := format.New(t.out, output.Options{Width: t.width, Color: t.terminal, Terminal: t.terminal})
	for _, table := range result.Tables() {
		some := &beginning{Table: table, left: t.rows(len(table.Columns()))}
		if _, err := output.Copy(ctx, w, some); err != nil {
			return err
		}
		if some.more > 0 {
			fmt.Fprintf(t.out, "… and %s; -all shows them\n", output.Plural(some.more, "more row"))
		}
	}
	return w.Close()
}

// rows is how many rows of an answer are shown: few where each takes a field
// a line.
func (t tour) rows(columns int) int64 {
	switch {
	case t.all:
		return math.MaxInt64
	case columns > 20:
		return 2
	}
	return 40
}

// beginning is the first rows of a table. It reads on to count the others.
type beginning struct {
	output.Table
	left, more int64
}

func (b *beginning) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := b.Table.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := min(b.left, rec.NumRows())
		b.left -= n
		b.more += rec.NumRows() - n
		if n > 0 {
			return rec.NewSlice(0, n), nil
		}
	}
}

func (t tour) bold(s string) string {
	if t.terminal {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}
