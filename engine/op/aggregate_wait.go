package op

import (
	"context"
	"slices"
	"sync/atomic"

	"tidemark/engine/agg"
	"tidemark/engine/vec"
)

// Where rows of groups are picked and groups are very many, rows wait in parts
// until all were seen, each with its pair of keys, argument and place. Then each
// part is told apart by one worker, in a table that is small, whichever workers
// the rows waited at.

// manyGroups is how many groups a worker has before rows wait, if rows are no
// more than fewRows times as many.
var manyGroups = 1 << 16

const fewRows = 4

// mayWait makes rows wait from now on where groups have become many.
func (g *groups) mayWait(rows int) {
	g.rows += rows
	if n := g.by.Len(); len(g.keys) > 1 && n >= manyGroups && n*fewRows >= g.rows && g.out == nil {
		g.beginWait()
	}
}

func (g *groups) beginWait() {
	w, ok := g.states[0].(agg.Waiter)
	if !ok || len(g.states) != 1 {
		return
	}
	left, right := g.by.DirectHalves()
	parts := make([]int32, len(left))
	g.by.Parts(left, right, parts)
	w.Grow(len(left))
	g.wait = w.Wait(left, right, parts)
	g.states[0] = g.node.aggs[0].make()
}

// addWaiting lets the rows that are left of a block wait.
func (g *groups) addWaiting(keys []vec.GroupKey, r *blockReader, in *blockInput) error {
	col, err := in.placed(in.args[0][0], r)
	if err != nil {
		return err
	}
	left, right := g.by.Halves(keys, r.rows())
	in.parts = slices.Grow(in.parts[:0], len(left))[:len(left)]
	g.by.Parts(left, right, in.parts)
	g.wait.Add(left, right, in.parts, col, in.at)
	return nil
}

// spillWaiting moves the groups of the rows that wait to the worker's file, some
// parts at a time.
func (g *groups) spillWaiting(ctx context.Context) error {
	w := g.wait
	g.wait = nil
	for part := range agg.Parts {
		rows := w.Rows(part)
		left, right := make([]int32, len(rows)), make([]int32, len(rows))
		for i, row := range rows {
			left[i], right[i] = row.Left, row.Right
		}
		ids := g.by.Join(left, right)
		g.states[0].Grow(g.by.Len())
		g.states[0].(agg.Waiter).TakeAll(ids, rows)
		if part%32 < 31 || g.by.Len() == 0 {
			continue
		}
		if err := g.writeTo(ctx, g.out); err != nil {
			return err
		}
		g.by.ForgetGroups()
		g.states[0] = g.node.aggs[0].make()
	}
	g.reset()
	g.held.force(0)
	return nil
}

// waiting reports whether any worker's rows wait, and none's are in a file.
func waiting(parts []*groups) bool {
	return slices.ContainsFunc(parts, func(p *groups) bool { return p.wait != nil }) &&
		!slices.ContainsFunc(parts, func(p *groups) bool { return p.out != nil })
}

// markWaiting marks the row of each group.
func (s *aggregateStream) markWaiting(ctx context.Context, parts []*groups) error {
	rows, to := make([]*agg.PairRows, len(parts)), make([][2][]int32, len(parts))
	for i, p := range parts {
		if p.wait == nil {
			p.beginWait()
		}
		rows[i] = p.wait
		if i > 0 {
			to[i][0], to[i][1] = parts[0].by.MergeHalves(p.by)
			p.by = vec.NewGrouper(Types(s.node.cols))
		}
	}
	for _, p := range parts {
		p.held.force(p.size())
	}
	s.places.markable()
	var next atomic.Int64
	return each(s.env.Threads, func(int) error {
		var picker agg.PairPicker
		for {
			part := int(next.Add(1)) - 1
			if part >= agg.Parts {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			picker.Pick(rows, to, part, s.places.set)
		}
	})
}
