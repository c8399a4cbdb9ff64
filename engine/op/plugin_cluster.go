package op

import (
	"cmp"
	"context"
	"math"
	"slices"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

const clusterExample = `datatable(a:string, b:string)["x", "p", "x", "p", "x", "q", "y", "r"] | evaluate `

func init() {
	registerPlugin(Plugin{
		Name: "basket", Doc: "Finds all patterns of values that more than a part of the rows fit.",
		Params: []string{"Threshold", "WeightColumn", "MaxDimensions"}, Rest: "CustomWildcard",
		Examples: []fn.Example{{Query: clusterExample + `basket(0.7) | project Count`, Want: `3`}},
		bind:     bindBasket,
	})
	registerPlugin(Plugin{
		Name: "autocluster", Doc: "Finds a few patterns of values that many rows fit.",
		Params: []string{"SizeWeight", "WeightColumn", "NumSeeds"}, Rest: "CustomWildcard",
		Examples: []fn.Example{{Query: clusterExample + `autocluster(0.9) | project a`, Want: `x`}},
		bind:     bindAutocluster,
	})
	registerPlugin(Plugin{
		Name: "diffpatterns", Doc: "Finds patterns of values in which two sets of rows differ.",
		Params: []string{"SplitColumn", "SplitValueA", "SplitValueB", "WeightColumn", "Threshold", "MaxDimensions"}, Least: 3, Rest: "CustomWildcard",
		Examples: []fn.Example{{Query: clusterExample + `diffpatterns(a, "x", "y") | where b == "r" | project PercentB`, Want: `100`}},
		bind:     bindDiffpatterns,
	})
}

var segmentColumns = []table.Column{{Name: "SegmentId", Type: table.Long}, {Name: "Count", Type: table.Long}, {Name: "Percent", Type: table.Real}}

// part binds a threshold or weight from 0 to 1.
func (c *pluginCall) part(i int, otherwise float64) (float64, bool) {
	v, ok := known(c, i, table.Real, otherwise)
	if ok && (v < 0 || v > 1) {
		c.b.fail(c.args[i].Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a number from 0 to 1 is expected here")
		return v, false
	}
	return v, ok
}

// dimensions binds how many columns may be fixed by a pattern.
func (c *pluginCall) dimensions(i int, otherwise int64) (int, bool) {
	v, ok := known(c, i, table.Long, otherwise)
	if ok && v < 1 {
		c.b.fail(c.args[i].Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a number of columns is expected here")
		return 0, false
	}
	return int(min(v, math.MaxInt32)), ok
}

func bindBasket(c *pluginCall) Node {
	threshold, ok1 := c.part(0, 0.05)
	depth, ok2 := c.dimensions(2, 5)
	s, ok := c.clustering(1)
	if !ok1 || !ok2 || !ok {
		return nil
	}
	threshold = max(threshold, 0.015)
	cols := s.output(segmentColumns...)
	return s.over(s.inputs(), cols, func(ctx context.Context, held *reservation, b *vec.Batch) (*vec.Batch, error) {
		m, values := s.miner(ctx, held, b)
		total := m.weigh(vec.All(b.N))
		m.depth = depth
		m.enough = func(_ []int32, weight float64) bool { return weight >= threshold*total }
		if err := m.mine(vec.All(b.N)); err != nil {
			return nil, err
		}
		slices.SortStableFunc(m.found, func(l, r *segment) int { return cmp.Compare(r.weight, l.weight) })
		return s.segments(cols, m.found, values, total), nil
	})
}

func (s *clustering) segments(cols []table.Column, found []*segment, values []vec.Column, total float64) *vec.Batch {
	out := newBuilders(cols, len(found))
	for i, p := range found {
		out.add(append([]any{int64(i), int64(math.Round(p.weight)), percent(p.weight, total, 1)}, s.row(p, values)...)...)
	}
	return out.batch()
}

// bindAutocluster takes, one after the other, the pattern that has the best
// mean of two sizes: of the rows that fit it and none taken before, and of the
// columns that it fixes.
func bindAutocluster(c *pluginCall) Node {
	sizeWeight, ok1 := c.part(0, 0.5)
	_, ok2 := c.dimensions(2, 25) // how many seeds matters to a local search; this one looks at all
	s, ok := c.clustering(1)
	if !ok1 || !ok2 || !ok {
		return nil
	}
	cols := s.output(segmentColumns...)
	return s.over(s.inputs(), cols, func(ctx context.Context, held *reservation, b *vec.Batch) (*vec.Batch, error) {
		m, values := s.miner(ctx, held, b)
		total := m.weigh(vec.All(b.N))
		m.keep = true
		m.enough = func(_ []int32, weight float64) bool { return weight >= leastSegment*total }
		if err := m.mine(vec.All(b.N)); err != nil {
			return nil, err
		}
		return s.segments(cols, choose(m, b.N, total, sizeWeight), values, total), nil
	})
}

// leastSegment is the least part of the rows that makes a segment, and
// mostSegments how many there are at most.
const (
	leastSegment = 0.05
	mostSegments = 10
)

func choose(m *miner, n int, total, sizeWeight float64) []*segment {
	covered := make([]bool, n)
	var out []*segment
	for len(out) < mostSegments {
		var best *segment
		bestScore := 0.0
		for _, p := range m.found {
			fresh := 0.0
			for _, r := range p.rows {
				if !covered[r] {
					fresh += m.weigh([]int32{r})
				}
			}
			if fresh < leastSegment*total {
				continue
			}
			score := math.Pow(fresh/total, sizeWeight) * math.Pow(float64(p.fixed())/float64(len(m.codes)), 1-sizeWeight)
			if score > bestScore {
				best, bestScore = p, score
			}
		}
		if best == nil {
			return out
		}
		out = append(out, best)
		for _, r := range best.rows {
			covered[r] = true
		}
	}
	return out
}

func bindDiffpatterns(c *pluginCall) Node {
	split, ok := c.column(c.args[0])
	if !ok {
		return nil
	}
	a, ok1 := known(c, 1, table.String, "")
	b, ok2 := known(c, 2, table.String, "")
	threshold, ok3 := c.part(4, 0.05)
	depth, ok4 := c.dimensions(5, math.MaxInt32)
	s, ok5 := c.clustering(3, split)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return nil
	}
	cols := s.output(table.Column{Name: "SegmentId", Type: table.Long}, longColumn("CountA"), longColumn("CountB"), realColumn("PercentA"), realColumn("PercentB"), realColumn("PercentDiffAB"))
	return s.over(s.inputs(split), cols, func(ctx context.Context, held *reservation, in *vec.Batch) (*vec.Batch, error) {
		d := &difference{threshold: max(threshold, 0.015), side: make([]int, in.N)}
		by := in.Cols[len(in.Cols)-1]
		var rows []int32
		for row := range in.N {
			switch fn.TextOf(split.T, by.Value(row)) {
			case a:
				d.side[row] = 0
			case b:
				d.side[row] = 1
			default:
				continue
			}
			rows = append(rows, int32(row))
		}
		m, values := s.miner(ctx, held, in)
		m.depth = depth
		found, err := d.mine(m, rows)
		if err != nil {
			return nil, err
		}
		out := newBuilders(cols, 0)
		for i, p := range found {
			w := p.sides
			pa, pb := percent(w[0], d.total[0], 2), percent(w[1], d.total[1], 2)
			out.add(append([]any{int64(i), int64(math.Round(w[0])), int64(math.Round(w[1])), pa, pb, math.Round(math.Abs(pa-pb)*100) / 100}, s.row(p, values)...)...)
		}
		return out.batch(), nil
	})
}

// difference is what two sets of rows differ in.
type difference struct {
	threshold float64
	side      []int // of each row
	total     [2]float64
}

func (d *difference) weigh(m *miner, rows []int32) (w [2]float64) {
	for _, r := range rows {
		weight := 1.0
		if m.weights != nil {
			weight = m.weights[r]
		}
		w[d.side[r]] += weight
	}
	return w
}

// mine finds the patterns among rows that the two sets differ in.
func (d *difference) mine(m *miner, rows []int32) ([]*segment, error) {
	m.measure = func(rows []int32) [2]float64 { return d.weigh(m, rows) }
	d.total = d.weigh(m, rows)
	m.enough = func(rows []int32, _ float64) bool {
		w := d.weigh(m, rows)
		return w[0] >= d.threshold*d.total[0] && w[0] > 0 || w[1] >= d.threshold*d.total[1] && w[1] > 0
	}
	if err := m.mine(rows); err != nil {
		return nil, err
	}
	return d.choose(m), nil
}

// choose takes the patterns with the greatest difference, none of which is a
// case of another.
func (d *difference) choose(m *miner) []*segment {
	diff := func(p *segment) float64 {
		w := p.sides
		return math.Abs(percent(w[0], d.total[0], 9)-percent(w[1], d.total[1], 9)) / 100
	}
	slices.SortStableFunc(m.found, func(l, r *segment) int { return cmp.Compare(diff(r), diff(l)) })
	var out []*segment
	for _, p := range m.found {
		if diff(p) < d.threshold {
			break
		}
		if !slices.ContainsFunc(out, func(o *segment) bool { return p.within(o) || o.within(p) }) {
			out = append(out, p)
		}
	}
	return out
}
