package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// binnedBlock reads whole numbers in bins, without a column of them.
type binnedBlock interface {
	// Bins returns the rows of column i as places among multiples of size, in the
	// memory of buf where that is enough, and these.
	Bins(i int, size int64, buf []uint16) (bins []uint16, lows []int64, ok bool)
}

// binSize is the size of the bins where an expression is bin() of a column of
// whole numbers, or 0.
func binSize(e expr.Expr) int64 {
	c, ok := e.(*expr.Call)
	if !ok || c.Name != "bin" || len(c.Args) != 2 || c.Type().Physical() != table.Int64s {
		return 0
	}
	col, isColumn := c.Args[0].(*expr.Column)
	size, isConst := c.Args[1].(*expr.Const)
	if !isColumn || !isConst || col.T.Physical() != table.Int64s {
		return 0
	}
	v, _ := size.Value().(int64)
	return max(v, 0)
}

// byBins gives the expression for the rows that are left of a block where it
// is bin() of a column that the block can read so.
func (x *blockExpr) byBins(r *blockReader) (*vec.Bins, bool) {
	b, ok := r.block.(binnedBlock)
	if !ok || x.bin == 0 || r.rows() < r.n/16 {
		return nil, false
	}
	places, lows, ok := b.Bins(x.columns[0], x.bin, x.places)
	if !ok {
		return nil, false
	}
	x.places = places
	return &vec.Bins{Places: places, Sel: r.selection(), Lows: lows}, true
}
