package op

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name: "rolling_percentile", Doc: "Gives a percentile over a window of bins that ends with each bin.",
		Params: []string{"ValueColumn", "Percentile", "IndexColumn", "BinSize", "BinsPerWindow"}, Least: 5, Rest: "dim",
		Examples: []fn.Example{{Query: `range x from 1 to 9 step 1 | evaluate rolling_percentile(x, 50, x, 3, 2) | where x == 3 | project rolling_2_percentile_x_50`, Want: `3`}},
		bind:     bindRolling,
	})
}

func bindRolling(c *pluginCall) Node {
	value, ok := c.column(c.args[0])
	if !ok {
		return nil
	}
	percent, ok := known(c, 1, table.Real, 0.0)
	if !ok {
		return nil
	}
	at, ok := c.column(c.args[2])
	if !ok {
		return nil
	}
	bins, ok := known(c, 4, table.Long, int64(0))
	if !ok {
		return nil
	}
	dims, ok := c.columns(c.rest())
	if !ok {
		return nil
	}
	if !value.T.IsNumeric() && value.T != table.Datetime && value.T != table.Timespan || value.T == table.Decimal {
		c.b.fail(c.args[0].Span(), "KS141", "", "there is no percentile of a %s", value.T)
		return nil
	}
	size := c.b.scalar(c.args[3], &rowScope{})
	binFn, _ := fn.Lookup("bin")
	bin := c.b.apply(binFn, []expr.Expr{at, size}, c.args[2:4], c.args[3].Span())
	if bin.Type() == table.Unknown {
		return nil
	}
	if bins < 1 || percent < 0 || percent > 100 {
		c.b.fail(c.call.Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a percentile lies between 0 and 100, and a window holds at least one bin")
		return nil
	}
	cols := append([]table.Column{{Name: at.Name, Type: bin.Type()}}, named(dims)...)
	cols = append(cols, table.Column{Name: fmt.Sprintf("rolling_%d_percentile_%s_%s", bins, value.Name, fn.TextOf(table.Real, percent)), Type: value.T})
	width := c.b.convert(size, bin.Type())
	if bin.Type() == table.Datetime {
		width = c.b.convert(size, table.Timespan)
	}
	r := &rolling{cols: cols, percent: percent, bins: bins, dims: Types(named(dims)), width: width}
	return c.over(append([]expr.Expr{value, bin}, asExprs(dims...)...), cols, func(b *vec.Batch) (*vec.Batch, error) { return r.run(b), nil })
}

type rolling struct {
	cols    []table.Column
	percent float64
	bins    int64
	dims    []table.Type
	width   expr.Expr
}

// ordinal is the place of a bin on a line, in ticks, whole numbers or reals.
func ordinal(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return math.NaN()
}

func (r *rolling) run(b *vec.Batch) *vec.Batch {
	dims, n := make([]int32, b.N), min(1, b.N)
	var keys []vec.Column
	if len(r.dims) > 0 {
		by := vec.NewGrouper(r.dims)
		dims = by.IDs(b.Cols[2:], b.N)
		keys, n = by.Keys(), by.Len()
	}
	groups := make([][]int32, n)
	for row := range b.N {
		if !b.Cols[0].IsNull(row) && !b.Cols[1].IsNull(row) {
			groups[dims[row]] = append(groups[dims[row]], int32(row))
		}
	}
	width := ordinal(valueOf(r.width))
	out := newBuilders(r.cols, n)
	for dim, rows := range groups {
		bin := func(i int) float64 { return ordinal(b.Cols[1].Value(int(rows[i]))) }
		slices.SortStableFunc(rows, func(x, y int32) int {
			return cmp.Compare(ordinal(b.Cols[1].Value(int(x))), ordinal(b.Cols[1].Value(int(y))))
		})
		from := 0
		for i := range rows {
			if i+1 < len(rows) && bin(i+1) == bin(i) {
				continue // the last row of a bin closes it
			}
			for bin(from) <= bin(i)-float64(r.bins)*width+width/2 {
				from++
			}
			row := []any{b.Cols[1].Value(int(rows[i]))}
			for _, k := range keys {
				row = append(row, k.Value(dim))
			}
			out.add(append(row, r.nearest(b.Cols[0], rows[from:i+1]))...)
		}
	}
	return out.batch()
}

// nearest is the percentile by nearest rank.
func (r *rolling) nearest(values vec.Column, rows []int32) any {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(x, y int32) int {
		if v, ok := values.Value(int(x)).(int64); ok {
			return cmp.Compare(v, values.Int64(int(y)))
		}
		return cmp.Compare(values.Float64(int(x)), values.Float64(int(y)))
	})
	rank := int(math.Ceil(r.percent / 100 * float64(len(sorted))))
	return values.Value(int(sorted[max(rank, 1)-1]))
}
