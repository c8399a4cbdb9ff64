package op

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// codeCounts counts the rows of a table by one column of strings without
// making a column of them: a number for each value of the dictionary, which is
// handed to the groups when the next dictionary comes.
type codeCounts struct {
	groups *groups
	scan   *scanStream
	column int // in the source's schema
	values *array.String
	n      []int64
}

// byCode returns how the groups may be counted so, or nil: all that is asked
// for is the number of rows by a column of strings.
func (g *groups) byCode(in Stream) *codeCounts {
	s, ok := in.(*scanStream)
	if !ok || len(g.keys) != 1 {
		return nil
	}
	key, ok := g.keys[0].(*expr.Column)
	if !ok || key.T.Physical() != table.Strings {
		return nil
	}
	c := &codeCounts{groups: g, scan: s, column: s.node.read[key.Index]}
	if !g.onlyCounts() {
		return nil
	}
	return c
}

// onlyCounts reports that the groups want to know nothing but how many rows they have.
func (g *groups) onlyCounts() bool {
	for i, state := range g.states {
		if _, ok := state.(agg.Counter); !ok || len(g.args[i]) > 0 {
			return false
		}
	}
	return true
}

// addCounts adds numbers of rows to groups.
func (g *groups) addCounts(ids []int32, rows []int64) {
	for _, s := range g.states { // other ones once groups went to a file
		s.Grow(g.by.Len())
		s.(agg.Counter).AddCounts(ids, rows)
	}
}

func (c *codeCounts) consume(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		block, err := c.scan.nextBlock(ctx)
		if err == io.EOF {
			c.flush()
			c.groups.extra = 0
			return c.groups.fit(ctx)
		}
		if err != nil {
			return err
		}
		if err := c.count(block); err != nil {
			return err
		}
		c.groups.extra = 8 * int64(len(c.n))
		if err := c.groups.fit(ctx); err != nil {
			return err
		}
	}
}

func (c *codeCounts) count(block table.Block) error {
	if b, ok := block.(countedBlock); ok {
		c.addCounted(b)
		return nil
	}
	r := newBlockReader(block, c.scan.width, &c.scan.scratch)
	if err := r.filter(c.scan.where); err != nil || r.rows() == 0 {
		return err
	}
	p, ok := r.packed(c.column)
	if !ok || p.Values.Len() > max(256, r.kin()*r.rows()/r.n) { // more values than rows to count
		b, err := c.scan.read(r)
		if err != nil {
			return err
		}
		c.groups.add(b)
		return nil
	}
	if c.values == nil || !vec.SameArray(c.values, p.Values) {
		c.flush()
		c.values, c.n = p.Values, make([]int64, p.Values.Len())
	}
	p.Count(r.selection(), c.n)
	return nil
}

// flush gives the groups what was counted.
func (c *codeCounts) flush() {
	some := 0
	for _, n := range c.n {
		if n > 0 {
			some++
		}
	}
	if some == 0 {
		return
	}
	codes, counts := make([]int32, 0, some), make([]int64, 0, some)
	for code, n := range c.n {
		if n > 0 {
			codes, counts = append(codes, int32(code)), append(counts, n)
		}
	}
	g := c.groups
	key := vec.GroupKey{Coded: &vec.Coded{Packed: &vec.Packed{B32: codes, Values: c.values}, Kin: len(codes)}}
	ids := g.by.IDsOf([]vec.GroupKey{key}, len(codes))
	g.addCounts(ids, counts)
	c.values, c.n = nil, nil
}
