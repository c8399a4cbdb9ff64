package op

import (
	"context"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// scanSteps is scan: it takes the rows one by one and matches each against a
// series of steps, from the last to the first. What a step matched is the state
// that the next one goes on from.
// See https://learn.microsoft.com/kusto/query/scan-operator
//
// Expressions are computed over one row whose columns are those of the record,
// then for each step those of the record that it matched.
type scanSteps struct {
	width    int          // columns of a record: the input's, then those declared
	defaults []vec.Column // of a record
	steps    []scanStep
	used     []bool // columns of that one row that any expression reads
	assigned []bool // columns of a record that any step assigns to
	order    []sortKey
	parts    []expr.Expr
	types    []table.Type
	matchID  bool
	stepName bool
}

type scanStep struct {
	name     string
	output   string // all, last or none
	optional bool   // a sequence may go on, or begin, after it without it
	cond     expr.Expr
	cols     []int // assigned to
	values   []expr.Expr
}

// scan binds scan.
func (b *Binder) scan(in Node, op *parser.Scan) Node {
	in = visible(in)
	cols := slices.Clone(in.Columns())
	s := &scanSteps{}
	for _, c := range cols {
		s.defaults = append(s.defaults, vec.Constant(c.Type, nil))
	}
	cols, ok := b.scanDeclared(op, s, cols)
	if !ok {
		return nil
	}
	s.width, s.types = len(cols), Types(cols)
	s.assigned = make([]bool, len(cols))
	if s.steps, ok = b.scanBind(op, s, cols); !ok {
		return nil
	}
	rs := &rowScope{cols: in.Columns()}
	s.order, _ = b.sortKeys(in, op.Order, false)
	for _, x := range op.Partition {
		e := b.scalar(x, rs)
		if e.Type() == table.Unknown {
			return nil
		}
		s.parts = append(s.parts, e)
	}
	if o := op.Options.Get("with_match_id"); o != nil {
		s.matchID = true
		cols = append(cols, table.Column{Name: uniqueName(cols, o.Word()), Type: table.Long})
	}
	if o := op.Options.Get("with_step_name"); o != nil {
		s.stepName = true
		cols = append(cols, table.Column{Name: uniqueName(cols, o.Word()), Type: table.String})
	}
	return &pluginNode{in: in, name: "scan", cols: cols, run: func(ctx context.Context, _ *Env, rows *vec.Batch) (*vec.Batch, error) {
		return s.run(ctx, rows)
	}}
}

// scanDeclared adds the columns that declare gives.
func (b *Binder) scanDeclared(op *parser.Scan, s *scanSteps, cols []table.Column) ([]table.Column, bool) {
	for _, d := range op.Declare {
		t, ok := table.TypeNamed(d.Type)
		if !ok {
			b.fail(d.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", d.Type)
			return nil, false
		}
		if slices.ContainsFunc(cols, func(c table.Column) bool { return c.Name == d.Name.Name }) {
			b.fail(d.Name.Span(), "KS202", "a step can assign to columns of the input without declaring them", "there is a column named %s already", d.Name.Name)
			return nil, false
		}
		value := vec.Constant(t, nil)
		if d.Default != nil {
			k := b.constant(d.Default)
			if k == nil {
				return nil, false
			}
			if folded, ok := b.convert(k, t).(*expr.Const); ok {
				value = folded.Col
			}
		}
		cols = append(cols, table.Column{Name: d.Name.Name, Type: t})
		s.defaults = append(s.defaults, value)
	}
	return cols, true
}

func (b *Binder) scanBind(op *parser.Scan, s *scanSteps, cols []table.Column) ([]scanStep, bool) {
	rs := &rowScope{cols: cols, steps: map[string]int{}}
	for i, step := range op.Steps {
		if _, dup := rs.steps[step.Name.Name]; dup {
			b.fail(step.Name.Span(), "KS202", "", "two steps are named %s", step.Name.Name)
			return nil, false
		}
		rs.steps[step.Name.Name] = len(cols) * (i + 1)
	}
	s.used = make([]bool, len(cols)*(len(op.Steps)+1))
	before := len(b.errs)
	var out []scanStep
	for _, step := range op.Steps {
		x := scanStep{name: step.Name.Name, output: step.Output, optional: step.Optional, cond: b.condition(step.Cond, rs)}
		for _, a := range step.Assign {
			b.scanAssign(&x, s, a, rs)
		}
		for _, e := range append(x.values[:len(x.values):len(x.values)], x.cond) {
			if e == nil {
				continue
			}
			if expr.IsWindow(e) {
				b.fail(step.Span(), "TM013", "compute it before: serialize N = …", "a step of scan cannot call functions that read other rows")
				continue
			}
			expr.Columns(e, s.used)
		}
		out = append(out, x)
	}
	return out, len(b.errs) == before || !b.errs[before:].Fatal()
}

func (b *Binder) scanAssign(step *scanStep, s *scanSteps, a parser.Expr, rs *rowScope) {
	n, ok := a.(*parser.Named)
	if !ok || len(n.Names) != 1 {
		b.fail(a.Span(), "KS109", "usage: => Name = Value", "a step assigns values to names")
		return
	}
	i, ok := rs.find(n.Names[0].Name)
	if !ok {
		b.fail(n.Names[0].Span(), "KS142", "declare it: declare ("+n.Names[0].Name+":long)", "there is no column named %s to assign to", n.Names[0].Name)
		return
	}
	e := b.scalar(n.X, rs)
	if e.Type() == table.Unknown {
		return
	}
	s.assigned[i] = true
	step.cols, step.values = append(step.cols, i), append(step.values, b.convert(e, rs.cols[i].Type))
}

// stepColumn resolves step.Column within scan.
func (b *Binder) stepColumn(at int, e *parser.Path, rs *rowScope) expr.Expr {
	i, ok := rs.find(e.Member.Name)
	if !ok {
		b.unknownName(e.Member, rs)
		return unknown()
	}
	return &expr.Column{Index: at + i, T: rs.cols[i].Type, Name: e.Member.Name}
}

// scanState is what a step goes on from: the records that it and those before
// it matched.
type scanState struct {
	active  bool
	id      int64
	records [][]vec.Column // of each step so far; constant columns
	// pending is the last match of a step that gives only that.
	pending *scanMatch
}

type scanMatch struct {
	record []vec.Column
	row    int32
	id     int64
	step   string
}

// scanRun is one run over rows.
type scanRun struct {
	*scanSteps
	in     *vec.Batch
	needed []bool     // columns of records that are read
	one    *vec.Batch // the row that expressions are computed over
	states []scanState
	nextID int64

	rows   []int32 // of the output, by the input's
	values []*vec.Builder
	ids    *vec.Builder
	names  *vec.Builder
}

func (s *scanSteps) run(ctx context.Context, in *vec.Batch) (*vec.Batch, error) {
	if len(s.order) > 0 {
		in = in.Gather(order(in, s.order))
	}
	r := &scanRun{scanSteps: s.clone(), in: in, needed: s.need(), one: &vec.Batch{N: 1, Cols: make([]vec.Column, len(s.used))}}
	r.values = make([]*vec.Builder, s.width)
	for i, t := range s.types {
		if s.assigned[i] || i >= len(in.Cols) {
			r.values[i] = vec.NewBuilder(t, in.N)
		}
	}
	r.ids, r.names = vec.NewBuilder(table.Long, in.N), vec.NewBuilder(table.String, in.N)
	for _, part := range s.partitions(in) {
		r.states = make([]scanState, len(s.steps))
		for i, row := range part {
			if i%1024 == 0 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
			r.take(row)
		}
		for k := range r.states {
			r.flush(&r.states[k])
		}
	}
	return r.result(), nil
}

// clone makes expressions that this run alone uses.
func (s *scanSteps) clone() *scanSteps {
	out := *s
	out.steps = slices.Clone(s.steps)
	for i := range out.steps {
		out.steps[i].cond = out.steps[i].cond.Clone()
		out.steps[i].values = clones(out.steps[i].values)
	}
	return &out
}

// partitions are the rows of each partition, in order.
func (s *scanSteps) partitions(in *vec.Batch) [][]int32 {
	if len(s.parts) == 0 {
		return [][]int32{vec.All(in.N)}
	}
	types := make([]table.Type, len(s.parts))
	for i, e := range s.parts {
		types[i] = e.Type()
	}
	by := vec.NewGrouper(types)
	ids := by.IDs(evalAll(clones(s.parts), in), in.N)
	out := make([][]int32, by.Len())
	for row, id := range ids {
		out[id] = append(out[id], int32(row))
	}
	return out
}

// take matches one row against the steps.
func (r *scanRun) take(row int32) {
	record := slices.Clone(r.defaults)
	for i := range r.in.Cols {
		if r.needed[i] {
			record[i] = vec.Constant(r.types[i], r.in.Cols[i].Value(int(row)))
		}
	}
	for k := len(r.steps) - 1; k >= 0; k-- {
		step, st := &r.steps[k], &r.states[k]
		prev, first := r.before(k, record)
		if prev != nil {
			r.flush(st)
			r.flush(prev)
			*st, *prev = *prev, scanState{}
			r.match(k, record, row)
			continue
		}
		if (st.active || first) && r.matches(step, record, st) {
			if !st.active {
				st.active, st.id = true, r.nextID
				r.nextID++
			}
			r.match(k, record, row)
		}
	}
}

// before finds the sequence that a record takes on to step k: of the step
// before it, or of one before that where those between are optional; nil for
// none. first is whether step k may begin a sequence.
func (r *scanRun) before(k int, record []vec.Column) (prev *scanState, first bool) {
	for p := k - 1; p >= 0; p-- {
		if st := &r.states[p]; st.active && r.matches(&r.steps[k], record, st) {
			return st, false
		}
		if !r.steps[p].optional {
			return nil, false
		}
	}
	return nil, true
}

// need marks the columns of records that any expression or the output reads.
func (s *scanSteps) need() []bool {
	out := slices.Clone(s.assigned)
	for at, used := range s.used {
		out[at%s.width] = out[at%s.width] || used
	}
	return out
}

// fill makes the row that expressions are computed over.
func (r *scanRun) fill(record []vec.Column, st *scanState) {
	copy(r.one.Cols, record)
	for k := range r.steps {
		from := r.defaults
		if k < len(st.records) {
			from = st.records[k]
		}
		copy(r.one.Cols[(k+1)*r.width:], from)
	}
}

func (r *scanRun) matches(step *scanStep, record []vec.Column, st *scanState) bool {
	r.fill(record, st)
	return isTrue(step.cond.Eval(r.one), 0)
}

// match records that a row matches step k, whose state is in place.
func (r *scanRun) match(k int, record []vec.Column, row int32) {
	step, st := &r.steps[k], &r.states[k]
	r.fill(record, st)
	extended := record
	if len(step.cols) > 0 {
		extended = slices.Clone(record)
		for i, e := range step.values {
			extended[step.cols[i]] = vec.Column{Arr: e.Eval(r.one).Flat(1), Const: true}
		}
	}
	for len(st.records) <= k {
		st.records = append(st.records, r.defaults) // of optional steps that were skipped
	}
	st.records[k] = extended
	m := scanMatch{record: extended, row: row, id: st.id, step: step.name}
	switch step.output {
	case "none":
	case "last":
		st.pending = &m
	default:
		r.emit(&m)
	}
}

// flush gives out the last match of a step whose sequence goes on elsewhere.
func (r *scanRun) flush(st *scanState) {
	if st.pending != nil {
		r.emit(st.pending)
		st.pending = nil
	}
}

func (r *scanRun) emit(m *scanMatch) {
	r.rows = append(r.rows, m.row)
	for i, b := range r.values {
		if b != nil {
			b.From(m.record[i], 0)
		}
	}
	r.ids.Int64(m.id)
	r.names.Str(m.step)
}

func (r *scanRun) result() *vec.Batch {
	out := &vec.Batch{N: len(r.rows)}
	for i, b := range r.values {
		if b != nil {
			out.Cols = append(out.Cols, vec.Column{Arr: b.Done()})
		} else {
			out.Cols = append(out.Cols, r.in.Cols[i].Gather(r.rows))
		}
	}
	if r.matchID {
		out.Cols = append(out.Cols, vec.Column{Arr: r.ids.Done()})
	}
	if r.stepName {
		out.Cols = append(out.Cols, vec.Column{Arr: r.names.Done()})
	}
	return out
}
