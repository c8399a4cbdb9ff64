// Package engine turns the text of a query into answers: parse, bind,
// optimise, open, next. Each word is a stage; Run shows them in order.
package engine

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/fn"
	"tidemark/engine/geoip"
	"tidemark/engine/op"
	"tidemark/engine/spill"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// Options say how a query runs. The zero value is useful.
type Options struct {
	Now     time.Time           // what now() gives; the zero time means the clock's
	Params  map[string]op.Param // values of declare query_parameters
	Threads int                 // 0 means all cores
	Budget  *op.Budget          // nil means no limit
	Numbers *vec.Numberings     // of strings, kept from query to query; nil means for each query anew
	Parsed  *parser.Cache       // trees of texts, kept from query to query; nil means that each is parsed anew
	GeoIP   *geoip.DB           // what geo_info_from_ip_address() reads; nil for none
	// TempDirs are where rows that exceed the budget go: the first one that can
	// be written to; none means the system's.
	TempDirs []string
	// BatchRows is how many rows operators put in a batch that they make
	// themselves; 0 means 16,384. Tests use 1 and 3.
	BatchRows int
	// NoOptimizer runs the plan as it was bound; tests compare.
	NoOptimizer bool
	// NoPruning reads all rows of tables; tests compare.
	NoPruning bool
}

func (o Options) env() (*fn.Env, *op.Env) {
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Budget == nil {
		o.Budget = op.NewBudget(0)
	}
	if o.BatchRows <= 0 {
		o.BatchRows = 16384
	}
	return &fn.Env{Now: table.FromGo(now), GeoIP: o.GeoIP}, &op.Env{Threads: o.Threads, Rows: o.BatchRows, Budget: o.Budget, Numbers: o.Numbers, NoPruning: o.NoPruning,
		Spill: spill.NewSpace(o.TempDirs...), Stats: &op.Stats{Start: time.Now()}}
}

// Run parses, binds, optimises and opens a query. What is wrong with the text
// comes back as parser.Errors. The result must be closed.
func Run(ctx context.Context, text string, catalog table.Catalog, o Options) (*Result, error) {
	query, errs := o.Parsed.Parse(text)
	if errs.Fatal() {
		return nil, errs
	}
	fenv, env := o.env()
	var plan *op.Plan
	err := op.Guard(func() error {
		var more parser.Errors
		var err error
		plan, more, err = op.BindAndRun(ctx, env, !o.NoOptimizer, query, catalog, fenv, o.Params)
		if errs = append(errs, more...); errs.Fatal() {
			return errs
		}
		return err
	})
	if err != nil {
		env.Spill.Close()
		return nil, err
	}
	r := &Result{Warnings: errs, env: env, plan: plan, optimized: !o.NoOptimizer}
	err = op.Guard(func() error {
		streams, release, err := plan.Start(ctx, env, !o.NoOptimizer)
		if err != nil {
			return err
		}
		r.release = release
		for i, s := range streams {
			r.tables = append(r.tables, newTable(plan.Results[i], s, r))
		}
		return nil
	})
	if err != nil {
		env.Spill.Close()
		return nil, err
	}
	nameTables(r.tables)
	return r, nil
}

// Checked is what is known about a query without running it.
type Checked struct {
	Diagnostics parser.Errors
	Columns     []table.Column // of the last result; nil where the query is wrong or was not bound
}

// Check parses a query and, unless syntaxOnly, binds it.
func Check(text string, catalog table.Catalog, o Options, syntaxOnly bool) *Checked {
	query, errs := parser.Parse(text)
	out := &Checked{Diagnostics: errs}
	if syntaxOnly || errs.Fatal() {
		return out
	}
	fenv, _ := o.env()
	err := op.Guard(func() error {
		plan, more := op.Bind(query, catalog, fenv, o.Params)
		out.Diagnostics = append(out.Diagnostics, more...)
		if !out.Diagnostics.Fatal() {
			out.Columns = plan.Columns
		}
		return nil
	})
	if err != nil {
		out.Diagnostics = append(out.Diagnostics, &parser.Error{Code: "TM000", Msg: err.Error()})
	}
	return out
}

// Explain returns the plan of a query as text.
func Explain(text string, catalog table.Catalog, o Options) (string, error) {
	query, errs := parser.Parse(text)
	if errs.Fatal() {
		return "", errs
	}
	fenv, _ := o.env()
	plan, more := op.Bind(query, catalog, fenv, o.Params)
	if errs = append(errs, more...); errs.Fatal() {
		return "", errs
	}
	return plan.Explain(!o.NoOptimizer), nil
}

// Result is a running query: one table for each of its statements that makes
// rows. Tables are read in order, by one goroutine.
type Result struct {
	Warnings  parser.Errors
	tables    []*Table
	plan      *op.Plan
	optimized bool
	env       *op.Env
	release   func()
	rowsOut   int64
	elapsed   time.Duration
}

// Steps are the steps of the plan, with what those that read tables have done
// so far; it is whole once the result is closed.
func (r *Result) Steps() []op.Step { return r.plan.Steps(r.optimized, r.env.Stats) }

// Tables returns the result's tables.
func (r *Result) Tables() []*Table { return r.tables }

// Close ends the query and gives its memory back.
func (r *Result) Close() error {
	if r.release != nil {
		r.release()
		r.release = nil
	}
	return r.env.Spill.Close()
}

// Stats are figures of a query; the field tags are the command line's.
type Stats struct {
	ElapsedMS       float64      `json:"elapsed_ms"`
	RowsOut         int64        `json:"rows_out"`
	RowsScanned     int64        `json:"rows_scanned"`
	ExtentsTotal    int64        `json:"extents_total"`
	ExtentsScanned  int64        `json:"extents_scanned"`
	BytesRead       int64        `json:"bytes_read"`
	Pruned          table.Pruned `json:"pruned"`
	PeakMemoryBytes int64        `json:"peak_memory_bytes"`
	SpilledBytes    int64        `json:"spilled_bytes"` // written to temporary files
}

// Stats returns the figures so far; they are whole once the result is closed.
func (r *Result) Stats() Stats {
	s := r.env.Stats
	return Stats{
		ElapsedMS: float64(r.elapsed.Microseconds()) / 1000, RowsOut: r.rowsOut, RowsScanned: s.RowsScanned.Load(),
		ExtentsTotal: s.ExtentsTotal.Load(), ExtentsScanned: s.ExtentsScanned.Load(), BytesRead: s.BytesRead.Load(), Pruned: s.Pruned(),
		PeakMemoryBytes: r.env.Budget.Peak(), SpilledBytes: r.env.Spill.Written(),
	}
}

// Render is the chart that a query asks for; a hint to whoever shows it.
type Render struct {
	Kind    string
	Options map[string]string
}

// Table is one table of a result.
type Table struct {
	name   string
	cols   []table.Column
	schema *arrow.Schema
	render *Render
	stream op.Stream
	result *Result
}

func newTable(r op.Result, s op.Stream, of *Result) *Table {
	t := &Table{name: r.Name, cols: r.Node.Columns(), stream: s, result: of}
	fields := make([]arrow.Field, len(t.cols))
	for i, c := range t.cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true,
			Metadata: arrow.NewMetadata([]string{"kusto.type"}, []string{c.Type.String()})}
	}
	t.schema = arrow.NewSchema(fields, nil)
	if r.Render != nil {
		t.render = &Render{Kind: r.Render.Chart, Options: map[string]string{}}
		for _, o := range r.Render.Options {
			t.render.Options[o.Name] = o.Word()
		}
	}
	return t
}

// nameTables calls the first result PrimaryResult, as Kusto does, and numbers
// the others; those that the query names keep their names.
func nameTables(tables []*Table) {
	for i, t := range tables {
		switch {
		case t.name != "":
		case i == 0:
			t.name = "PrimaryResult"
		default:
			t.name = fmt.Sprintf("Table_%d", i)
		}
	}
}

// Name is PrimaryResult for the first table of a result.
func (t *Table) Name() string { return t.name }

// Columns are the table's columns.
func (t *Table) Columns() []table.Column { return t.cols }

// Render is the chart asked for, or nil.
func (t *Table) Render() *Render { return t.render }

// Next returns the next rows, or io.EOF. The record is in the layout of
// table.Type.Arrow, where strings may come as dictionaries; table.Export turns
// it into Arrow's own types. Records are never empty.
func (t *Table) Next(ctx context.Context) (arrow.Record, error) {
	for {
		b, err := t.NextBatch(ctx)
		if err != nil {
			return nil, err
		}
		if b.N > 0 {
			var rec arrow.Record
			err = op.Guard(func() error {
				rec = t.record(b)
				return nil
			})
			return rec, err
		}
	}
}

// NextBatch returns the next rows in the executor's own form, or io.EOF.
func (t *Table) NextBatch(ctx context.Context) (b *vec.Batch, err error) {
	err = op.Guard(func() error {
		b, err = t.stream.Next(ctx)
		return err
	})
	t.result.elapsed = time.Since(t.result.env.Stats.Start)
	if err == io.EOF {
		if e := t.stream.Close(); e != nil {
			return nil, e
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, err
	}
	t.result.rowsOut += int64(b.N)
	return b, nil
}

func (t *Table) record(b *vec.Batch) arrow.Record {
	cols := make([]arrow.Array, len(b.Cols))
	fields := make([]arrow.Field, len(b.Cols))
	for i, c := range b.Cols {
		cols[i] = c.Expand(b.N).Arr
		fields[i] = t.schema.Field(i)
		fields[i].Type = cols[i].DataType()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(b.N))
}
