package op

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

// makeSeries gathers aggregates of bins into arrays, one row for each value of
// the columns grouped by. Its input has those columns, the number of the bin,
// and an aggregate for each series.
// See https://learn.microsoft.com/kusto/query/make-series-operator
type makeSeries struct {
	in   Node
	nby  int
	cols []table.Column // by, series, axis
	bins bins
	// types are those of the aggregates, defaults the JSON of what stands where
	// a bin has no rows.
	types    []table.Type
	defaults []string
	nonempty bool // a row of defaults even over no rows
}

// bins is how the axis is divided. from, to and step have no columns; from and
// to may be nil. Bins are counted from from, or in multiples of step where
// there is none.
type bins struct {
	t              table.Type // of the axis: a number, a datetime or a timespan
	from, to, step expr.Expr
	inRange        bool // the old form: multiples of step, to belongs to the series
}

// maxSeries is how many elements a series may have, as in Kusto.
const maxSeries = 1 << 20

func (m *makeSeries) Columns() []table.Column { return m.cols }
func (m *makeSeries) Inputs() []Node          { return []Node{m.in} }

func (m *makeSeries) WithInputs(in []Node) Node {
	out := *m
	out.in = in[0]
	return &out
}

// Prune drops series that nobody reads; the columns grouped by decide the rows
// and stay.
func (m *makeSeries) Prune(need []bool) Node {
	used := everything(m.nby + 1)
	left := append([]bool(nil), need[:m.nby]...)
	out := &makeSeries{nby: m.nby, cols: append([]table.Column(nil), m.cols[:m.nby]...), bins: m.bins, nonempty: m.nonempty}
	for i, d := range m.defaults {
		ok := need[m.nby+i]
		used = append(used, ok)
		if ok {
			out.cols, out.types, out.defaults = append(out.cols, m.cols[m.nby+i]), append(out.types, m.types[i]), append(out.defaults, d)
			left = append(left, true)
		}
	}
	out.cols = append(out.cols, m.cols[len(m.cols)-1])
	out.in = m.in.Prune(used)
	return narrow(out, append(left, need[len(need)-1]))
}

func (m *makeSeries) String() string {
	names := make([]string, 0, len(m.defaults))
	for _, c := range m.cols[m.nby : len(m.cols)-1] {
		names = append(names, c.Name)
	}
	text := "make-series " + strings.Join(names, ", ") + " on " + m.cols[len(m.cols)-1].Name
	for _, part := range []struct {
		word string
		e    expr.Expr
	}{{" from ", m.bins.from}, {" to ", m.bins.to}, {" step ", m.bins.step}} {
		if part.e != nil {
			text += part.word + part.e.String()
		}
	}
	return text
}

func (m *makeSeries) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := m.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &makeSeriesStream{node: m, in: in, held: env.Budget.reserve("make-series")}, nil
}

type makeSeriesStream struct {
	node *makeSeries
	in   Stream
	held *reservation
	done bool
}

func (s *makeSeriesStream) Close() error {
	s.held.release()
	return s.in.Close()
}

func (s *makeSeriesStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	batches, err := drain(ctx, s.in, s.held)
	if err != nil {
		return nil, err
	}
	axis, err := s.node.bins.measure()
	if err != nil {
		return nil, err
	}
	m := s.node
	if len(batches) == 0 {
		if !m.nonempty || m.nby > 0 || axis.first == nil || axis.last == nil {
			return nil, io.EOF
		}
		batches = []*vec.Batch{{Cols: emptyColumns(m.in.Columns())}}
	}
	return s.series(vec.Concat(batches, Types(m.in.Columns())), axis)
}

// axis is a division of the axis, measured: bin k begins at base + k*step.
type axis struct {
	t           table.Type
	base, step  number
	first, last *int64 // the bins of all series; nil where the data's own decide
}

// number is a place on the axis: whole for longs, datetimes and timespans.
type number struct {
	whole int64
	real  float64
}

// value reads an expression without columns.
func (b *bins) value(e expr.Expr) (number, bool) {
	c := e.Eval(&vec.Batch{N: 1})
	if c.IsNull(0) {
		return number{}, false
	}
	if b.t == table.Real {
		return number{real: c.Float64(0)}, true
	}
	return number{whole: c.Int64(0)}, true
}

// measure computes from, to and step, which may come from other queries.
func (b *bins) measure() (*axis, error) {
	a := &axis{t: b.t}
	step, ok := b.value(b.step)
	if !ok || step.whole <= 0 && !(step.real > 0) {
		return nil, fmt.Errorf("make-series: the step must be greater than zero")
	}
	a.step = step
	zero := int64(0)
	if b.from != nil {
		from, ok := b.value(b.from)
		if !ok {
			return nil, fmt.Errorf("make-series: the start of the axis is null")
		}
		if b.inRange {
			k := a.bin(from, false)
			a.first = &k
		} else {
			a.base, a.first = from, &zero
		}
	}
	if b.to != nil {
		to, ok := b.value(b.to)
		if !ok {
			return nil, fmt.Errorf("make-series: the end of the axis is null")
		}
		k := a.bin(to, !b.inRange)
		a.last = &k
	}
	if a.first != nil && a.last != nil {
		return a, tooLong(*a.last - *a.first + 1)
	}
	return a, nil
}

func tooLong(n int64) error {
	if n > maxSeries || n < -maxSeries {
		return fmt.Errorf("make-series: a series of %d elements is longer than the %d that are possible; take a larger step or a shorter range", max(n, -n), maxSeries)
	}
	return nil
}

// bin is the bin that a place falls into; the one before it where the place
// begins a bin and does not belong to the series.
func (a *axis) bin(v number, before bool) int64 {
	if a.t == table.Real {
		q := (v.real - a.base.real) / a.step.real
		if k := math.Floor(q); !before || k < q {
			return int64(k)
		}
		return int64(math.Floor(q)) - 1
	}
	d := v.whole - a.base.whole
	if before {
		d--
	}
	return floorDiv(d, a.step.whole)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// json is where bin k begins.
func (a *axis) json(k int64, t table.Type) string {
	if a.t == table.Real {
		return fn.JSON(t, a.base.real+float64(k)*a.step.real)
	}
	return fn.JSON(t, a.base.whole+k*a.step.whole)
}

// series makes the arrays of all groups.
func (s *makeSeriesStream) series(b *vec.Batch, a *axis) (*vec.Batch, error) {
	m := s.node
	by := vec.NewGrouper(Types(m.cols[:m.nby]))
	ids := append([]int32(nil), by.IDs(b.Cols[:m.nby], b.N)...)
	place := b.Cols[m.nby]
	out := make([]*vec.Builder, len(m.defaults)+1)
	for i := range out {
		out[i] = vec.NewBuilder(table.Dynamic, by.Len())
	}
	// Rows without a place on the axis are in no bin; a group of such rows alone
	// gives no series.
	var kept []int32
	w := &seriesWriter{node: m, axis: a, in: b}
	size := s.held.held
	for id, rows := range rowsOfGroups(ids, by.Len()) {
		first, last, ok := span(place, rows, a)
		if !ok && b.N > 0 {
			continue
		}
		if err := tooLong(last - first + 1); err != nil {
			return nil, err
		}
		kept = append(kept, int32(id))
		w.locate(place, rows, first, last)
		for i := range m.defaults {
			text := w.values(i)
			out[i].Str(text)
			size += int64(len(text))
		}
		out[len(m.defaults)].Str(w.places(first, last))
		if err := s.held.set(size); err != nil {
			return nil, err
		}
	}
	result := &vec.Batch{N: len(kept)}
	for _, k := range by.Keys() {
		result.Cols = append(result.Cols, k.Gather(kept))
	}
	for _, o := range out {
		result.Cols = append(result.Cols, vec.Column{Arr: o.Done()})
	}
	return result, nil
}

// span is the first and the last bin of a group's series.
func span(place vec.Column, rows []int32, a *axis) (first, last int64, ok bool) {
	for _, row := range rows {
		if place.IsNull(int(row)) {
			continue
		}
		k := place.Int64(int(row))
		if !ok {
			first, last = k, k
		}
		first, last, ok = min(first, k), max(last, k), true
	}
	if a.first != nil {
		first = *a.first
	}
	if a.last != nil {
		last = *a.last
	}
	return first, last, ok
}

// seriesWriter writes the arrays of one group after the other.
type seriesWriter struct {
	node *makeSeries
	axis *axis
	in   *vec.Batch
	at   []int32 // the row of each bin, -1 where there is none
	buf  []byte

	axisFirst, axisLast int64
	axisText            string // the axis of the group before: most share it
}

func (w *seriesWriter) locate(place vec.Column, rows []int32, first, last int64) {
	n := int(max(0, last-first+1))
	if cap(w.at) < n {
		w.at = make([]int32, n)
	}
	w.at = w.at[:n]
	for i := range w.at {
		w.at[i] = -1
	}
	for _, row := range rows {
		if place.IsNull(int(row)) {
			continue
		}
		if k := place.Int64(int(row)) - first; k >= 0 && k < int64(n) {
			w.at[k] = row
		}
	}
}

func (w *seriesWriter) values(series int) string {
	m := w.node
	c, t, absent := w.in.Cols[m.nby+1+series], m.types[series], m.defaults[series]
	w.buf = append(w.buf[:0], '[')
	for i, row := range w.at {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		if row < 0 {
			w.buf = append(w.buf, absent...)
		} else {
			w.buf = append(w.buf, fn.JSON(t, c.Value(int(row)))...)
		}
	}
	return string(append(w.buf, ']'))
}

func (w *seriesWriter) places(first, last int64) string {
	if w.axisText != "" && first == w.axisFirst && last == w.axisLast {
		return w.axisText
	}
	w.buf = append(w.buf[:0], '[')
	for k := first; k <= last; k++ {
		if k > first {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, w.axis.json(k, w.axis.t)...)
	}
	w.axisFirst, w.axisLast, w.axisText = first, last, string(append(w.buf, ']'))
	return w.axisText
}
