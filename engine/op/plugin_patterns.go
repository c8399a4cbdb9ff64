package op

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// What autocluster, basket and diffpatterns share: patterns, which fix the
// values of some columns and leave the others open, and the search for those
// that many rows fit.

// segment is a pattern: a set of values and the rows that fit it.
type segment struct {
	values []int32 // by column, -1 where any value fits
	rows   []int32 // nil once found, where the miner does not keep them
	weight float64
	sides  [2]float64 // what measure gives
}

// fixed is how many columns the pattern fixes.
func (p *segment) fixed() int {
	n := 0
	for _, v := range p.values {
		if v >= 0 {
			n++
		}
	}
	return n
}

// within reports whether whatever fits p fits o.
func (p *segment) within(o *segment) bool {
	for i, v := range o.values {
		if v >= 0 && p.values[i] != v {
			return false
		}
	}
	return true
}

// miner finds the closed patterns that enough rows fit: those that no further
// column could be fixed of without losing rows. It is the prefix-preserving
// extension of Uno, Asai, Uchida and Arimura (LCM), with columns for items.
type miner struct {
	ctx     context.Context
	codes   [][]int32 // by column, the number of each row's value
	weights []float64 // by row; nil where each counts as one
	depth   int       // columns that may be chosen, besides those that follow from them
	enough  func(rows []int32, weight float64) bool
	found   []*segment
	// measure, where set, is called with the rows of each pattern found.
	measure func(rows []int32) [2]float64
	keep    bool    // the rows of patterns
	place   []int32 // by code, 0 between two splits
	held    *reservation
	size    int64
}

// add takes in a pattern that was found.
func (m *miner) add(p *segment) error {
	q := *p
	if m.measure != nil {
		q.sides = m.measure(p.rows)
	}
	if !m.keep {
		q.rows = nil
	}
	m.found = append(m.found, &q)
	if len(m.found) > mostPatterns {
		return fmt.Errorf("there are more than %d patterns; raise the threshold or project fewer columns", mostPatterns)
	}
	m.size += int64(4*(len(q.rows)+len(q.values)) + 64)
	return m.held.set(m.size)
}

// mostPatterns bounds the search; beyond it the thresholds are too low to tell
// anything.
const mostPatterns = 200_000

func (m *miner) weigh(rows []int32) float64 {
	if m.weights == nil {
		return float64(len(rows))
	}
	sum := 0.0
	for _, r := range rows {
		sum += m.weights[r]
	}
	return sum
}

// mine finds the patterns among rows.
func (m *miner) mine(rows []int32) error {
	root := &segment{values: slices.Repeat([]int32{-1}, len(m.codes)), rows: rows, weight: m.weigh(rows)}
	m.close(root)
	if root.fixed() > 0 && m.enough(rows, root.weight) {
		if err := m.add(root); err != nil {
			return err
		}
	}
	return m.extend(root, 0, 0)
}

func (m *miner) extend(p *segment, from, depth int) error {
	if depth == m.depth {
		return nil
	}
	if err := m.ctx.Err(); err != nil {
		return err
	}
	for col := from; col < len(m.codes); col++ {
		if p.values[col] >= 0 {
			continue
		}
		for _, rows := range m.split(p.rows, col) {
			weight := m.weigh(rows)
			if !m.enough(rows, weight) {
				continue
			}
			q := &segment{values: slices.Clone(p.values), rows: rows, weight: weight}
			q.values[col] = m.codes[col][rows[0]]
			m.close(q)
			if !slices.Equal(q.values[:col], p.values[:col]) {
				continue // found from another column already
			}
			if err := m.add(q); err != nil {
				return err
			}
			if err := m.extend(q, col+1, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// split parts rows by their value of a column, in the order in which values
// come.
func (m *miner) split(rows []int32, col int) [][]int32 {
	if len(rows) == 0 {
		return nil
	}
	codes := m.codes[col]
	if m.place == nil {
		most := int32(0)
		for _, codes := range m.codes {
			most = max(most, slices.Max(codes))
		}
		m.place = make([]int32, most+1)
	}
	var counts []int32
	for _, r := range rows {
		at := &m.place[codes[r]]
		if *at == 0 {
			counts = append(counts, 0)
			*at = int32(len(counts))
		}
		counts[*at-1]++
	}
	out, all := make([][]int32, len(counts)), make([]int32, len(rows))
	for i, n := range counts {
		out[i], all = all[:0:n], all[n:]
	}
	for _, r := range rows {
		at := m.place[codes[r]] - 1
		out[at] = append(out[at], r)
	}
	for _, part := range out {
		m.place[codes[part[0]]] = 0
	}
	return out
}

// close fixes the columns that have one value in all rows.
func (m *miner) close(p *segment) {
	for col, codes := range m.codes {
		if p.values[col] >= 0 || len(p.rows) == 0 {
			continue
		}
		same := true
		for _, r := range p.rows {
			if codes[r] != codes[p.rows[0]] {
				same = false
				break
			}
		}
		if same {
			p.values[col] = codes[p.rows[0]]
		}
	}
}

// clustering is a call of one of the plugins.
type clustering struct {
	c         *pluginCall
	weight    *expr.Column // nil where each row counts as one
	cols      []*expr.Column
	wildcards []any // by column: what stands for any value
}

// clustering binds the weight column and the wildcards; skip are columns that
// take no part.
func (c *pluginCall) clustering(weight int, skip ...*expr.Column) (*clustering, bool) {
	out := &clustering{c: c}
	if c.args[weight] != nil && !c.isDefault(weight) {
		col, ok := c.column(c.args[weight])
		if !ok {
			return nil, false
		}
		if !col.T.IsNumeric() || col.T == table.Decimal {
			c.b.fail(c.args[weight].Span(), "KS141", `or "~" for none`, "the weight column must be a number, not a %s", col.T)
			return nil, false
		}
		out.weight = col
	}
	marks, ok := c.wildcards()
	if !ok {
		return nil, false
	}
	for i, col := range c.in.Columns() {
		if slices.ContainsFunc(skip, func(s *expr.Column) bool { return s.Index == i }) {
			continue
		}
		out.cols = append(out.cols, &expr.Column{Index: i, T: col.Type, Name: col.Name})
		out.wildcards = append(out.wildcards, marks[col.Type])
	}
	return out, true
}

// wildcards binds the values that stand for any value, each for the columns of
// its type.
func (c *pluginCall) wildcards() (map[table.Type]any, bool) {
	out := map[table.Type]any{}
	for i, x := range c.rest() {
		if k, ok := x.(*parser.Literal); ok && k.Kind == parser.StringLit && k.Text == "~" {
			continue
		}
		k := c.b.constant(c.rest()[i])
		if k == nil {
			return nil, false
		}
		out[k.T] = k.Value()
	}
	return out, true
}

// inputs are the expressions that the plugin's rows are made of: the columns,
// then the weight, where there is one, then more.
func (s *clustering) inputs(more ...*expr.Column) []expr.Expr {
	out := asExprs(s.cols...)
	if s.weight != nil {
		out = append(out, s.weight)
	}
	return append(out, asExprs(more...)...)
}

// output are the columns of the result: those given, then the input's.
func (s *clustering) output(first ...table.Column) []table.Column {
	out := slices.Clone(first)
	for _, c := range s.cols {
		out = append(out, table.Column{Name: uniqueName(out, c.Name), Type: c.T})
	}
	return out
}

// miner prepares the search, and returns the values that codes stand for.
func (s *clustering) miner(ctx context.Context, held *reservation, b *vec.Batch) (*miner, []vec.Column) {
	m := &miner{ctx: ctx, held: held, depth: math.MaxInt}
	var values []vec.Column
	for i, c := range s.cols {
		by := vec.NewGrouper([]table.Type{c.T})
		codes := by.IDs(b.Cols[i:i+1], b.N)
		if s.weight != nil && c.Index == s.weight.Index {
			codes = make([]int32, b.N) // weights are no values to find patterns of
			for row := range codes {
				codes[row] = int32(row)
			}
		}
		m.codes, values = append(m.codes, codes), append(values, by.Keys()[0])
	}
	if s.weight != nil {
		m.weights = make([]float64, b.N)
		for row := range m.weights {
			m.weights[row] = max(0, ordinal(b.Cols[len(s.cols)].Value(row)))
		}
	}
	return m, values
}

// row are the values of a pattern, wildcards where any fits.
func (s *clustering) row(p *segment, values []vec.Column) []any {
	out := make([]any, len(s.cols))
	for i, v := range p.values {
		out[i] = s.wildcards[i]
		if v >= 0 && !(s.weight != nil && s.cols[i].Index == s.weight.Index) {
			out[i] = values[i].Value(int(v))
		}
	}
	return out
}

// over is that of the call, for what searches long and keeps much.
func (s *clustering) over(exprs []expr.Expr, cols []table.Column, run func(ctx context.Context, held *reservation, b *vec.Batch) (*vec.Batch, error)) Node {
	n := s.c.over(exprs, cols, nil).(*pluginNode)
	n.run = func(ctx context.Context, env *Env, b *vec.Batch) (*vec.Batch, error) {
		if b.N == 0 {
			return newBuilders(cols, 0).batch(), nil
		}
		held := env.Budget.reserve(n.name)
		defer held.release()
		return run(ctx, held, b)
	}
	return n
}

// percent is a part in percent, rounded to so many digits.
func percent(part, of float64, digits int) float64 {
	if of == 0 {
		return 0
	}
	scale := math.Pow10(digits)
	return math.Round(100*part/of*scale) / scale
}
